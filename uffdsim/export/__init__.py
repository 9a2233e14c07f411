"""Scenarios as programs: in Python, to go on with, and in C, for a real kernel; line by line too."""

from uffdsim.export.c import c_lines, to_c
from uffdsim.export.line import Line
from uffdsim.export.python import python_lines, to_python

__all__ = ["Line", "c_lines", "python_lines", "to_c", "to_python"]
