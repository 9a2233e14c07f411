"""Pages in words: ranges of a VMA by the names of the scenario, and what was done to which of them."""

from collections.abc import Iterable

from uffdsim import words
from uffdsim.kernel.mm import page_at
from uffdsim.kernel.state import Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Runs

MANY = 4
"""How many pieces of a range are named one by one, at most."""


def pages(task: Task, vma: Vma, start: int, end: int) -> str:
    """A range of a VMA in words: ``page 0 of watched``, ``pages 0 to 3 of watched``."""
    mapping, first = page_at(task, start, vma)
    return words.pages(mapping, first, (end - start) // vma.page_size)


def pieces(task: Task, vma: Vma, ranges: Iterable[tuple[int, int]]) -> str:
    """Several ranges of a mapping in words: ``pages 0, 2 and 4 to 6 of watched``; of many, how many pages in all.

    :param vma: one VMA of the mapping.
    """
    joined = Runs()
    for start, end in ranges:
        joined.put(start, end, True)
    found = list(joined)
    if len(found) == 1:
        return pages(task, vma, found[0].start, found[0].end)
    mapping, first = page_at(task, found[0].start, vma)
    if len(found) > MANY:
        return f"{words.count(joined.total() // vma.page_size, 'page')} of {mapping} from page {first:,} on"
    spans = [(page_at(task, run.start, vma)[1], page_at(task, run.end - 1, vma)[1]) for run in found]
    return words.scattered(mapping, spans)


def be(vma: Vma, *ranges: tuple[int, int]) -> str:
    """The verb that goes with these pages: ``is`` for one, ``are`` for more."""
    return "is" if sum(end - start for start, end in ranges) == vma.page_size else "are"


def file_page(task: Task, vma: Vma, index: int) -> str:
    """A page of a VMA's file: ``page 0 of F``."""
    return words.page(_file(task, vma), index)


def file_pages(task: Task, vma: Vma, start: int, end: int) -> str:
    """The pages of a file that a range of a VMA maps: ``page 0 of F``."""
    return words.pages(_file(task, vma), vma.pgoff(start), (end - start) // vma.page_size)


def beyond(task: Task, vma: Vma) -> str:
    """That a page is behind the last one of its VMA's file: ``is beyond the end of F, which has 1 page``."""
    length = words.count(task.state["file", vma.file].pages, "page")
    return f"is beyond the end of {_file(task, vma)}, which has {length}"


def _file(task: Task, vma: Vma) -> str:
    """A VMA's file in words. A mapping without one has a file that the kernel made, which has no name."""
    if vma.file is None or task.state["file", vma.file].anonymous:
        return f"the file behind {vma.mapping}"
    return vma.file


class Tally:
    """What was done to which pages; those to which the same was done are named together.

    A text says it with ``{pages}`` for the pages and ``{be}`` for the verb: ``{pages} {be} locked``.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.found: dict[str, dict[str, tuple[Vma, list[tuple[int, int]]]]] = {}

    def add(self, vma: Vma, start: int, end: int, text: str) -> None:
        """Note what was done to a range of a VMA."""
        self.found.setdefault(text, {}).setdefault(vma.mapping, (vma, []))[1].append((start, end))

    def __bool__(self) -> bool:
        return bool(self.found)

    def __str__(self) -> str:
        return "; ".join(self._told(text, list(where.values())) for text, where in self.found.items())

    def _told(self, text: str, where: list[tuple[Vma, list[tuple[int, int]]]]) -> str:
        vma, ranges = where[0]
        verb = be(vma, *ranges) if len(where) == 1 else "are"
        return text.format(pages=words.listed(pieces(self.task, vma, ranges) for vma, ranges in where), be=verb)
