"""What touches memory: the program, by loads and stores, and the kernel on its behalf, by copy_from_user and back.

As long as the page table's entry allows the access, the processor needs nobody. Where it does not, the processor
faults, ``fault.do_user_addr_fault`` runs, and the access is tried again.
"""

from uffdsim import words
from uffdsim.kernel.fault import Patience, do_user_addr_fault
from uffdsim.kernel.mm import find_vma, place
from uffdsim.kernel.state import VM_READ, VM_UFFD_WP, VM_WRITE, Content, Pte, Vma
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.kernel.vm_fault import SEGV, Stop
from uffdsim.scenario import Step
from uffdsim.uapi import Errno

_BY_KERNEL = {False: "copy_from_user", True: "copy_to_user"}
"""The function with which the kernel touches a program's memory, to read and to write it."""


def touch(task: Task, step: Step) -> Sleeping[Answer]:
    """The ops load and store: one byte in user mode."""
    write = step.op == "store"
    address = address_of(task, step)
    stop = yield from access(task, address, write)
    if stop:
        return {"signal": "SIGSEGV" if stop.fault == SEGV else "SIGBUS", "code": int(stop.si_code)}
    if write:
        task.do("", f"the byte {words.byte(step['value'])} is written to {place(task, address)}")
        write_byte(task, address, step["value"])
        return {"value": step["value"]}
    return {"value": read_byte(task, address)}


def kload(task: Task, step: Step) -> Sleeping[Answer]:
    """The op kload: write(2) of one byte to a pipe, so that the kernel reads it."""
    return {"errno": None, "value": (yield from copy_from_user(task, address_of(task, step)))}


def kstore(task: Task, step: Step) -> Sleeping[Answer]:
    """The op kstore: read(2) of one byte from a pipe, so that the kernel writes it."""
    address = address_of(task, step)
    yield from _reached(task, address, write=True)
    task.do("copy_to_user", f"the byte {words.byte(step['value'])} is written to {place(task, address)}")
    write_byte(task, address, step["value"])
    return {"errno": None, "value": step["value"]}


def copy_from_user(task: Task, address: int) -> Sleeping[int]:
    """The kernel reads a byte of the program's memory.

    :raises Failed: with EFAULT where it is not accessible, for the reason that ended the fault.
    """
    yield from _reached(task, address, write=False)
    return read_byte(task, address)


def _reached(task: Task, address: int, write: bool) -> Sleeping[None]:
    """The kernel reaches a byte of the program's memory.

    :raises Failed: with EFAULT where it is not accessible, for the reason that ended the fault.
    """
    why = ""
    for _ in range(task.version.copy_user_tries):
        stop = yield from access(task, address, write, user=False)
        if stop is None:
            return
        why = stop.why
        if stop.fault == SEGV:
            break
    task.fail(Errno.EFAULT, _BY_KERNEL[write], why)


def access(task: Task, address: int, write: bool, user: bool = True) -> Sleeping[Stop | None]:
    """One byte is touched: faults are served until the processor finds that it may be, or they end it.

    :returns: None when the byte may be read or written, or the Stop that ended a fault.
    """
    if _entry_allows(task, address, write):
        vma, pte = task.state["vmas", task.mm].at(address), task.state["ptes", task.mm].at(address)
        function = "" if user else _BY_KERNEL[write]
        task.decide(function, "entry?", "present", lambda: _no_fault(task, address, vma, pte, write))
        return None
    patience, allowed = Patience(), False
    while not allowed:
        before = len(task.session.events)
        stop = yield from do_user_addr_fault(task, address, write, user)
        if stop:
            return stop
        allowed = _entry_allows(task, address, write)
        if not allowed:
            patience.lose(task, address, before)
    return None


def _entry_allows(task: Task, address: int, write: bool) -> bool:
    """Whether the processor may go on by the page table alone. With no right to the VMA, no entry gives one."""
    vma = find_vma(task, address)
    pte = task.state["ptes", task.mm].at(address)
    if vma is None or pte is None or pte.protnone or not vma.value.flags & (VM_WRITE if write else VM_READ):
        return False
    return pte.writable if write else pte.present


def _no_fault(task: Task, address: int, vma: Vma, pte: Pte, write: bool) -> str:
    """Why the kernel does not notice a touch, nor anybody else."""
    where = place(task, address, vma)
    if not write and pte.uffd_wp:
        return f"{where} is mapped, and protected from writes only: no fault"
    if write and vma.flags & VM_UFFD_WP:
        return f"{where} is mapped and writable: no fault, as WP asks only about what WRITEPROTECT protected"
    return f"{where} is mapped{' and writable' if write else ''}: no fault{', and nobody is asked' if vma.ctx else ''}"


def address_of(task: Task, step: Step) -> int:
    """The address that a step's ``vma``, ``page`` and ``offset`` stand for."""
    mapping = task.state["mapping", step["vma"]]
    return mapping.start + step["page"] * mapping.page_size + step["offset"]


def read_byte(task: Task, address: int) -> int:
    """The byte that a present page has there."""
    vma = task.state["vmas", task.mm].at(address)
    pte = task.state["ptes", task.mm].at(address)
    content = pte.content
    if pte.kind == "file":
        content = task.state["cache", vma.file].at(vma.pgoff(address))
    return (content or Content()).read(address % vma.page_size)


def write_byte(task: Task, address: int, byte: int) -> None:
    """Let a writable page have this byte there."""
    vma = task.state["vmas", task.mm].at(address)
    start, offset = address & -vma.page_size, address % vma.page_size
    pte = task.state["ptes", task.mm].at(address)
    if pte.kind == "file":
        index = vma.pgoff(address)
        content = task.state["cache", vma.file].at(index)
        task.state.put(("cache", vma.file), index, index + 1, content.written(offset, byte))
    else:
        new = pte._replace(content=pte.content.written(offset, byte))
        task.state.put(("ptes", task.mm), start, start + vma.page_size, new)
