"""Shared memory: the page cache of a memfd, and its faults (mm/shmem.c, mm/filemap.c)."""

from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, VM_WRITE, Content, Pte
from uffdsim.kernel.userfaultfd import handle_userfault, is_minor
from uffdsim.kernel.vm_fault import SIGBUS
from uffdsim.trace import Kind

FAULT_AROUND_PAGES = 16
PTRS_PER_PTE = 512


def fault_around(fault) -> bool:
    """Map what is in the page cache around a read, so that it need not fault later (do_fault_around).

    The window is the aligned 16 pages around the address, clipped to the VMA's start and the page table's end.

    :returns: whether the page that was read has come along.
    """
    task, vma, state = fault.task, fault.vma, fault.task.state
    watched = vma.flags & (VM_UFFD_WP | task.version.minor_flag)
    if watched and not task.version.fault_around_minor:
        return False
    if vma.flags & VM_UFFD_MISSING:
        _, until, content = state["cache", vma.file].run_at(fault.index)
        fault.shorten(0 if content is None else fault.start + (until - fault.index) * vma.page_size)
    size = vma.page_size
    last = fault.end - size
    start = max(fault.run.start, fault.start // size // FAULT_AROUND_PAGES * FAULT_AROUND_PAGES * size)
    end = max(fault.run.start, last // size // FAULT_AROUND_PAGES * FAULT_AROUND_PAGES * size)
    end = min(end + FAULT_AROUND_PAGES * size, fault.run.end, (last // size // PTRS_PER_PTE + 1) * PTRS_PER_PTE * size)
    cached = [
        (vma.zero + left * size, vma.zero + right * size)
        for left, right, content in state["cache", vma.file].cut(vma.index(start), vma.index(end))
        if content is not None and right <= state["file", vma.file].pages
    ]
    empty = [
        (max(left, hole), min(right, until))
        for left, right in cached
        for hole, until, pte in state["ptes", task.mm].cut(left, right)
        if pte is None
    ]
    if not empty:
        return False
    task.say("filemap_map_pages", f"{sum(b - a for a, b in empty) // size} around it are in the page cache: map them")
    pte = Pte("file", vma.is_shared and bool(vma.flags & VM_WRITE))
    for left, right in empty:
        state.put(("ptes", task.mm), left, right, pte)
    _, until, there = state["ptes", task.mm].run_at(fault.start)
    if there is not None:
        fault.shorten(until)
    return there is not None


def shmem_fault(fault):
    """Find or make the file's page for a fault (shmem_fault, shmem_get_folio_gfp).

    :returns: "" with the page in the page cache, or what ends the fault.
    """
    task, vma, state = fault.task, fault.vma, fault.task.state
    task.say("shmem_fault", f"page {fault.index} of file {vma.file} is wanted")
    size, index = state["file", vma.file].pages, fault.index
    task.say("shmem_get_folio_gfp", f"look for page {index} of {vma.file}")
    if index >= size:
        task.decide("shmem_get_folio_gfp", "file?", "beyond", f"the file ends before page {index}: SIGBUS")
        return SIGBUS
    _, until, content = state["cache", vma.file].run_at(index)
    fault.shorten(fault.start + (min(until, size) - index) * vma.page_size)
    if content is not None:
        task.decide("filemap_get_entry", "cache?", "hit", f"page {index} is in the page cache", Kind.CALL)
        if is_minor(task, vma, "shmem_get_folio_gfp"):
            return (yield from handle_userfault(fault, task.version.minor_flag))
        return ""
    task.decide("filemap_get_entry", "cache?", "miss", f"page {index} is not in the page cache: a hole", Kind.CALL)
    if vma.flags & VM_UFFD_MISSING:
        task.decide("shmem_get_folio_gfp", "mode?", "MISSING", "the VMA is registered MISSING: ask user space")
        return (yield from handle_userfault(fault, VM_UFFD_MISSING))
    pages = (fault.end - fault.start) // vma.page_size
    task.decide(
        "shmem_get_folio_gfp", "mode?", "none", "the VMA is not registered MISSING: a page of zeros joins the cache"
    )
    state.put(("cache", vma.file), index, index + pages, Content())
    return ""
