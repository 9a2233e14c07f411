"""The host that the guest has left: it pushes pages in the background, and sends first what it is asked for.

Pieces of pages begin at ``free``, ``free + pace``, … A page that is asked for is sent as soon as the piece is done
that was being sent when the request came. So what the source decides until some time depends on the requests until
then alone: it decides only when somebody wants to know, and then on many pages at once.
"""

import numpy as np

from uffdsim.migration.plan import LATER, Plan

_QUEUE = 2048
"""How many pages are looked up ahead."""


def source(plan: Plan, arrival: np.ndarray, begin: int, first: int = 0) -> "Source":
    """The source for the order of a plan.

    :param arrival: for each page, when it is mapped at the destination, in picoseconds. Where it says LATER, the source
        sends the page and writes the time.
    :param begin: when the first pushed piece is on the wire, in picoseconds.
    :param first: the page that is pushed first.
    """
    return (Outwards if plan.order == "outwards" else Source)(plan, arrival, begin, first)


class Source:
    """Pushes page after page, upwards, and from the last one on to page 0."""

    def __init__(self, plan: Plan, arrival: np.ndarray, begin: int, first: int) -> None:
        self._arrival, self._view = arrival, arrival.data
        self._pieces, self._pace, self._wire = plan.pieces, plan.pace, plan.wire
        self._tail, self._late = plan.lead + plan.half + plan.place_pushed, plan.ahead + plan.half
        self._free = begin - plan.lead
        self.unsent = int(np.count_nonzero(arrival == LATER))
        """How many pages have neither been pushed nor been asked for, as far as is written down."""
        self._start(first)

    def _start(self, first: int) -> None:
        self._next = first
        self._queue = np.empty(0, np.int64)
        """The pages that are pushed next, upwards; and between which numbers they lie."""
        self._low, self._high = 0, -1
        self._pushed = 0
        """How many pieces of the queue have been pushed."""
        self._from, self._since = [0], [self._free]
        """They were pushed in stretches without a pause: from which piece on, and since when."""
        self._look_up()

    def look(self, page: int, time: int) -> int:
        """When a page is mapped, as far as that is decided until a time; of page -1, nothing."""
        if self._low <= page <= self._high or self._end < time:
            self.settle(time)
        return self._view[page]

    def ask(self, page: int, time: int) -> int:
        """Send a page that is LATER; the request is here at this time, and no earlier than the last one. Who asks
        writes down when it is mapped.

        :return: when it is at the destination, in picoseconds; 0 if it has been pushed meanwhile.
        """
        pieces, free = self._pieces, self._free
        if self._low <= page <= self._high or self._end < time:
            self.settle(time)
            if self._view[page] != LATER:
                return 0
            pieces -= self._take_out(page)
            free = self._free
        elif free < time:
            many = -((free - time) // self._pace)
            self._pushed += many
            free += many * self._pace
        busy = pieces * self._wire
        self._free = free = (free if free > time else time) + busy
        self._end += busy
        self._from.append(self._pushed)
        self._since.append(free)
        self.unsent -= 1
        return free + self._late

    def settle(self, time: int) -> None:
        """Push everything that begins before this time, and write down when it is mapped."""
        while len(self._queue):
            room = len(self._queue) * self._pieces - self._pushed
            many = min(max(-((self._free - time) // self._pace), 0), room)
            self._pushed += many
            self._free += many * self._pace
            self._write_down()
            if many < room:
                return
            self._look_up()

    def _write_down(self) -> None:
        """Write down when those pages of the queue are mapped that have been pushed whole."""
        whole = self._pushed // self._pieces
        if whole:
            last = np.arange(1, whole + 1) * self._pieces - 1
            first, since = np.array(self._from), np.array(self._since)
            stretch = np.searchsorted(first, last, side="right") - 1
            begun = since[stretch] + (last - first[stretch]) * self._pace
            self._arrival[self._queue[:whole]] = begun + (self._pace + self._tail)
            self._queue = self._queue[whole:]
            self.unsent -= whole
            self._pushed -= whole * self._pieces
        self._mark()

    def _mark(self) -> None:
        self._from, self._since = [self._pushed], [self._free]
        self._low, self._high = (int(self._queue[0]), int(self._queue[-1])) if len(self._queue) else (0, -1)
        room = len(self._queue) * self._pieces - self._pushed
        self._end = self._free + (room - 1) * self._pace if room else LATER

    def _look_up(self) -> None:
        """Find the pages that are pushed next."""
        left = len(self._arrival)
        many = 2 * _QUEUE
        while left > 0 and not len(self._queue):
            window = self._arrival[self._next : self._next + many]
            found = np.flatnonzero(window == LATER)[:_QUEUE]
            self._queue = found + self._next
            self._next += len(window) if len(found) < _QUEUE else int(found[-1]) + 1
            self._next %= len(self._arrival)
            left -= len(window)
            many *= 2
        self._mark()

    def _take_out(self, page: int) -> int:
        """A page need not be pushed any more; how many pieces of it have been."""
        at = int(np.searchsorted(self._queue, page))
        if at == len(self._queue) or self._queue[at] != page:
            return 0
        self._view[page] = 0  # lest it be looked up again, before who asks writes down when it is mapped
        self._queue = np.delete(self._queue, at)
        pushed = 0 if at else self._pushed
        self._pushed -= pushed
        if len(self._queue):
            self._mark()
        else:
            self._look_up()
        return pushed


class Outwards(Source):
    """Pushes from the page last asked for in both directions, in turn."""

    def _start(self, first: int) -> None:
        self._up, self._down, self._upwards = first, first - 1, True
        self._page, self._left = -1, 0
        """The page that has been pushed in part, and how many pieces of it are left; -1 if there is none."""

    def look(self, page: int, time: int) -> int:
        self.settle(time)
        return self._view[page]

    def ask(self, page: int, time: int) -> int:
        self.settle(time)
        if self._view[page] != LATER:
            return 0
        pieces = self._pieces
        if page == self._page:
            pieces, self._page = self._left, -1
        self._up, self._down, self._upwards = page + 1, page - 1, True
        self._free = max(self._free, time) + pieces * self._wire
        self.unsent -= 1
        return self._free + self._late

    def settle(self, time: int) -> None:
        while self._free < time and self.unsent:
            if self._page < 0:
                self._page, self._left = self._find(), self._pieces
            pieces = min(-((self._free - time) // self._pace), self._left)
            self._free += pieces * self._pace
            self._left -= pieces
            if not self._left:
                self._view[self._page] = self._free + self._tail
                self.unsent -= 1
                self._page = -1

    def _find(self) -> int:
        """The next page; there is one."""
        view, total, step = self._view, len(self._view), 1 if self._upwards else -1
        page = (self._up if self._upwards else self._down) % total
        while view[page] != LATER:
            page = (page + step) % total
        if self._upwards:
            self._up = page + 1
        else:
            self._down = page - 1
        self._upwards = not self._upwards
        return page
