"""Scenarios as programs: in Python, to go on with, and in C, for a real kernel; line by line too."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from uffdsim.export.line import Line

if TYPE_CHECKING:
    from uffdsim.export.c import c_lines, to_c
    from uffdsim.export.python import python_lines, to_python

__all__ = ["Line", "c_lines", "python_lines", "to_c", "to_python"]

HOMES = {"c_lines": "c", "to_c": "c", "python_lines": "python", "to_python": "python"}
"""The module of each. It is imported when it is asked for: most labs never show a program."""


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
