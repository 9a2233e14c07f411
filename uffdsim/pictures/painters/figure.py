"""The painter for print and notebooks: a picture as a matplotlib Figure."""

import base64
import io
from collections.abc import Callable
from html import escape
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Polygon
from matplotlib.path import Path
from matplotlib.patheffects import withStroke
from PIL import Image

from uffdsim.pictures.painters.theme import HATCHED, HATCHES, INKS, LOOKS, MONO, PAPER, SANS, Look
from uffdsim.pictures.shapes import Line, Picture, Point, Rect, Text

UNITS_PER_INCH = 100
HEAD = 9
COLOURS = 128
"""As many are enough for our flat pictures, and make a notebook a third as large as all would."""
POINT = 72 / UNITS_PER_INCH
"""Points in a unit of the picture."""


class PictureFigure(Figure):
    """A figure of a picture. ``alt`` says in a sentence what it shows."""

    alt = ""

    def _repr_html_(self) -> str:
        drawn, small = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png", dpi=2 * UNITS_PER_INCH)
        Image.open(drawn).convert("RGB").quantize(COLOURS).save(small, format="png", optimize=True)
        data = base64.b64encode(small.getvalue()).decode()
        width = round(self.get_figwidth() * UNITS_PER_INCH)
        return f'<img alt="{escape(self.alt)}" width="{width}" src="data:image/png;base64,{data}">'


def paint(picture: Picture) -> PictureFigure:
    """The picture as a figure, shape by shape, in the order in which they lie upon each other."""
    figure = PictureFigure(figsize=(picture.width / UNITS_PER_INCH, picture.height / UNITS_PER_INCH))
    FigureCanvasAgg(figure)
    figure.alt = picture.sentence
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, picture.width), ylim=(picture.height, 0))
    axes.set_axis_off()
    for z, shape in enumerate(picture.shapes):
        _PAINT[type(shape)](axes, shape, z)
    return figure


def _rect(axes: Axes, shape: Rect, z: int) -> None:
    look = LOOKS[shape.role]
    axes.add_patch(_outline(shape, facecolor=look.fill or "none", edgecolor="none", zorder=z, gid=shape.key or None))
    if look.hatch:
        hatch = {"edgecolor": (look.stroke, HATCHED), "linewidth": 0, "hatch": HATCHES[look.hatch] * 3}
        axes.add_patch(_outline(shape, facecolor="none", zorder=z, **hatch))
    if look.stroke:
        edge = {"edgecolor": look.stroke, "linewidth": look.width * POINT, "linestyle": _dash(look)}
        axes.add_patch(_outline(shape, facecolor="none", zorder=z, **edge))


def _outline(shape: Rect, **looks: Any) -> Patch:
    round = min(shape.round, shape.w / 2, shape.h / 2)
    if round == shape.w / 2 == shape.h / 2:
        return Circle((shape.x + round, shape.y + round), round, **looks)
    return FancyBboxPatch((shape.x, shape.y), shape.w, shape.h, f"round,pad=0,rounding_size={round}", **looks)


def _line(axes: Axes, shape: Line, z: int) -> None:
    look = LOOKS[shape.role]
    codes = [Path.MOVETO, *([Path.CURVE4 if shape.curve else Path.LINETO] * (len(shape.points) - 1))]
    style = {"edgecolor": look.stroke, "linewidth": look.width * POINT, "linestyle": _dash(look)}
    path = Path(shape.points, codes)
    axes.add_patch(PathPatch(path, facecolor="none", capstyle="butt", zorder=z, gid=shape.key or None, **style))
    if shape.arrow:
        axes.add_patch(Polygon(_head(*shape.points[-2:]), facecolor=look.stroke, linewidth=0, zorder=z))


def _head(before: Point, tip: Point) -> list[Point]:
    """The corners of an arrow's head, as large as in SVG."""
    (x, y), (to_x, to_y) = before, tip
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 or 1
    dx, dy = (to_x - x) / length * HEAD, (to_y - y) / length * HEAD
    return [tip, (to_x - dx - dy / 2, to_y - dy + dx / 2), (to_x - dx + dy / 2, to_y - dy - dx / 2)]


def _text(axes: Axes, shape: Text, z: int) -> None:
    text = axes.text(
        shape.x,
        shape.y + (0.36 * shape.size if not shape.angle else 0),
        shape.text,
        color=INKS[shape.role],
        fontsize=shape.size * POINT,
        ha={"start": "left", "middle": "center", "end": "right"}[shape.anchor],
        va="baseline" if not shape.angle else "center_baseline",
        rotation=-shape.angle,
        rotation_mode="anchor",
        fontweight="bold" if shape.bold else "normal",
        family=(MONO if shape.mono else SANS)[0],
        zorder=z,
        gid=shape.key or None,
        parse_math=False,
    )
    if shape.halo:
        text.set_path_effects([withStroke(linewidth=3 * POINT, foreground=PAPER)])


def _dash(look: Look) -> Any:
    return (0, tuple(length / look.width for length in look.dash)) if look.dash else "solid"


_PAINT: dict[type, Callable[..., None]] = {Rect: _rect, Line: _line, Text: _text}
