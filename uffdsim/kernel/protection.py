"""Write protection by userfaultfd, in the page tables (uffd_wp_range in mm/userfaultfd.c, mm/mprotect.c)."""

from uffdsim.kernel.mm import pte_alloc
from uffdsim.kernel.pages import Tally, pages
from uffdsim.kernel.state import VM_WRITE, WP_MARKER, Pte, Vma
from uffdsim.kernel.task import Task
from uffdsim.kernel.userfaultfd import features_of
from uffdsim.uapi import Feature


def uffd_wp_range(task: Task, vma: Vma, start: int, end: int, protect: bool, mm: str, did: Tally | None = None) -> None:
    """Protect a range of one VMA, or lift its protection, and note what was done."""
    task.say("uffd_wp_range", f"{'protect' if protect else 'unprotect'} {pages(task, vma, start, end)}")
    task.say("change_protection", "go through the entries")
    markers = protect and userfaultfd_wp_use_markers(task, vma)
    if markers and vma.is_anonymous:
        pte_alloc(task, start, end, mm)
    key = ("ptes", mm)
    for left, right, pte in task.state[key].cut(start, end):
        new, text = _protected(task, vma, pte, markers) if protect else _unprotected(task, vma, pte)
        if did is not None:
            did.add(vma, left, right, text)
        if new != pte:
            task.state.put(key, left, right, new)


def _protected(task: Task, vma: Vma, pte: Pte | None, markers: bool) -> tuple[Pte | None, str]:
    if pte is None and markers:
        return WP_MARKER, "nothing is mapped at {pages}; a marker keeps the protection there"
    if pte is None:
        unpopulated = Feature.WP_UNPOPULATED & task.version.features
        asked = f"{vma.ctx} did not ask for WP_UNPOPULATED" if unpopulated else "anonymous memory keeps no markers"
        return None, f"nothing is mapped at {{pages}}, so nothing is protected: {asked}"
    if pte.present and not pte.uffd_wp:
        return pte._replace(uffd_wp=True, writable=False), "{pages} {be} protected"
    return pte, "{pages} {be} protected already" if pte.uffd_wp else "{pages} {be} poisoned, and not protected"


def _unprotected(task: Task, vma: Vma, pte: Pte | None) -> tuple[Pte | None, str]:
    if pte is None or not pte.uffd_wp:
        return pte, "{pages} {be} not protected anyway"
    if not pte.present:
        return None, "{pages} {be} unprotected"
    writable = pte.writable or can_change_pte_writable(task, vma, pte)
    return pte._replace(uffd_wp=False, writable=writable), "{pages} {be} unprotected"


def userfaultfd_wp_use_markers(task: Task, vma: Vma) -> bool:
    """Whether an empty entry can be protected.

    What a file has comes back to an entry that was emptied, and has to be protected then. Nothing comes back to
    anonymous memory, so there markers are kept for those alone who asked.
    """
    if not vma.is_anonymous:
        return task.version.wp_files
    return bool(features_of(task, vma) & Feature.WP_UNPOPULATED)


def can_change_pte_writable(task: Task, vma: Vma, pte: Pte) -> bool:
    """Whether an unprotected entry becomes writable at once, not at the next write."""
    if vma.is_hugetlb or not vma.flags & VM_WRITE:
        return False
    if task.version.unprotected_writable == "shared":
        return vma.is_shared
    return not vma.is_shared and pte.exclusive
