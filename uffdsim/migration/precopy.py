"""The guest runs at the source while its memory is sent: round after round, each with what was written in the last."""

from typing import NamedTuple

import numpy as np

from uffdsim.migration.guest import Guest

_MOST = 65536
"""Touches that are looked at together."""


class Round(NamedTuple):
    """One round: when it began and ended (ps), how many pages were sent, and how many were stale at its end."""

    begin: int
    end: int
    pages: int
    stale: int


class PreCopy:
    """Some rounds. What is written during a round is sent again in the next, as QEMU does it
    (``migration_bitmap_sync``).

    :param first: picoseconds from one page to the next in the first round.
    :param again: the same in later rounds.
    :param half: half a round trip, in picoseconds.
    """

    def __init__(self, guest: Guest, first: int, again: int, half: int) -> None:
        self.guest = guest
        self._first, self._again, self._half = first, again, half
        self.arrival = np.zeros(guest.pages, np.int64)
        """When the last copy of each page arrived, in picoseconds."""
        self.rounds: list[Round] = []
        self.stale = np.ones(guest.pages, bool)
        """Pages whose content at the destination, if there is any, is not that at the source."""
        self.now = 0

    def run(self, most: int, limit: int = 0) -> None:
        """Send rounds until the rest can be sent in so many picoseconds, or there have been ``most`` rounds."""
        while len(self.rounds) < most and not (self.rounds and self.is_short(limit)):
            begin, pages = self.now, int(np.count_nonzero(self.stale))
            self.now += self.send(begin)
            self.stale = written(self.guest, begin, self.now)
            self.rounds.append(Round(begin, self.now, pages, int(np.count_nonzero(self.stale))))

    def is_short(self, limit: int) -> bool:
        """Whether what is stale can be sent in so many picoseconds."""
        return int(np.count_nonzero(self.stale)) * self.pace <= limit

    @property
    def pace(self) -> int:
        """Picoseconds from one page to the next, now."""
        return self._again if self.rounds else self._first

    def send(self, begin: int) -> int:
        """Send what is stale from this time on; how long that keeps the link."""
        pages = np.flatnonzero(self.stale)
        self.arrival[pages] = begin + np.arange(1, len(pages) + 1) * self.pace + self._half
        return len(pages) * self.pace

    @property
    def sent(self) -> int:
        """How many pages have been sent, those sent again counted again."""
        return sum(one.pages for one in self.rounds)


def written(guest: Guest, begin: int, end: int) -> np.ndarray:
    """Of each page, whether a guest that never waits writes it from one guest time until before another."""
    dirty = np.zeros(guest.pages, bool)
    for cpu in range(guest.vcpus):
        now = begin
        while now < min(end, guest.last_touch(cpu)):
            phase = min(guest.phase_at(now)[1], end)
            hot = True
            while now < phase:
                after = min(now + _MOST * guest.step, phase)
                for _, page, write in guest.streams(cpu, now, after, hot):
                    dirty[page[write]] = True
                hot = hot and not all(dirty[part].all() for part in guest.hot_pages(now))
                now = after
    return dirty
