"""UFFDIO_RWPROTECT: user space wants to hear about every touch (mm/userfaultfd.c of Linux 7.3)."""

from uffdsim.kernel.answers import answers, refuse_while_changing
from uffdsim.kernel.descriptor import check_known, userfaultfd_ioctl
from uffdsim.kernel.mm import modes, place, vmas
from uffdsim.kernel.pages import Tally
from uffdsim.kernel.protection import mrwprotect
from uffdsim.kernel.span import Span, span_of, torn, unmapped, validate_range
from uffdsim.kernel.state import VM_UFFD_RWP
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.kernel.waiters import tell_unwoken
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, Ioctl, RwprotectMode


@answers
def userfaultfd_rwprotect(task: Task, step: Step) -> Answer:
    """UFFDIO_RWPROTECT. Protecting wakes nobody; giving pages back wakes who waits there, but for DONTWAKE."""
    id = userfaultfd_ioctl(task, step)
    check_known(task, Ioctl.RWPROTECT)
    say, ctx = "userfaultfd_ioctl", context(task, id)
    refuse_while_changing(task, id)
    span, asked = span_of(task, step), step.bits
    validate_range(task, span, say)
    protect, dontwake = (bool(asked & mode) for mode in (RwprotectMode.RWP, RwprotectMode.DONTWAKE))
    if unknown := asked & ~sum(RwprotectMode):
        task.fail(Errno.EINVAL, say, f"no mode has the bit {unknown:#x}")
    if protect and dontwake:
        task.fail(Errno.EINVAL, say, "RWP never wakes anybody: DONTWAKE is only for giving pages back")
    if not task.state["mm", ctx.mm].alive:
        task.fail(Errno.ESRCH, say, f"{step['fd']} is for the memory of a child that has ended")
    mrwprotect_range(task, ctx.mm, span, protect)
    if not protect and not dontwake:
        wake_userfault(task, id, span.start, span.end)
    tell_unwoken(task, id, span, "protecting wakes nobody" if protect else "DONTWAKE")
    return {"errno": None}


def mrwprotect_range(task: Task, mm: str, span: Span, protect: bool) -> None:
    """Look at all VMAs of the range before any is changed, so that a refusal changes nothing; gaps are passed over.

    :raises Failed: with ENOENT or EINVAL.
    """
    say = "mrwprotect_range"
    task.say(say, f"{'put out of reach' if protect else 'give back'} what is in the range")
    found = vmas(task, span.start, span.end, mm)
    for run in found:
        vma, start = run.value, max(run.start, span.start)
        if not vma.flags & VM_UFFD_RWP:
            only = f"registered {modes(task, vma)}, and not RWP" if modes(task, vma) else "not registered"
            task.fail(Errno.ENOENT, say, f"{place(task, start, vma)} is {only}")
        if vma.is_hugetlb and (span.start % vma.page_size or span.length % vma.page_size):
            task.fail(Errno.EINVAL, say, torn(span, vma))
    if not found:
        task.fail(Errno.ENOENT, say, unmapped(task, span, mm))
    did = Tally(task)
    for run in found:
        mrwprotect(task, run.value, max(run.start, span.start), min(run.end, span.end), protect, mm, did)
    task.done(say, lambda: str(did))
