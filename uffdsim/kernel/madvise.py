"""madvise: dropping pages, removing them, faulting them in (mm/madvise.c)."""

from collections.abc import Callable

from uffdsim import words
from uffdsim.kernel.changes import since
from uffdsim.kernel.descriptor import ONE_BIT
from uffdsim.kernel.events import untold, userfaultfd_remove
from uffdsim.kernel.gup import faultin_page_range
from uffdsim.kernel.mm import find_vma, place, vma_modify, vmas
from uffdsim.kernel.pages import Tally, be, file_pages, pages
from uffdsim.kernel.span import Span, named, page_align, span_of, torn, unaligned, unmapped
from uffdsim.kernel.state import VM_DONTCOPY, VM_LOCKED, VM_WRITE, Pte, Vma
from uffdsim.kernel.task import Answer, Sleeping, Task, through
from uffdsim.kernel.zap import punch_hole, zap_page_range_single
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, Feature

SAY = "madvise_dontneed_free"
Visit = Callable[[Task, Vma, int, int], int | Sleeping[int]]


def do_madvise(task: Task, step: Step) -> Sleeping[Answer]:
    """The op madvise."""
    span, advice = span_of(task, step), step["advice"]
    task.say("madvise", f"MADV_{advice} for {span.length} bytes")
    if advice.startswith("POPULATE") and not task.version.populate:
        task.fail(Errno.EINVAL, "madvise", f"this kernel has no MADV_{advice}, which came with {since('populate')}")
    if why := unaligned(span):
        task.fail(Errno.EINVAL, "madvise", why)
    span = Span(span.start, page_align(span.length))
    if advice.startswith("POPULATE") and task.version.populates_whole:
        yield from madvise_populate(task, span, advice == "POPULATE_WRITE")
    else:
        yield from madvise_walk_vmas(task, span, ADVICE[advice])
    return {"errno": None}


def madvise_walk_vmas(task: Task, span: Span, visit: Visit) -> Sleeping[None]:
    """Visit VMA after VMA. A hole does not stop the walk, and is reported at the end.

    :param visit: ``visit(task, vma, start, end)`` says how far it came: less far than ``end`` if the VMA has become
        shorter while the visit waited.
    :raises Failed: with ENOMEM for a hole, and with what a visit raises, which ends the walk.
    """
    say, at, hole = "madvise_walk_vmas", span.start, ""
    while at < span.end:
        run = next(iter(vmas(task, at, span.end)), None)
        if run is None:
            task.fail(Errno.ENOMEM, say, unmapped(task, Span(at, span.end - at)))
        start, end = max(at, run.start), min(run.end, span.end)
        hole = hole or unmapped(task, Span(at, start - at))
        reached = yield from through(visit(task, run.value, start, end))
        at = reached if task.version.madvise_resumes else end
    if hole:
        task.fail(Errno.ENOMEM, say, f"{hole}; the rest is done")


def madvise_dontneed_single_vma(task: Task, vma: Vma, start: int, end: int) -> Sleeping[int]:
    """MADV_DONTNEED: empty the entries of a range. What a file has, it keeps."""
    whole, (vma, end, waited) = end, (yield from _told(task, vma, start, end))
    if start == end:
        task.done(SAY, f"nothing changes: the range has no whole page of {vma.mapping}")
        return whole
    where, did = pages(task, vma, start, end), Tally(task)
    for left, right, pte in task.state["ptes", task.mm].over(start, end):
        if text := _emptied(task, vma, pte):
            did.add(vma, max(left, start), min(right, end), text)
    task.say("zap_page_range_single", f"{where}: the entries go")
    zap_page_range_single(task, vma, start, end)
    if did:
        _tell(task, vma, start, did)
    else:
        task.done(SAY, f"nothing changes: nothing is mapped at {where}")
    return end if waited else whole


def _emptied(task: Task, vma: Vma, pte: Pte) -> str:
    """What it means for pages that their entries go."""
    if pte.kind == "poison-marker":
        return "{pages} {be} not poisoned any more"
    if pte.kind == "file":
        return f"{{pages}} {{be}} not mapped any more, and kept by {_file(task, vma)}"
    if not pte.present:
        return ""
    kept = "anonymous memory is kept nowhere else" if vma.is_anonymous else "the file knows nothing of private copies"
    return f"{{pages}} {{be}} gone: {kept}"


def madvise_free_single_vma(task: Task, vma: Vma, start: int, end: int) -> Sleeping[int]:
    """MADV_FREE: let anonymous pages be taken back when memory is short, which it never is here."""
    if vma.is_hugetlb:
        task.fail(Errno.EINVAL, SAY, f"{vma.mapping} is hugetlb, which has no MADV_FREE")
    whole, (vma, end, waited) = end, (yield from _told(task, vma, start, end))
    if start == end:
        return whole
    if not vma.is_anonymous:
        # Looked at only now: whoever asked for EVENT_REMOVE has been told about something that does not happen.
        why = f"{vma.mapping} maps a file, and only anonymous pages can be freed so"
        task.fail(Errno.EINVAL, "madvise_free_single_vma", why)
    where, ptes = pages(task, vma, start, end), ("ptes", task.mm)
    task.say("madvise_free_single_vma", "pages may go when memory is short; poison markers go at once")
    poisoned = False
    for left, right, pte in task.state[ptes].cut(start, end):
        if pte is not None and pte.kind == "poison-marker":
            poisoned = True
            task.state.put(ptes, left, right, None)
    healed = "; what was poisoned is healed" if poisoned else ""
    _tell(task, vma, start, f"{where} may go when memory is short, which it is not{healed}")
    return end if waited else whole


def _told(task: Task, vma: Vma, start: int, end: int) -> Sleeping[tuple[Vma, int, bool]]:
    """Check that pages may be dropped, and tell of it.

    While the message waits to be read, no lock is held: the VMA may be gone, shorter or of another kind, so it is
    looked up and checked a second time.

    :returns: the VMA that is there after the wait, how much of the range is in it, and whether there was a wait.
    """
    end = _check_dontneed(task, vma, start, end)
    if start == end or not (yield from userfaultfd_remove(task, vma, start, end)):
        return vma, end, False
    run = find_vma(task, start)
    if run is None:
        task.fail(Errno.ENOMEM, SAY, f"{place(task, start)} was unmapped while the message waited")
    return run.value, min(run.end, _check_dontneed(task, run.value, start, end)), True


def _check_dontneed(task: Task, vma: Vma, start: int, end: int) -> int:
    """Whether the pages of a VMA may be dropped, and up to where: huge ones only whole
    (madvise_dontneed_free_valid_vma).

    :raises Failed: with EINVAL.
    """
    if vma.is_hugetlb:
        if not task.version.hugetlb_dontneed:
            why = f"{vma.mapping} is hugetlb, which can be dropped since {since('hugetlb_dontneed')}"
            task.fail(Errno.EINVAL, SAY, why)
        if start % vma.page_size:
            task.fail(Errno.EINVAL, SAY, torn(Span(start, 0), vma))
        return end // vma.page_size * vma.page_size
    if vma.flags & VM_LOCKED:
        task.fail(Errno.EINVAL, SAY, _locked(task, vma))
    return end


def _locked(task: Task, vma: Vma) -> str:
    """That a VMA keeps its pages, as it is locked, or looks as if it were."""
    looks = f"counts as locked, as {ONE_BIT}" if task.version.shares_bit and vma.ctx is not None else "is locked"
    return f"{vma.mapping} {looks}: it keeps its pages"


def madvise_remove(task: Task, vma: Vma, start: int, end: int) -> Sleeping[int]:
    """MADV_REMOVE: punch a hole into the file that is mapped there."""
    say, name = "madvise_remove", vma.mapping
    if vma.flags & VM_LOCKED:
        task.fail(Errno.EINVAL, say, _locked(task, vma))
    if vma.file is None:
        task.fail(Errno.EINVAL, say, f"{name} is anonymous memory: there is no file to punch a hole into")
    if not vma.is_shared:
        task.fail(Errno.EACCES, say, f"{name} is private, and may not take pages from the file")
    if task.version.remove_needs_write and not vma.flags & VM_WRITE:
        task.fail(Errno.EACCES, say, f"{name} may not be written")
    yield from userfaultfd_remove(task, vma, start, end)
    punch_hole(task, vma.file, start - vma.zero, end - start)
    if (end - start) % vma.page_size or start % vma.page_size:
        gone = f"of {_file(task, vma)} {words.size(end - start)}: whole pages go, and what is cut off of one is zeros"
    else:
        where, be_ = file_pages(task, vma, start, end), be(vma, (start, end))
        gone = f"{where} {be_} gone, from the file and from every mapping of it"
    _tell(task, vma, start, gone)
    return end


def madvise_update_vma(task: Task, vma: Vma, start: int, end: int) -> int:
    """MADV_DONTFORK: let children go without this range."""
    where = pages(task, vma, start, end)
    if vma.flags & VM_DONTCOPY:
        task.done("madvise_update_vma", f"nothing changes: children go without {where} already")
    else:
        task.say("madvise_update_vma", f"{where}: VM_DONTCOPY set")
        task.done("madvise_update_vma", f"no child will have {where}")
        run = task.state["vmas", task.mm].run_at(start)
        vma_modify(task, run, start, end, vma._replace(flags=vma.flags | VM_DONTCOPY))
    return end


def _tell(task: Task, vma: Vma, start: int, did: Tally | str) -> None:
    """Tell what was done to a VMA's pages, and that its descriptor was not told, if it did not ask."""
    silent = untold(task, [Run(start, start, vma)], Feature.EVENT_REMOVE)
    task.done("madvise", lambda: "; ".join(filter(None, [str(did), silent])))


def _file(task: Task, vma: Vma) -> str:
    return "the file behind it" if vma.file is None or task.state["file", vma.file].anonymous else vma.file


def madvise_populate(task: Task, span: Span, write: bool) -> Sleeping[None]:
    """MADV_POPULATE_READ and _WRITE: fault in all pages of a range as touches would, up to the first that fails."""
    at, say = span.start, "madvise_populate"
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            task.fail(Errno.ENOMEM, say, unmapped(task, span))
        at, refused = yield from faultin_page_range(task, run, at, min(run.end, span.end), write)
        if refused:
            task.fail(refused.errno, say, refused.why)
    task.done(say, f"all of {named(task, span)} {'may be written' if write else 'is there'} now")


def _populated(write: bool) -> Visit:
    def visit(task: Task, vma: Vma, start: int, end: int) -> Sleeping[int]:
        yield from madvise_populate(task, Span(start, end - start), write)
        return end

    return visit


ADVICE: dict[str, Visit] = {
    "POPULATE_READ": _populated(write=False),
    "POPULATE_WRITE": _populated(write=True),
    "DONTNEED": madvise_dontneed_single_vma,
    "FREE": madvise_free_single_vma,
    "REMOVE": madvise_remove,
    "DONTFORK": madvise_update_vma,
}
