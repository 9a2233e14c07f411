"""Where things of a scenario are: the addresses of its mappings, and the numbers of its descriptors.

Every mapping of a scenario, also one that a step fails to make, has a place of its own, far from all others.
So an address has at most one name, whenever it is asked for.
"""

from typing import NamedTuple

from uffdsim.scenario import Scenario
from uffdsim.uapi import PAGE_SIZE

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
        return self.pages * self.page_size

    def address(self, page: int) -> int:
        return self.start + page * self.page_size

    def range(self, page: int, pages: int | None) -> tuple[int, int]:
        """Address and length of some pages; of all the rest where none is said how many."""
        return self.address(page), (max(0, self.pages - page) if pages is None else pages) * self.page_size


class Places:
    """The places of everything that a scenario gives a name to."""

    def __init__(self, scenario: Scenario):
        self.files: dict[str, File] = {}
        self.mappings: dict[str, Mapping] = {}
        self.descriptors: dict[str, int] = {}
        self.slots = 1
        self._next = FIRST
        for index, step in enumerate(scenario):
            if step.op == "file":
                self.files[step["id"]] = File(self._slot(), index, step["pages"], PAGE_SIZE[step["backing"]])
            elif step.op == "mmap":
                file = self.files.get(step["file"])
                pages = step["pages"]
                if pages is None:
                    pages = max(0, file.pages - step["offset"])
                self._map(step["id"], index, pages, file.page_size if file else PAGE_SIZE[step["backing"]])
            elif step.op == "mremap":
                old = self.mappings[step["vma"]]
                self._map(step["to"], index, old.pages, old.page_size)
            elif step.op == "userfaultfd":
                self.descriptors[step["id"]] = self._slot()
            elif step.op == "read_event" and step["child"]:
                self.descriptors[step["child"]] = self._slot()

    def _slot(self) -> int:
        self.slots += 1
        return self.slots - 1

    def _map(self, name: str, step: int, pages: int, page_size: int):
        self.mappings[name] = new = Mapping(name, step, self._next, pages, page_size)
        following = -(-(new.start + new.size + APART) // ALIGNED) * ALIGNED
        if following < LAST:  # what is too large is refused by the kernel, and takes no place
            self._next = following

    def name(self, address: int) -> dict:
        """An address in the words of an observation."""
        mapping = max((m for m in self.mappings.values() if m.start <= address), key=lambda m: m.start)
        page, offset = divmod(address - mapping.start, mapping.page_size)
        return {"vma": mapping.name, "page": page, "offset": offset}
