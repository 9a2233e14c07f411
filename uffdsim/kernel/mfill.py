"""The way that all ioctls go which fill page tables (fs/userfaultfd.c, mm/userfaultfd.c).

COPY, ZEROPAGE, CONTINUE and POISON pass the same checks in the same order: what is wrong with the request itself, then
what is wrong with the VMA, then page after page until one refuses. What each puts there is in ``fills``.
"""

from collections.abc import Callable, Iterator

from uffdsim.kernel.answers import finish, refuse_while_changing, writes_back, written
from uffdsim.kernel.changes import since
from uffdsim.kernel.descriptor import check_known, userfaultfd_ioctl
from uffdsim.kernel.fills import CONTINUE, COPY, DONTWAKE, POISON, WP, ZEROPAGE, Fill, Work
from uffdsim.kernel.hugetlb import hugetlb_vma_lock_read, hugetlb_vma_unlock_read
from uffdsim.kernel.mm import anon_vma_prepare, find_vma, modes, pte_alloc
from uffdsim.kernel.span import Span, named, not_watched, span_of, torn, validate_range
from uffdsim.kernel.state import VM_UFFD_WP, Content, Vma
from uffdsim.kernel.task import Answer, Failed, Task
from uffdsim.kernel.userfaultfd import context
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, Ioctl


def _ioctl(fill: Fill) -> Callable[[Task, Step], Answer]:
    """The system call for one of the fills."""

    @writes_back
    def call(task: Task, step: Step) -> int:
        id = userfaultfd_ioctl(task, step)
        say = "userfaultfd_ioctl"
        check_known(task, fill.ioctl)
        # Before anything else is looked at. The kernel asks again under a lock; here nothing can happen in between.
        refuse_while_changing(task, id)
        span, asked = span_of(task, step), step.bits
        validate_range(task, span, say)
        known = fill.modes if task.version.continue_wp or fill.ioctl != Ioctl.CONTINUE else DONTWAKE
        if unknown := asked & ~known:
            later = f"MODE_WP, which came with {since('continue_wp')}" if unknown == fill.modes & ~known else ""
            task.fail(Errno.EINVAL, say, f"{fill.ioctl.name} has no {later or f'mode with the bit {unknown:#x}'}")
        mm = context(task, id).mm
        if not task.state["mm", mm].alive:
            task.fail(Errno.ESRCH, say, f"{step['fd']} is for the memory of a child that has ended")
        content = Content(step["value"] if fill.ioctl == Ioctl.COPY else 0)
        try:
            count, stopped = mfill_atomic(task, fill, mm, span, bool(asked & fill.modes & WP), content)
        except Failed as failed:
            raise written(failed) from None
        finish(task, id, span, count, stopped, wake=not asked & DONTWAKE)
        return count

    return call


userfaultfd_copy = _ioctl(COPY)
userfaultfd_zeropage = _ioctl(ZEROPAGE)
userfaultfd_continue = _ioctl(CONTINUE)
userfaultfd_poison = _ioctl(POISON)


def mfill_atomic(
    task: Task, fill: Fill, mm: str, span: Span, protect: bool, content: Content
) -> tuple[int, Errno | None]:
    """Check the VMA, then fill page after page until one refuses.

    :returns: how many bytes were filled, more than none; and with what the next page refused, or None.
    :raises Failed: if the VMA is not right, or the first page refuses already.
    """
    task.say(fill.function, f"{named(task, span)}: which VMA is it?")
    run = uffd_mfill_lock(task, fill, mm, span)
    _check_vma(task, fill, run.value, span, protect)
    if not run.value.is_shared:
        run = anon_vma_prepare(task, run, mm)
    work = Work(task, mm, run.value, protect, content)
    done = span.start
    for piece, cached in _pieces(work, span):
        if stopped := _fill(work, fill, piece, cached):
            if done == span.start:
                raise Failed(stopped)
            return done - span.start, stopped
        done = piece.end
    return span.length, None


def uffd_mfill_lock(task: Task, fill: Fill, mm: str, span: Span) -> Run:
    """The VMA to be filled. It must be watched, by whichever descriptor, and have the range to its end.

    :raises Failed: with ENOENT.
    """
    run = find_vma(task, span.start, mm)
    if run is not None and task.version.early_anon_vma and not run.value.is_shared:
        # Where VMAs have locks of their own, this cannot wait until the VMA is locked: it stays, refused or not.
        run = anon_vma_prepare(task, run, mm)
    if run is None or run.value.ctx is None or span.end > run.end:
        task.fail(Errno.ENOENT, fill.function, not_watched(task, span, mm))
    return run


def _check_vma(task: Task, fill: Fill, vma: Vma, span: Span, protect: bool) -> None:
    """Whether this kind of VMA can be filled so.

    :raises Failed: with EINVAL.
    """
    say, why = fill.function, ""
    if protect and not vma.flags & VM_UFFD_WP:
        why = f"MODE_WP is for what is registered WP, and {vma.mapping} is registered {modes(task, vma)}"
    elif vma.is_hugetlb:
        if fill.ioctl == Ioctl.ZEROPAGE:
            why = f"{vma.mapping} is hugetlb, and there is no huge zero page to map"
        else:
            why = torn(span, vma)
    elif fill.ioctl == Ioctl.CONTINUE and vma.is_anonymous:
        why = f"{vma.mapping} is anonymous memory: there is no page cache that CONTINUE could map from"
    elif fill.ioctl == Ioctl.CONTINUE and not task.version.minor_shmem:
        why = f"{vma.mapping} is shared memory, which CONTINUE is not for on this kernel"
    if why:
        task.fail(Errno.EINVAL, say, why)


def _fill(work: Work, fill: Fill, piece: Run, cached: bool | None) -> Errno | None:
    """Fill a piece in which all pages are alike; with what it refused, or None."""
    task, vma = work.task, work.vma
    # The first page has its page table before it is known whether it can be filled; the others come to it later.
    pte_alloc(task, vma, piece.start, piece.start + vma.page_size, work.mm)
    if vma.is_hugetlb:
        hugetlb_vma_lock_read(task, "keep the VMA's part of the page table as it is meanwhile")
    errno = fill.pages(work, piece, cached)
    if vma.is_hugetlb:
        hugetlb_vma_unlock_read(task)
    if errno is None:
        pte_alloc(task, vma, piece.start, piece.end, work.mm)
    return errno


def _pieces(work: Work, span: Span) -> Iterator[tuple[Run, bool | None]]:
    """The range in pieces that are alike: one kind of entry, and pages that the file has (True), or holes (False), or
    what is beyond the file's end (None)."""
    task, vma = work.task, work.vma
    for start, end, pte in task.state["ptes", work.mm].cut(span.start, span.end):
        if vma.is_anonymous:
            yield Run(start, end, pte), False
            continue
        eof = vma.zero + task.state["file", vma.file].pages * vma.page_size
        cache = task.state["cache", vma.file].cut(vma.pgoff(start), vma.pgoff(end))
        for first, last, content in cache:
            left, right = vma.zero + first * vma.page_size, vma.zero + last * vma.page_size
            if left < min(right, eof):
                yield Run(left, min(right, eof), pte), content is not None
            if max(left, eof) < right:
                yield Run(max(left, eof), right, pte), None
