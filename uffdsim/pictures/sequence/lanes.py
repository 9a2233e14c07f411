"""Where things stand in the picture "sequence": a lane a thread, one for the kernel, and a column an event."""

from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple

from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST
from uffdsim.scenario import Scenario
from uffdsim.trace import Event, Nap, Trace

LEFT, RIGHT = (70, 132), 12
"""How much room the names of threads have, at least and at most; and what is free at the other side."""
RIM = 3
"""How far a dot reaches beyond its number."""
FOOT = 30
CHAPTER = 32
"""How many steps make a chapter, which begins on a page of its own."""
LEADING = 14
"""How far apart rows of labels are."""


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

    def half(self, event: Event, number: int) -> float:
        """Half the width of an event's dot, which has its number in it."""
        return max(self.radius(event), width(str(number), SMALLEST) / 2 + RIM)


def lanes(scenario: Scenario, height: float) -> Lanes:
    """A lane a thread: those that only work on descriptors below the kernel, all others above it."""
    threads = scenario.names.threads
    handlers = [thread for thread, only_descriptors in threads.items() if only_descriptors]
    users = [thread for thread in threads if thread not in handlers]
    below = 3 if height > 220 else 2
    kernel = below * LEADING + 34
    room = height - FOOT - 16 - kernel
    count = len(users) + len(handlers) * 1.2
    unit = max(min(room / max(count, 1), 40), 14)
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


class Window(NamedTuple):
    """The events that are on the sheet: those with numbers from ``first`` to ``last``, both included, each in a column
    that is ``slot`` wide. The first column begins at ``left``."""

    first: int
    last: int
    slot: float
    left: float

    def x(self, number: int) -> float:
        """The middle of an event's column."""
        return self.left + (number - self.first + 0.5) * self.slot


def slot(events: list[Event]) -> float:
    """How wide a column is, so that the number of every event has room."""
    return max(24, width(str(len(events)), SMALLEST) + 2 * RIM + 2)


def left(scenario: Scenario) -> float:
    """Where columns begin: the names of threads stand before them."""
    names = (*scenario.names.threads, "kernel")
    return min(max(max(width(name, 12, True) for name in names) + 22, LEFT[0]), LEFT[1])


def window(trace: Trace, at: int, room: float) -> Window:
    """The page of the book that a place is on: as many events as have room, but a step that has room on a page is not
    torn apart, and one that has not is begun where there is half a page left.

    A page never runs on from one chapter to the next, so that a late page is found without turning all before it. The
    last one of a chapter begins with steps that were on the page before it, if there is room for them.
    """
    each, start = slot(trace.events), left(trace.scenario)
    most = int((room - start - RIGHT) // each)
    chapter = max(trace.events[at - 1].step, 0) // CHAPTER * CHAPTER if at else 0
    first, end = trace.begin(chapter) if chapter else 0, trace.end(chapter + CHAPTER - 1)
    while True:
        last = min(first + most, end)
        if last < end:
            step = trace.events[last].step
            begin, length = trace.begin(step), trace.end(step) - trace.begin(step)
            last = begin if first < begin and (length <= most or begin >= first + most // 2) else last
        if at <= last or last == end:
            first = _filled(trace, first, end - most) if last == end else first
            return Window(first + 1, last, each, start)
        first = last


def _filled(trace: Trace, first: int, earliest: int) -> int:
    """Where a step begins that is before the place ``first``, but no earlier than there is room for; in the middle of a
    step if there is no room for all of it."""
    if first and trace.events[first - 1].step == trace.events[first].step:
        return earliest
    while first and (before := trace.begin(trace.events[first - 1].step)) >= earliest:
        first = before
    return first


def naps(trace: Trace, window: Window) -> list[Nap]:
    """The sleeps of which a window shows something."""
    begun = trace.naps()
    first, last = (bisect_right(begun, place, key=attrgetter("begin")) for place in (window.first - 1, window.last))
    return trace.asleep(window.first - 1) + begun[first:last]
