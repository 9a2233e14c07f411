"""Tables of marks: for whoever reads them in a terminal, and for gradebooks.

``Marks`` counts; ``text`` and ``csv_of`` write. For a gradebook a column is a lesson, a piece of work, or all there is.
"""

import csv
import io
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from uffdsim.course.marks.lessons import OTHER, Key, asked, place, titles
from uffdsim.course.marks.sheet import FALSE, MEANS, RIGHT, UNKNOWN, Sheet
from uffdsim.course.progress import KINDS
from uffdsim.course.render import table_text

ALL = "in all"
ENDS = (MEANS[FALSE], MEANS[UNKNOWN], "right at first (not checked)")
BESIDES = "besides"
BELOW = {
    True: "Right when checked again, of all that the lessons ask; besides: what is right and was not asked there.",
    False: "Right when checked again, of all that the key says.",
}


class Column(NamedTuple):
    """A column of a gradebook: its heading, and the pieces of work that count in it, a point each."""

    heading: str
    work: tuple[Key, ...]

    def points(self, sheet: Sheet) -> int:
        """What somebody has of it."""
        return sum(one in sheet.marks and sheet.marks[one].state == RIGHT for one in self.work)


class Marks:
    """Everybody's marks.

    :param key: what counts; what the lessons ask, if left out.
    """

    def __init__(self, sheets: Iterable[Sheet], key: Collection[Key] | None = None):
        self.sheets = sorted(sheets, key=lambda sheet: sheet.student)
        self.all = key is None
        """Whether nobody has said what counts."""
        self.counts: list[Key] = sorted(asked() if key is None else key, key=_order)
        """What counts, in the order in which it is asked."""

    def lessons(self) -> list[Column]:
        """A column for each lesson of which something counts."""
        found: dict[str, list[Key]] = {}
        for one in self.counts:
            found.setdefault(place(one).lesson, []).append(one)
        return [Column(f"{lesson} {titles().get(lesson, '')}".strip(), tuple(work)) for lesson, work in found.items()]

    def each(self) -> list[Column]:
        """A column for each piece of work."""
        return [Column(place(one).label, (one,)) for one in self.counts]

    def total(self) -> list[Column]:
        """One column: all of it."""
        return [Column(ALL, tuple(self.counts))]

    def besides(self, sheet: Sheet) -> int:
        """How much is right that does not count."""
        return sum(mark.state == RIGHT for one, mark in sheet.marks.items() if one not in self.counts)


def text(marks: Marks, each: bool = False) -> str:
    """A table for a terminal: a row for each person, a column for each lesson; or a row for ``each`` piece of work."""
    notes = [plain(note) for sheet in marks.sheets for note in sheet.notes]
    return "\n".join([*(_each(marks) if each else _sums(marks)), *notes]) + "\n"


def _sums(marks: Marks) -> list[str]:
    columns = [*marks.lessons(), *marks.total()]
    header = ("student", *(ALL if one.heading == ALL else one.heading.split()[0] for one in columns))
    header += (BESIDES,) * marks.all + ENDS
    rows = []
    for sheet in marks.sheets:
        ends = [sheet.count(FALSE), sheet.count(UNKNOWN), sheet.first]
        ends = [marks.besides(sheet), *ends] if marks.all else ends
        cells = (f"{column.points(sheet)}/{len(column.work)}" for column in columns)
        rows.append([sheet.student, *cells, *(str(number or "") for number in ends)])
    return [_table(header, rows), "", BELOW[marks.all]]


def _each(marks: Marks) -> list[str]:
    """A row for each piece of work, and a sum below each lesson."""
    rows = []
    for lesson in marks.lessons():
        for one in lesson.work:
            states = (sheet.marks[one].state if one in sheet.marks else "" for sheet in marks.sheets)
            rows.append([place(one).label, *states, place(one).about])
        rows.append(_sum(lesson, marks.sheets))
    rows += [_sum(column, marks.sheets) for column in marks.total()]
    header = ("", *(sheet.student for sheet in marks.sheets), "")
    return [_table(header, rows), "", "; ".join(f"{state} {means}" for state, means in MEANS.items())]


def _sum(column: Column, sheets: Iterable[Sheet]) -> list[str]:
    return [f"{column.heading}:", *(f"{column.points(sheet)}/{len(column.work)}" for sheet in sheets), ""]


def _table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    return table_text(list(map(plain, header)), [list(map(plain, row)) for row in rows])


# Gradebooks

Row = list[str | int]


def canvas(columns: list[Column], sheets: Iterable[Sheet]) -> list[Row]:
    """As Canvas takes and gives it: who somebody is in five columns, a row of points, then a row for each person.

    Canvas finds assignments by their heading, so no two are alike; and people by their login.
    """
    who: Row = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    points: Row = ["    Points Possible", "", "", "", "", *(len(column.work) for column in columns)]
    rows: list[Row] = [
        [one.student, "", "", one.student, "", *(column.points(one) for column in columns)] for one in sheets
    ]
    return [[*who, *(f"uffdsim {column.heading}" for column in columns)], points, *rows]


def moodle(columns: list[Column], sheets: Iterable[Sheet]) -> list[Row]:
    """As Moodle takes it: a column that says who somebody is, and a row for each person, as it refuses all if one row
    is of nobody. What there is to have stands in the heading."""
    headings = [f"uffdsim {column.heading} (of {len(column.work)})" for column in columns]
    rows: list[Row] = [[one.student, *(column.points(one) for column in columns)] for one in sheets]
    return [["student", *headings], *rows]


GRADEBOOKS: dict[str, Callable[[list[Column], Iterable[Sheet]], list[Row]]] = {"canvas": canvas, "moodle": moodle}


def csv_of(gradebook: str, columns: list[Column], sheets: Iterable[Sheet]) -> str:
    """CSV for one of GRADEBOOKS: a point for what is right when it is checked anew, and none for all else."""
    out = io.StringIO()
    rows = GRADEBOOKS[gradebook](columns, sheets)
    csv.writer(out, lineterminator="\n").writerows([plain(str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def plain(text: str) -> str:
    """A text on one line that does nothing to a terminal, whoever wrote it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _order(key: Key) -> tuple:
    """Lesson by lesson as it is asked; then problems and what no lesson asks, kind by kind."""
    lesson = place(key).lesson
    places = {one: number for number, one in enumerate(asked())}
    return (lesson == OTHER, lesson, places.get(key, len(places)), KINDS.index(key[0]), key[1])
