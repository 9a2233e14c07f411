"""Pictures of a trace: data first, painted as SVG for the screen or as a matplotlib figure for print.

picture = draw("tables", trace, at=54)
svg(picture, "a"), figure(picture), picture.sentence, picture.table
"""

from uffdsim.pictures.paint_svg import svg
from uffdsim.pictures.picture import Picture, stacked
from uffdsim.pictures.sequence import sequence
from uffdsim.pictures.story import story
from uffdsim.pictures.tables import tables
from uffdsim.trace import Trace

_DRAW = {"tables": tables, "sequence": sequence}
NAMES = tuple(_DRAW)


def draw(name: str, trace: Trace, at: int | None = None, **options) -> Picture:
    return _DRAW[name](trace, len(story(trace)) if at is None else at, **options)
