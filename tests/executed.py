"""The lessons, each run once for all tests: as the tool makes notebooks and pages of them."""

import importlib
import sys
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).parents[1] / "tools"
for folder in (TOOLS, TOOLS / "pages"):
    sys.path.append(str(folder))
lesson = importlib.import_module("lesson")
lite = importlib.import_module("lite")
website = importlib.import_module("website")
notebooks = lesson.notebooks


@cache
def notebook(name):
    """A lesson's notebook, run from a clean kernel; beside what it shows are its labs and questions as data."""
    return lesson.executed(name)
