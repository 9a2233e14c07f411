"""What a scenario ever has to draw, and in which rows: the same at every place of its trace, so that nothing jumps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from uffdsim.names import File, Mapping
from uffdsim.pictures.memory.descriptors import gone
from uffdsim.pictures.memory.lengths import lengths
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Trace

MANY = 200
"""If steps name this many ranges or more, rows are of equal length, whatever is named."""


class Slot(NamedTuple):
    """Room for one mapping, under the names it has had: page 0 of it is page ``first`` of its file."""

    names: tuple[str, ...]
    first: int
    pages: int
    shared: bool


class Span(NamedTuple):
    """Pages that share one row: from ``first`` up to ``last`` (exclusive)."""

    first: int
    last: int

    @property
    def pages(self) -> int:
        """How many pages they are."""
        return self.last - self.first

    @property
    def label(self) -> str:
        """Their number, or those of the first and the last of them."""
        return str(self.first) if self.pages == 1 else f"{self.first}–{self.last - 1}"

    def within(self, slot: Slot) -> "Span":
        """Those of them that a mapping has, counted from its own first page."""
        return Span(max(self.first - slot.first, 0), min(self.last - slot.first, slot.pages))


@dataclass(frozen=True)
class Group:
    """A file with all its mappings, or (``file`` is None) mappings of anonymous memory.

    ``size`` is the length of the file in pages when it is longest, and ``pages`` how many there are to show: those of
    mappings beyond the file's end too.
    """

    scenario: Scenario
    file: str | None
    size: int
    slots: tuple[Slot, ...]

    @property
    def pages(self) -> int:
        return max([self.size, *(slot.first + slot.pages for slot in self.slots)])

    @cached_property
    def edges(self) -> list[int]:
        """Pages at which something that a step names begins or ends."""
        starts = {("mapping", name): slot.first for slot in self.slots for name in slot.names}
        starts["file", self.file or ""] = 0
        found = {0, self.pages}
        for step in self.scenario:
            for thing, page, pages in _ranges(step):
                if thing in starts:
                    found |= {starts[thing] + page, starts[thing] + page + pages}
        return sorted(page for page in found if 0 <= page <= self.pages)


def groups(trace: Trace) -> list[Group]:
    """Every file and every mapping of a trace, in the order in which they come."""
    scenario = trace.scenario
    sizes: dict[str | None, int] = {}
    slots: dict[str | None, dict[str, Slot]] = {}
    made: list[File | Mapping] = sorted([*scenario.files.values(), *scenario.mappings.values()], key=attrgetter("step"))
    for thing in made:
        if isinstance(thing, File):
            sizes[thing.id] = max(lengths(trace, thing))
            slots[thing.id] = {}
            continue
        here, first = slots.setdefault(thing.file, {}), scenario.names.first_name(thing.id)
        if first != thing.id:
            here[first] = here[first]._replace(names=(*here[first].names, thing.id))
            continue
        sizes.setdefault(thing.file, thing.pages if thing.file else 0)
        here[thing.id] = Slot((thing.id,), thing.offset if thing.file else 0, thing.pages, thing.shared)
    return [Group(scenario, file, sizes[file], tuple(found.values())) for file, found in slots.items()]


def descriptors(trace: Trace) -> list[list[str]]:
    """Every descriptor, in the order in which they come; one that comes when another is gone takes its place."""
    places: list[list[str]] = []
    for fd, step in trace.scenario.names.descriptors.items():
        free = next((place for place in places if gone(trace, place[-1], step)), None)
        if free is None:
            places.append([fd])
        else:
            free.append(fd)
    return places


def spans(group: Group, rows: int) -> list[Span]:
    """The group's pages in at most so many rows: a page each, or else a row a range that steps name.

    If those are too many as well, the shortest ranges share a row with their neighbours.
    """
    rows = max(rows, 1)
    if group.pages <= rows:
        return [Span(page, page + 1) for page in range(group.pages)]
    cuts = list(group.edges)
    if len(cuts) > MANY:
        cuts = sorted({group.pages * row // rows for row in range(rows + 1)})
    while len(cuts) - 1 > rows:
        del cuts[min(range(1, len(cuts) - 1), key=lambda i: cuts[i + 1] - cuts[i - 1])]
    return [Span(first, last) for first, last in pairwise(cuts)]


_RANGES = (("mapping", "vma", "page"), ("mapping", "from", "from_page"), ("file", "file", "page"))
"""The kind of thing whose pages a step may name, and the keys with which it does."""


def _ranges(step: Step) -> Iterator[tuple[tuple[str, str], int, int]]:
    """The pages that a step names: whose, the first, and how many; 0 for as many as there are."""
    for kind, name, page in _RANGES:
        if step.given.get(name) is not None and page in step:
            yield (kind, step[name]), step[page], (step["pages"] or 0) if "pages" in step else 1
