"""Where things of a scenario are: the addresses of its mappings, and the numbers of its files and descriptors.

Every mapping of a scenario, also one that a step fails to make, has a place of its own, far from all others, unless it
takes that of another. So an address has at most one name, whenever it is asked for.
"""

from collections.abc import Iterable
from typing import NamedTuple

from uffdsim.scenario import Scenario, Step
from uffdsim.trace import KernelError

FIRST = 1 << 40
LAST = 40 << 40
"""Programs, their libraries and their stacks are below the first of these addresses, or above the last."""
APART = 64 << 30
ALIGNED = 1 << 30

PAGE = 1 << 12
"""Bytes that the kernel rounds a length up to, at least."""
NOBODY = 0
"""The slot of a descriptor that no step asks for."""


class File(NamedTuple):
    """A memory file: its number, the step that makes it, and its size."""

    slot: int
    step: int
    pages: int
    page_size: int

    def range(self, step: Step) -> tuple[int, int]:
        """Offset and length, in bytes, of the part that a step is about."""
        return extent(step, self.pages, self.page_size)


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

    def range(self, step: Step) -> tuple[int, int]:
        """Address and length, in bytes, of the part that a step is about."""
        offset, length = extent(step, self.pages, self.page_size)
        return self.start + offset, length

    def is_all_in(self, step: Step) -> bool:
        """Whether the part that a step is about is all of it, or more."""
        start, length = self.range(step)
        return start <= self.start and start + length > self.start + self.size - PAGE

    def covers(self, address: int) -> bool:
        """Whether an address is in it."""
        return self.distance(address) == 0

    def distance(self, address: int) -> int:
        """How many bytes an address is away from it; 0 in it."""
        return max(self.start - address, address + 1 - self.start - self.size, 0)


def extent(step: Step, pages: int, page_size: int) -> tuple[int, int]:
    """Where the range of a step begins in a thing of so many pages, and how long it is, in bytes."""
    page, number, length = (step.get(key) for key in ("page", "pages", "bytes"))
    if length is None:
        length = (max(0, pages - (page or 0)) if number is None else number) * page_size
    return (page or 0) * page_size + step.get("skew", 0), length


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
        self.over: set[str] = set()
        """The mappings that take another's place."""
        room = True
        for id, known in scenario.mappings.items():
            step = scenario[known.step]
            if step.get("over"):
                self.over.add(id)
                start = self.mappings[step["over"]].address(step["over_page"])
                self.mappings[id] = Mapping(id, known.step, start, known.pages, known.page_size)
                continue
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

    def name(self, address: int, made: Iterable[str] = ()) -> dict:
        """An address in the words of an observation: where no mapping is or was, after the nearest.

        :param made: those of ``over`` that are in their place, in the order in which they came there.
        """
        covering = [self.mappings[id] for id in made if self.mappings[id].covers(address)]
        others = [mapping for id, mapping in self.mappings.items() if id not in self.over]
        mapping = covering[-1] if covering else min(others, key=lambda mapping: mapping.distance(address))
        page, offset = divmod(address - mapping.start, mapping.page_size)
        return {"vma": mapping.name, "page": page, "offset": offset}
