"""The result of a migration: numbers, and arrays to draw."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from uffdsim.migration.destination import Destination
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.postcopy import KINDS, Faults
from uffdsim.migration.precopy import Round
from uffdsim.migration.units import PICO, said_size, said_time

PERCENTILES = (50, 90, 99, 100)


@dataclass(frozen=True)
class Result:
    """One migration, from its start at 0. Times inside are picoseconds; what ends in ``_s`` is in seconds.

    :param way: its name, as ``"post-copy"``.
    :param parts: what the downtime consists of, in order: name to picoseconds.
    :param paused: when the guest was stopped.
    :param arrival: of each page, when it was there for the guest at the destination.
    :param stale: how many pages were stale when the guest was stopped.
    :param sent: how many pages went over the network, those sent again counted again.
    :param rounds: those of pre-copy.
    :param enough: whether the pre-copy came to its end, or was ended because it would not.
    :param ran: for how long the vCPUs had run when they were stopped, in guest time (ps).
    :param known: when the destination knew which pages are stale, in picoseconds; 0 if it need not know.
    :param came: of each page, when its content came, where that was before the page was there for the guest; else None.
    """

    way: str
    guest: Guest
    link: Link
    destination: Destination
    parts: dict[str, int]
    paused: int
    arrival: np.ndarray = field(repr=False)
    faults: Faults = field(repr=False)
    stale: int
    sent: int
    rounds: tuple[Round, ...] = ()
    enough: bool = True
    ran: int = 0
    known: int = 0
    came: np.ndarray | None = field(default=None, repr=False)

    @cached_property
    def resumed(self) -> int:
        """When the guest ran again, in picoseconds."""
        return self.paused + sum(self.parts.values())

    @cached_property
    def ended(self) -> int:
        """When the guest ran at the destination and every page was there, in picoseconds."""
        return max(self.resumed, int(self.arrival.max()))

    @property
    def parts_s(self) -> dict[str, float]:
        """What the downtime consists of."""
        return {name: time / PICO for name, time in self.parts.items()}

    @property
    def downtime_s(self) -> float:
        """How long the guest stood still as a whole (the *blackout*)."""
        return (self.resumed - self.paused) / PICO

    @property
    def brownout_s(self) -> float:
        """How long it then ran without all of its pages."""
        return (self.ended - self.resumed) / PICO

    @property
    def total_s(self) -> float:
        """From the start until the guest ran at the destination and every page was there."""
        return self.ended / PICO

    @property
    def arrival_s(self) -> np.ndarray:
        """Of each page, when it was there for the guest."""
        return self.arrival / PICO

    @property
    def fault_begin_s(self) -> np.ndarray:
        """Of each fault, when it began."""
        return self.faults.begin / PICO

    @cached_property
    def latency_s(self) -> np.ndarray:
        """Of each fault, how long the touch took."""
        return (self.faults.end - self.faults.begin) / PICO

    @property
    def waited_s(self) -> np.ndarray:
        """Of each vCPU, for how long it waited for pages."""
        return np.bincount(self.faults.cpu, self.latency_s, self.guest.vcpus)

    @property
    def bytes_sent(self) -> int:
        """All pages that went over the network."""
        return self.sent * self.guest.page

    @property
    def bytes_twice(self) -> int:
        """How much of it was sent again."""
        return max(self.sent - self.guest.pages, 0) * self.guest.page

    @property
    def kinds(self) -> dict[str, int]:
        """How many faults ended in which way."""
        return dict(zip(KINDS, np.bincount(self.faults.kind, minlength=len(KINDS)).tolist(), strict=True))

    def percentile_s(self, percent: float) -> float:
        """How long a fault took at most, among this many of a hundred; NaN if there was none."""
        return float(np.percentile(self.latency_s, percent)) if len(self.latency_s) else float("nan")

    # To read

    def rows(self) -> list[tuple[str, str]]:
        """The result as a table of two columns."""
        rows = [("downtime", said_time(self.downtime_s))]
        rows += [(f"  {name}", said_time(time)) for name, time in self.parts_s.items()]
        rows += [("until every page is there", said_time(self.total_s)), ("sent", said_size(self.bytes_sent))]
        rows += [("  of it again", said_size(self.bytes_twice)), ("faults", f"{len(self.faults.begin):,}")]
        rows += [(f"  {name}", f"{number:,}") for name, number in self.kinds.items() if number]
        if len(self.faults.begin):
            names = {50: "median fault", 100: "longest fault"}
            rows += [(names.get(p, f"{p} of 100 faults"), said_time(self.percentile_s(p))) for p in PERCENTILES]
            rows += [("a vCPU waited", said_time(float(self.waited_s.mean())))]
        return rows

    def data(self) -> dict:
        """The result as JSON can hold it, in seconds and bytes, without the arrays."""
        return {
            "way": self.way,
            "downtime_s": self.downtime_s,
            "parts_s": self.parts_s,
            "total_s": self.total_s,
            "bytes_sent": self.bytes_sent,
            "bytes_twice": self.bytes_twice,
            "faults": self.kinds,
            "latency_s": {str(p): self.percentile_s(p) for p in PERCENTILES} if len(self.faults.begin) else {},
            "waited_s": self.waited_s.tolist(),
            "rounds": [one._asdict() for one in self.rounds],
            "enough": self.enough,
        }

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.rows())
        return "\n".join([self.way, *(f"{name:{width}}  {value:>10}" for name, value in self.rows())])
