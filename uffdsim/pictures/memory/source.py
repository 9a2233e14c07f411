"""Where a moment's memory is read from: the state of a simulated kernel, or the reports of a real one."""

from typing import Protocol

from uffdsim.kernel.state import Content
from uffdsim.pictures.memory.observed import Observed
from uffdsim.pictures.memory.records import Entry, Queues
from uffdsim.pictures.memory.simulated import Simulated
from uffdsim.pictures.moment import Moment


class Source(Protocol):
    """Memory at one place of a trace.

    Ask it at once for all that is wanted: it is that of another place as soon as the trace is asked for another one.
    """

    @property
    def contents(self) -> bool:
        """Whether it knows what is in pages and queues."""

    @property
    def note(self) -> str:
        """What is to be said of it, if it does not know all; or ""."""

    def is_there(self, mapping: str) -> bool:
        """Whether there is such a mapping now."""

    def entries(self, mapping: str, first: int, last: int, mm: str = "main") -> list[tuple[int, Entry]]:
        """What the mapping has at pages ``first`` up to ``last``, as runs of so many pages that are alike; or what a
        child, ``mm``, has of it."""

    def children(self) -> dict[str, str]:
        """The children that fork made and that have not ended, and whether their memory is watched, in words; or the
        last one, that it has ENDED."""

    def size(self, file: str) -> int | None:
        """How many pages long the file is by now; None if it is not there, or that is not known."""

    def pages(self, file: str, first: int, last: int) -> list[tuple[int, Content | None]]:
        """What the page cache has of the file, as runs of so many pages that are alike; None is a hole."""

    def queues(self) -> dict[str, Queues]:
        """The descriptors that were ever opened, by name, and what waits in their queues."""


def source(moment: Moment) -> Source:
    """Where a moment's memory is read from."""
    return Simulated(moment) if moment.trace.narrated else Observed(moment)
