"""UFFDIO_WRITEPROTECT: user space wants to be told of writes (fs/userfaultfd.c, mm/userfaultfd.c)."""

from uffdsim.kernel.descriptor import initialised
from uffdsim.kernel.mfill import refuse_while_changing
from uffdsim.kernel.mm import place, vmas
from uffdsim.kernel.protection import uffd_wp_range
from uffdsim.kernel.register import vma_can_userfault
from uffdsim.kernel.span import Span, span_of, validate_range
from uffdsim.kernel.state import VM_UFFD_WP
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.uapi import Errno, WriteprotectMode


def writeprotect(task, step):
    """UFFDIO_WRITEPROTECT (userfaultfd_writeprotect, mwriteprotect_range): VMA after VMA, up to one that refuses."""
    id = initialised(task, step)
    say, ctx = "userfaultfd_ioctl", context(task, id)
    refuse_while_changing(task, id)
    span, modes = span_of(task, step), step.bits
    validate_range(task, span, say)
    protect = bool(modes & WriteprotectMode.WP)
    if modes & ~int(WriteprotectMode.WP | WriteprotectMode.DONTWAKE) or modes == 3:
        task.fail(Errno.EINVAL, say, "the mode is WP, DONTWAKE or neither")
    if not task.state["mm", ctx.mm].alive:
        task.fail(Errno.ESRCH, say, "the process is gone")
    _mwriteprotect_range(task, id, ctx.mm, span, protect)
    if not protect and not modes & WriteprotectMode.DONTWAKE:
        wake_userfault(task, id, span.start, span.end)
    return {"errno": None}


def _mwriteprotect_range(task, id: str, mm: str, span: Span, protect: bool):
    say = "mwriteprotect_range"
    task.say(say, f"{'protect' if protect else 'unprotect'} the range")
    found = vmas(task, span.start, span.end, mm)
    if not found:
        task.fail(Errno.ENOENT, say, "nothing is mapped there")
    if not task.version.wp_spans_vmas and (found[0].start > span.start or found[0].end < span.end):
        task.fail(Errno.ENOENT, say, "the range is not in one VMA")
    for run in found:
        vma = run.value
        if not vma.flags & VM_UFFD_WP or vma.ctx is None:
            task.fail(Errno.ENOENT, say, f"{place(task, run.start, vma)} is not registered WP")
        if (
            task.version.wp_files
            and not task.version.wp_spans_vmas
            and not vma_can_userfault(task, vma, vma.flags, context(task, id))
        ):
            task.fail(Errno.ENOENT, say, f"{vma.mapping} is marked with a mode that its kind of memory cannot have")
        if vma.is_hugetlb and (span.start % vma.page_size or span.length % vma.page_size):
            task.fail(Errno.EINVAL, say, "the range does not consist of whole huge pages")
        uffd_wp_range(task, vma, max(run.start, span.start), min(run.end, span.end), protect, mm)
