"""mprotect (mm/mprotect.c)."""

from uffdsim.kernel.gup import populate_vma_page_range
from uffdsim.kernel.mm import vma_modify, vmas
from uffdsim.kernel.mmap import PROT
from uffdsim.kernel.pages import pages
from uffdsim.kernel.span import Span, page_align, span_of, unaligned, unmapped
from uffdsim.kernel.state import VM_ACCESS, VM_ACCOUNT, VM_HUGETLB, VM_LOCKED, VM_SHARED, VM_UFFD_WP, VM_WRITE, Pte, Vma
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno

ALLOWS = {"rw": "may be read and written", "r": "may only be read", "none": "may not be accessed"}


def do_mprotect_pkey(task: Task, step: Step) -> Sleeping[Answer]:
    """The op mprotect: VMA after VMA, up to the first hole."""
    span, say = span_of(task, step), "do_mprotect_pkey"
    if why := unaligned(span):
        task.fail(Errno.EINVAL, say, why)
    at, span = span.start, Span(span.start, page_align(span.length))
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            done = "; those before it are changed" if at > span.start else ""
            task.fail(Errno.ENOMEM, say, unmapped(task, span) + done)
        end = min(run.end, span.end)
        yield from mprotect_fixup(task, run, at, end, step["prot"])
        at = end
    return {"errno": None}


def mprotect_fixup(task: Task, run: Run, start: int, end: int, prot: str) -> Sleeping[None]:
    """Give part of one VMA another protection, and its entries too."""
    vma, access = run.value, PROT[prot]
    flags = vma.flags & ~VM_ACCESS | access
    where = pages(task, vma, start, end)
    if flags == vma.flags:
        task.done("mprotect_fixup", f"nothing changes: {where} {ALLOWS[prot]} already")
        return
    # What is private and may be written is charged for; a charge is given back only where nothing was ever used of it.
    if flags & VM_WRITE and not vma.flags & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED):
        flags |= VM_ACCOUNT
    elif not flags & VM_WRITE and vma.is_anonymous and vma.anon_vma is None and task.version.unaccounts:
        flags &= ~VM_ACCOUNT
    task.say("mprotect_fixup", f"{where} {ALLOWS[prot]} from now on")
    whole = vma_modify(task, run, start, end, vma._replace(flags=flags))
    _change_protection(task, whole.value, start, end, access)
    if flags & VM_WRITE and vma.flags & (VM_WRITE | VM_SHARED | VM_LOCKED) == VM_LOCKED:
        task.do("mprotect_fixup", "private locked memory becomes writable: let each page be its own at once")
        yield from populate_vma_page_range(task, whole, start, end, may_wait=False)
    task.done("mprotect_fixup", f"{where} {ALLOWS[prot]} now")


def _change_protection(task: Task, vma: Vma, start: int, end: int, access: int) -> None:
    key = ("ptes", task.mm)
    for left, right, pte in task.state[key].over(start, end):
        if pte.present and not pte.protnone:  # what is out of reach stays so
            writable = bool(access & VM_WRITE) and (pte.writable or can_change_pte_writable(vma, pte))
            task.state.put(key, max(left, start), min(right, end), pte._replace(writable=writable))


def can_change_pte_writable(vma: Vma, pte: Pte) -> bool:
    """Whether an entry becomes writable at once, and not by a fault."""
    if vma.flags & VM_UFFD_WP and pte.uffd_wp:
        return False
    if vma.is_shared:
        return not vma.flags & VM_UFFD_WP
    return pte.exclusive and not vma.is_hugetlb
