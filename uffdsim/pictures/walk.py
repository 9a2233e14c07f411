"""The picture "walk": an address cut into the indices by which its page table entry is found, level by level."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.pictures import memory
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.measure import width
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.trace import Kind

SIZE = (500, 300)
LEAST = 166
TITLE = "How the address is walked"
MARGIN, TOP, FOOT, ENTRY = 12, 114, 46, 36
LOW = 212
"""A sheet that is no higher has no room for a foot."""
BITS = 48
SIZES = {1 << 12: "4 KiB", 1 << 21: "2 MiB", 1 << 30: "1 GiB"}
LEVELS = (("PGD", 39), ("PUD", 30), ("PMD", 21), ("PTE", 12))
"""The tables of x86_64 with four levels (a fifth, the P4D, is folded into the first): name, and its lowest bit."""


class Touched(NamedTuple):
    """The page that a step named, and the address of its byte."""

    mapping: str
    page: int
    address: int
    page_size: int


def last_touched(moment: Moment) -> Touched | None:
    """The page that the last step to name one named, where its mapping has addresses."""
    if not moment.trace.narrated:
        return None
    state = moment.trace.cursor(moment.at).state
    for event in reversed(moment.events[: moment.at]):
        step = moment.trace.scenario[event.step]
        if event.kind == Kind.TOUCH and "vma" in step.given:
            mapping = state.get(("mapping", step["vma"]))
            if mapping is not None:
                page, offset = (step[key] if key in step else 0 for key in ("page", "offset"))
                return Touched(mapping.id, page, mapping.start + page * mapping.page_size + offset, mapping.page_size)
    return None


def draw(moment: Moment, size=SIZE) -> Picture:
    """The walk to the page that was touched last, and what is at its end."""
    sheet = Sheet(*size, LEAST)
    touched = last_touched(moment)
    if touched is None:
        told = moment.trace.narrated
        why = "no page has been named yet" if told else "where a real kernel put things is not on record"
        sheet.text(sheet.w / 2, sheet.h / 2, why, "muted", 13, anchor="middle")
        return sheet.picture("walk", TITLE, f"No walk to show: {why}.")
    source = memory.Simulated(moment.trace, moment.trace.cursor(moment.at).state)
    (_, entry), *_ = source.entries(touched.mapping, touched.page, touched.page + 1)
    drawing = _Walk(sheet, touched, entry)
    drawing.address()
    drawing.tables()
    drawing.end()
    return sheet.picture("walk", TITLE, *_told(touched, drawing.levels, entry))


class _Walk:
    def __init__(self, sheet: Sheet, touched: Touched, entry: memory.Entry):
        self.sheet, self.touched, self.entry = sheet, touched, entry
        self.levels = [(name, low) for name, low in LEVELS if 1 << low >= touched.page_size]
        self.pitch = (sheet.w - 2 * MARGIN) / (len(self.levels) + 1)
        self.w = min(self.pitch - 34, 116)
        self.bottom = sheet.h - (FOOT if sheet.h > LOW else 6)

    def address(self):
        """The address bit by bit, each level's nine bits in a box, and the rest as the offset in the page."""
        sheet, touched = self.sheet, self.touched
        name = words.page(touched.mapping, touched.page)
        sheet.text(MARGIN, 16, name, "text", 14, 200, bold=True)
        sheet.text(MARGIN + width(name, 14, True) + 10, 17, f"is at {touched.address:#014x}", "text", 12, mono=True)
        end = self.levels[-1][1]
        for name, low in self.levels:
            self.field(name, low, low + 9, str(touched.address >> low & 511), "index")
        self.field("offset in the page", 0, end, hex(touched.address & (1 << end) - 1), "outcome")

    def field(self, name: str, low: int, high: int, value: str, role: str):
        """Some bits of the address, and the number they are."""
        sheet, bit = self.sheet, (self.sheet.w - 2 * MARGIN) / BITS
        x, w = MARGIN + (BITS - high) * bit, (high - low) * bit
        sheet.rect(x + 1, 32, w - 2, 42, role, 4, key=f"bits {name}")
        digits = f"{self.touched.address >> low & (1 << high - low) - 1:0{high - low}b}"
        for i, digit in enumerate(digits):
            sheet.text(x + (i + 0.5) * bit, 45, digit, "text", min(bit * 1.12, 11), anchor="middle", mono=True)
        sheet.text(x + w / 2, 63, f"{name} {value}", "text", 10.5, w - 4, anchor="middle", bold=True)
        sheet.text(x + 2, 82, str(high - 1), "muted", 9)
        sheet.text(x + w - 2, 82, str(low), "muted", 9, anchor="end")

    def tables(self):
        """A table a level, the entry of the walk in it, and an arrow to what it points at."""
        sheet = self.sheet
        for i, (name, low) in enumerate(self.levels):
            x, last = MARGIN + i * self.pitch, i == len(self.levels) - 1
            y = self.height(low)
            sheet.text(x + self.w / 2, TOP - 9, name, "text", 12, anchor="middle", bold=True)
            sheet.rect(x, TOP, self.w, self.bottom - TOP, "frame", 4, key=f"table {name}")
            role = self.entry.role if last and self.entry.role != "none" else "entry"
            sheet.rect(x + 4, y, self.w - 8, ENTRY, role, 3, key=f"entry of {name}")
            ink = "reversed" if role == "poison" else "text"
            middle = y + ENTRY / 2
            known = {"anchor": "middle", "bold": True}
            sheet.text(x + self.w / 2, middle - 8 * last, str(self.touched.address >> low & 511), ink, 12, **known)
            if last:
                sheet.text(x + self.w / 2, middle + 8, self.entry.words, ink, 10.5, self.w - 12, **known)
            else:
                start, there = (x + self.w - 4, middle), (x + self.pitch - 2, TOP + 8)
                sheet.line(
                    "enters", start, (start[0] + 20, middle), (start[0] + 12, there[1]), there, curve=True, arrow=True
                )

    def height(self, low: int) -> float:
        """How far down in its table an entry stands, of 512."""
        return TOP + 5 + (self.bottom - TOP - 10 - ENTRY) * (self.touched.address >> low & 511) / 511

    def end(self):
        """Where the walk ends: at a page, or at nothing."""
        sheet, present = self.sheet, self.entry.role in memory.PRESENT
        x = MARGIN + len(self.levels) * self.pitch
        w = sheet.w - MARGIN - x
        y = self.height(self.levels[-1][1])
        size = SIZES[self.touched.page_size]
        sheet.text(x + w / 2, TOP - 9, "a page" if present else "no page", "text", 12, anchor="middle", bold=True)
        sheet.rect(x, y, w, ENTRY, "cached" if present else "hole", 4, key="page")
        words, ink = (size, "text") if present else ("a fault", "waits")
        sheet.text(x + w / 2, y + ENTRY / 2, words, ink, 12, anchor="middle", bold=True)
        if present:
            sheet.line("maps", (x - self.pitch + self.w - 4, y + ENTRY / 2), (x - 1, y + ENTRY / 2), arrow=True)
        if sheet.h <= LOW:
            return
        said = f"Pages of {size}: the walk ends at an entry of the {self.levels[-1][0]}."
        sheet.text(MARGIN, sheet.h - 26, said, "text", 11, sheet.w - 2 * MARGIN)
        folded = "With four levels of tables, as here, the P4D is folded into the PGD."
        sheet.text(MARGIN, sheet.h - 11, folded, "muted", 10.5, sheet.w - 2 * MARGIN)


def _told(touched: Touched, levels, entry: memory.Entry) -> tuple[str, Table]:
    """The same in a sentence and in a table."""
    steps = ", ".join(f"{name} entry {touched.address >> low & 511}" for name, low in levels)
    said = f"{words.page(touched.mapping, touched.page)} is at {touched.address:#x}: {steps}, which is: {entry.words}."
    rows = [(name, f"{low + 8}–{low}", str(touched.address >> low & 511)) for name, low in levels]
    low = levels[-1][1]
    rows.append(("offset", f"{low - 1}–0", hex(touched.address & (1 << low) - 1)))
    return said, Table(("level", "bits", "value"), tuple(rows))
