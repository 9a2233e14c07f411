"""Scenarios as programs: in Python, to go on with, and in C, for a real kernel."""

from uffdsim.export.c import to_c
from uffdsim.export.python import to_python

__all__ = ["to_c", "to_python"]
