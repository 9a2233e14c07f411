"""Pictures of a trace: data first, then painted as SVG for the screen or as a matplotlib figure for print.

picture = draw("tables", trace, at=54)
picture.sentence, picture.table, svg(picture, "left"), figure(picture)

A picture is drawn of a ``moment``, a place in a trace. Each has a folder of its own, which begins with what to read
first: ``tables``, ``sequence``, ``decision``, ``walk``, ``flags``, and ``log`` in a single module. They know nothing of
one another. What they share: ``memory``, what there is to see of memory at a moment; ``shapes``, what a picture is made
of; and ``painters``, which alone know colours. To read all of it, begin with ``moment``, ``shapes`` and ``log``.
"""

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from uffdsim.errors import Mistake
from uffdsim.pictures.log import log_html
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.painters.svg import image, svg
from uffdsim.pictures.shapes import Line, Picture, Rect, Table, Text, stacked
from uffdsim.pictures.tables import page_of
from uffdsim.trace import Trace

if TYPE_CHECKING:
    from uffdsim.pictures.painters.figure import PictureFigure

__all__ = [
    "NAMES",
    "Line",
    "Moment",
    "Picture",
    "Rect",
    "Table",
    "Text",
    "draw",
    "figure",
    "image",
    "log_html",
    "page_of",
    "plot",
    "stacked",
    "svg",
]

NAMES = ("tables", "sequence", "decision", "walk", "flags", "log")
"""The names of the pictures there are. Each is a module, imported when it is first drawn."""

setattr(Picture, "_repr_html_", image)  # noqa: B010  shapes know no painter, so it is here that they learn to show themselves


def draw(
    name: str,
    trace: Trace,
    at: int | None = None,
    *,
    size: tuple[float, float] | None = None,
    against: Trace | None = None,
    there: int | None = None,
    since: int | None = None,
    hide_after: bool = False,
    **options: Any,
) -> Picture:
    """A picture of a trace when ``at`` of its events have happened; of its end if left out.

    :param size: width and height, in units that are pixels when it is shown as large as it is. A picture that needs
        more height to be legible takes it.
    :param against: another trace; what is different from it at the same place is marked, or at the place ``there``.
    :param since: an earlier place; what changed after it stands out. Left out, what the last event changed.
    :param hide_after: show nothing of what comes after the place.
    :param options: what only some pictures know: ``mapping`` and ``kernels`` of "flags".
    :raises Mistake: if there is no such picture, or no such place.
    """
    picture = _picture(name)
    at = len(trace.events) if at is None else at
    moment = Moment(trace, at, max(at - 1, 0) if since is None else since, against, hide_after, there)
    return picture.draw(moment, size or picture.SIZE, **options)


def figure(picture: Picture) -> "PictureFigure":
    """The picture as a matplotlib Figure, which shows itself in a notebook with its sentence as alternative text."""
    from uffdsim.pictures.painters.figure import paint

    return paint(picture)


def plot(
    trace: Trace,
    at: int | None = None,
    names: str | Sequence[str] = ("tables", "sequence"),
    *,
    size: tuple[float, float] | None = None,
    **options: Any,
) -> "PictureFigure | Picture":
    """One picture of a trace, or several one below the other, as a matplotlib Figure; where there is no matplotlib,
    as a Picture, which shows itself just so.

    :param size: that of each picture; left out, all are as wide as the widest.
    :param options: those of ``draw``.
    """
    names = [names] if isinstance(names, str) else names
    wide = max(_picture(name).SIZE[0] for name in names)
    sizes = [size or (wide, _picture(name).SIZE[1]) for name in names]
    drawn = [draw(name, trace, at, size=size, **options) for name, size in zip(names, sizes, strict=True)]
    picture = stacked(drawn)
    try:
        return figure(picture)
    except ModuleNotFoundError:  # in a browser, say: the SVG painter shows the same
        return picture


def _picture(name: str) -> ModuleType:
    if name not in NAMES:
        raise Mistake(f'there is no picture "{name}"; the pictures are {", ".join(NAMES)}')
    return import_module(f"uffdsim.pictures.{name}")
