"""Draws the flags of a VMA: a column a bit that has a name somewhere, a row a kernel."""

from collections.abc import Iterable
from typing import Any

from uffdsim import words
from uffdsim.pictures.flags.rows import Row, last_named, numbers, remarks, rows
from uffdsim.pictures.memory.bits import Bit, version_of
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Picture, Table
from uffdsim.pictures.shapes.measure import wrap
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet

SIZE = (500, 300)
LEFT, RIGHT = 108, 44
HEAD, ANGLE = 92, -50
"""How much room the names of the bits have, and how they are turned in it."""
LEADING, GAP = 15, 12
LOW, DOUBLE, HIGH = 27, 38, 46
"""The lowest row there may be, the lowest with two flags in one of its bits, and the highest."""
TITLE = "The flags of a VMA"


def draw(
    moment: Moment, size: tuple[float, float] = SIZE, *, mapping: str = "", kernels: Iterable[str] | None = None
) -> Picture:
    """The word of a VMA's flags, bit by bit.

    :param mapping: whose first VMA; left out, that which a step named last.
    :param kernels: the names of more kernels that are to write down the same flags; left out, the youngest if it
        writes them differently, and one in which two flags have one bit.
    """
    mapping = mapping or last_named(moment)
    more = None if kernels is None else [version_of(name) for name in kernels]
    those = rows(moment, mapping, more)
    if not those:
        sheet = Sheet(*size, HEAD)
        why = "there is no VMA to look at" if moment.trace.narrated else "no VMA has been inspected"
        sheet.nothing(why)
        return sheet.picture("flags", TITLE, f"No flags to show: {why}.")
    lines = [line for remark in remarks(those) for line in wrap(remark, size[0] - 24, SMALLEST)]
    sheet = Sheet(*size, HEAD + sum(map(_least, those)) + GAP + len(lines) * LEADING)
    _Words(sheet, those, mapping).draw(lines)
    return sheet.picture("flags", TITLE, *_told(those, mapping))


class _Words:
    """Draws the words of flags, one below the other."""

    def __init__(self, sheet: Sheet, rows: list[Row], mapping: str) -> None:
        self.sheet, self.rows, self.mapping = sheet, rows, mapping
        self.numbers = numbers(rows)
        self.column = (sheet.w - LEFT - RIGHT) / len(self.numbers)

    def draw(self, lines: list[str]) -> None:
        """All of it; ``lines`` are what is to be said of it below."""
        sheet = self.sheet
        room = sheet.h - HEAD - GAP - len(lines) * LEADING
        more = max((room - sum(map(_least, self.rows))) / len(self.rows), 0)
        heights = [max(min(_least(row) + more, HIGH), _least(row)) for row in self.rows]
        sheet.name(12, 18, self.mapping, 14, LEFT - 16)
        sheet.text(12, HEAD - 10, "bit", "muted", SMALLEST)
        for i, number in enumerate(self.numbers):
            x = LEFT + (i + 0.5) * self.column
            sheet.text(x, HEAD - 10, str(number), "muted", SMALLEST, anchor="middle", mono=True)
            names = dict.fromkeys(bit.name for row in self.rows for bit in row.at(number))
            for k, name in enumerate(names):
                sheet.text(x + (k - (len(names) - 1) / 2) * 16, HEAD - 22, name, "text", SMALLEST, angle=ANGLE)
        y: float = HEAD
        for row, h in zip(self.rows, heights, strict=True):
            self.word(row, y, h - 6)
            y += h
        y += LEADING / 2
        for line in lines:
            sheet.text(12, y, line, "text", SMALLEST)
            y += LEADING

    def word(self, row: Row, y: float, h: float) -> None:
        """One row: what its kernel is called, the word as a number, and its bits."""
        sheet, both = self.sheet, h > 28
        sheet.text(12, y + h / 2 - 7 * both, row.version.name, "text", SMALLEST, LEFT - 16, bold=True)
        if both:
            word = f"{row.word:#x}" if not row.unsure else "as far as known"
            sheet.text(12, y + h / 2 + 8, word, "muted", SMALLEST, LEFT - 16, mono=not row.unsure)
        for i, number in enumerate(self.numbers):
            here = row.at(number)
            x, w = LEFT + i * self.column + 1.5, self.column - 3
            key = f"bit {row.version.name} {number}"
            shown = f"{row.said(number)}, shown as {row.shown(number)}" if here else "nothing that matters here"
            tip = f"bit {number}: {shown}"
            sheet.rect(x, y, w, h, _role(row, here), 3, key=key, tip=tip)
            bold = row.has(number)
            known: dict[str, Any] = {"anchor": "middle", "bold": bold, "mono": True, "key": key}
            lines = [bit.letters + "?" * (bit.name in row.unsure) for bit in here]
            ink = "text" if bold or len(lines) > 1 else "faint"
            for k, line in enumerate(lines):
                middle = y + h / 2 + (k - (len(lines) - 1) / 2) * 13
                sheet.text(x + w / 2, middle, line, ink, SMALLEST, **known)


def _least(row: Row) -> float:
    """How high a row must be."""
    return DOUBLE if row.remarks else LOW


def _role(row: Row, here: tuple[Bit, ...]) -> str:
    if len(here) > 1:
        return "two flags in one bit"
    if not here:
        return "no bit"
    if here[0].name in row.unsure:
        return "unknown"
    return "bit set" if row.has(here[0].number) else "bit clear"


def _told(those: list[Row], mapping: str) -> tuple[str, Table]:
    """The same in a sentence and in a table."""
    lines = []
    for number in numbers(those):
        cells = [f"{row.said(number)} ({row.shown(number)}) {row.has(number):d}" for row in those]
        lines.append((str(number), *(cell if row.at(number) else "" for cell, row in zip(cells, those, strict=True))))
    said = " ".join([f"Flags of {mapping}.", *map(words.stopped, remarks(those))])
    return said, Table(("bit", *(row.version.name for row in those)), tuple(lines))
