"""Scenarios: lists of steps that every backend can run.

A scenario is the document of this project. It is read from JSON or made in Python, checked as a whole
before anything runs, and written back as it was.
"""

from uffdsim.scenario.scenario import FORMAT, Scenario
from uffdsim.scenario.step import ScenarioError, Step

__all__ = ["FORMAT", "Scenario", "ScenarioError", "Step"]
