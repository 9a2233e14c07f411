"""Protection by userfaultfd, from writes or from every touch, in the page tables (mm/userfaultfd.c, mm/mprotect.c)."""

from uffdsim.kernel.mm import pte_alloc
from uffdsim.kernel.pages import Tally, pages
from uffdsim.kernel.state import VM_UFFD_RWP, VM_UFFD_WP, VM_WRITE, WP_MARKER, Pte, Vma
from uffdsim.kernel.task import Task
from uffdsim.kernel.userfaultfd import features_of
from uffdsim.uapi import Feature


def uffd_wp_range(task: Task, vma: Vma, start: int, end: int, protect: bool, mm: str, did: Tally | None = None) -> None:
    """Protect a range of one VMA, or lift its protection, and note what was done."""
    task.say("uffd_wp_range", f"{'protect' if protect else 'unprotect'} {pages(task, vma, start, end)}")
    task.say("change_protection", "go through the entries")
    markers = protect and userfaultfd_wp_use_markers(task, vma)
    if markers:
        pte_alloc(task, vma, start, end, mm)
    key = ("ptes", mm)
    for left, right, pte in task.state[key].cut(start, end):
        new, text = _protected(task, vma, pte, markers) if protect else _unprotected(task, vma, pte)
        if did is not None:
            did.add(vma, left, right, text)
        if new != pte:
            task.state.put(key, left, right, new)


def mrwprotect(task: Task, vma: Vma, start: int, end: int, protect: bool, mm: str, did: Tally) -> None:
    """Put the pages of a range of one VMA out of reach, or give them back, and note what was done. Where no page is,
    nothing is kept: a page that comes is in reach."""
    task.say("change_protection", "go through the entries")
    key = ("ptes", mm)
    for left, right, pte in task.state[key].cut(start, end):
        new, text = _out_of_reach(pte) if protect else _given_back(vma, pte)
        did.add(vma, left, right, text)
        if new != pte:
            task.state.put(key, left, right, new)


def _out_of_reach(pte: Pte | None) -> tuple[Pte | None, str]:
    if pte is None:
        return None, "nothing is mapped at {pages}, and nothing is kept for a page that comes later"
    if not pte.present:
        return pte, "{pages} {be} poisoned, and stay so"
    if pte.protnone:
        return pte, "{pages} {be} out of reach already"
    return out_of_reach(pte), "{pages} {be} out of reach"


def _given_back(vma: Vma, pte: Pte | None) -> tuple[Pte | None, str]:
    if pte is None or not pte.protnone:
        return pte, "{pages} {be} not out of reach anyway"
    return within_reach(vma, pte), "{pages} {be} in reach again"


def out_of_reach(pte: Pte) -> Pte:
    """The entry of a page that may not be touched: PAGE_NONE, and the bit that says who minds."""
    return pte._replace(protnone=True, uffd_wp=True, writable=False)


def within_reach(vma: Vma, pte: Pte) -> Pte:
    """The entry of a page that may be touched again, as far as its VMA allows; written at once where it is shared, or
    the mapping's own."""
    own = pte.exclusive and not vma.is_hugetlb
    writable = bool(vma.flags & VM_WRITE) and (own or (vma.is_shared and pte.kind == "file"))
    return pte._replace(protnone=False, uffd_wp=False, writable=writable)


def lift_protection(task: Task, vma: Vma, start: int, end: int, mm: str) -> None:
    """Lift whatever protection a range of one VMA has, as its watcher goes. Huge pages are gone through whole."""
    end = -(-end // vma.page_size) * vma.page_size
    if vma.flags & VM_UFFD_WP:
        uffd_wp_range(task, vma, start, end, protect=False, mm=mm)
    if vma.flags & VM_UFFD_RWP:
        mrwprotect(task, vma, start, end, False, mm, Tally(task))


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
    if pte is None or not pte.uffd_wp or pte.kind == "poison-marker":
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
