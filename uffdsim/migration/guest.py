"""The machine that moves: how much memory it has, and how its virtual CPUs touch it.

A guest is a function, not a recording: touch ``k`` of a CPU's stream follows from its number alone. So any stretch of
a guest's time can be asked for, in any order and as often as one likes, and nothing is drawn at random.

Each CPU has two streams, one of touches in the hot part of the memory and one all over it. Touches of a stream are as
far apart as its interval says, on average; each lies anywhere in its own interval. *Guest time*, in picoseconds, is
the time for which a CPU has run: it stands still while the CPU waits for a page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from uffdsim.migration.splitmix import mixed, words
from uffdsim.migration.units import Amount, Given, MigrationError, pico, said_size, seconds, size

GRANULE = 4096
"""Touches are to granules of so many bytes, whatever the size of a page: other pages, the same touches."""
PAGE_SIZES = (1 << 12, 1 << 21, 1 << 30)
MOST_CPUS = 1024
MOST_MEMORY = 1 << 40
_LONGEST = 1 << 46
"""Picoseconds between two touches of a stream: more do not fit into the arithmetic below."""


class Touches(NamedTuple):
    """Some touches of one CPU, in order: when (guest time, ps), which page, and whether it is a write."""

    when: np.ndarray
    page: np.ndarray
    write: np.ndarray


def _lasting(value: Given | None, what: str) -> float | None:
    """Seconds, or None for ever."""
    return None if value is None else seconds(value, what)


@dataclass(frozen=True)
class Guest:
    """A machine. Amounts may be numbers (bytes, seconds) or text, as in ``memory="64 GiB", think="50us"``.

    :param memory: from one page to 1 TiB.
    :param page: 4K, 2M or 1G.
    :param vcpus: virtual CPUs, up to 1024.
    :param think: how long a CPU works, on average, between two touches.
    :param hot: the share of the memory that is hot; 0 for none.
    :param hot_touches: the share of the touches that go there.
    :param skew: 1 touches all of the hot part alike; 2, 3, … its first pages more and more.
    :param writes: the share of the touches that write.
    :param phase: how long the hot part stays where it is, before it moves elsewhere; None if it never moves.
    :param sweep: instead of all that, each CPU walks once through its own part of the memory, page after page.
    :param seed: another number is another guest of the same kind.
    :raises MigrationError: if such a machine is impossible.
    """

    memory: Amount[int] = Amount(size, "the memory", 4 << 30)
    page: Amount[int] = Amount(size, "the page size", 4096)
    vcpus: int = 4
    think: Amount[float] = Amount(seconds, "the time to think", 50e-6)
    hot: float = 0.1
    hot_touches: float = 0.9
    skew: int = 1
    writes: float = 0.3
    phase: Amount[float | None] = Amount(_lasting, "the length of a phase", None)
    sweep: bool = False
    seed: int = 1

    def __post_init__(self) -> None:
        self._check_memory()
        self._check_touches()

    def _check_memory(self) -> None:
        if self.page not in PAGE_SIZES:
            raise MigrationError(f"pages of {said_size(self.page)} do not exist: take 4K, 2M or 1G")
        if not self.page <= self.memory <= MOST_MEMORY:
            raise MigrationError(f"the memory is {said_size(self.memory)}: take from {said_size(self.page)} to 1T")
        if self.memory % self.page:
            less = self.memory // self.page * self.page
            raise MigrationError(
                f"pages of {said_size(self.page)} do not divide a memory of {self.memory:,} bytes: take {less:,}"
            )
        if not 1 <= self.vcpus <= MOST_CPUS or self.vcpus != int(self.vcpus):
            raise MigrationError(f"there are {self.vcpus} vCPUs: take a whole number from 1 to {MOST_CPUS}")
        if self.sweep and self.vcpus > self.pages:
            raise MigrationError(f"{self.vcpus} vCPUs cannot each sweep a part of {self.pages} pages: take fewer vCPUs")

    def _check_touches(self) -> None:
        for name in ("hot", "hot_touches", "writes"):
            if not 0 <= getattr(self, name) <= 1:
                raise MigrationError(f"{name} is {getattr(self, name)}, and is a share: take a number from 0 to 1")
        if self.skew not in (1, 2, 3, 4):
            raise MigrationError(f"skew is {self.skew}: take 1 (all alike), 2, 3 or 4")
        if self.phase is not None and self.phase < max(self.think, 1e-9):
            raise MigrationError("the phase is shorter than `think`: take a longer one, or None if the hot part stays")
        if self.sweep:
            return
        if self.think < 1e-9 or any(interval >= _LONGEST for interval in self.intervals if interval):
            raise MigrationError(f"a CPU thinks for {self.think} s between two touches: take from 1 ns to 1 s")

    @cached_property
    def pages(self) -> int:
        """How many pages the memory has."""
        return self.memory // self.page

    @cached_property
    def granules(self) -> int:
        """How many granules the memory has."""
        return self.memory // GRANULE

    @cached_property
    def hot_granules(self) -> int:
        """How many granules are hot."""
        return 0 if self.sweep or not self.hot_touches else round(self.granules * self.hot)

    @cached_property
    def intervals(self) -> tuple[int, int]:
        """Picoseconds between two touches of the hot stream and of the other; 0 for a stream that there is not."""
        hot = self.hot_touches if self.hot_granules else 0
        return (pico(self.think / hot) if hot else 0, pico(self.think / (1 - hot)) if hot < 1 else 0)

    @cached_property
    def step(self) -> int:
        """Picoseconds between two touches of a CPU."""
        return max(pico(self.think), 1)

    def last_touch(self, cpu: int) -> int:
        """A guest time after which a CPU touches nothing any more."""
        if not self.sweep:
            return 1 << 62
        return (self.pages * (cpu + 1) // self.vcpus - self.pages * cpu // self.vcpus) * self.step

    def phase_at(self, when: int) -> tuple[int, int, int]:
        """At this guest time: which phase it is, when it ends (guest time, ps), and the first granule that is hot."""
        if self.phase is None:
            return 0, 1 << 62, mixed(self.seed, 0, 2) % self.granules
        length = pico(self.phase)
        number = when // length
        return number, (number + 1) * length, mixed(self.seed, number, 2) % self.granules

    def hot_pages(self, when: int) -> list[slice]:
        """The pages of the hot part at this guest time: one stretch, or two where it goes past the end of memory."""
        if not self.hot_granules:
            return []
        first = self.phase_at(when)[2]
        last = first + self.hot_granules - 1
        ends = [(first, last)] if last < self.granules else [(first, self.granules - 1), (0, last - self.granules)]
        return [slice(a * GRANULE // self.page, b * GRANULE // self.page + 1) for a, b in ends]

    def touches(self, cpu: int, begin: int, end: int) -> Touches:
        """What a CPU touches from one guest time until before another, within one phase."""
        return Touches(*in_order(self.streams(cpu, begin, end)))

    def streams(self, cpu: int, begin: int, end: int, hot: bool = True) -> list[Touches]:
        """The same, not yet in one order; ``hot=False`` leaves out the touches of the hot stream."""
        if self.sweep:
            return [self._sweep(cpu, begin, end)]
        return [self._stream(cpu, kind, begin, end) for kind in (0, 1) if self.intervals[kind] and (hot or kind)]

    def _stream(self, cpu: int, kind: int, begin: int, end: int) -> Touches:
        """Touches of the hot stream (kind 0) or of the other (1)."""
        interval = self.intervals[kind]
        first, last = begin // interval, -(-end // interval)
        drawn = words(mixed(self.seed, cpu, kind), first, last - first)
        when = (drawn >> np.uint64(12)) & np.uint64(0xFFFF)
        when *= np.uint64(interval)
        when >>= np.uint64(16)
        when += np.arange(first * interval, last * interval, interval, dtype=np.uint64)
        low, high = np.searchsorted(when, (begin, end))
        drawn, when = drawn[low:high], when[low:high].view(np.int64)
        write = (drawn & np.uint64(0xFF)) < np.uint64(round(self.writes * 256))
        drawn >>= np.uint64(32)
        if kind:
            drawn *= np.uint64(self.granules)
            drawn >>= np.uint64(32)
        else:
            drawn = self._in_the_hot_part(drawn, begin)
        drawn >>= np.uint64((self.page // GRANULE).bit_length() - 1)
        return Touches(when, drawn.view(np.int64), write)

    def _in_the_hot_part(self, drawn: np.ndarray, begin: int) -> np.ndarray:
        place = drawn
        for _ in range(self.skew - 1):
            place = place * drawn >> np.uint64(32)
        place = place * np.uint64(self.hot_granules) >> np.uint64(32)
        place += np.uint64(self.phase_at(begin)[2])
        place[place >= self.granules] -= np.uint64(self.granules)
        return place

    def _sweep(self, cpu: int, begin: int, end: int) -> Touches:
        first, after = (self.pages * (cpu + one) // self.vcpus for one in (0, 1))
        step = self.step
        low, high = (min(-(-time // step), after - first) for time in (begin, end))
        numbers = np.arange(low, high, dtype=np.int64)
        drawn = words(mixed(self.seed, cpu, 1), low, high - low)
        write = (drawn & np.uint64(0xFF)) < np.uint64(round(self.writes * 256))
        return Touches(numbers * step, first + numbers, write)


def in_order(streams: Sequence[tuple]) -> list[np.ndarray]:
    """Columns of several streams as one, in the order of their first column; of equals, the earlier stream first."""
    if len(streams) == 1:
        return list(streams[0])
    columns = [np.concatenate(parts) for parts in zip(*streams, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    return [column[order] for column in columns]
