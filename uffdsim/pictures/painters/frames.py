"""Frames: pictures as data for a page, each stored as what changes from the one before it.

A page draws the shapes itself (``page.js``). A shape that many frames share is sent once; a frame is a list of
shapes, and of that list only the edits go along. It is JSON, so that a stored page can have it too.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from uffdsim.pictures.shapes import Line, Picture, Rect, Shape, Text

KINDS = {Rect: "rect", Text: "text", Line: "line"}


@lru_cache(4096)  # of one picture and the next, most shapes are the same
def shape_json(shape: Shape) -> list:
    """A shape as ``page.js`` takes it: its kind, then its fields in order, without what is left at its default. Not to
    be changed."""
    values = [_plain(value) for value in shape]
    while values and values[-1] == type(shape)._field_defaults.get(type(shape)._fields[len(values) - 1], _NEVER):
        values.pop()
    return [KINDS[type(shape)], *values]


_NEVER = object()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        value = round(value, 1) + 0.0  # -0.0 equals 0.0, and must read alike
        return int(value) if value.is_integer() else value
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def picture_json(picture: Picture) -> dict:
    """A whole picture as ``page.js`` takes it."""
    return head(picture) | {"shapes": [shape_json(shape) for shape in picture.shapes]}


def head(picture: Picture) -> dict:
    """All of a picture but its shapes."""
    return {
        "name": picture.name,
        "width": _plain(float(picture.width)),
        "height": _plain(float(picture.height)),
        "title": picture.title,
        "sentence": picture.sentence,
    }


class Frames:
    """Pictures in a row. ``shapes`` are all different shapes that occur in them; a frame lists them by their index.

    >>> frames = Frames()
    >>> frames.add(picture), frames.add(another)
    >>> frames.json()["frames"][1]["edits"]      # at 3, take 1 away, and put the shapes 17 and 18 there
    [[3, 1, 17, 18]]
    """

    def __init__(self) -> None:
        self.shapes: list[list] = []
        self._known: dict[Shape, int] = {}
        self._last: list[int] = []
        self.frames: list[dict] = []

    def add(self, picture: Picture) -> None:
        """One more frame."""
        now = [self._index(shape) for shape in picture.shapes]
        self.frames.append(head(picture) | {"edits": edits(self._last, now)})
        self._last = now

    def _index(self, shape: Shape) -> int:
        index = self._known.get(shape)
        if index is None:
            index = self._known[shape] = len(self.shapes)
            self.shapes.append(shape_json(shape))
        return index

    def json(self) -> dict:
        """All of it, for ``page.js``."""
        return {"shapes": self.shapes, "frames": self.frames}


def edits(old: Sequence[int], new: Sequence[int]) -> list[list[int]]:
    """What turns one list into another: ``[place, how many go, what comes instead…]``, from the end to the beginning,
    so that each place is that in the old list."""
    found, i, j = [], 0, 0
    where = {value: place for place, value in enumerate(old)}
    while i < len(old) or j < len(new):
        if i < len(old) and j < len(new) and old[i] == new[j]:
            i, j = i + 1, j + 1
            continue
        start, come = i, []
        # Up to the next shape that both have, and that the old list has not passed yet.
        while j < len(new) and where.get(new[j], -1) < i:
            come.append(new[j])
            j += 1
        i = where[new[j]] if j < len(new) else len(old)
        found.append([start, i - start, *come])
    return found[::-1]
