"""Draws the map of questions, and the way of one fault on it."""

from uffdsim.pictures.decision.faults import Fault, last_fault
from uffdsim.pictures.decision.ways import COLUMNS, ROWS, Node, Way, plan
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Picture, Point, Table
from uffdsim.pictures.shapes.measure import width, wrap
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet

SIZE = (500, 300)
LEAST = 204
TOP = 26
LEADING = 12
"""How far apart the lines of a box are."""
BESIDE = 7
"""How far the words of a way are from its line, which may end beside them with a head."""
KINDS = {"anon": "anonymous memory", "shmem": "shared memory"}


def draw(moment: Moment, size: tuple[float, float] = SIZE) -> Picture:
    """The map for the kind of memory that faulted last, with that fault's way on it: as far as it has come, and in
    grey how it will go on."""
    fault = last_fault(moment)
    nodes, ways = plan(fault is not None and fault.backing == "anon", _out_of_reach(moment, fault))
    drawing = _Map(Sheet(*size, LEAST), fault, moment, nodes)
    drawing.title()
    for way in sorted(ways, key=drawing.taken):
        drawing.way(way)
    for way in ways:
        drawing.label(way)
    for name, node in nodes.items():
        drawing.node(name, node, [way for way in ways if way.end == name])
    return drawing.sheet.picture("decision", "Which way a fault goes", *_told(moment, fault))


def _out_of_reach(moment: Moment, fault: Fault | None) -> bool:
    """Whether a fault found a page that RWPROTECT had put out of reach, as far as that may be seen."""
    answer, number = fault.answers.get("entry?", ("", 0)) if fault else ("", 0)
    return answer == "out of reach" and number <= moment.shown


def _told(moment: Moment, fault: Fault | None) -> tuple[str, Table]:
    """The questions that were answered so far, in a sentence and in a table."""
    header = ("question", "answer", "event")
    if fault is None:
        return "No fault has happened yet.", Table(header, ())
    answers = [(question, answer, str(n)) for question, (answer, n) in fault.answers.items() if n <= moment.at]
    said = ", ".join(f"{question} {answer}" for question, answer, _ in answers)
    return f"{fault.text}: {said}.", Table(header, tuple(answers))


class _Map:
    """Draws the boxes and ways, those of the fault lit up as far as it has come."""

    def __init__(self, sheet: Sheet, fault: Fault | None, moment: Moment, nodes: dict[str, Node]) -> None:
        self.sheet, self.fault, self.moment, self.nodes = sheet, fault, moment, nodes
        known = fault.answers if fault else {}
        self.answers = {question: found for question, found in known.items() if found[1] <= moment.shown}
        self.column = (sheet.w - 16) / COLUMNS
        self.row = (sheet.h - TOP - 4) / ROWS

    def place(self, x: float, y: float) -> tuple[float, float]:
        return 8 + (x + 0.5) * self.column, TOP + (y + 0.5) * self.row

    def title(self) -> None:
        if self.fault is None:
            why = "no fault yet" if self.moment.trace.narrated else "a real kernel does not show which way it went"
            self.sheet.text(12, 16, f"{why}: these are the ways there are", "muted", 12, self.sheet.w - 24)
            return
        self.sheet.text(12, 16, self.fault.text, "text", 12, self.sheet.w - 150, bold=True)
        kind = KINDS.get(self.fault.backing, "huge pages")
        self.sheet.text(self.sheet.w - 12, 16, kind, "muted", SMALLEST, anchor="end")

    def number(self, question: str) -> int | None:
        """The event at which this fault was asked; None if it never was, or that is not to be seen yet."""
        return self.answers[question][1] if question in self.answers else None

    def taken(self, way: Way) -> bool:
        return way.start in self.answers and self.answers[way.start][0] in way.answers

    def role(self, way: Way) -> str:
        if not self.taken(way):
            return "way"
        return "way taken" if self.answers[way.start][1] <= self.moment.at else "way later"

    def box(self, node: Node) -> tuple[tuple[str, ...], float, float]:
        """The lines of a node's words, and how wide and high its box is; all the same whether it is lit or not."""
        around = 18 if node.look == "question" else 12
        lines = wrap(node.words, self.column * node.wide - 10 - around, SMALLEST, 2, True)
        return lines, max(width(line, SMALLEST, True) for line in lines) + around, LEADING * len(lines) + 6

    def way(self, way: Way) -> None:
        """An arrow."""
        points = [self.place(*point) for point in way.points]
        points[0] = self.edge(points[1], points[0], self.nodes[way.start])
        points[-1] = self.edge(points[-2], points[-1], self.nodes[way.end])
        self.sheet.line(self.role(way), *points, arrow=True, key=f"way {way.start} {way.end}")

    def label(self, way: Way) -> None:
        """Which answer an arrow goes with."""
        (x, y), lit = self.place(*way.label), self.role(way) == "way taken"
        ink, key = "text" if lit else "muted", f"answer {way.start} {way.end}"
        x += BESIDE if way.anchor == "start" else -BESIDE
        self.sheet.text(x, y, way.words, ink, SMALLEST, anchor=way.anchor, bold=lit, key=key)

    def edge(self, before: Point, end: Point, node: Node) -> Point:
        """Where a line from one point to a box's middle meets the box."""
        (x, y), (to_x, to_y) = before, end
        _, w, h = self.box(node)
        if abs(to_x - x) > abs(to_y - y):
            return to_x - (w / 2 + 1) * (1 if to_x > x else -1), to_y
        return to_x, to_y - (h / 2 + 1) * (1 if to_y > y else -1)

    def node(self, name: str, node: Node, ways: list[Way]) -> None:
        """A box; ``ways`` are those that lead to it."""
        x, y = self.place(node.x, node.y)
        lines, w, h = self.box(node)
        number = self.number(name)
        if number is None:
            number = min((self.answers[way.start][1] for way in ways if self.taken(way)), default=None)
        lit = number is not None and number <= self.moment.at
        asks = node.look == "question"
        role = ("question asked" if asks else node.look) if lit else ("question" if asks else "outcome")
        if asks and number == self.moment.at:
            role = "current"
        key = f"node {name}"
        self.sheet.rect(x - w / 2, y - h / 2, w, h, role, h / 2 if asks else 3, event=number, key=key)
        ink = "reversed" if role == "signal" else "text" if lit else "muted"
        for i, line in enumerate(lines):
            middle = y + (i - (len(lines) - 1) / 2) * LEADING
            self.sheet.text(x, middle, line, ink, SMALLEST, anchor="middle", bold=lit, key=key)
