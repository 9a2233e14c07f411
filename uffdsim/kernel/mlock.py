"""mlock and munlock, and the faulting in that comes with a lock (mm/mlock.c, mm/gup.c)."""

from uffdsim.kernel.fault import populate
from uffdsim.kernel.mm import change, pages, place, vmas
from uffdsim.kernel.span import Span, span_of
from uffdsim.kernel.state import VM_ACCESS, VM_LOCKED, VM_SHARED, VM_WRITE
from uffdsim.kernel.vm_fault import RETRY
from uffdsim.uapi import Errno


def mlock(task, step):
    """The op mlock: mark the VMAs, then fault in their pages."""
    span = span_of(task, step, skew=False)
    apply_vma_lock_flags(task, span, VM_LOCKED)
    result = yield from mm_populate(task, span.start, span.end)
    if result:
        task.fail(Errno.ENOMEM, "__mm_populate", f"pages could not be had ({result}); the mark stays")
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
    """Fault in the pages of a range, for writing where the mapping is private and writable (__mm_populate).

    :returns: "" or what stopped it.
    """
    while start < end:
        run = next(iter(vmas(task, start, end)), None)
        if run is None:
            return ""
        start = max(start, run.start)
        flags = run.value.flags
        write = bool(flags & VM_WRITE) and not flags & VM_SHARED
        start, result = yield from populate(task, run, start, min(run.end, end), write, bool(flags & VM_ACCESS))
        if result and result != RETRY:
            return result
    return ""
