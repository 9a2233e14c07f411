"""The stage: the part of a lab that shows pictures and words, steps between places, and hears clicks and keys."""

from pathlib import Path

import anywidget
from traitlets import Dict, Int, List, Unicode

from uffdsim.lab import shelf
from uffdsim.lab.timing import BUTTONS
from uffdsim.pictures.painters import page, palette, style

HERE = Path(__file__).parent
SCRIPTS = ("film.js", "clock.js", "life.js", "menu.js", "program.js", "taken.js", "stage.js")


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


class Stage(anywidget.AnyWidget):
    """Pictures, words and the clock. An element with ``data-do`` sends what that says when it is clicked; one with
    ``data-event`` goes to that event.

    What is sent: ``{"do": name, …}``, one of ``orders.ORDERS``; ``go`` with ``at``, ``seq`` and whether it is ``shown``
    already; ``film`` with the places that the page would like to know; ``offers`` with the ``key`` of a shape;
    ``hello``, which is to be heard and no more; ``shelved`` with what the browser has kept of ``others``.
    """

    _esm = "\n".join([page.SOURCE, shelf.SOURCE, *map(_read, SCRIPTS)])
    _css = f"{palette.css()}\n{_read('lab.css')}"
    css = Unicode(style.css()).tag(sync=True)
    """The stylesheet of pictures; ``defs`` are their hatches and arrowheads. A page takes both once."""
    defs = Unicode(style.defs()).tag(sync=True)
    above = Unicode().tag(sync=True)
    """What went wrong in the lab, as HTML."""
    now = Dict().tag(sync=True)
    """What is to be seen: the place ``at``, its ``frame`` (``pictures`` by where they stand, ``caption``, ``say``), the
    ``version`` that its film belongs to, how far the page may go, and what the clock has to know."""
    program = Dict().tag(sync=True)
    """The program beside the pictures, as ``program.program`` tells it; frames say which of its steps run."""
    lives = Dict().tag(sync=True)
    """What to say when Python is ``gone``, ``cut`` off or ``busy``, of ``life.sentences``; the page finds out."""
    kept = Dict().tag(sync=True)
    """What the reader's browser is to keep, as ``shelf.Place`` tells it."""
    clock = List(Unicode()).tag(sync=True)
    """Which of the groups ``time`` and ``take`` the clock has."""
    buttons = List(List(Unicode()), [[name, one.text, one.tooltip] for name, one in BUTTONS.items()]).tag(sync=True)
    """The clock's buttons in their order: name, text and tooltip."""
    pace = Int(0).tag(sync=True)
    """Milliseconds from one place to the next while playing; 0 for what the reader has chosen."""
    offered = List(Unicode()).tag(sync=True)
    """Patterns of the keys of shapes that choose something when they are clicked, and of those that offer acts."""
    chosen = List(Unicode()).tag(sync=True)
    """The keys of shapes that stand for what is chosen."""
