"""Where things of a scenario are: the addresses of its mappings, and the numbers of its files and descriptors.

Every mapping of a scenario, also one that a step fails to make, has a place of its own, far from all others.
So an address has at most one name, whenever it is asked for.
"""

from typing import NamedTuple

from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError

FIRST = 1 << 40
LAST = 40 << 40
"""Programs, their libraries and their stacks are below the first of these addresses, or above the last."""
APART = 64 << 30
ALIGNED = 1 << 30

NOBODY = 0
"""The slot of a descriptor that no step asks for."""


class File(NamedTuple):
    """A memory file: its number, the step that makes it, and its size."""

    slot: int
    step: int
    pages: int
    page_size: int

    def range(self, page: int, pages: int | None) -> tuple[int, int]:
        """Offset and length of some pages; of all the rest where none is said how many."""
        return page * self.page_size, (max(0, self.pages - page) if pages is None else pages) * self.page_size


class Mapping(NamedTuple):
    """A mapping: its place, the step that makes it, and its size."""

    name: str
    step: int
    start: int
    pages: int
    page_size: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.pages * self.page_size

    def address(self, page: int) -> int:
        """Where a page of it begins."""
        return self.start + page * self.page_size

    def range(self, page: int, pages: int | None) -> tuple[int, int]:
        """Address and length of some pages; of all the rest where none is said how many."""
        return self.address(page), (max(0, self.pages - page) if pages is None else pages) * self.page_size


class Places:
    """The places of everything that a scenario gives a name to. Descriptors and files share their numbers.

    :raises KernelError: if there are too many mappings to be far from each other.
    """

    def __init__(self, scenario: Scenario):
        self.scenario = scenario
        self.slots = 1
        self._next = FIRST
        self.files = {id: File(self._slot(), f.step, f.pages, f.page_size) for id, f in scenario.files.items()}
        self.descriptors = {id: self._slot() for id in scenario.names.descriptors}
        self.mappings: dict[str, Mapping] = {}
        room = True
        for id, known in scenario.mappings.items():
            if not room:
                has, more = len(self.mappings), len(scenario.mappings)
                raise KernelError(f"there is room for {has} of the {more} mappings of this scenario; make fewer")
            self.mappings[id] = Mapping(id, known.step, self._next, known.pages, known.page_size)
            following = -(-(self._next + self.mappings[id].size + APART) // ALIGNED) * ALIGNED
            if following < LAST:
                self._next = following
            else:  # what is too large for any kernel is refused by it, and takes no place
                room = self.mappings[id].size > LAST - FIRST

    def _slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def name(self, address: int) -> dict:
        """An address in the words of an observation."""
        mapping = max((m for m in self.mappings.values() if m.start <= address), key=lambda m: m.start)
        page, offset = divmod(address - mapping.start, mapping.page_size)
        return {"vma": mapping.name, "page": page, "offset": offset}
