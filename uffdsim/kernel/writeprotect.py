"""UFFDIO_WRITEPROTECT: user space wants to hear about writes (fs/userfaultfd.c, mm/userfaultfd.c)."""

from uffdsim.kernel.answers import answers, refuse_while_changing
from uffdsim.kernel.descriptor import userfaultfd_ioctl
from uffdsim.kernel.mm import modes, place, vmas
from uffdsim.kernel.pages import Tally
from uffdsim.kernel.protection import uffd_wp_range
from uffdsim.kernel.register import vma_can_userfault
from uffdsim.kernel.span import Span, leaves, span_of, torn, unmapped, validate_range
from uffdsim.kernel.state import VM_UFFD_WP, Vma
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.kernel.waiters import tell_unwoken
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, WriteprotectMode


@answers
def userfaultfd_writeprotect(task: Task, step: Step) -> Answer:
    """UFFDIO_WRITEPROTECT. Protecting wakes nobody; lifting a protection wakes who waits there, but for DONTWAKE."""
    id = userfaultfd_ioctl(task, step)
    say, ctx = "userfaultfd_ioctl", context(task, id)
    refuse_while_changing(task, id)
    span, asked = span_of(task, step), step.bits
    validate_range(task, span, say)
    protect, dontwake = (bool(asked & mode) for mode in (WriteprotectMode.WP, WriteprotectMode.DONTWAKE))
    if unknown := asked & ~sum(WriteprotectMode):
        task.fail(Errno.EINVAL, say, f"no mode has the bit {unknown:#x}")
    if protect and dontwake:
        task.fail(Errno.EINVAL, say, "WP never wakes anybody: DONTWAKE is only for lifting a protection")
    if not task.state["mm", ctx.mm].alive:
        task.fail(Errno.ESRCH, say, f"{step['fd']} is for the memory of a child that has ended")
    mwriteprotect_range(task, ctx.mm, span, protect)
    if not protect and not dontwake:
        wake_userfault(task, id, span.start, span.end)
    tell_unwoken(task, id, span, "protecting wakes nobody" if protect else "DONTWAKE")
    return {"errno": None}


def mwriteprotect_range(task: Task, mm: str, span: Span, protect: bool) -> None:
    """Protect VMA after VMA, up to one that refuses: those before it stay as they are by then."""
    say = "mwriteprotect_range"
    task.say(say, f"{'protect' if protect else 'unprotect'} the range")
    found = vmas(task, span.start, span.end, mm)
    if not found:
        task.fail(Errno.ENOENT, say, unmapped(task, span, mm))
    if not task.version.wp_spans_vmas and (found[0].start > span.start or found[0].end < span.end):
        task.fail(Errno.ENOENT, say, unmapped(task, span, mm) or leaves(task, span, found[0], mm))
    did = Tally(task)
    for run in found:
        start, end = max(run.start, span.start), min(run.end, span.end)
        _check(task, run.value, start, span, did)
        uffd_wp_range(task, run.value, start, end, protect, mm, did)
    task.done(say, lambda: str(did))


def _check(task: Task, vma: Vma, start: int, span: Span, did: Tally) -> None:
    """Whether a VMA may be protected.

    :param did: what was done to those before it, which stays.
    :raises Failed: with ENOENT or EINVAL.
    """
    say, version = "mwriteprotect_range", task.version
    before = f"; but {did}" if did else ""
    if vma.ctx is None:
        task.fail(Errno.ENOENT, say, f"{place(task, start, vma)} is not registered{before}")
    if not vma.flags & VM_UFFD_WP:
        only = f", only {modes(task, vma)}" if modes(task, vma) else ""
        task.fail(Errno.ENOENT, say, f"{place(task, start, vma)} is not registered WP{only}{before}")
    if version.wp_files and not version.wp_spans_vmas and not vma_can_userfault(task, vma, vma.flags):
        task.fail(Errno.ENOENT, say, f"{vma.mapping} is marked with a mode that its kind of memory cannot have")
    if vma.is_hugetlb and (span.start % vma.page_size or span.length % vma.page_size):
        task.fail(Errno.EINVAL, say, f"{torn(span, vma)}{before}")
