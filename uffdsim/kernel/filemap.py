"""The page cache of a file: looking a page up in it, and mapping what is around one (mm/filemap.c)."""

from uffdsim import words
from uffdsim.kernel.mm import pte_alloc
from uffdsim.kernel.state import VM_WRITE, Pte
from uffdsim.kernel.task import Task
from uffdsim.kernel.vm_fault import Fault
from uffdsim.trace import Kind


def filemap_get_entry(task: Task, page: str, found: bool) -> None:
    """Tell whether the page cache has a page of a file."""
    text = f"{page} is in the page cache" if found else f"{page} is not in the page cache (a hole)"
    task.decide("filemap_get_entry", "cache?", "hit" if found else "miss", text, Kind.CALL)


def __filemap_get_folio(task: Task, page: str, found: bool) -> None:
    """The same, for whoever wants the page itself."""
    task.say("__filemap_get_folio", f"is {page} in the page cache?")
    filemap_get_entry(task, page, found)


def filemap_map_pages(fault: Fault, start: int, end: int) -> bool:
    """Map those pages of a range that the page cache has, and that have no entry yet: neighbours of one that is read.

    :returns: whether the page that is read has come along.
    """
    task, vma, state = fault.task, fault.vma, fault.task.state
    ptes, size = state["ptes", task.mm], vma.page_size
    cached = [
        (vma.zero + left * size, vma.zero + right * size)
        for left, right, content in state["cache", vma.file].cut(vma.pgoff(start), vma.pgoff(end))
        if content is not None and content.uptodate
    ]
    empty = [
        (max(left, hole), min(right, until))
        for left, right in cached
        for hole, until, pte in ptes.cut(left, right)
        if pte is None
    ]
    if cached:
        pte_alloc(task, vma, fault.start, fault.end)
    if not empty:
        return False
    number = sum(right - left for left, right in empty) // size
    task.say("filemap_map_pages", f"map what the page cache has around {fault.where}: {words.count(number, 'page')}")
    pte = Pte("file", writable=vma.is_shared and bool(vma.flags & VM_WRITE))
    for left, right in empty:
        state.put(("ptes", task.mm), left, right, pte)
    _, until, there = ptes.run_at(fault.start)
    if there is not None:
        fault.shorten(until)
    return there is not None
