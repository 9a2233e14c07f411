"""Pictures of a trace: data first, then painted as SVG for the screen or as a matplotlib figure for print.

picture = draw("tables", trace, at=54)
picture.sentence, picture.table, svg(picture, "left"), figure(picture)
"""

from collections.abc import Sequence

from uffdsim.pictures import decision, flags, log, sequence, tables, walk
from uffdsim.pictures.log import log_html
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.paint_svg import image, svg
from uffdsim.pictures.picture import Line, Picture, Rect, Table, Text, stacked
from uffdsim.trace import Trace

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
    "plot",
    "stacked",
    "svg",
]

_PICTURES = {"tables": tables, "sequence": sequence, "decision": decision, "walk": walk, "flags": flags, "log": log}
NAMES = tuple(_PICTURES)
"""The names of the pictures there are."""


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
    **options,
) -> Picture:
    """A picture of a trace when ``at`` of its events have happened; of its end if left out.

    :param size: width and height, in units that are pixels when it is shown as large as it is. A picture that needs
        more height to be legible takes it.
    :param against: another trace; what is different from it at the same place is marked, or at the place ``there``.
    :param since: an earlier place; what changed after it stands out. Left out, what the last event changed.
    :param hide_after: show nothing of what comes after the place.
    :param options: what only some pictures know: ``mapping`` and ``kernels`` of "flags".
    :raises ValueError: if there is no such picture, or no such place.
    """
    picture = _picture(name)
    at = len(trace.events) if at is None else at
    moment = Moment(trace, at, max(at - 1, 0) if since is None else since, against, hide_after, there)
    return picture.draw(moment, size or picture.SIZE, **options)


def figure(picture: Picture):
    """The picture as a matplotlib Figure, which shows itself in a notebook with its sentence as alternative text."""
    from uffdsim.pictures.paint_figure import paint

    return paint(picture)


def plot(
    trace: Trace,
    at: int | None = None,
    names: str | Sequence[str] = ("tables", "sequence"),
    *,
    size: tuple[float, float] | None = None,
    **options,
):
    """One picture of a trace, or several one below the other, as a matplotlib Figure.

    :param size: that of each picture; left out, all are as wide as the widest.
    :param options: those of ``draw``.
    """
    names = [names] if isinstance(names, str) else names
    wide = max(_picture(name).SIZE[0] for name in names)
    sizes = [size or (wide, _picture(name).SIZE[1]) for name in names]
    drawn = [draw(name, trace, at, size=size, **options) for name, size in zip(names, sizes, strict=True)]
    return figure(stacked(drawn))


def _picture(name: str):
    if name not in _PICTURES:
        raise ValueError(f'there is no picture "{name}"; the pictures are {", ".join(NAMES)}')
    return _PICTURES[name]
