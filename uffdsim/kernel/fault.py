"""Page faults: from an address, through the VMA and its rights, to the path of its kind of memory.

The story is that of do_user_addr_fault (arch/x86/mm/fault.c) and handle_mm_fault (mm/memory.c).
"""

from uffdsim.kernel import hugetlb, memory
from uffdsim.kernel.mm import find_vma, place
from uffdsim.kernel.state import VM_READ, VM_WRITE
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.vm_fault import HWPOISON, RETRY, SEGV, Fault, Stop
from uffdsim.trace import KernelError
from uffdsim.uapi import SiCode


def do_user_addr_fault(task: Task, address: int, write: bool, user: bool) -> Sleeping[Stop | None]:
    """Serve a fault at an address of the process.

    A fault that slept starts over, and does not go on where it stopped: it held no lock meanwhile, so the VMA may be
    gone or be another one, and whoever woke the thread may have filled the page, or not.

    :returns: None when the processor may try the access again, or the Stop that ends it.
    """
    while True:
        run = find_vma(task, address)
        if run is None:
            why = f"nothing is mapped at {place(task, address)}"
            task.decide("do_user_addr_fault", "vma?", "none", f"{why}: SEGV_MAPERR")
            return Stop(SEGV, why, SiCode.SEGV_MAPERR)
        if not run.value.flags & (VM_WRITE if write else VM_READ):
            why = f"{place(task, address, run.value)} may not be {'written' if write else 'read'}"
            task.decide("do_user_addr_fault", "allowed?", "no", f"{why}: SEGV_ACCERR, whoever watches it")
            return Stop(SEGV, why, SiCode.SEGV_ACCERR)
        fault = Fault(task, run, address, write, user)
        result = yield from handle_mm_fault(fault)
        if result != RETRY:
            return Stop(result, fault.why, do_sigbus(task, result)) if result else None


def do_sigbus(task: Task, result: str) -> SiCode:
    """The code of the SIGBUS with which a fault ends (do_sigbus in arch/x86/mm/fault.c)."""
    poisoned = result == HWPOISON and task.version.memory_failure
    return SiCode.BUS_MCEERR_AR if poisoned else SiCode.BUS_ADRERR


def handle_mm_fault(fault: Fault) -> Sleeping[str]:
    """Serve a fault by the path of its kind of memory (mm/memory.c).

    :returns: "" when the access may be tried again, or the VM_FAULT code that ends it.
    """
    task = fault.task
    _, end, fault.pte = task.state["ptes", task.mm].run_at(fault.start)
    fault.shorten(end)
    task.say("handle_mm_fault", f"{'a write to' if fault.write else 'a read of'} {fault.where}")
    if fault.vma.is_hugetlb:
        return (yield from hugetlb.hugetlb_fault(fault))
    return (yield from memory.handle_pte_fault(fault))


class Patience:
    """Tells an access that faults again and again, without anything changing, from one that gets somewhere."""

    FAULTS = 100

    def __init__(self) -> None:
        self.left = self.FAULTS

    def lose(self, task: Task, address: int, before: int) -> None:
        """Bear with one more fault at an address, whose events are those from ``before`` on.

        :raises KernelError: when there is none left.
        """
        changed = any(event.changes for event in task.session.events[before:])
        self.left = self.FAULTS if changed else self.left - 1
        if not self.left:
            raise KernelError(
                f"step {task.session.now}: thread {task.name} would fault for ever at {place(task, address)}, as it "
                "does on Linux; there is nothing to observe"
            )
