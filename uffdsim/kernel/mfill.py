"""The way that all ioctls go which fill page tables (fs/userfaultfd.c, mm/userfaultfd.c).

COPY, ZEROPAGE, CONTINUE and POISON pass the same checks in the same order, and go through the pages until one
refuses. What each puts there stands in ``fills``.
"""

from contextlib import contextmanager

from uffdsim.kernel.descriptor import initialised
from uffdsim.kernel.fills import DONTWAKE, WP, Fill, Work
from uffdsim.kernel.hugetlb import hugetlb_vma_lock_read, hugetlb_vma_unlock_read
from uffdsim.kernel.mm import anon_vma_prepare, find_vma, place, pte_alloc
from uffdsim.kernel.span import Span, span_of, validate_range
from uffdsim.kernel.state import VM_UFFD_WP, Content
from uffdsim.kernel.task import Failed
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.runs import Run
from uffdsim.uapi import Errno, Ioctl


def ioctl(fill: Fill):
    """The system call for one of the fills."""

    @writes_back
    def call(task, step):
        id = initialised(task, step)
        say = "userfaultfd_ioctl"
        if fill.ioctl not in task.version.ioctls:
            task.fail(Errno.EINVAL, say, f"this kernel has no ioctl {fill.ioctl.name}")
        refuse_while_changing(task, id)
        span, modes = span_of(task, step), step.bits
        validate_range(task, span, say)
        known = fill.modes if task.version.continue_wp or fill.ioctl != Ioctl.CONTINUE else DONTWAKE
        if modes & ~known:
            task.fail(Errno.EINVAL, say, f"mode bits {modes & ~known:#x} mean nothing here")
        mm = context(task, id).mm
        if not task.state["mm", mm].alive:
            task.fail(Errno.ESRCH, say, "the process is gone")
        content = Content(step["value"]) if fill.ioctl == Ioctl.COPY else None
        protect = bool(modes & fill.modes & WP)
        with failure_written():
            count = _mfill_atomic(task, fill, mm, span, protect, content)
        finish(task, id, span, count, wake=not modes & DONTWAKE)
        return count

    return call


def writes_back(ioctl):
    """A system call that also writes a field back: how many bytes were done, or a negative errno."""

    def call(task, step):
        try:
            done = ioctl(task, step)
        except Failed as failed:
            return {"errno": failed.errno.name, "done": failed.done}
        return {"errno": None, "done": done}

    return call


@contextmanager
def failure_written():
    """What fails in here is written back."""
    try:
        yield
    except Failed as failed:
        failed.done = -int(failed.errno)
        raise


def refuse_while_changing(task, id: str):
    """Nothing is filled while an event of a change waits to be read.

    :raises Failed: with EAGAIN.
    """
    if context(task, id).changing:
        done = -Errno.EAGAIN if task.version.eagain_written else 0
        why = "the address space is changing, and the event of it has not been read"
        task.fail(Errno.EAGAIN, "userfaultfd_ioctl", why, done)


def finish(task, id: str, span: Span, count: int, wake: bool):
    """Wake whoever waits for what was done, and answer EAGAIN if it was not all.

    :raises Failed: with EAGAIN.
    """
    if wake:
        wake_userfault(task, id, span.start, span.start + count)
    if count < span.length:
        task.fail(Errno.EAGAIN, "userfaultfd_ioctl", f"{count} of {span.length} bytes were done", count)


def _mfill_atomic(task, fill: Fill, mm: str, span: Span, protect: bool, content: Content | None) -> int:
    """Check the VMA, then fill page after page until one refuses (mfill_atomic).

    :returns: how many bytes were filled; more than none.
    :raises Failed: if the first page refuses already.
    """
    say = fill.function
    task.say(say, f"{span.length} bytes from {place(task, span.start)} on: which VMA is it?")
    run = find_vma(task, span.start, mm)
    if run is not None and task.version.early_anon_vma and not run.value.is_shared:
        run = anon_vma_prepare(task, run, mm)
    if run is None or span.end > run.end or run.value.ctx is None:
        task.fail(Errno.ENOENT, say, "the range is not in one VMA that is watched")
    vma = run.value
    if protect and not vma.flags & VM_UFFD_WP:
        task.fail(Errno.EINVAL, say, "MODE_WP is for ranges that are registered WP")
    if vma.is_hugetlb:
        if fill.ioctl == Ioctl.ZEROPAGE:
            task.fail(Errno.EINVAL, say, "there is no huge zero page to map")
        if span.start % vma.page_size or span.length % vma.page_size:
            task.fail(Errno.EINVAL, say, "the range does not consist of whole huge pages")
    elif fill.ioctl == Ioctl.CONTINUE and (vma.is_anonymous or not task.version.minor_shmem):
        task.fail(Errno.EINVAL, say, f"{vma.mapping} is not of a kind of memory that has minor faults")
    if not vma.is_shared:
        run = anon_vma_prepare(task, run, mm)
    return _fill_pieces(Work(task, mm, run.value, protect, content), fill, span)


def _fill_pieces(work: Work, fill: Fill, span: Span) -> int:
    task, vma = work.task, work.vma
    for left, right, pte in task.state["ptes", work.mm].cut(span.start, span.end):
        for piece, cached in _by_cache(work, left, right):
            if vma.is_anonymous:
                pte_alloc(task, piece[0], piece[0] + 4096, work.mm)
            if vma.is_hugetlb:
                hugetlb_vma_lock_read(task, "keep the VMA's page tables as they are meanwhile")
            errno = fill.pages(work, Run(*piece, pte), cached)
            if vma.is_hugetlb:
                hugetlb_vma_unlock_read(task)
            if errno is not None:
                if piece[0] == span.start:
                    task.do(fill.function, "nothing was filled, so nobody is woken")
                    raise Failed(errno)
                return piece[0] - span.start
            if vma.is_anonymous:
                pte_alloc(task, *piece, work.mm)
    return span.length


def _by_cache(work: Work, left: int, right: int):
    """Cut a range where the file's pages change: those it has, holes, and what is beyond its end (cached is None)."""
    vma = work.vma
    if vma.is_anonymous:
        return [((left, right), False)]
    size = vma.page_size
    end = work.task.state["file", vma.file].pages * size + vma.zero
    pieces = []
    for start, stop, content in work.task.state["cache", vma.file].cut(vma.index(left), -(-(right - vma.zero) // size)):
        start, stop = max(vma.zero + start * size, left), min(vma.zero + stop * size, right)
        if start < end < stop:
            pieces += [((start, end), content is not None), ((end, stop), None)]
        else:
            pieces.append(((start, stop), content is not None if stop <= end else None))
    return pieces
