"""What keeps somebody from reading the words of a picture, found from its shapes alone.

The letters are taken to be those of DejaVu Sans, the widest font that pictures name.
"""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import cos, radians, sin
from typing import NamedTuple

from uffdsim.pictures.painters.theme import DARK, HATCHED, INKS, LOOKS, PAPER
from uffdsim.pictures.shapes import Line, Picture, Point, Rect, Shape, Text
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST

BASELINE, CAPITAL, DESCENDER = 0.36, 0.75, 0.22
"""Where letters stand, in parts of their size: below a text's middle, above the baseline, and below it."""
HEAD, CLEAR = 9, 1.5
"""How long and wide the head of an arrow is, and how far words are from it."""
DESCENDS = frozenset("gjpqy,;()[]{}_|/@Q")
SLACK = 0.6
"""So much may lie upon each other without being seen."""
LEAST = 4.5
"""The contrast that text needs (WCAG 2.2, 1.4.3)."""
HIDES = ("hidden",)
"""Roles of what is there to hide others."""

Polygon = tuple[Point, ...]


class Complaint(NamedTuple):
    """What is wrong with some words: a kind of fault, the words, and with what."""

    kind: str
    text: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r} {self.what}"


def complaints(picture: Picture) -> list[Complaint]:
    """All that is wrong with the words of a picture."""
    return [
        complaint
        for at, shape in enumerate(picture.shapes)
        if isinstance(shape, Text)
        for complaint in _of(picture, at)
    ]


def _of(picture: Picture, at: int) -> Iterator[Complaint]:
    """What is wrong with one text."""
    text = picture.shapes[at]
    assert isinstance(text, Text)
    here = letters(text)
    if text.size < SMALLEST:
        yield Complaint("small", text.text, f"is {text.size:g} high")
    if text.text.endswith("…") and text.text.rstrip("…").strip().replace(",", "").isdigit():
        yield Complaint("cut", text.text, "was a number")
    left, top, right, bottom = bounds(here)
    if left < 0 or top < 0 or right > picture.width or bottom > picture.height:
        yield Complaint("outside", text.text, f"reaches from {left:.0f}, {top:.0f} to {right:.0f}, {bottom:.0f}")
    for n, other in enumerate(picture.shapes):
        if not near(reach(other), (left, top, right, bottom)):
            continue
        if isinstance(other, Text):
            if n > at and meet(here, letters(other)):
                yield Complaint("upon words", text.text, f"and {other.text!r}")
        elif n > at and isinstance(other, Rect) and LOOKS[other.role].fill and meet(here, corners(other)):
            if other.role not in HIDES:
                yield Complaint("covered", text.text, f"by {_called(other)}")
        elif text.halo and n < at and isinstance(other, Line):
            continue  # the line is broken there
        elif any(_seen(line, picture.shapes[n + 1 : at]) for line in _through(other, here)):
            yield Complaint("struck", text.text, f"by {_called(other)}")
    for dark in (False, True):
        ink = _colour(INKS[text.role], dark)
        for name, under in grounds(picture, at, dark):
            if contrast(ink, under) < LEAST:
                theme = "dark" if dark else "light"
                yield Complaint("faint", text.text, f"({text.role}) upon {name}, {theme}: {contrast(ink, under):.1f}")


def _called(shape: Shape) -> str:
    return f"{shape.role} {shape.key!r}" if shape.key else shape.role


# Where things are


@cache
def letters(text: Text) -> Polygon:
    """The corners of the box around the letters of a text."""
    w = width(text.text, text.size, text.bold, text.mono)
    left = text.x - {"start": 0, "middle": w / 2, "end": w}[text.anchor]
    base = text.y + BASELINE * text.size
    top, bottom = base - CAPITAL * text.size, base + DESCENDER * text.size * bool(DESCENDS & set(text.text))
    box = ((left, top), (left + w, top), (left + w, bottom), (left, bottom))
    return tuple(_turned(point, (text.x, text.y), text.angle) for point in box) if text.angle else box


def _turned(point: Point, about: Point, degrees: float) -> Point:
    x, y = point[0] - about[0], point[1] - about[1]
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return about[0] + x * c - y * s, about[1] + x * s + y * c


def corners(rect: Rect) -> Polygon:
    """The corners of a box."""
    right, bottom = rect.x + rect.w, rect.y + rect.h
    return ((rect.x, rect.y), (right, rect.y), (right, bottom), (rect.x, bottom))


def bounds(polygon: Polygon) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    xs, ys = zip(*polygon, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


@cache
def reach(shape: Shape) -> tuple[float, float, float, float]:
    """A box that holds all of a shape: left, top, right and bottom."""
    if isinstance(shape, Text):
        return bounds(letters(shape))
    half = HEAD / 2 + CLEAR if isinstance(shape, Line) and shape.arrow else LOOKS[shape.role].width / 2
    left, top, right, bottom = bounds(shape.points if isinstance(shape, Line) else corners(shape))
    return left - half, top - half, right + half, bottom + half


def near(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    """Whether two boxes meet."""
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def meet(one: Polygon, other: Polygon, slack: float = SLACK) -> bool:
    """Whether two convex polygons, or lines, lie upon each other by more than the slack: no axis sets them apart."""
    a, b = bounds(one), bounds(other)
    if min(a[2], b[2]) - max(a[0], b[0]) < 0 or min(a[3], b[3]) - max(a[1], b[1]) < 0:
        return False
    for polygon in (one, other):
        for (x, y), (to_x, to_y) in pairwise((*polygon, polygon[0])):
            length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
            if not length:
                continue
            nx, ny = (to_y - y) / length, (x - to_x) / length
            mine, theirs = ([px * nx + py * ny for px, py in points] for points in (one, other))
            if min(max(mine), max(theirs)) - max(min(mine), min(theirs)) < slack:
                return False
    return True


def _through(shape: Rect | Line, here: Polygon) -> Iterator[Polygon]:
    """The pieces of a line, or of a box's rim, that go through some letters."""
    if isinstance(shape, Line):
        points = _bent(shape.points) if shape.curve else shape.points
    else:
        points = (*corners(shape), (shape.x, shape.y)) if LOOKS[shape.role].stroke else ()
    half = LOOKS[shape.role].width / 2
    pieces = [_thick(start, end, half) for start, end in pairwise(points)]
    if isinstance(shape, Line) and shape.arrow:
        pieces.append(_head(*points[-2:]))
    for piece in pieces:
        if meet(here, piece):
            yield _within(piece, here)


def _head(before: Point, end: Point) -> Polygon:
    """The room of an arrow's head, with what is to be free beside it."""
    (x, y), (to_x, to_y) = before, end
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 or 1
    start = to_x - (to_x - x) / length * HEAD, to_y - (to_y - y) / length * HEAD
    return _thick(start, end, HEAD / 2 + CLEAR)


def _thick(start: Point, end: Point, half: float) -> Polygon:
    """A piece of a line, as wide as it is painted."""
    (x, y), (to_x, to_y) = start, end
    length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5 or 1
    dx, dy = (to_y - y) / length * half, (x - to_x) / length * half
    return (x + dx, y + dy), (to_x + dx, to_y + dy), (to_x - dx, to_y - dy), (x - dx, y - dy)


def _within(piece: Polygon, here: Polygon) -> Polygon:
    """The box in which a piece of a line and some letters meet."""
    a, b = bounds(piece), bounds(here)
    left, top, right, bottom = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def _seen(piece: Polygon, later: tuple[Shape, ...]) -> bool:
    """Whether no box that was drawn later lies upon a piece of a line."""
    left, top, right, bottom = bounds(piece)
    return not any(
        isinstance(box, Rect)
        and LOOKS[box.role].fill
        and box.x <= left
        and box.y <= top
        and box.x + box.w >= right
        and box.y + box.h >= bottom
        for box in later
    )


def _bent(points: tuple[Point, ...], pieces: int = 12) -> tuple[Point, ...]:
    """Points along a Bézier curve."""
    found = []
    for i in range(pieces + 1):
        t, u = i / pieces, 1 - i / pieces
        shares = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
        found.append(tuple(sum(s * p[axis] for s, p in zip(shares, points, strict=True)) for axis in (0, 1)))
    return tuple(found)


# What colours are


def grounds(picture: Picture, at: int, dark: bool) -> Iterator[tuple[str, str]]:
    """What lies under a text: the roles and the colours of the boxes behind its letters, the upmost first."""
    text = picture.shapes[at]
    assert isinstance(text, Text)
    if text.halo:
        yield "its halo", _colour(PAPER, dark)
        return
    here = letters(text)
    left, top, right, bottom = bounds(here)
    for box in reversed(picture.shapes[:at]):
        look = LOOKS[box.role] if isinstance(box, Rect) else None
        if not isinstance(box, Rect) or look is None or not (look.fill or look.hatch):
            continue
        if not near(reach(box), (left, top, right, bottom)) or not meet(here, corners(box)):
            continue
        fill = _colour(look.fill or PAPER, dark)
        yield box.role, fill
        if look.hatch:
            yield f"the lines of {box.role}", blended(_colour(look.stroke, dark), fill, HATCHED)
        if (
            box.x <= left + SLACK
            and box.y <= top + SLACK
            and box.x + box.w >= right - SLACK
            and box.y + box.h >= bottom - SLACK
        ):
            return


def _colour(colour: str, dark: bool) -> str:
    return DARK[colour] if dark else colour


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def blended(one: str, other: str, share: float) -> str:
    """A colour through which another is seen."""
    mixed = (round(a * share + b * (1 - share)) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def luminance(colour: str) -> float:
    """How light a colour is (WCAG 2.2)."""
    channels = [channel / 255 for channel in _channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """How well one colour is seen on another: 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
