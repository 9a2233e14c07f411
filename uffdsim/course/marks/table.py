"""Tables of marks: a row for each person. As text, for a terminal; as CSV, for a gradebook."""

import csv
import io
from collections.abc import Collection, Iterable

from uffdsim.course.marks.sheet import FALSE, MEANS, RIGHT, UNKNOWN, Key, Sheet
from uffdsim.course.progress import KINDS
from uffdsim.course.render import table_text

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
"""What the columns of a gradebook begin with, for Canvas; Moodle lets a teacher say which one tells who somebody is."""
ENDS = (MEANS[FALSE], MEANS[UNKNOWN], "right at first (not checked)")


class Table:
    """Marks, summed for each kind of work; or with a column for ``each`` piece of it.

    :param key: what counts; for each person what they have tried, if left out.
    """

    def __init__(self, sheets: Iterable[Sheet], each: bool = False, key: Collection[Key] | None = None):
        self.sheets = sorted(sheets, key=lambda sheet: sheet.student)
        self.each, self.key = each, key
        found = {one for sheet in self.sheets for one in sheet.marks} if key is None else key
        self.columns: list[Key] = sorted(found, key=lambda one: (KINDS.index(one[0]), one[1]))
        """All there is to be marked."""
        self.kinds = [kind for kind in KINDS if any(k == kind for k, _ in self.columns)]

    def __str__(self) -> str:
        rows = [[sheet.student, *self._cells(sheet), *_ends(sheet)] for sheet in self.sheets]
        table = table_text(*_plain(("student", *self._header, *ENDS), rows))
        below = "; ".join(f"{state} {means}" for state, means in MEANS.items()) if self.each else SUMS
        notes = [plain(note) for sheet in self.sheets for note in sheet.notes]
        return "\n".join([table, "", below, *notes]) + "\n"

    def csv(self) -> str:
        """The same for a gradebook: 1 for what is right when checked again, else 0; or the sums of that."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*CANVAS, *(plain(f"uffdsim {name}") for name in self._header)])
        for sheet in self.sheets:
            writer.writerow([sheet.student, "", "", sheet.student, "", *self._points(sheet)])
        return out.getvalue()

    @property
    def _header(self) -> list[str]:
        return [f"{kind} {name}" for kind, name in self.columns] if self.each else [f"{kind}s" for kind in self.kinds]

    def _cells(self, sheet: Sheet) -> list[str]:
        if self.each:
            return [sheet.marks[one].state if one in sheet.marks else "" for one in self.columns]
        return [f"{sheet.count(RIGHT, kind)}/{self._most(sheet, kind)}" for kind in self.kinds]

    def _most(self, sheet: Sheet, kind: str) -> int:
        return sum(k == kind for k, _ in (sheet.marks if self.key is None else self.key))

    def _points(self, sheet: Sheet) -> list[int]:
        if self.each:
            return [int(one in sheet.marks and sheet.marks[one].state == RIGHT) for one in self.columns]
        return [sheet.count(RIGHT, kind) for kind in self.kinds]


SUMS = "Right when checked again, of all that was tried; or of all that counts, where a key says what does."


def _ends(sheet: Sheet) -> list[str]:
    return [str(number or "") for number in (sheet.count(FALSE), sheet.count(UNKNOWN))] + [str(sheet.first)]


def _plain(header: Iterable[str], rows: Iterable[Iterable[str]]) -> tuple[list[str], list[list[str]]]:
    return list(map(plain, header)), [list(map(plain, row)) for row in rows]


def plain(text: str) -> str:
    """A text on one line that does nothing to a terminal, whoever wrote it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
