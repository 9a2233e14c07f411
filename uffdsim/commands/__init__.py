"""The command ``uffdsim``, by what is asked: a module for those commands that are alike, each with an ``add``."""
