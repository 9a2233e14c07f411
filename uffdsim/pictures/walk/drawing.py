"""Draws the walk: the address bit by bit, a table a level, and what is at the end."""

from typing import Any

from uffdsim import words
from uffdsim.pictures.memory import PRESENT
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Picture, Table
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.walk.address import BITS, INDEX, Touched, last_touched

SIZE = (500, 300)
LEAST = 166
TITLE = "How the address is walked"
MARGIN, TOP, FOOT, ENTRY = 12, 116, 46, 36
BETWEEN, NARROW, WIDE = 34, 44, 118
"""From one table to the next; and how wide a table is: at least, and at most, as the last is, with words in it."""
LOW = 212
"""A sheet that is no higher has no room for a foot."""


def draw(moment: Moment, size: tuple[float, float] = SIZE) -> Picture:
    """The walk to the page that was touched last, and what is at its end."""
    sheet = Sheet(*size, LEAST)
    touched = last_touched(moment)
    if touched is None:
        told = moment.trace.narrated
        why = "no page has been named yet" if told else "it is not recorded where a real kernel put things"
        sheet.nothing(why)
        return sheet.picture("walk", TITLE, f"No walk to show: {why}.")
    drawing = _Walk(sheet, touched)
    drawing.address()
    drawing.tables()
    drawing.end()
    return sheet.picture("walk", TITLE, *_told(touched))


class _Walk:
    def __init__(self, sheet: Sheet, touched: Touched) -> None:
        self.sheet, self.touched, self.entry = sheet, touched, touched.entry
        self.levels = touched.levels
        number = len(self.levels)
        each = (sheet.w - 2 * MARGIN - number * BETWEEN - WIDE) / number
        self.w = min(max(each, NARROW), WIDE)
        self.bottom = sheet.h - (FOOT if sheet.h > LOW else 6)

    def address(self) -> None:
        """The address bit by bit, each level's nine bits in a box, and the rest as the offset in the page."""
        sheet, touched = self.sheet, self.touched
        name = words.page(touched.mapping, touched.page)
        at = f"is at {touched.address:#014x}"
        room = sheet.w - 2 * MARGIN - width(at, 12, mono=True) - 10
        sheet.name(MARGIN, 16, name, 14, room, key=name)
        sheet.text(MARGIN + min(width(name, 14, True), room) + 10, 17, at, "text", 12, mono=True)
        for level, low in self.levels:
            self.field(level, low, low + INDEX, str(touched.number(low)), "index")
        self.field("offset in the page", 0, self.levels[-1][1], hex(touched.offset), "outcome")

    def field(self, name: str, low: int, high: int, value: str, role: str) -> None:
        """Some bits of the address, and the number they are."""
        sheet, bit = self.sheet, (self.sheet.w - 2 * MARGIN) / BITS
        x, w = MARGIN + (BITS - high) * bit, (high - low) * bit
        sheet.rect(x + 1, 32, w - 2, 42, role, 4, key=f"bits {name}")
        digits = f"{self.touched.address >> low & (1 << high - low) - 1:0{high - low}b}"
        for i, digit in enumerate(digits):
            sheet.text(x + (i + 0.5) * bit, 45, digit, "text", SMALLEST, anchor="middle", mono=True)
        told = f"{name} {value}"
        told = told if width(told, SMALLEST, True) < w - 4 else f"{name.split()[0]} {value}"
        sheet.text(x + w / 2, 63, told, "text", SMALLEST, w - 4, anchor="middle", bold=True)
        sheet.text(x + 2, 83, str(high - 1), "muted", SMALLEST)
        sheet.text(x + w - 2, 83, str(low), "muted", SMALLEST, anchor="end")

    def tables(self) -> None:
        """A table a level, the entry of the walk in it, and an arrow to what it points at."""
        sheet = self.sheet
        for i, (name, low) in enumerate(self.levels):
            x, last = MARGIN + i * (self.w + BETWEEN), i == len(self.levels) - 1
            w, y = WIDE if last else self.w, self.height(low)
            sheet.text(x + w / 2, TOP - 9, name, "text", 12, anchor="middle", bold=True)
            sheet.rect(x, TOP, w, self.bottom - TOP, "frame", 4, key=f"table {name}")
            role = self.entry.role if last and self.entry.role != "none" else "entry"
            sheet.rect(x + 4, y, w - 8, ENTRY, role, 3, key=f"entry of {name}")
            ink = "reversed" if role == "poison" else "text"
            middle = y + ENTRY / 2
            known: dict[str, Any] = {"anchor": "middle", "bold": True}
            sheet.text(x + w / 2, middle - 8 * last, str(self.touched.number(low)), ink, 12, **known)
            if last:
                sheet.text(x + w / 2, middle + 8, self.entry.words, ink, SMALLEST, w - 12, **known)
            else:
                start, there = (x + w - 4, middle), (x + w + BETWEEN - 2, TOP + 8)
                sheet.line(
                    "enters", start, (start[0] + 20, middle), (start[0] + 12, there[1]), there, curve=True, arrow=True
                )

    def height(self, low: int) -> float:
        """How far down in its table an entry stands, of 512."""
        return TOP + 5 + (self.bottom - TOP - 10 - ENTRY) * self.touched.number(low) / ((1 << INDEX) - 1)

    def end(self) -> None:
        """Where the walk ends: at a page, or at nothing."""
        sheet, present = self.sheet, self.entry.role in PRESENT
        start = MARGIN + (len(self.levels) - 1) * (self.w + BETWEEN) + WIDE
        x = start + BETWEEN
        w = sheet.w - MARGIN - x
        y = self.height(self.levels[-1][1])
        size = words.size(self.touched.page_size)
        sheet.text(x + w / 2, TOP - 9, "a page" if present else "no page", "text", 12, anchor="middle", bold=True)
        sheet.rect(x, y, w, ENTRY, "cached" if present else "hole", 4, key="end of the walk")
        told, ink = (size, "text") if present else ("a fault", "waits")
        sheet.text(x + w / 2, y + ENTRY / 2, told, ink, 12, anchor="middle", bold=True)
        if present:
            sheet.line("maps", (start - 4, y + ENTRY / 2), (x - 1, y + ENTRY / 2), arrow=True)
        if sheet.h <= LOW:
            return
        said = f"Pages of {size}: the walk ends at an entry of the {self.levels[-1][0]}."
        sheet.text(MARGIN, sheet.h - 26, said, "text", SMALLEST, sheet.w - 2 * MARGIN)
        folded = "With four levels of tables, as here, the P4D is folded into the PGD."
        sheet.text(MARGIN, sheet.h - 11, folded, "muted", SMALLEST, sheet.w - 2 * MARGIN)


def _told(touched: Touched) -> tuple[str, Table]:
    """The same in a sentence and in a table."""
    steps = ", ".join(f"{name} entry {touched.number(low)}" for name, low in touched.levels)
    page = words.page(touched.mapping, touched.page)
    said = words.sentence(f"{page} is at {touched.address:#x}: {steps}, which is: {touched.entry.words}")
    rows = [(name, f"{low + INDEX - 1}–{low}", str(touched.number(low))) for name, low in touched.levels]
    rows.append(("offset", f"{touched.levels[-1][1] - 1}–0", hex(touched.offset)))
    return said, Table(("level", "bits", "value"), tuple(rows))
