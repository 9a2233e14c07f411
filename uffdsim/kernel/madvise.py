"""madvise: dropping pages, removing them, faulting them in (mm/madvise.c)."""

from uffdsim.kernel.events import remove
from uffdsim.kernel.gup import faultin_page_range
from uffdsim.kernel.mm import change, find_vma, pages, place, vmas
from uffdsim.kernel.span import Span, span_of
from uffdsim.kernel.state import POISON_MARKER, VM_DONTCOPY, VM_LOCKED, VM_WRITE, Vma
from uffdsim.kernel.task import through
from uffdsim.kernel.zap import vfs_fallocate, zap_page_range_single
from uffdsim.uapi import Errno

SAY = "madvise_dontneed_free"


def madvise(task, step):
    """The op madvise: VMA after VMA; a hole is told of in the end, and does not stop it."""
    span, advice = span_of(task, step, skew=False), step["advice"]
    task.say("madvise", f"MADV_{advice} for {span.length} bytes")
    if advice.startswith("POPULATE"):
        if not task.version.populate:
            task.fail(Errno.EINVAL, "madvise", f"this kernel has no MADV_{advice}")
        yield from _populate(task, span, advice == "POPULATE_WRITE")
        return {"errno": None}
    at, holes = span.start, False
    while at < span.end:
        run = next(iter(vmas(task, at, span.end)), None)
        if run is None:
            task.fail(Errno.ENOMEM, "madvise_walk_vmas", "nothing is mapped in (the rest of) the range")
        holes = holes or run.start > at
        start, end = max(at, run.start), min(run.end, span.end)
        reached = yield from through(ADVICE[advice](task, run.value, start, end))
        at = reached if task.version.madvise_resumes else end
    if holes:
        task.fail(Errno.ENOMEM, "madvise_walk_vmas", "part of the range is not mapped")
    return {"errno": None}


def _dontneed(task, vma: Vma, start: int, end: int):
    """Drop the entries of a range; what a file has, it keeps (madvise_dontneed_free)."""
    vma, end = yield from _told(task, vma, start, end)
    task.say("zap_page_range_single", f"{pages(vma, start, end)} from {place(task, start, vma)} on: their entries go")
    zap_page_range_single(task, vma, start, end)
    return end


def _free(task, vma: Vma, start: int, end: int):
    """Let anonymous pages be taken back when memory is short, which it never is here (madvise_dontneed_free)."""
    if vma.is_hugetlb:
        task.fail(Errno.EINVAL, SAY, "hugetlb has no MADV_FREE")
    vma, end = yield from _told(task, vma, start, end)
    if not vma.is_anonymous:
        task.fail(Errno.EINVAL, "madvise_free_single_vma", "only anonymous memory has MADV_FREE")
    task.say("madvise_free_single_vma", "pages may go when memory is short; poison markers go at once")
    for left, right, pte in task.state["ptes", task.mm].cut(start, end):
        if pte == POISON_MARKER:
            task.state.put(("ptes", task.mm), left, right, None)
    return end


def _told(task, vma: Vma, start: int, end: int):
    """Check that pages may be dropped, and tell of it; meanwhile the VMA may have become another one.

    :returns: the VMA that is there after the wait, and how much of the range is in it.
    """
    if why := _not_to_drop(task, vma):
        task.fail(Errno.EINVAL, SAY, why)
    if (yield from remove(task, vma, start, end)):
        run = find_vma(task, start)
        if run is None:
            task.fail(Errno.ENOMEM, SAY, "it is not mapped any more")
        vma, end = run.value, min(run.end, end)
        if why := _not_to_drop(task, vma):
            task.fail(Errno.EINVAL, SAY, why)
    return vma, end


def _not_to_drop(task, vma: Vma) -> str:
    """Why the pages of a VMA may not be dropped, or "" (madvise_dontneed_free_valid_vma)."""
    if vma.is_hugetlb:
        return "" if task.version.hugetlb_dontneed else "pages of hugetlb cannot be dropped on this kernel"
    return "locked memory keeps its pages" if vma.flags & VM_LOCKED else ""


def _remove(task, vma: Vma, start: int, end: int):
    """Punch a hole into the file that is mapped there (madvise_remove)."""
    say = "madvise_remove"
    if vma.flags & VM_LOCKED:
        task.fail(Errno.EINVAL, say, "locked memory keeps its pages")
    if vma.is_anonymous:
        task.fail(Errno.EINVAL, say, "there is no file to punch a hole into")
    if not vma.is_shared or (task.version.remove_needs_write and not vma.flags & VM_WRITE):
        task.fail(Errno.EACCES, say, "the mapping is not shared and writable")
    yield from remove(task, vma, start, end)
    vfs_fallocate(task, vma.file, vma.index(start), vma.index(end))
    return end


def _dontfork(task, vma: Vma, start: int, end: int):
    """Let children go without this range."""
    if not vma.flags & VM_DONTCOPY:
        task.say("madvise_update_vma", f"{pages(vma, start, end)} from {place(task, start, vma)} on: VM_DONTCOPY set")
        change(task, find_vma(task, start), start, end, vma._replace(flags=vma.flags | VM_DONTCOPY))
    return end


def _populate(task, span: Span, write: bool):
    """Fault in all pages of a range (madvise_populate)."""
    at = span.start
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            task.fail(Errno.ENOMEM, "madvise_populate", "part of the range is not mapped")
        at, refused = yield from faultin_page_range(task, run, at, min(run.end, span.end), write)
        if refused:
            task.fail(refused.errno, "madvise_populate", refused.why)


ADVICE = {"DONTNEED": _dontneed, "FREE": _free, "REMOVE": _remove, "DONTFORK": _dontfork}
