"""Which address is walked, and the levels of page tables through which it goes."""

from typing import NamedTuple

from uffdsim.pictures.memory.records import Entry
from uffdsim.pictures.memory.simulated import Simulated
from uffdsim.pictures.moment import Moment
from uffdsim.trace import Kind

BITS = 48
LEVELS = (("PGD", 39), ("PUD", 30), ("PMD", 21), ("PTE", 12))
"""The tables of x86_64 with four levels (a fifth, the P4D, is folded into the first): name, and its lowest bit."""
INDEX = 9
"""How many bits of the address are the number of an entry in a table."""


class Touched(NamedTuple):
    """The page that a step named, the address of its byte, and the entry at the end of the walk."""

    mapping: str
    page: int
    address: int
    page_size: int
    entry: Entry

    @property
    def levels(self) -> list[tuple[str, int]]:
        """The tables that are walked through: large pages end the walk earlier."""
        return [(name, low) for name, low in LEVELS if 1 << low >= self.page_size]

    def number(self, low: int) -> int:
        """The number of the entry in the table whose lowest bit this is."""
        return self.address >> low & (1 << INDEX) - 1

    @property
    def offset(self) -> int:
        """The bits that are left: which byte of the page it is."""
        return self.address % self.page_size


def last_touched(moment: Moment) -> Touched | None:
    """The page that the last step to name one named, where its mapping has addresses."""
    if not moment.trace.narrated:
        return None
    memory = Simulated(moment)
    for event in reversed(moment.events[: moment.at]):
        step = moment.trace.scenario[event.of]
        if event.kind is not Kind.TOUCH or "vma" not in step.given:
            continue
        page, offset = (step[key] if key in step else 0 for key in ("page", "offset"))
        address = memory.address(step["vma"], page, offset)
        if address is not None:
            (_, entry), *_ = memory.entries(step["vma"], page, page + 1)
            return Touched(step["vma"], page, address, moment.trace.scenario.mappings[step["vma"]].page_size, entry)
    return None
