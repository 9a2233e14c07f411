"""The kernel reaches for pages that nobody touches: for MADV_POPULATE, for mlock, for mprotect (mm/gup.c)."""

from typing import NamedTuple

from uffdsim.kernel.fault import Patience, handle_mm_fault
from uffdsim.kernel.mm import place
from uffdsim.kernel.state import VM_ACCESS, VM_READ, VM_SHARED, VM_WRITE
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.vm_fault import HWPOISON, RETRY, Fault
from uffdsim.runs import Run
from uffdsim.uapi import Errno


class Refused(NamedTuple):
    """What kept pages from being faulted in: the errno inside the kernel, and the reason in words."""

    errno: Errno
    why: str


def faultin_page_range(task: Task, run: Run, start: int, end: int, write: bool) -> Sleeping[tuple[int, Refused | None]]:
    """Fault in a range of one VMA, for MADV_POPULATE: only what the mapping itself allows.

    :returns: how far it came, and what stopped it: None or a Refused.
    """
    if why := check_vma_flags(task, run, start, write, force=False):
        return start, Refused(Errno.EINVAL, why)
    return (yield from __get_user_pages(task, run, start, end, write))


def populate_vma_page_range(
    task: Task, run: Run, start: int, end: int, may_wait: bool = True
) -> Sleeping[tuple[int, Refused | None]]:
    """Fault in a range of one locked VMA: for writing where it is private, so that no write has to copy later.

    :param may_wait: the locks may be dropped to wait for user space.
    :returns: how far it came, and what stopped it: None or a Refused.
    """
    flags = run.value.flags
    write = flags & (VM_WRITE | VM_SHARED) == VM_WRITE
    if why := check_vma_flags(task, run, start, write, force=bool(flags & VM_ACCESS)):
        return start, Refused(Errno.EFAULT, why)
    reached, refused = yield from __get_user_pages(task, run, start, end, write, may_wait)
    return reached, refused and refused._replace(errno=Errno.EFAULT)  # asked without FOLL_HWPOISON


def check_vma_flags(task: Task, run: Run, start: int, write: bool, force: bool) -> str:
    """Why a VMA may not be accessed so; "" if it may.

    :param force: to read, the mapping's own protection does not matter (FOLL_FORCE).
    """
    allowed = run.value.flags & VM_WRITE if write else force or run.value.flags & VM_READ
    return "" if allowed else f"{place(task, start, run.value)} may not be {'written' if write else 'read'}"


def __get_user_pages(
    task: Task, run: Run, start: int, end: int, write: bool, may_wait: bool = True
) -> Sleeping[tuple[int, Refused | None]]:
    """Go through the pages of a VMA, and fault in those that are not there: in bulk, as long as none has to wait.

    :returns: how far it came, and what stopped it: None or a Refused. After a wait it returns early: no lock was
        held meanwhile, so the caller has to look the VMA up again.
    """
    ptes, patience = task.state["ptes", task.mm], Patience()
    while start < end:
        _, until, pte = ptes.run_at(start)
        if pte is not None and not pte.protnone and (pte.writable if write else pte.present):
            start = min(until, end)
            continue
        before = len(task.session.events)
        fault = Fault(task, run, start, write, user=False, end=end, may_wait=may_wait)
        if write and pte is not None and pte.uffd_wp:
            # This fault brings the page in, protected; the next one waits for its writer. Only then come those behind.
            fault.shorten(fault.one_page)
        result = yield from handle_mm_fault(fault)
        if result == RETRY:
            return start, None
        if result:
            return start, Refused(Errno.EHWPOISON if result == HWPOISON else Errno.EFAULT, fault.why)
        patience.lose(task, start, before)
    return end, None
