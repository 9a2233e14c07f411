"""mlock and munlock, and the faulting in that comes with a lock (mm/mlock.c, mm/gup.c)."""

from uffdsim.kernel.descriptor import ONE_BIT
from uffdsim.kernel.gup import Refused, populate_vma_page_range
from uffdsim.kernel.mm import vma_modify, vmas
from uffdsim.kernel.pages import Tally, pages
from uffdsim.kernel.span import PAGE, Span, empty, page_align, span_of, unmapped
from uffdsim.kernel.state import VM_LOCKED
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno


def do_mlock(task: Task, step: Step) -> Sleeping[Answer]:
    """The op mlock: mark the VMAs, then fault in their pages. If some cannot be brought, the mark stays where it is."""
    span = _span(task, step)
    did = apply_vma_lock_flags(task, span, VM_LOCKED)
    refused = yield from mm_populate(task, span.start, span.end)
    if refused:
        locked = any(run.value.flags & VM_LOCKED for run in vmas(task, span.start, span.end))
        stays = "; the range stays locked all the same" if locked else ""
        task.fail(Errno.ENOMEM, "__mm_populate", f"{refused.why}{stays}")
    task.done("__mm_populate", str(did) or empty(task, span))
    return {"errno": None}


def munlock(task: Task, step: Step) -> Answer:
    """The op munlock."""
    span = _span(task, step)
    did = apply_vma_lock_flags(task, span, 0)
    task.done("mlock_fixup", str(did) or empty(task, span))
    return {"errno": None}


def _span(task: Task, step: Step) -> Span:
    """The pages in which a range lies, from the first byte's on."""
    span = span_of(task, step)
    start = span.start // PAGE * PAGE
    return Span(start, page_align(span.length + span.start - start))


def apply_vma_lock_flags(task: Task, span: Span, flag: int) -> Tally:
    """Mark the VMAs of a range, up to the first hole.

    :returns: what was done.
    :raises Failed: with ENOMEM at a hole.
    """
    at, did = span.start, Tally(task)
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            before = f"; but {did}" if did else ""
            task.fail(Errno.ENOMEM, "apply_vma_lock_flags", unmapped(task, span) + before)
        end = min(run.end, span.end)
        mlock_fixup(task, run, at, end, flag, did)
        at = end
    return did


def mlock_fixup(task: Task, run: Run, start: int, end: int, flag: int, did: Tally) -> None:
    """Mark part of a VMA, or take the mark away, and note what was done."""
    vma = run.value
    flags = vma.flags & ~VM_LOCKED | flag
    where = pages(task, vma, start, end)
    shared = task.version.shares_bit and vma.ctx is not None
    minor = f", {'and' if flag else 'nor'} MINOR, as {ONE_BIT}" if shared else ""
    if vma.is_hugetlb:
        task.say("mlock_fixup", f"{where}: huge pages are never marked VM_LOCKED")
        did.add(vma, start, end, "{pages} {be} not marked as locked: huge pages never are")
    elif flags == vma.flags:
        did.add(vma, start, end, f"{{pages}} {{be}} {'locked already' if flag else 'not locked anyway'}")
    else:
        task.say("mlock_fixup", f"{where}: VM_LOCKED {'set' if flag else 'cleared'}")
        did.add(vma, start, end, f"{{pages}} {{be}} {'locked' if flag else 'not locked any more'}{minor}")
        vma_modify(task, run, start, end, vma._replace(flags=flags))


def mm_populate(task: Task, start: int, end: int) -> Sleeping[Refused | None]:
    """Fault in the pages of a range (__mm_populate). A hole ends it, and is no failure here.

    :returns: what stopped it: None or a ``gup.Refused``.
    """
    while start < end:
        run = next(iter(vmas(task, start, end)), None)
        if run is None:
            return None
        start, refused = yield from populate_vma_page_range(task, run, max(start, run.start), min(run.end, end))
        if refused:
            return refused
    return None
