"""A sheet to put shapes on, with the few things that several pictures draw."""

from typing import Any

from uffdsim.pictures.shapes.measure import fit, fit_name
from uffdsim.pictures.shapes.picture import Line, Picture, Point, Rect, Shape, Table, Text

SMALLEST = 11.0
"""No text is smaller than this, in units that are pixels when a picture is shown as large as it is."""
NOTHING = Table((), ())


class Sheet:
    """Collects the shapes of a picture on a white panel.

    :param least: the height that a picture needs to be legible; a lower sheet is made as high as that.
    """

    def __init__(self, w: float, h: float, least: float = 0) -> None:
        self.w = w
        self.h = h = max(h, least)
        self.shapes: list[Shape] = [Rect(0, 0, w, h, "panel", 8)]

    def picture(self, name: str, title: str, sentence: str, table: Table = NOTHING) -> Picture:
        """The picture, and the same in words."""
        return Picture(name, self.w, self.h, title, tuple(self.shapes), sentence, table)

    def rect(self, x: float, y: float, w: float, h: float, role: str, round: float = 4, **known: Any) -> None:
        """A box; ``known`` are its key, event and tip."""
        self.shapes.append(Rect(x, y, w, h, role, round, **known))

    def line(self, role: str, *points: Point, **known: Any) -> None:
        """A line through points; ``known`` are the other fields of a Line."""
        self.shapes.append(Line(points, role, **known))

    def text(
        self,
        x: float,
        y: float,
        text: str,
        role: str = "text",
        size: float = 12,
        room: float | None = None,
        **known: Any,
    ) -> None:
        """A line of text, cut to the room it has; what was cut can be read by pointing at it.

        ``known`` are the other fields of a Text.
        """
        if room is not None:
            short = fit(text, room, size, known.get("bold", False), known.get("mono", False))
            if short != text:
                known.setdefault("tip", text)
            text = short
        if text:
            self.shapes.append(Text(x, y, text, role, size, **known))

    def name(self, x: float, y: float, name: str, size: float, room: float, **known: Any) -> None:
        """A name that people gave, in bold."""
        short = fit_name(name, room, size, bold=True)
        if short != name:
            known.setdefault("tip", name)
        self.text(x, y, short, "text", size, bold=True, **known)

    def nothing(self, why: str) -> None:
        """Why there is nothing to see, in the middle of the sheet."""
        self.text(self.w / 2, self.h / 2, why, "muted", 13, self.w - 24, anchor="middle")
