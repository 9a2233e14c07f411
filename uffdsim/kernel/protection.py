"""Write protection by userfaultfd, in the page tables (uffd_wp_range in mm/userfaultfd.c, mm/mprotect.c)."""

from uffdsim.kernel.mm import pages, pte_alloc
from uffdsim.kernel.state import VM_WRITE, WP_MARKER, Vma
from uffdsim.kernel.userfaultfd import context
from uffdsim.uapi import Feature


def uffd_wp_range(task, vma: Vma, start: int, end: int, protect: bool, mm: str):
    """Protect a range of one VMA, or lift its protection (uffd_wp_range, change_protection)."""
    task.say("uffd_wp_range", f"{'protect' if protect else 'unprotect'} {pages(vma, start, end)}")
    task.say("change_protection", "go through the entries")
    state, key = task.state, ("ptes", mm)
    marks = protect and _uses_markers(task, vma)
    if marks and vma.is_anonymous:
        pte_alloc(task, start, end, mm)
    for left, right, pte in state[key].cut(start, end):
        if pte is None:
            if marks:
                state.put(key, left, right, WP_MARKER)
        elif pte.kind == "wp-marker":
            if not protect:
                state.put(key, left, right, None)
        elif pte.present:
            if protect:
                state.put(key, left, right, pte._replace(uffd_wp=True, writable=False))
            elif pte.uffd_wp:
                state.put(
                    key, left, right, pte._replace(uffd_wp=False, writable=pte.writable or _upgrades(task, vma, pte))
                )


def _uses_markers(task, vma: Vma) -> bool:
    """Whether an empty entry can be protected (userfaultfd_wp_use_markers)."""
    if not vma.is_anonymous:
        return task.version.wp_files
    return bool(vma.ctx and context(task, vma.ctx).features & Feature.WP_UNPOPULATED)


def _upgrades(task, vma: Vma, pte) -> bool:
    """Whether an unprotected entry becomes writable at once, not at the next write (can_change_pte_writable)."""
    if vma.is_hugetlb or not vma.flags & VM_WRITE:
        return False
    if task.version.unprotected_writable == "shared":
        return vma.is_shared
    return not vma.is_shared and pte.exclusive
