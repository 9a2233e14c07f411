"""The course's machinery as a whole: what it imports, and what it says of itself where nothing runs."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import uffdsim.course


def test_nothing_but_the_view_needs_widgets():
    """Questions, exercises and handlers are for a terminal too."""
    code = """if True:
        import sys
        sys.modules["ipywidgets"] = sys.modules["anywidget"] = None
        from uffdsim.course import table
        assert not any(name.startswith("uffdsim.lab") for name in sys.modules)
        print(table(modes=["MINOR", "WP"]))
        """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "modes MINOR" in done.stdout


def test_every_public_name_is_there_and_says_what_it_is():
    for name in uffdsim.course.__all__:
        thing = getattr(uffdsim.course, name)
        assert isinstance(thing, dict) or thing.__doc__


def test_the_examples_in_the_docstrings_are_true(monkeypatch):
    monkeypatch.setattr(doctest, "ELLIPSIS_MARKER", "…".encode("ascii", "backslashreplace").decode())
    modules = pkgutil.walk_packages(uffdsim.course.__path__, "uffdsim.course.")
    tried = [doctest.testmod(importlib.import_module(m.name), optionflags=doctest.ELLIPSIS) for m in modules]
    assert sum(result.attempted for result in tried) > 10
    assert sum(result.failed for result in tried) == 0


def test_every_folder_says_what_is_where():
    folders = ["uffdsim.questions", *(m.name for m in pkgutil.iter_modules(uffdsim.course.__path__, "uffdsim.course."))]
    for folder in map(importlib.import_module, folders):
        for inner in pkgutil.iter_modules(getattr(folder, "__path__", ()), ""):
            assert f"``{inner.name}``" in folder.__doc__, f"{folder.__name__} does not say what {inner.name} is"


def test_what_contributors_are_shown_works():
    page = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(from uffdsim import Machine\nfrom uffdsim.course .*?)```", page, re.DOTALL)
    names = {}
    exec(example, names)
    result = names["one"].check(names["one"].machine().scenario.then({"op": "load", "vma": "watched", "thread": "t1"}))
    assert not result and "nobody has to wait here" in result.why
