"""The picture "walk": an address cut into the indices by which its page table entry is found, level by level."""

from typing import NamedTuple

from uffdsim.pictures import memory
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.measure import width
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.pictures.words import place
from uffdsim.trace import Kind

SIZE = (500, 300)
BITS = 48
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
    if not moment.trace.events:
        return None
    state = moment.trace.cursor(moment.at).state
    for event in reversed(moment.events[: moment.at]):
        step = moment.trace.scenario[event.step]
        if event.kind == Kind.TOUCH and "vma" in step.given:
            mapping = state.get(("mapping", step["vma"]))
            if mapping is not None:
                offset = step["offset"] if "offset" in step else 0
                address = mapping.start + step["page"] * mapping.page_size + offset
                return Touched(mapping.id, step["page"], address, mapping.page_size)
    return None


def draw(moment: Moment, size=SIZE) -> Picture:
    """The walk to the page that was touched last, and what is at its end."""
    sheet = Sheet(*size)
    touched = last_touched(moment)
    if touched is None:
        why = (
            "no page has been touched yet"
            if moment.trace.events
            else "a real kernel's addresses are not in a recording"
        )
        sheet.text(size[0] / 2, size[1] / 2, why, "muted", 13, anchor="middle")
        return Picture("walk", *size, "The walk", tuple(sheet.shapes), f"No walk to show: {why}.")
    source = memory.Simulated(moment.trace, moment.trace.cursor(moment.at).state)
    (_, entry), *_ = source.entries(touched.mapping, touched.page, touched.page + 1)
    levels = [(name, low) for name, low in LEVELS if 1 << low >= touched.page_size]
    _address(sheet, touched, levels)
    _tables(sheet, touched, levels, entry)
    return Picture("walk", *size, "The walk", tuple(sheet.shapes), *_told(touched, levels, entry))


def _index(address: int, low: int) -> int:
    return address >> low & 511


def _address(sheet: Sheet, touched: Touched, levels):
    """The address bit by bit, each level's nine bits in a box and the rest as the offset in the page."""
    sheet.text(12, 16, place(touched.mapping, touched.page), "text", 14, 150, bold=True)
    taken = 12 + width(place(touched.mapping, touched.page), 14, True) + 10
    sheet.text(taken, 17, f"{touched.address:#014x}", "text", 12, mono=True)
    bit = (sheet.w - 24) / BITS
    end = levels[-1][1]
    fields = [(name, low, low + 9) for name, low in levels] + [("offset in the page", 0, end)]
    for name, low, high in fields:
        x, w = 12 + (BITS - high) * bit, (high - low) * bit
        sheet.rect(x + 1, 34, w - 2, 40, "index" if low else "outcome", 4, key=f"bits {name}")
        digits = f"{touched.address >> low & (1 << high - low) - 1:0{high - low}b}"
        size = min(bit * 1.12, 11)
        for i, digit in enumerate(digits):
            sheet.text(x + (i + 0.5) * bit, 46, digit, "text", size, anchor="middle", mono=True)
        value = _index(touched.address, low) if low else touched.address & (1 << end) - 1
        sheet.text(
            x + w / 2,
            64,
            f"{name} {value:#x}" if not low else f"{name} {value}",
            "text",
            10.5,
            w - 4,
            anchor="middle",
            bold=True,
        )
        sheet.text(x + 2, 84, str(high - 1), "muted", 9)
        sheet.text(x + w - 2, 84, str(low), "muted", 9, anchor="end")


def _tables(sheet: Sheet, touched: Touched, levels, entry: memory.Entry):
    """A table a level, the entry of the walk in it, and an arrow from each to the next."""
    top, bottom = 112, sheet.h - 34
    places = len(levels) + 1
    pitch = (sheet.w - 24) / places
    w = min(pitch - 34, 110)
    for i, (name, low) in enumerate(levels):
        x = 12 + i * pitch
        last = i == len(levels) - 1
        sheet.text(x + w / 2, top - 9, name, "text", 12, anchor="middle", bold=True)
        sheet.rect(x, top, w, bottom - top, "frame", 4, key=f"table {name}")
        index = _index(touched.address, low)
        y = top + 14 + (bottom - top - 54) * index / 511
        role = entry.role if last and entry.role != "none" else "entry"
        sheet.rect(x + 3, y, w - 6, 28, role, 3, key=f"entry of {name}")
        ink = "reversed" if role == "poison" else "text"
        sheet.text(
            x + w / 2,
            y + 14,
            f"{index}" if not last else f"{index}: {entry.words}",
            ink,
            11,
            w - 10,
            anchor="middle",
            bold=True,
        )
        if not last or entry.role in memory.PRESENT:
            sheet.line(
                "maps" if last else "enters", (x + w, y + 14), (x + pitch - 3, y + 14 if last else top + 14), arrow=True
            )
            if not last:
                sheet.text(x + w + 3, (y + top) / 2 + 22, "", "muted", 9)
    x = 12 + (places - 1) * pitch
    _end(sheet, touched, entry, x, top, sheet.w - 12 - x, bottom, levels)
    note = f"{_size(touched.page_size)} pages: the walk ends at the {levels[-1][0]}"
    sheet.text(12, sheet.h - 14, note + "; the P4D is folded into the PGD", "muted", 11, sheet.w - 24)


def _end(sheet: Sheet, touched: Touched, entry: memory.Entry, x, top, w, bottom, levels):
    sheet.text(
        x + w / 2,
        top - 9,
        "page" if entry.role in memory.PRESENT else "no page",
        "text",
        12,
        anchor="middle",
        bold=True,
    )
    y = top + 14 + (bottom - top - 54) * _index(touched.address, levels[-1][1]) / 511
    if entry.role in memory.PRESENT:
        sheet.rect(x, y - 8, w, 44, "cached", 4, key="page")
        sheet.text(x + w / 2, y + 14, _size(touched.page_size), "text", 12, anchor="middle", bold=True)
    else:
        sheet.rect(x, y - 8, w, 44, "hole", 4, key="page")
        sheet.text(x + w / 2, y + 14, "a fault", "waits", 12, anchor="middle", bold=True)


def _size(size: int) -> str:
    return {1 << 12: "4 KiB", 1 << 21: "2 MiB", 1 << 30: "1 GiB"}[size]


def _told(touched: Touched, levels, entry: memory.Entry) -> tuple[str, Table]:
    steps = ", ".join(f"{name} entry {_index(touched.address, low)}" for name, low in levels)
    said = f"{place(touched.mapping, touched.page)} is at {touched.address:#x}: {steps}, which is {entry.words}."
    rows = [(name, f"{low + 8}–{low}", str(_index(touched.address, low))) for name, low in levels]
    low = levels[-1][1]
    rows.append(("offset", f"{low - 1}–0", hex(touched.address & (1 << low) - 1)))
    return said, Table(("level", "bits", "value"), tuple(rows))
