"""Faults of huge pages (mm/hugetlb.c).

Two locks are held on the way. The fault mutex of the page lets one thread at a time look for it and make it: otherwise
two that fault on one page would both take a huge page, and where it was the last in the pool, one would fail for
nothing. The VMA lock keeps part of the page table as it is; other processes may share it. Both are dropped before a
thread sleeps, and the page is unlocked, since whoever is to answer needs them: CONTINUE takes the same ones.
"""

from uffdsim.kernel.cow import content_of, vmf_anon_prepare, wp_can_reuse_anon_folio
from uffdsim.kernel.filemap import __filemap_get_folio
from uffdsim.kernel.mm import pte_alloc
from uffdsim.kernel.pages import beyond
from uffdsim.kernel.protection import within_reach
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, VM_WRITE, Content, Pte, Vma
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.userfaultfd import handle_userfault
from uffdsim.kernel.userfaultfd_k import userfaultfd_minor, userfaultfd_missing, userfaultfd_rwp, userfaultfd_wp
from uffdsim.kernel.vm_fault import HWPOISON, SIGBUS, Fault


def hugetlb_fault(fault: Fault) -> Sleeping[str]:
    """Serve a fault of a huge page.

    :returns: "" when the access may be tried again, or the VM_FAULT code that ends it.
    """
    task, pte, say = fault.task, fault.pte, "hugetlb_fault"
    task.say(say, "a huge page: take its fault mutex")
    hugetlb_vma_lock_read(task, "keep the VMA's part of the page table as it is meanwhile")
    pte_alloc(task, fault.vma, fault.start, fault.one_page)
    if pte is None:
        task.decide(say, "entry?", "none", f"the page table has no entry for {fault.where}")
        return (yield from hugetlb_no_page(fault))
    if pte.kind == "poison-marker":
        result = fault.stop(HWPOISON, say, "entry?", "poison", f"{fault.where} is poisoned (its entry is a marker)")
        hugetlb_vma_unlock_read(task)
        return result
    if not pte.present:
        task.decide(say, "entry?", "marker", f"{fault.where} is not mapped, but write-protected (by a marker)")
        return (yield from hugetlb_no_page(fault))
    if pte.protnone:
        task.decide(say, "entry?", "out of reach", f"{fault.where} is mapped, and out of reach (PAGE_NONE)")
        return (yield from _out_of_reach(fault, pte))
    if fault.write and not pte.writable:
        task.decide(say, "entry?", "read-only", f"{fault.where} is mapped, and not writable")
        return (yield from _write_to_read_only(fault, pte))
    task.decide(say, "entry?", "present", f"{fault.where} is mapped by now")
    hugetlb_vma_unlock_read(task)
    return ""


def _out_of_reach(fault: Fault, pte: Pte) -> Sleeping[str]:
    """As do_uffd_rwp does it for small pages; the locks are dropped before anybody waits."""
    task, say = fault.task, "hugetlb_fault"
    asked = userfaultfd_rwp(fault, say)
    if not asked:
        fault.shorten(fault.one_page)
        fault.install(within_reach(fault.vma, pte), say, f"{fault.where} is given back, and counts as accessed")
    hugetlb_vma_unlock_read(task)
    return (yield from handle_userfault(fault, VM_UFFD_RWP)) if asked else ""


def hugetlb_no_page(fault: Fault) -> Sleeping[str]:
    """No page is mapped: the page cache decides which question is asked, the modes the answer."""
    task, vma, say = fault.task, fault.vma, "hugetlb_no_page"
    task.say(say, f"look for {fault.file_page}")
    content = filemap_lock_hugetlb_folio(fault)
    cached = content is not None
    if content is not None:
        if userfaultfd_minor(fault, say):
            hugetlb_vma_unlock_read(task)
            return (yield from handle_userfault(fault, task.version.minor_flag))
    else:
        if fault.index >= task.state["file", vma.file].pages:
            result = fault.stop(SIGBUS, say, "file?", "beyond", f"{fault.where} {beyond(task, vma)}")
            hugetlb_vma_unlock_read(task)
            return result
        if userfaultfd_missing(fault, say, f"{'the file' if vma.is_shared else 'it'} gets a page of zeros"):
            hugetlb_vma_unlock_read(task)
            return (yield from handle_userfault(fault, VM_UFFD_MISSING))
        content = _new_page(fault)
    _map_page(fault, content, cached)
    hugetlb_vma_unlock_read(task)
    return ""


def _new_page(fault: Fault) -> Content:
    """A page of zeros: for the file if the mapping is shared, else for this mapping alone."""
    task, vma = fault.task, fault.vma
    index, length = fault.index, task.state["file", vma.file].pages
    fault.shorten(fault.start + (length - index) * vma.page_size)
    alloc_hugetlb_folio(task, "and clear it")
    if vma.is_shared:
        pages = (fault.end - fault.start) // vma.page_size
        hugetlb_add_to_page_cache(task, vma, index, pages, Content())
    else:
        vmf_anon_prepare(fault)
    return Content()


def _map_page(fault: Fault, content: Content, cached: bool) -> None:
    """Make the entry. A private mapping has the file's page for reading only, and copies it in the same fault."""
    vma = fault.vma
    protected = fault.pte is not None  # by a marker, which the entry takes over
    if vma.is_shared:
        pte = Pte("file", bool(vma.flags & VM_WRITE) and not protected, protected)
        text = f"map the file's page for {fault.where}"
    elif cached:
        pte = Pte("file", False, protected)
        text = f"map the file's page for {fault.where}, for reading: the mapping is private"
    else:
        pte = Pte("anon", False, protected, content, exclusive=True)
        text = f"map a page of its own for {fault.where}"
    fault.install(pte, "hugetlb_no_page", text + (", still write-protected" if protected else ""))
    if fault.write and not vma.is_shared and not protected:
        hugetlb_wp(fault, pte)


def _write_to_read_only(fault: Fault, pte: Pte) -> Sleeping[str]:
    """The second half of hugetlb_fault: userfaultfd is asked before anything is copied, as in do_wp_page."""
    task, vma, say = fault.task, fault.vma, "hugetlb_fault"
    if not vma.is_shared:
        _look_for_reserve(fault)
    if userfaultfd_wp(fault, pte, say, _then(fault, pte)):
        hugetlb_vma_unlock_read(task)
        return (yield from handle_userfault(fault, VM_UFFD_WP))
    if pte.uffd_wp and vma.flags & VM_UFFD_WP:
        pte = pte._replace(uffd_wp=False)
        task.state.put(("ptes", task.mm), fault.start, fault.end, pte)
    if not pte.uffd_wp:
        hugetlb_wp(fault, pte)
    hugetlb_vma_unlock_read(task)
    return ""


def _look_for_reserve(fault: Fault) -> None:
    """A look into the page cache that decides nothing here: it tells if the page reserved for a copy is used up."""
    _cached(fault)
    fault.task.say("__filemap_get_folio", f"is {fault.file_page} in the page cache, and the reserve for a copy unused?")
    fault.task.say("filemap_get_entry", f"look up {fault.file_page}")


def _then(fault: Fault, pte: Pte) -> str:
    """What happens to a write that nobody is asked about."""
    if pte.uffd_wp and not fault.vma.flags & VM_UFFD_WP:
        return "the mark stays, and the entry with it"
    writable = fault.vma.is_shared or wp_can_reuse_anon_folio(fault.task, pte)
    return "it becomes writable" if writable else "the writer gets a copy"


def hugetlb_wp(fault: Fault, pte: Pte) -> None:
    """Let a page be written: make the entry writable, or copy the page first."""
    task, vma, say = fault.task, fault.vma, "hugetlb_wp"
    if vma.is_shared:
        fault.install(pte._replace(writable=True), say, f"{fault.where} is shared: it becomes writable")
    elif wp_can_reuse_anon_folio(task, pte):
        pte = pte._replace(writable=True, exclusive=True, children=())
        fault.install(pte, say, f"nobody else has {fault.where}: it becomes writable")
    else:
        vmf_anon_prepare(fault)
        fault.shorten(fault.one_page)
        alloc_hugetlb_folio(task, "for a copy")
        copy = Pte("anon", True, False, content_of(task, vma, pte, fault.start), exclusive=True)
        fault.install(copy, say, f"copy {fault.where}, and map the copy, writable")


def filemap_lock_hugetlb_folio(fault: Fault) -> Content | None:
    """Look the page up in the page cache."""
    content = _cached(fault)
    __filemap_get_folio(fault.task, fault.file_page, content is not None)
    return content


def _cached(fault: Fault) -> Content | None:
    """The file's page, if it has it; for all pages served it has, or none."""
    vma = fault.vma
    _, until, content = fault.task.state["cache", vma.file].run_at(fault.index)
    fault.shorten(fault.start + (until - fault.index) * vma.page_size)
    return content


def alloc_hugetlb_folio(task: Task, what_for: str) -> None:
    """Take a huge page from the pool, which is never empty here."""
    task.say("alloc_hugetlb_folio", f"take a huge page from the pool {what_for}")


def hugetlb_add_to_page_cache(task: Task, vma: Vma, index: int, pages: int, content: Content) -> None:
    """Give the file of a VMA new pages."""
    task.say("hugetlb_add_to_page_cache", f"it becomes page {index} of {vma.file}")
    task.state.put(("cache", vma.file), index, index + pages, content)


def hugetlb_vma_lock_read(task: Task, why: str) -> None:
    """Take the hugetlb VMA lock for reading."""
    if task.version.has_vma_lock:
        task.say("hugetlb_vma_lock_read", why)


def hugetlb_vma_unlock_read(task: Task) -> None:
    """Give the hugetlb VMA lock back."""
    if task.version.has_vma_lock:
        task.say("hugetlb_vma_unlock_read", "give the hugetlb VMA lock back, and the fault mutex")
