"""Where things stand on the sheet of the picture "sequence": lanes, columns, and room for labels."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.pictures.measure import width
from uffdsim.scenario import Scenario
from uffdsim.trace import Event, Kind, Nap, Trace

LEFT = 82
RIGHT = 12
SLOT = 24
FOOT = 26
LABEL = 10
LEADING = 13


class Lanes(NamedTuple):
    """Lanes by their height on the sheet; and the radius of a dot in the kernel's lane, and in the others."""

    users: dict[str, float]
    kernel: float
    handlers: dict[str, float]
    r: float
    small: float
    height: float
    """How high a sheet they need."""
    below: int
    """How many rows of labels there are below the kernel's lane."""

    def of(self, thread: str) -> float:
        """The lane of a thread in user mode."""
        return self.users.get(thread) or self.handlers[thread]

    def at(self, event: Event) -> float:
        """The lane that an event belongs to."""
        return self.kernel if event.function or not event.thread else self.of(event.thread)

    def radius(self, event: Event) -> float:
        """The radius of an event's dot."""
        return self.r if self.at(event) == self.kernel else self.small


def lanes(scenario: Scenario, height: float) -> Lanes:
    """A lane a thread: those that only work on descriptors below the kernel, all others above it."""
    handlers = [thread for thread in scenario.threads if _handles(scenario, thread)]
    users = [thread for thread in scenario.threads if thread not in handlers]
    below = 3 if height > 220 else 2
    kernel = below * LEADING + 34
    room = height - FOOT - 16 - kernel
    count = len(users) + len(handlers) * 1.2
    unit = max(min(room / count, 40), 14)
    first = max(unit * 0.65, 24)
    down = first + unit * len(users) + max(20 - unit, 0) * 0.3
    lower = down + kernel - 14 + unit * 0.5
    return Lanes(
        {thread: first + unit * row for row, thread in enumerate(users)},
        down,
        {thread: lower + unit * 1.1 * row for row, thread in enumerate(handlers)},
        10 if unit > 20 else 9,
        min(max(unit * 0.42, 6.5), 10),
        max(height, height - room + count * unit),
        below,
    )


def _handles(scenario: Scenario, thread: str) -> bool:
    return all("fd" in step or step.op == "userfaultfd" for step in scenario if step.thread == thread)


class Window(NamedTuple):
    """The events that are on the sheet: those with numbers from ``first`` to ``last``, both included."""

    first: int
    last: int

    def x(self, number: int) -> float:
        """The middle of an event's column."""
        return LEFT + (number - self.first + 0.5) * SLOT


def window(events: list[Event], at: int, room: float) -> Window:
    """The page of the book that a place is on: as many events as have room, ending with a step if it can."""
    most = int((room - LEFT - RIGHT) // SLOT)
    first = 0
    while True:
        last = min(first + most, len(events))
        if last < len(events):
            ends = [n for n in range(first + most // 2, last + 1) if events[n].step != events[n - 1].step]
            last = ends[-1] if ends else last
        if at <= last or last == len(events):
            return Window(first + 1, last)
        first = last


class Label(NamedTuple):
    """A few words for an event: its middle, and whether a stem leads to it from the lane."""

    x: float
    y: float
    text: str
    stem: bool


def labels(trace: Trace, events: list[Event], window: Window, lanes: Lanes, right: float) -> dict[int, Label]:
    """What the dots are, as far as there is room: what matters most first, whatever the place of the cursor.

    Of equals the last goes first, so that stems of those before it pass to the left of its words.
    """
    taken = [box for n in range(window.first, window.last + 1) for box in _traffic(events, n, window, lanes)]
    taken += [box for nap in trace.naps() for box in _bars(nap, window, lanes)]
    placed = {}
    for number in sorted(range(window.first, window.last + 1), key=lambda n: (_weight(events[n - 1]), -n)):
        text = _words(trace, events, number)
        if text:
            for label, boxes in _candidates(events[number - 1], window.x(number), text, lanes, right):
                if not _meet(boxes, taken):
                    taken += boxes
                    placed[number] = label
                    break
    return placed


def _words(trace: Trace, events: list[Event], number: int) -> str:
    event = events[number - 1]
    if event.kind == Kind.TOUCH:
        return words.short(trace.scenario[event.of])
    if event.kind == Kind.ANSWER:
        return words.event(trace, event)
    if event.kind == Kind.WAKE:
        return f"wakes {event.target}"
    if event.kind in (Kind.SLEEP, Kind.MESSAGE, Kind.OOPS):
        return {Kind.SLEEP: "sleeps", Kind.MESSAGE: "message", Kind.OOPS: "BUG"}[event.kind]
    if event.question:
        return f"{event.question} {event.answer}"
    again = number > 1 and events[number - 2].function == event.function
    return "" if again or event.kind != Kind.CALL or "lock" in event.function else event.function


def _weight(event: Event) -> int:
    """How little is lost when an event has no label."""
    if event.kind not in (Kind.CALL, Kind.DO, Kind.DECIDE, Kind.ANSWER):
        return 0
    if event.question or event.kind == Kind.ANSWER:
        return 1
    return 2 if event.changes else 3


def _candidates(event: Event, x: float, text: str, lanes: Lanes, right: float):
    """Where a label may go, the best place first, and the boxes that it and its stem would take."""
    y = lanes.at(event)
    w = width(text, LABEL)
    far = lanes.radius(event) + LABEL / 2 + 2
    if y != lanes.kernel:
        row = y + far if event.thread in lanes.handlers else y - far
        places = [(x, row), (x + w / 2 + 4, row), (x - w / 2 - 4, row), (x + lanes.small + 3 + w / 2, y)]
    else:
        rows = [y + far + row * LEADING for row in range(lanes.below)]
        rows = [y - far, *rows] if event.question else [*rows, y - far]
        if _weight(event) > 1:  # better begin at the dot, so that stems of later ones pass to the right
            places = [(x + w / 2 - 8, row) for row in rows] + [(x + dx, row) for row in rows for dx in (0, 3 - w / 2)]
        else:
            places = [(x + dx, row) for row in rows for dx in (0, w / 2 + 4, -w / 2 - 4)]
    for middle, row in places:
        middle = min(max(middle, LEFT + w / 2), right - w / 2)
        boxes = [(middle - w / 2 - 2, row - LABEL / 2, middle + w / 2 + 2, row + LABEL / 2)]
        stem = row > y + far
        if stem:
            boxes.append((x - 2, y + far, x + 2, row - LABEL / 2))
        yield Label(middle, row, text, stem and y == lanes.kernel), boxes


def _bars(nap: Nap, window: Window, lanes: Lanes):
    """The box of a sleeper's bar, as long as it will ever be."""
    y, r = lanes.of(nap.thread), lanes.small * 0.7
    if nap.begin <= window.last and (nap.end is None or nap.end >= window.first):
        yield window.x(max(nap.begin, window.first)), y - r, window.x(min(nap.end or window.last, window.last)), y + r


def _traffic(events: list[Event], number: int, window: Window, lanes: Lanes):
    """Boxes of an event's dot, and along the arrows that begin or end there, for labels to keep away from."""
    event, x = events[number - 1], window.x(number)
    y, r = lanes.at(event), lanes.radius(event)
    yield x - r, y - r, x + r, y + r
    ends = []
    before = events[number - 2] if number > window.first else None
    if before is not None and before.thread == event.thread and lanes.at(before) != y:
        ends.append((window.x(number - 1), lanes.at(before)))
    if event.kind == Kind.MESSAGE or event.kind == Kind.SLEEP and event.function:
        ends.append((x, lanes.of(event.thread)))
    if event.kind == Kind.WAKE:
        ends.append((x, lanes.of(event.target)))
    for to_x, to_y in ends:
        pieces = max(int(abs(to_y - y) // 6), 1)
        for i in range(pieces):
            a, b = i / pieces, (i + 1) / pieces
            xs = sorted((x + (to_x - x) * a, x + (to_x - x) * b))
            ys = sorted((y + (to_y - y) * a, y + (to_y - y) * b))
            yield xs[0] - 1, ys[0], xs[1] + 1, ys[1]


def _meet(some, others) -> bool:
    for left, top, right, bottom in some:
        for x, y, end, low in others:
            if left < end and x < right and top < low and y < bottom:
                return True
    return False
