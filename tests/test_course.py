"""The course's machinery as a whole: what it imports, and what it says of itself where nothing runs."""

import subprocess
import sys

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
