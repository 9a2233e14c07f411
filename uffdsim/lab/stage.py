"""The stage: the part of a lab that shows pictures and words, and hears clicks on them and keys."""

from pathlib import Path

import anywidget
from traitlets import Bool, Int, List, Unicode

HERE = Path(__file__).parent
PARTS = ("above", "tables", "beside", "second", "caption")
"""What the stage has room for; its CSS says where."""


class Stage(anywidget.AnyWidget):
    """Pieces of HTML, each in its place. An element with ``data-do`` sends what that says when it is clicked; one
    with ``data-event`` asks for that event."""

    _esm = (HERE / "stage.js").read_text(encoding="utf-8")
    _css = (HERE / "lab.css").read_text(encoding="utf-8")
    parts = List(Unicode(), list(PARTS)).tag(sync=True)
    above = Unicode().tag(sync=True)
    tables = Unicode().tag(sync=True)
    beside = Unicode().tag(sync=True)
    second = Unicode().tag(sync=True)
    caption = Unicode().tag(sync=True)
    say = Unicode().tag(sync=True)
    """What is read out when it changes."""
    wordy = Bool().tag(sync=True)
    """Whether the pictures are told in words too."""
    idle = List(Unicode()).tag(sync=True)
    """The names of the buttons that would do nothing now."""
    playing = Bool().tag(sync=True)
    pace = Int(900).tag(sync=True)
    """Milliseconds from one event to the next while playing."""
