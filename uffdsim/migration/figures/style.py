"""What the pictures of migrations have in common: sizes, colours with their dashes and hatches, and axes."""

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from uffdsim.migration.units import said_time
from uffdsim.pictures.painters.theme import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
)

DPI = 100
TEXT = 12 * 72 / DPI
"""Points of letters that are 12 pixels high."""
WIDTH = 760
"""Pixels."""
LINES = ((BLUE, "-", "o"), (VERMILLION, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"))
"""Of each result: a colour, a dash and a mark."""
PARTS = {
    "pause": (SKY, ""),
    "memory": (VERMILLION, "xxx"),
    "map": (YELLOW, "..."),
    "unmap": (ORANGE, "///"),
    "state": ("#cfe8f8", "\\\\\\"),
    "start": (GREEN, "+++"),
}
"""Of each part of a downtime: a colour and a hatch."""
TIMES = FuncFormatter(lambda value, _: said_time(value))


def style(axes: Axes, x: str, y: str, left: float) -> None:
    """Dress axes.

    :param left: where the label of the y axis is, in widths of the axes. Said, it need not be found anew each time.
    """
    axes.set_facecolor(PAPER)
    axes.tick_params(labelsize=TEXT, labelcolor=INK, color=MUTED)
    axes.set_xlabel(x, fontsize=TEXT, color=INK)
    axes.set_ylabel(y, fontsize=TEXT, color=INK)
    axes.yaxis.set_label_coords(left, 0.5)
    axes.grid(True, color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)
