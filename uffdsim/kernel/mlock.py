"""mlock and munlock, and the faulting in that comes with a lock (mm/mlock.c, mm/gup.c)."""

from uffdsim.kernel.gup import populate_vma_page_range
from uffdsim.kernel.mm import change, pages, place, vmas
from uffdsim.kernel.span import Span, span_of
from uffdsim.kernel.state import VM_LOCKED
from uffdsim.uapi import Errno


def mlock(task, step):
    """The op mlock: mark the VMAs, then fault in their pages."""
    span = span_of(task, step, skew=False)
    apply_vma_lock_flags(task, span, VM_LOCKED)
    refused = yield from mm_populate(task, span.start, span.end)
    if refused:
        task.fail(Errno.ENOMEM, "__mm_populate", f"{refused.why}; VM_LOCKED stays set")
    return {"errno": None}


def munlock(task, step):
    """The op munlock."""
    apply_vma_lock_flags(task, span_of(task, step, skew=False), 0)
    return {"errno": None}


def apply_vma_lock_flags(task, span: Span, flag: int):
    """Mark the VMAs of a range, up to the first hole (apply_vma_lock_flags).

    :raises Failed: with ENOMEM at a hole.
    """
    say, at = "apply_vma_lock_flags", span.start
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            task.fail(Errno.ENOMEM, say, f"nothing is mapped at {at:#x}")
        end = min(run.end, span.end)
        vma = run.value
        flags = vma.flags & ~VM_LOCKED | flag
        if vma.is_hugetlb:
            task.say("mlock_fixup", f"{place(task, at, vma)}: huge pages are never marked VM_LOCKED")
        elif flags != vma.flags:
            done = "set" if flag else "cleared"
            task.say("mlock_fixup", f"{pages(vma, at, end)} from {place(task, at, vma)} on: VM_LOCKED {done}")
            change(task, run, at, end, vma._replace(flags=flags))
        at = end


def mm_populate(task, start: int, end: int):
    """Fault in the pages of a range (__mm_populate).

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
