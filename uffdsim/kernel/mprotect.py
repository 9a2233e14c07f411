"""mprotect (mm/mprotect.c)."""

from uffdsim.kernel.gup import populate_vma_page_range
from uffdsim.kernel.mm import change, pages, place, vmas
from uffdsim.kernel.mmap import PROT
from uffdsim.kernel.span import span_of
from uffdsim.kernel.state import VM_ACCESS, VM_ACCOUNT, VM_HUGETLB, VM_LOCKED, VM_SHARED, VM_UFFD_WP, VM_WRITE, Pte, Vma
from uffdsim.runs import Run
from uffdsim.uapi import Errno


def mprotect(task, step):
    """The op mprotect: VMA after VMA, up to the first hole."""
    span = span_of(task, step, skew=False)
    at = span.start
    while at < span.end:
        run = next(iter(vmas(task, at, at + 1)), None)
        if run is None:
            task.fail(Errno.ENOMEM, "do_mprotect_pkey", f"nothing is mapped at {at:#x}")
        end = min(run.end, span.end)
        yield from _fixup(task, run, at, end, PROT[step["prot"]])
        at = end
    return {"errno": None}


def _fixup(task, run: Run, start: int, end: int, access: int):
    """Give part of one VMA another protection, and its entries too (mprotect_fixup)."""
    vma = run.value
    flags = vma.flags & ~VM_ACCESS | access
    if flags == vma.flags:
        return
    if flags & VM_WRITE and not vma.flags & (VM_ACCOUNT | VM_WRITE | VM_HUGETLB | VM_SHARED):
        flags |= VM_ACCOUNT
    elif not flags & VM_WRITE and vma.is_anonymous and vma.anon_vma is None and task.version.unaccounts:
        flags &= ~VM_ACCOUNT
    task.say("mprotect_fixup", f"{pages(vma, start, end)} from {place(task, start, vma)} on: another protection")
    whole = change(task, run, start, end, vma._replace(flags=flags))
    new = whole.value
    key = ("ptes", task.mm)
    for left, right, pte in task.state[key].over(start, end):
        if pte.present:
            writable = bool(access & VM_WRITE) and (pte.writable or _upgrades(new, pte))
            task.state.put(key, max(left, start), min(right, end), pte._replace(writable=writable))
    if flags & VM_WRITE and vma.flags & (VM_WRITE | VM_SHARED | VM_LOCKED) == VM_LOCKED:
        task.do("mprotect_fixup", "private locked memory becomes writable: let each page be its own at once")
        yield from populate_vma_page_range(task, whole, start, end, may_wait=False)


def _upgrades(vma: Vma, pte: Pte) -> bool:
    """Whether an entry becomes writable at once, and not by a fault (can_change_pte_writable)."""
    if vma.flags & VM_UFFD_WP and pte.uffd_wp:
        return False
    if vma.is_shared:
        return not vma.flags & VM_UFFD_WP
    return pte.exclusive and not vma.is_hugetlb
