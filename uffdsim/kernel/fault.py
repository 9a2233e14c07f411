"""Page faults: from the touch of an address, through the gates, to the path of its kind of memory.

The story is that of do_user_addr_fault (arch/x86/mm/fault.c) and handle_mm_fault (mm/memory.c); where the
kernel itself reaches for memory on a thread's behalf, that of get_user_pages (mm/gup.c).
"""

from uffdsim.kernel import hugetlb, memory
from uffdsim.kernel.mm import find_vma, place
from uffdsim.kernel.state import VM_READ, VM_WRITE, Content
from uffdsim.kernel.vm_fault import HWPOISON, RETRY, SEGV, Fault
from uffdsim.runs import Run
from uffdsim.trace import KernelError
from uffdsim.uapi import Errno, SiCode


class Patience:
    """Tells a touch that faults again and again, without anything changing, from one that gets somewhere."""

    FAULTS = 100

    def __init__(self):
        self.left = self.FAULTS

    def lose(self, task, address: int, before: int):
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


def handle_mm_fault(fault: Fault):
    """Serve a fault by the path of its kind of memory (mm/memory.c).

    :returns: "" when the access may be tried again, or the VM_FAULT code that ends it.
    """
    task = fault.task
    start, end, fault.pte = task.state["ptes", task.mm].run_at(fault.start)
    fault.shorten(end)
    task.say("handle_mm_fault", f"{'a write to' if fault.write else 'a read of'} {fault.where}")
    if fault.vma.is_hugetlb:
        return (yield from hugetlb.hugetlb_fault(fault))
    return (yield from memory.handle_pte_fault(fault))


def access(task, address: int, write: bool, user: bool = True):
    """One byte is touched, until it is there: the walk by the processor, and the faults it takes.

    :returns: "" when the byte may be read or written, else SIGBUS, SEGV or HWPOISON, and the signal's code.
    """
    patience, result = Patience(), ""
    need = VM_WRITE if write else VM_READ
    while True:
        run = find_vma(task, address)
        if run is None:
            task.decide("do_user_addr_fault", "vma?", "none", "no VMA has this address: SEGV_MAPERR")
            return SEGV, SiCode.SEGV_MAPERR
        if not run.value.flags & need:
            task.decide(
                "do_user_addr_fault",
                "allowed?",
                "no",
                f"{place(task, address, run.value)} may not be {'written' if write else 'read'}: SEGV_ACCERR",
            )
            return SEGV, SiCode.SEGV_ACCERR
        pte = task.state["ptes", task.mm].at(address)
        if result != RETRY and pte is not None and (pte.writable if write else pte.present):
            return "", None
        before = len(task.session.events)
        result = yield from handle_mm_fault(Fault(task, run, address, write, user))
        if result and result != RETRY:
            code = SiCode.BUS_ADRERR
            if result == HWPOISON and task.version.memory_failure:
                code = SiCode.BUS_MCEERR_AR
            return result, code
        patience.lose(task, address, before)


def touch(task, step):
    """The ops load and store: one byte in user mode."""
    write = step.op == "store"
    address = address_of(task, step)
    result, code = yield from access(task, address, write)
    if result:
        return {"signal": "SIGSEGV" if result == SEGV else "SIGBUS", "code": int(code)}
    if write:
        task.do("", f"the byte {step['value']:#04x} is written to {place(task, address)}")
        write_byte(task, address, step["value"])
        return {"value": step["value"]}
    return {"value": read_byte(task, address)}


def kload(task, step):
    """The op kload: write(2) of one byte to a pipe, so that the kernel reads it."""
    address = address_of(task, step)
    for _ in range(task.version.copy_user_tries):
        result, _ = yield from access(task, address, write=False, user=False)
        if not result:
            return {"errno": None, "value": read_byte(task, address)}
        if result == SEGV:
            break
    task.fail(Errno.EFAULT, "copy_from_user", "the page cannot be had")


def address_of(task, step) -> int:
    """The address that a step's ``vma``, ``page`` and ``offset`` stand for."""
    mapping = task.state["mapping", step["vma"]]
    return mapping.start + step["page"] * mapping.page_size + step["offset"]


def read_byte(task, address: int) -> int:
    """The byte that a present page has there."""
    vma = find_vma(task, address).value
    pte = task.state["ptes", task.mm].at(address)
    content = pte.content
    if pte.kind == "file":
        content = task.state["cache", vma.file].at(vma.index(address))
    return (content or Content()).read(address % vma.page_size)


def write_byte(task, address: int, byte: int):
    """Let a writable page have this byte there."""
    vma = find_vma(task, address).value
    start, offset = address & -vma.page_size, address % vma.page_size
    pte = task.state["ptes", task.mm].at(address)
    if pte.kind == "file":
        index = vma.index(address)
        content = task.state["cache", vma.file].at(index)
        task.state.put(("cache", vma.file), index, index + 1, content.written(offset, byte))
    else:
        new = pte._replace(content=pte.content.written(offset, byte))
        task.state.put(("ptes", task.mm), start, start + vma.page_size, new)


def populate(task, run: Run, start: int, end: int, write: bool, force: bool, may_wait: bool = True):
    """Fault in a range of one VMA, as get_user_pages does for mlock and MADV_POPULATE (mm/gup.c).

    Pages that need no waiting are served in bulk. The VMA is looked up again after each wait.

    :param may_wait: the locks may be dropped to wait for user space.
    :param force: the mapping's own protection does not matter, as long as it may be had some way.
    :returns: how far it came, and "" or what stopped it: "permission", SIGBUS, SEGV or HWPOISON.
    """
    vma = run.value
    if write and not vma.flags & VM_WRITE or not write and not vma.flags & VM_READ and not force:
        return start, "permission"
    ptes, patience = task.state["ptes", task.mm], Patience()
    while start < end:
        _, present_until, pte = ptes.run_at(start)
        if pte is not None and (pte.writable if write else pte.present):
            start = min(present_until, end)
            continue
        fault = Fault(task, run, start, write, user=False, end=end, may_wait=may_wait)
        if write and pte is not None and pte.uffd_wp:
            fault.shorten(fault.one_page)  # once it is there, the next fault may have to wait
        before = len(task.session.events)
        result = yield from handle_mm_fault(fault)
        if result == RETRY:
            return start, ""
        if result:
            return start, result
        patience.lose(task, start, before)
    return end, ""
