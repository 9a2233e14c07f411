"""The picture "flags": the flags of a VMA bit by bit, as one or several kernels write them down."""

from typing import NamedTuple

from uffdsim.kernel.versions import Version
from uffdsim.kernels import DEFAULT
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.flagbits import Bit, bits, smaps, version_of
from uffdsim.pictures.measure import wrap
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.pictures.view import source_of

SIZE = (500, 300)
LEFT, RIGHT = 108, 38
HEAD, FOOT = 92, 24
LOW, HIGH = 27, 46
"""The lowest and the highest row there may be."""
TITLE = "The flags of a VMA"
KERNELS = (DEFAULT, "linux-5.11-v5")
"""The kernels whose way to write is shown beside that of the trace's own."""


INSPECTED = ("lo", "um", "uw", "ui")
"""The flags that inspect reports."""


class Row(NamedTuple):
    """The flags of a VMA by name, and the version whose bits they are to be. ``unsure`` are names of which nobody
    can tell, as they share a bit where they were read."""

    version: Version
    names: frozenset[str]
    unsure: frozenset[str] = frozenset()

    @property
    def word(self) -> int:
        return sum({1 << bit.number for bit in bits(self.version) if bit.name in self.names})

    def at(self, number: int) -> tuple[Bit, ...]:
        """The flags that have this bit: none, one, or two."""
        return tuple(bit for bit in bits(self.version) if bit.number == number)


def draw(moment: Moment, size=SIZE, *, mapping: str = "", kernels: tuple[str, ...] = KERNELS) -> Picture:
    """The word of a VMA's flags: a column a bit that has a name somewhere, a row a kernel.

    :param mapping: whose first VMA; left out, that which a step named last.
    :param kernels: the names of more kernels that are to write down the same flags.
    """
    mapping = mapping or _last_named(moment)
    rows = _rows(moment, mapping, kernels)
    sheet = Sheet(*size, HEAD + FOOT + len(rows) * LOW)
    if not rows:
        why = "there is no VMA to look at" if moment.trace.narrated else "no VMA has been inspected"
        sheet.text(sheet.w / 2, sheet.h / 2, why, "muted", 13, anchor="middle")
        return sheet.picture("flags", TITLE, f"No flags to show: {why}.")
    _Words(sheet, rows, mapping).draw()
    return sheet.picture("flags", TITLE, *_told(rows, mapping))


def _last_named(moment: Moment) -> str:
    """The mapping that a step named last."""
    for event in reversed(moment.events[: moment.at]):
        step = moment.trace.scenario[event.step]
        name = step.given.get("vma") or (step["id"] if step.op == "mmap" else "")
        if name:
            return name
    return ""


def _rows(moment: Moment, mapping: str, kernels: tuple[str, ...]) -> list[Row]:
    """The VMA as the trace's kernel has it, as the other trace's has it, and as more kernels would write it."""
    own = _row(moment, mapping)
    if own is None:
        return []
    rows = [own]
    if moment.against is not None:
        other = _row(moment.counterpart(), mapping)
        rows += [other] if other is not None else []
    shown = [row.version for row in rows]
    shared = {bit.name for bit in bits(own.version) if len(own.at(bit.number)) > 1} & own.names
    more = [version for version in map(version_of, kernels) if version not in shown]
    return rows + [Row(version, own.names - shared, own.unsure | shared) for version in more]


def _row(moment: Moment, mapping: str) -> Row | None:
    """The flags of a mapping's first VMA; of a real kernel's we know those that inspect reports."""
    source, _ = source_of(moment)
    runs = source.entries(mapping, 0, 1) if source.is_there(mapping) else []
    flags = next((entry.flags for _, entry in runs if entry.role not in ("unmapped", "unknown")), None)
    if flags is None:
        return None
    version = version_of(moment.trace.kernel)
    numbers = {bit.number for bit in bits(version) if bit.letters in flags}
    known = (bit for bit in bits(version) if source.contents or bit.letters in INSPECTED)
    names = frozenset(bit.name for bit in known if bit.number in numbers)
    unsure = frozenset(bit.name for bit in bits(version) if not source.contents and bit.letters not in INSPECTED)
    return Row(version, names, unsure)


class _Words:
    def __init__(self, sheet: Sheet, rows: list[Row], mapping: str):
        self.sheet, self.rows, self.mapping = sheet, rows, mapping
        self.numbers = sorted({bit.number for row in rows for bit in bits(row.version)})
        self.column = (sheet.w - LEFT - RIGHT) / len(self.numbers)
        self.row = max(min((sheet.h - HEAD - FOOT * 2) / len(rows), HIGH), LOW)

    def draw(self):
        sheet = self.sheet
        sheet.text(12, 18, self.mapping, "text", 14, LEFT - 16, bold=True)
        sheet.text(12, HEAD - 10, "bit", "muted", 10)
        for i, number in enumerate(self.numbers):
            x = LEFT + (i + 0.5) * self.column
            sheet.text(x, HEAD - 10, str(number), "muted", 10, anchor="middle", mono=True)
            names = dict.fromkeys(bit.name for row in self.rows for bit in row.at(number))
            for k, name in enumerate(names):
                sheet.text(x + (k - (len(names) - 1) / 2) * 14, HEAD - 20, name, "text", 9.5, angle=-62)
        for i, row in enumerate(self.rows):
            self.word(row, HEAD + i * self.row)
        y = HEAD + len(self.rows) * self.row + 12
        for remark in _remarks(self.rows):
            for line in wrap(remark, sheet.w - 24, 11, max(int((sheet.h - y + 6) // 15), 0) or 1):
                if y < sheet.h - 4:
                    sheet.text(12, y, line, "text", 11)
                y += 15

    def word(self, row: Row, y: float):
        sheet, h = self.sheet, self.row - 6
        both = h > 25
        sheet.text(12, y + h / 2 - 7 * both, row.version.name, "text", 11, LEFT - 16, bold=True)
        if both:
            word = f"{row.word:#x}" if not row.unsure else "as far as known"
            sheet.text(12, y + h / 2 + 8, word, "muted", 10, LEFT - 16, mono=not row.unsure)
        for i, number in enumerate(self.numbers):
            here = row.at(number)
            x, w = LEFT + i * self.column + 1.5, self.column - 3
            names = " and ".join(f"VM_{bit.name}" for bit in here)
            tip = f"bit {number}: {names or 'nothing that matters here'}"
            sheet.rect(x, y, w, h, _role(row, here), 3, key=f"bit {row.version.name} {number}", tip=tip)
            bold = bool(row.word >> number & 1)
            known = {"anchor": "middle", "bold": bold, "mono": True}
            lines = [bit.letters + "?" * (bit.name in row.unsure) for bit in here]
            if len(lines) * 13 > h:
                lines = [" ".join(lines)]
            for k, line in enumerate(lines):
                middle = y + h / 2 + (k - (len(lines) - 1) / 2) * 13
                sheet.text(x + w / 2, middle, line, "text" if bold else "faint", 11, **known)


def _role(row: Row, here: tuple[Bit, ...]) -> str:
    if len(here) > 1:
        return "two flags in one bit"
    if not here:
        return "no bit"
    if here[0].name in row.unsure:
        return "unknown"
    return "bit set" if row.word >> here[0].number & 1 else "bit clear"


def _remarks(rows: list[Row]) -> list[str]:
    """What is to be seen, in words: bits with two meanings first."""
    said = []
    for row in rows:
        for number in sorted({bit.number for bit in bits(row.version)}):
            here = row.at(number)
            if len(here) > 1:
                both = " and ".join(f"VM_{bit.name}" for bit in here)
                state = ", and it is set: which of them is meant?" if row.word >> number & 1 else ""
                said.append(f"{row.version.name}: bit {number} is {both}{state}")
    own = rows[0]
    return [*said, f"{own.version.name}: smaps shows {' '.join(smaps(own.version, own.word)) or 'none of these'}"]


def _told(rows: list[Row], mapping: str) -> tuple[str, Table]:
    numbers = sorted({bit.number for row in rows for bit in bits(row.version)})
    lines = []
    for number in numbers:
        cells = [" and ".join(bit.name for bit in row.at(number)) + f" {row.word >> number & 1}" for row in rows]
        lines.append((str(number), *(cell if row.at(number) else "" for cell, row in zip(cells, rows, strict=True))))
    said = f"Flags of {mapping}. {'. '.join(_remarks(rows))}."
    return said, Table(("bit", *(row.version.name for row in rows)), tuple(lines))
