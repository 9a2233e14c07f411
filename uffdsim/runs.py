"""Runs: a map from ranges of integers to values.

A mapping that is partly registered, a page table of a million empty entries and a hole in a file are one
thing here: runs of equal values with gaps between them. What is done to a range costs by the number of
runs in it, not by its length.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

END = 1 << 64
"""One past the largest place of any map."""


class Run(NamedTuple):
    """The places from ``start`` up to ``end`` (exclusive) that have one value; None stands for a gap."""

    start: int
    end: int
    value: Any


class Runs:
    """Runs in order of their starts. Values must be immutable and not None.

    Neighbours with equal values become one run by themselves, unless ``joins`` is False: then each
    run stays as it was put, until a put covers it.
    """

    __slots__ = ("_joins", "_runs", "_starts")

    def __init__(self, joins: bool = True):
        self._starts: list[int] = []
        self._runs: list[Run] = []
        self._joins = joins

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def __len__(self) -> int:
        return len(self._runs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Runs) and self._runs == other._runs

    def __repr__(self) -> str:
        return f"Runs({', '.join(f'[{start:#x}, {end:#x}): {value}' for start, end, value in self)})"

    def at(self, place: int) -> Any:
        """The value at a place; None in a gap."""
        i = bisect_right(self._starts, place) - 1
        if i >= 0 and place < self._runs[i][1]:
            return self._runs[i][2]
        return None

    def run_at(self, place: int) -> Run:
        """The whole run, or gap, around a place."""
        i = bisect_right(self._starts, place) - 1
        if i >= 0 and place < self._runs[i][1]:
            return self._runs[i]
        start = self._runs[i][1] if i >= 0 else 0
        return Run(start, self._starts[i + 1] if i + 1 < len(self._starts) else END, None)

    def over(self, start: int, end: int) -> list[Run]:
        """The runs that share a place with the range, whole, without the gaps."""
        i, j = self._touching(start, end)
        return self._runs[i:j]

    def cut(self, start: int, end: int) -> list[Run]:
        """The runs and the gaps of the range, cut at its edges, so that they cover it exactly."""
        pieces = []
        for left, right, value in self.over(start, end):
            if left > start:
                pieces.append(Run(start, left, None))
            left, right = max(left, start), min(right, end)
            pieces.append(Run(left, right, value))
            start = right
        if start < end:
            pieces.append(Run(start, end, None))
        return pieces

    def total(self) -> int:
        """How many places have a value."""
        return sum(end - start for start, end, _ in self._runs)

    def put(self, start: int, end: int, value: Any) -> tuple[list[Run], list[Run]]:
        """Give every place of the range the value, or none at all for None.

        :returns: the runs that were there before and those that are there instead, for ``swap``.
        """
        i, j = self._touching(start, end)
        before = self._runs[i:j]
        after = []
        if before and before[0][0] < start:
            after.append(Run(before[0][0], start, before[0][2]))
        if value is not None:
            after.append(Run(start, end, value))
        if before and before[-1][1] > end:
            after.append(Run(end, before[-1][1], before[-1][2]))
        if self._joins:
            if i > 0 and self._runs[i - 1][1] == start:
                i -= 1
                before.insert(0, self._runs[i])
                after.insert(0, self._runs[i])
            if j < len(self._runs) and self._starts[j] == end:
                before.append(self._runs[j])
                after.append(self._runs[j])
                j += 1
            after = _joined(after)
        self._splice(i, j, after)
        return before, after

    def swap(self, before: list[Run], after: list[Run]) -> None:
        """Put the runs ``after`` where exactly the runs ``before`` are: what a put did, or its undoing."""
        if before or after:
            i = bisect_left(self._starts, (before or after)[0][0])
            self._splice(i, i + len(before), after)

    def copy(self) -> "Runs":
        """A map of its own with the same runs."""
        new = Runs(self._joins)
        new._starts, new._runs = self._starts[:], self._runs[:]
        return new

    def _touching(self, start: int, end: int) -> tuple[int, int]:
        i = bisect_right(self._starts, start) - 1
        if i < 0 or self._runs[i][1] <= start:
            i += 1
        return i, bisect_left(self._starts, end, i) if end > start else i

    def _splice(self, i: int, j: int, runs: list[Run]) -> None:
        self._runs[i:j] = runs
        self._starts[i:j] = [run[0] for run in runs]


def _joined(runs: list[Run]) -> list[Run]:
    joined = runs[:1]
    for run in runs[1:]:
        last = joined[-1]
        if last[1] == run[0] and last[2] == run[2]:
            joined[-1] = Run(last[0], run[1], run[2])
        else:
            joined.append(run)
    return joined
