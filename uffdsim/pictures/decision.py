"""The picture "decision": the questions of the fault path as a map, with the way that one fault took lit up."""

from typing import NamedTuple

from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.faults import Fault, last_fault
from uffdsim.pictures.measure import wrap
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table

SIZE = (500, 300)
LEAST = 190
TOP = 26
BOX = (140, 28)
COLUMNS, ROWS = 4, 6
KINDS = {"anon": "anonymous memory", "shmem": "shared memory"}


class Node(NamedTuple):
    """A question, or (``look`` is the role of its box) what a fault comes to. Its middle is in columns and rows."""

    words: str
    x: float
    y: float
    look: str = "question"
    wide: float = 1


class Way(NamedTuple):
    """From a question to what follows one of ``answers``, along points; its words begin at ``label``."""

    start: str
    end: str
    answers: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float] = (0, 0)
    words: str = ""


NODES = {
    "vma?": Node("is there a VMA?", 0, 0),
    "allowed?": Node("access allowed?", 1, 0),
    "entry?": Node("which entry?", 2, 0),
    "cache?": Node("in the cache?", 1, 2),
    "minor?": Node("is it MINOR?", 0, 3),
    "missing?": Node("is it MISSING?", 2, 3),
    "wp?": Node("uffd-wp?", 3, 2),
    "gate?": Node("may it be asked?", 1.5, 5),
    "SIGSEGV": Node("SIGSEGV", 0.5, 1, "signal", 0.66),
    "touched": Node("touch it", 3, 0, "present"),
    "poisoned": Node("SIGBUS", 3, 1, "signal", 0.66),
    "beyond": Node("SIGBUS", 1, 3.2, "signal", 0.66),
    "mapped": Node("map that page", 0, 4, "present"),
    "filled": Node("make a page", 2, 4, "present"),
    "writable": Node("writable, or a copy", 3, 3.2, "present"),
    "SIGBUS": Node("SIGBUS", 0, 5, "signal", 0.66),
    "asleep": Node("message, sleep", 3, 5, "asleep"),
}

WAYS = (
    Way("vma?", "SIGSEGV", ("none",), ((0, 0), (0, 1), (0.5, 1)), (0.05, 0.64), "no"),
    Way("vma?", "allowed?", ("there",), ((0, 0), (1, 0))),
    Way("allowed?", "SIGSEGV", ("no",), ((1, 0), (1, 1), (0.5, 1)), (1.05, 0.64), "no"),
    Way("allowed?", "entry?", ("yes",), ((1, 0), (2, 0))),
    Way("entry?", "touched", ("present",), ((2, 0), (3, 0))),
    Way("entry?", "poisoned", ("poison",), ((2, 0), (2, 1), (3, 1)), (2.06, 0.8), "poison"),
    Way("entry?", "wp?", ("read-only",), ((2, 0), (2, 2), (3, 2)), (2.06, 1.8), "read-only"),
    Way("entry?", "cache?", ("none", "marker"), ((2, 0), (2, 2), (1, 2)), (1.5, 1.8), "no page"),
    Way("cache?", "minor?", ("hit",), ((1, 2), (1, 2.5), (0, 2.5), (0, 3)), (0.3, 2.3), "hit"),
    Way("cache?", "missing?", ("miss",), ((1, 2), (1, 2.5), (2, 2.5), (2, 3)), (1.5, 2.3), "miss"),
    Way("cache?", "beyond", ("beyond",), ((1, 2), (1, 3.2)), (1.05, 2.74), "beyond"),
    Way("minor?", "mapped", ("none",), ((0, 3), (0, 4)), (0.05, 3.52), "no"),
    Way("minor?", "gate?", ("MINOR",), ((0, 3), (0.5, 3), (0.5, 4.5), (1.5, 4.5), (1.5, 5)), (0.54, 4.3), "yes"),
    Way("missing?", "filled", ("none",), ((2, 3), (2, 4)), (2.05, 3.52), "no"),
    Way("missing?", "gate?", ("MISSING",), ((2, 3), (1.5, 3), (1.5, 5)), (1.27, 3.8), "yes"),
    Way("wp?", "writable", ("no", "async"), ((3, 2), (3, 3.2)), (3.05, 2.6), "no, async"),
    Way(
        "wp?", "gate?", ("uffd-wp",), ((2.6, 2.2), (2.51, 2.2), (2.51, 4.5), (1.5, 4.5), (1.5, 5)), (2.55, 2.62), "yes"
    ),
    Way("gate?", "SIGBUS", ("SIGBUS", "user mode only", "may not wait"), ((1.5, 5), (0, 5)), (0.72, 4.82), "no"),
    Way("gate?", "asleep", ("asked",), ((1.5, 5), (3, 5)), (2.2, 4.82), "yes"),
)
STRAIGHT = Way("entry?", "missing?", ("none", "marker"), ((2, 0), (2, 3)), (2.06, 2.42), "no page")
NOT_ANONYMOUS = {"cache?", "minor?", "mapped", "beyond"}
"""What memory without a file has no need to ask."""


def draw(moment: Moment, size=SIZE) -> Picture:
    """The map for the kind of memory that faulted last, with that fault's way on it: as far as it has come, and in
    grey how it will go on."""
    fault = last_fault(moment)
    anonymous = fault is not None and fault.backing == "anon"
    ways = (*WAYS, STRAIGHT) if anonymous else WAYS
    ways = [way for way in ways if not anonymous or not {way.start, way.end} & NOT_ANONYMOUS]
    drawing = _Map(Sheet(*size, LEAST), fault, moment)
    drawing.title()
    for lit in (False, True):
        for way in ways:
            if drawing.taken(way) is lit:
                drawing.way(way)
    for name, node in NODES.items():
        if not anonymous or name not in NOT_ANONYMOUS:
            drawing.node(name, node, [way for way in ways if way.end == name])
    answers = [] if fault is None else [(q, a, str(n)) for q, (a, n) in fault.answers.items() if n <= moment.at]
    if fault is None:
        said = "No fault has happened yet."
    else:
        said = f"{fault.text}: " + ", ".join(f"{q} {a}" for q, a, _ in answers) + "."
    table = Table(("question", "answer", "event"), tuple(answers))
    return drawing.sheet.picture("decision", "Which way a fault goes", said, table)


class _Map:
    def __init__(self, sheet: Sheet, fault: Fault | None, moment: Moment):
        self.sheet, self.fault, self.moment = sheet, fault, moment
        self.column = (sheet.w - 16) / COLUMNS
        self.row = (sheet.h - TOP - 4) / ROWS
        self.w = min(BOX[0], self.column - 14)
        self.h = min(BOX[1], self.row * 0.6)

    def place(self, x: float, y: float) -> tuple[float, float]:
        return 8 + (x + 0.5) * self.column, TOP + (y + 0.5) * self.row

    def title(self):
        if self.fault is None:
            why = "no fault yet" if self.moment.trace.narrated else "a real kernel does not tell which way it went"
            self.sheet.text(12, 16, f"{why}: these are the ways there are", "muted", 12, self.sheet.w - 24)
            return
        self.sheet.text(12, 16, self.fault.text, "text", 12, self.sheet.w - 150, bold=True)
        self.sheet.text(self.sheet.w - 12, 16, KINDS.get(self.fault.backing, "huge pages"), "muted", 11, anchor="end")

    def number(self, question: str) -> int | None:
        """The event at which this fault was asked; None if it never was, or that is not to be seen yet."""
        answer = self.fault.answers.get(question) if self.fault else None
        if answer is None or self.moment.hide_after and answer[1] > self.moment.at:
            return None
        return answer[1]

    def taken(self, way: Way) -> bool:
        return self.number(way.start) is not None and self.fault.answers[way.start][0] in way.answers

    def way(self, way: Way):
        role = "way"
        if self.taken(way):
            role = "way taken" if self.number(way.start) <= self.moment.at else "way later"
        points = [self.place(*point) for point in way.points]
        points[-1] = self.edge(points[-2], points[-1], self.w * NODES[way.end].wide)
        self.sheet.line(role, *points, arrow=True, key=f"way {way.start} {way.end}")
        x, y = self.place(*way.label)
        ink = "text" if role == "way taken" else "muted"
        self.sheet.text(x, y, way.words, ink, 10, bold=role == "way taken")

    def edge(self, before, end, w: float):
        """Where a line from one point to a box's middle meets the box."""
        (x, y), (to_x, to_y) = before, end
        if abs(to_x - x) > abs(to_y - y):
            return to_x - (w / 2 + 1) * (1 if to_x > x else -1), to_y
        return to_x, to_y - (self.h / 2 + 1) * (1 if to_y > y else -1)

    def node(self, name: str, node: Node, ways: list[Way]):
        x, y = self.place(node.x, node.y)
        w, h = self.w * node.wide, self.h
        number = self.number(name)
        if number is None:
            number = min((self.number(way.start) for way in ways if self.taken(way)), default=None)
        lit = number is not None and number <= self.moment.at
        asks = node.look == "question"
        role = ("question asked" if asks else node.look) if lit else ("question" if asks else "outcome")
        if asks and number == self.moment.at:
            role = "current"
        self.sheet.rect(x - w / 2, y - h / 2, w, h, role, h / 2 if asks else 3, event=number, key=f"node {name}")
        ink = "reversed" if role == "signal" else "text" if lit else "muted"
        lines = wrap(node.words, w - 10, 11, 2, lit)
        for i, line in enumerate(lines):
            middle = y + (i - (len(lines) - 1) / 2) * 12
            self.sheet.text(x, middle, line, ink, 11, w - 6, anchor="middle", bold=lit)
