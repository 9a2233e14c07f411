"""A sheet to put shapes on, with the few things that several pictures draw."""

from uffdsim.pictures.measure import fit, width
from uffdsim.pictures.picture import Line, Picture, Rect, Shape, Table, Text

NOTHING = Table((), ())


class Sheet:
    """Collects the shapes of a picture on a white panel.

    :param least: the height that a picture needs to be legible; a lower sheet is made as high as that.
    """

    def __init__(self, w: float, h: float, least: float = 0):
        self.w = w
        self.h = h = max(h, least)
        self.shapes: list[Shape] = [Rect(0, 0, w, h, "panel", 8)]

    def picture(self, name: str, title: str, sentence: str, table: Table = NOTHING) -> Picture:
        """The picture, and the same in words."""
        return Picture(name, self.w, self.h, title, tuple(self.shapes), sentence, table)

    def rect(self, x, y, w, h, role, round=4, **known):
        self.shapes.append(Rect(x, y, w, h, role, round, **known))

    def line(self, role, *points, **known):
        self.shapes.append(Line(points, role, **known))

    def text(self, x, y, text, role="text", size=12.0, room=None, **known):
        """A line of text, cut to the room it has; what was cut can be read by pointing at it."""
        if room is not None:
            short = fit(text, room, size, known.get("bold", False), known.get("mono", False))
            if short != text:
                known.setdefault("tip", text)
            text = short
        if text:
            self.shapes.append(Text(x, y, text, role, size, **known))

    def chip(self, x, y, w, h, text, role, ink="text", size=11.0, round=4, **known):
        """A box with a text in its middle."""
        box = {key: known[key] for key in ("key", "event", "tip") if key in known}
        self.rect(x, y, w, h, role, round, **box)
        self.text(x + w / 2, y + h / 2, text, ink, size, w - 6, anchor="middle", **known)
        return x + w

    def beside(self, x, y, texts, size=11.0, gap=5.0, **known) -> float:
        """Texts one after the other, each with its role; where they end."""
        for text, role in texts:
            self.text(x, y, text, role, size, **known)
            x += width(text, size, known.get("bold", False), known.get("mono", False)) + gap
        return x - gap
