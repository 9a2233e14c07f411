"""The picture "sequence": who did what when, in lanes: threads above, the kernel, and the handlers below."""

from typing import NamedTuple

from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.measure import width
from uffdsim.pictures.picture import Picture, Table
from uffdsim.pictures.story import answer, short, story
from uffdsim.trace import Event, Kind, Trace

SIZE = (760, 250)
LEFT = 82
SLOT = 24
RIGHT = 12
CALLOUT = 26
LABEL = 10
LABEL_ROWS = 4


class Window(NamedTuple):
    """The events that are on the sheet: those with numbers from ``first`` to ``last``, both included."""

    first: int
    last: int


def sequence(trace: Trace, at: int, size=SIZE, against: Trace | None = None, hide_after: bool = False) -> Picture:
    """The events around the cursor, a column each; sleep is a hatched bar, and arrows say who tells and wakes whom.

    The sheet turns like the page of a book when the cursor leaves it, and stands still meanwhile.
    :param hide_after: show nothing of what comes after the cursor; else it is shown in grey.
    """
    sheet = Sheet(*size)
    window = window_at(story(trace), at, int((size[0] - LEFT - RIGHT) // SLOT))
    drawing = _Sequence(sheet, trace, at, window, hide_after, _unlike(trace, against))
    drawing.draw()
    now = story(trace)[at - 1] if at else None
    asleep = [
        thread
        for thread, naps in naps_of(story(trace)).items()
        if any(a <= at and (b is None or b > at) for a, b in naps)
    ]
    said = f"Event {at} of {len(story(trace))}: {told(now)}." if now else "Nothing has happened yet."
    if asleep:
        said += f" Asleep: {', '.join(asleep)}."
    return Picture(
        "sequence", *size, "Who did what when", tuple(sheet.shapes), said, _table(trace, window, at, hide_after)
    )


def window_at(events: list[Event], at: int, most: int) -> Window:
    """The page of the book that a cursor is on: it begins with a step if it can, and has at most so many events."""
    first = 0
    while True:
        last = min(first + most, len(events))
        if last < len(events):
            ends = [n for n in range(first + most // 2, last + 1) if events[n].step != events[n - 1].step]
            last = ends[-1] if ends else last
        if at <= last or last == len(events):
            return Window(first + 1, last)
        first = last


def naps_of(events: list[Event]) -> dict[str, list[tuple[int, int | None]]]:
    """For each thread that ever sleeps: the numbers of the events at which it fell asleep and was woken, or None."""
    naps: dict[str, list[tuple[int, int | None]]] = {}
    for number, event in enumerate(events, 1):
        if event.kind == Kind.SLEEP:
            naps.setdefault(event.thread, []).append((number, None))
        elif event.kind == Kind.WAKE and naps.get(event.target):
            begin, end = naps[event.target][-1]
            naps[event.target][-1] = begin, end or number
    return naps


def told(event: Event) -> str:
    """An event as a phrase: who, where, and what."""
    where = f" in {event.function}" if event.function else ""
    return f"{event.thread}{where}: {event.text}" if event.thread else event.text


def _unlike(trace: Trace, other: Trace | None) -> set[int]:
    """The numbers of the events that have no like in the same step of another trace."""
    if other is None:
        return set()
    there = {(e.step, e.thread, e.kind, e.function, e.text) for e in story(other)}
    found = enumerate(story(trace), 1)
    return {n for n, e in found if (e.step, e.thread, e.kind, e.function, e.text) not in there}


def _table(trace: Trace, window: Window, at: int, hide_after: bool) -> Table:
    last = min(window.last, at) if hide_after else window.last
    events = enumerate(story(trace)[window.first - 1 : last], window.first)
    rows = tuple((str(n), e.thread, e.function or "user mode", e.text, "" if n <= at else "later") for n, e in events)
    return Table(("event", "thread", "where", "what", ""), rows)


class _Sequence:
    def __init__(self, sheet: Sheet, trace: Trace, at: int, window: Window, hide_after: bool, unlike: set[int]):
        self.sheet, self.trace, self.at, self.window = sheet, trace, at, window
        self.events = story(trace)
        self.shown = min(window.last, at) if hide_after else window.last
        self.hide_after, self.unlike = hide_after, unlike
        self.lay_lanes()

    def lay_lanes(self):
        """Give every thread a lane: those that answer faults below the kernel, all others above it."""
        threads = dict.fromkeys(step.thread for step in self.trace.scenario)
        handlers = [
            t for t in threads if all("fd" in s or s.op == "userfaultfd" for s in self.trace.scenario if s.thread == t)
        ]
        users = [t for t in threads if t not in handlers]
        height = self.sheet.h - CALLOUT - 6
        labels = LABEL_ROWS * (LABEL + 3)
        unit = min((height - labels) / (len(users) + len(handlers) + 1.1), 44)
        self.r = min(max(unit * 0.27, 5.5), 10)
        y = 4 + unit * 0.62
        self.lanes: dict[str, float] = {}
        for thread in users:
            self.lanes[thread] = y
            y += unit
        self.kernel = y
        self.labels_y = y + self.r + 4
        y += labels + unit * 0.72
        for thread in handlers:
            self.lanes[thread] = y
            y += unit
        self.unit, self.users = unit, users

    def x(self, number: int) -> float:
        return LEFT + (number - self.window.first + 0.5) * SLOT

    def y(self, event: Event) -> float:
        return self.kernel if event.function or not event.thread else self.lanes[event.thread]

    def draw(self):
        sheet, end = self.sheet, self.sheet.w - RIGHT
        for name, y in [*self.lanes.items(), ("kernel", self.kernel)]:
            sheet.text(12, y, name, "text", min(12, self.unit * 0.5), LEFT - 18, bold=True)
            sheet.line("rule", (LEFT, y), (end, y))
        self.draw_naps()
        for number in range(self.window.first, self.shown + 1):
            self.draw_arrows(number)
        for number in range(self.window.first, self.shown + 1):
            self.draw_dot(number)
        self.draw_labels()
        if self.at >= self.window.first:
            x = self.x(self.at) + SLOT / 2
            sheet.line("cursor", (x, 4), (x, sheet.h - CALLOUT))
            if self.hide_after and self.at < self.window.last and x + 30 < end:
                sheet.rect(x + 6, 6, end - x - 6, sheet.h - CALLOUT - 12, "hidden", 8)
                sheet.text((x + 6 + end) / 2, (sheet.h - CALLOUT) / 2, "?", "muted", 30, anchor="middle", bold=True)
        self.draw_callout()

    def draw_naps(self):
        for thread, naps in naps_of(self.events).items():
            for begin, end in naps:
                until = self.shown if end is None else min(end, self.shown)
                if begin > self.shown or until < self.window.first:
                    continue
                left = self.x(begin) if begin >= self.window.first else LEFT
                right = self.x(until) if end is not None and end <= self.shown else self.x(until) + SLOT / 2
                y, h = self.lanes[thread], self.r * 1.3
                self.sheet.rect(
                    left,
                    y - h / 2,
                    max(right - left, 2),
                    h,
                    "asleep",
                    2,
                    event=begin,
                    key=f"nap {thread} {begin}",
                    tip=f"{thread} sleeps from event {begin}" + (f" to {end}" if end else ""),
                )

    def draw_arrows(self, number: int):
        """From the user's lane into the kernel and back; to the one who is woken, and to the one who is told."""
        event, x, y = self.events[number - 1], self.x(number), self.y(self.events[number - 1])
        before = self.events[number - 2] if number > self.window.first else None
        if before is not None and before.thread == event.thread and self.y(before) != y:
            self.arrow("enters", self.x(number - 1), self.y(before), x, y)
        if event.kind == Kind.SLEEP and event.function:
            self.arrow("enters", x, y, x, self.lanes[event.thread], self.r * 0.7)
        elif event.kind == Kind.WAKE:
            self.arrow("wakes", x, y, x, self.lanes[event.target], self.r * 0.7)
        elif event.kind == Kind.MESSAGE:
            self.arrow("tells", x, y, x, self.lanes[event.thread], 0)

    def arrow(self, role: str, x: float, y: float, to_x: float, to_y: float, short: float | None = None):
        """An arrow from one dot's edge to another's."""
        length = ((to_x - x) ** 2 + (to_y - y) ** 2) ** 0.5
        short = self.r + 1 if short is None else short
        if length <= self.r + short:
            return
        dx, dy = (to_x - x) / length, (to_y - y) / length
        start = (x + dx * (self.r + 1), y + dy * (self.r + 1))
        self.sheet.line(role, start, (to_x - dx * short, to_y - dy * short), arrow=True)

    def draw_dot(self, number: int):
        event, r = self.events[number - 1], self.r
        x, y = self.x(number), self.y(event)
        role = "deed" if event.changes else "event"
        if event.kind == Kind.OOPS:
            role = "oops"
        if number > self.at:
            role = "later"
        elif number == self.at:
            role = "current"
        known = {"key": f"event {number}", "event": number, "tip": f"{number}. {told(event)}"}
        self.sheet.rect(x - r, y - r, 2 * r, 2 * r, role, 3 if event.question else r, **known)
        if number in self.unlike and number <= self.at:
            self.sheet.rect(x - r - 2.5, y - r - 2.5, 2 * r + 5, 2 * r + 5, "differs", r + 2)
        ink = "faint" if number > self.at else "reversed" if role == "oops" else "text"
        self.sheet.text(
            x, y, str(number), ink, min(9.5, r * 0.98), anchor="middle", bold=number == self.at, event=number
        )

    def draw_labels(self):
        """Say what the dots are, as far as there is room: what matters most first, and the same at every cursor."""
        taken: list[tuple[float, float, float, float]] = []
        numbers = range(self.window.first, self.window.last + 1)
        for number in sorted(numbers, key=lambda n: (_weight(self.events[n - 1]), n)):
            event = self.events[number - 1]
            text = self.label(event, number)
            place = self.find_place(event, self.x(number), text, taken) if text else None
            if place and number <= self.shown:
                left, y, w = place
                ink = (
                    "faint"
                    if number > self.at
                    else {Kind.SLEEP: "waits", Kind.WAKE: "woken", Kind.MESSAGE: "told"}.get(event.kind, "text")
                )
                if self.y(event) == self.kernel and y > self.labels_y + LABEL:
                    self.sheet.line(
                        "rule", (self.x(number), self.kernel + self.r + 1), (self.x(number), y - LABEL / 2 - 1)
                    )
                self.sheet.text(left + w / 2, y, text, ink, LABEL, anchor="middle", event=number)

    def label(self, event: Event, number: int) -> str:
        if event.kind == Kind.TOUCH:
            return short(self.trace.scenario[event.step])
        if event.kind == Kind.ANSWER:
            return answer(self.trace, event)
        if event.kind == Kind.SLEEP:
            return "sleeps"
        if event.kind == Kind.WAKE:
            return f"wakes {event.target}"
        if event.kind == Kind.MESSAGE:
            return "message"
        if event.question:
            return f"{event.question} {event.answer}"
        again = number > 1 and self.events[number - 2].function == event.function
        return "" if again or event.kind != Kind.CALL else event.function

    def find_place(self, event: Event, x: float, text: str, taken: list):
        w = width(text, LABEL) + 2
        left = min(max(x - w / 2, LEFT), self.sheet.w - RIGHT - w)
        if self.y(event) == self.kernel:
            rows = [self.labels_y + (row + 0.5) * (LABEL + 3) for row in range(LABEL_ROWS)]
        else:
            above = event.thread in self.users
            rows = [self.y(event) + (-1 if above else 1) * (self.r + LABEL / 2 + 2)]
        for y in rows:
            box = (left, y - LABEL / 2 - 1, left + w, y + LABEL / 2 + 1)
            stem = (x - 2, rows[0] - LABEL / 2, x + 2, y - LABEL / 2 - 1)
            if not any(_meet(box, other) or y > rows[0] and _meet(stem, other) for other in taken):
                taken.append(box)
                if y > rows[0]:
                    taken.append(stem)
                return left, y, w
        return None

    def draw_callout(self):
        y = self.sheet.h - CALLOUT / 2 - 2
        if not self.at:
            self.sheet.text(12, y, "nothing has happened yet", "muted", 12)
            return
        event = self.events[self.at - 1]
        x = 12 + width(str(self.at), 12, True) + 8
        self.sheet.text(12, y, str(self.at), "text", 12, bold=True)
        self.sheet.text(x, y, told(event), "text", 12, self.sheet.w - x - RIGHT)


def _weight(event: Event) -> int:
    """How little is lost when an event has no label."""
    if event.kind in (Kind.TOUCH, Kind.ANSWER, Kind.SLEEP, Kind.WAKE, Kind.MESSAGE, Kind.OOPS):
        return 0
    if event.question:
        return 1
    return 4 if "lock" in event.function else 2 if event.changes else 3


def _meet(one, other) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
