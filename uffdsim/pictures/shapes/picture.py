"""Shapes with roles, not yet with colours, and the picture that they make. Painters turn it into SVG or a figure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

Point = tuple[float, float]


class Rect(NamedTuple):
    """A box, its upper left corner at x, y. Lengths are in units of a picture, y grows downwards.

    ``role`` says what it shows, in a word that ``theme`` gives a look. ``key`` is what it stands for, and the same for
    the same thing in every picture of a trace: ``page 0 of watched``, ``message 54``, ``event 54``; "" for mere
    furniture. ``event`` is the number of the event to go to when it is clicked. ``tip`` is a sentence to show to
    whoever points at it.
    """

    x: float
    y: float
    w: float
    h: float
    role: str
    round: float = 4
    key: str = ""
    event: int | None = None
    tip: str = ""


class Text(NamedTuple):
    """One line of text; y is its middle, and x its start, middle or end as ``anchor`` says. ``angle`` is in degrees,
    clockwise. With ``halo`` it keeps lines behind it at a distance."""

    x: float
    y: float
    text: str
    role: str = "text"
    size: float = 12
    anchor: str = "start"
    bold: bool = False
    mono: bool = False
    angle: float = 0
    halo: bool = False
    key: str = ""
    event: int | None = None
    tip: str = ""


class Line(NamedTuple):
    """A line through points, or for four of them and ``curve`` a Bézier curve; ``arrow`` puts a head to its end."""

    points: tuple[Point, ...]
    role: str
    arrow: bool = False
    curve: bool = False
    key: str = ""
    event: int | None = None
    tip: str = ""


Shape = Rect | Text | Line
One = TypeVar("One", Rect, Text, Line)


@dataclass(frozen=True, slots=True)
class Table:
    """The same facts in rows: a header, and rows as long as it."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """What is to be painted, and the same in a sentence and in a table. Later shapes lie above earlier ones."""

    name: str
    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]
    sentence: str
    table: Table = field(default_factory=lambda: Table((), ()))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        return self.width, self.height

    def of(self, role: str) -> Iterator[Shape]:
        """The shapes with a role."""
        return (shape for shape in self.shapes if shape.role == role)

    def of_kind(self, kind: type[One]) -> Iterator[One]:
        """The shapes that are Rects, Texts or Lines."""
        return (shape for shape in self.shapes if isinstance(shape, kind))


def moved(shape: Shape, dx: float, dy: float) -> Shape:
    """The same shape elsewhere."""
    if isinstance(shape, Line):
        return shape._replace(points=tuple((x + dx, y + dy) for x, y in shape.points))
    return shape._replace(x=shape.x + dx, y=shape.y + dy)


def stacked(pictures: Iterable[Picture], gap: float = 10) -> Picture:
    """Pictures one below the other, as one."""
    pictures = tuple(pictures)
    shapes: list[Shape] = []
    y = 0.0
    for picture in pictures:
        shapes += (moved(shape, 0, y) for shape in picture.shapes)
        y += picture.height + gap
    return Picture(
        "-".join(picture.name for picture in pictures),
        max(picture.width for picture in pictures),
        y - gap,
        "; ".join(picture.title for picture in pictures),
        tuple(shapes),
        " ".join(picture.sentence for picture in pictures),
    )
