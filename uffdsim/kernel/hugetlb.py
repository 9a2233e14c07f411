"""Faults of huge pages, and how an ioctl fills one (mm/hugetlb.c)."""

from uffdsim.kernel.memory import alive_children, content_of, prepare
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, VM_WRITE, Content, Pte
from uffdsim.kernel.userfaultfd import handle_userfault, is_minor, wp_async
from uffdsim.kernel.vm_fault import HWPOISON, SIGBUS
from uffdsim.trace import Kind


def hugetlb_fault(fault):
    """Serve a fault of a huge page.

    :returns: "" when the access may be tried again, or the VM_FAULT code that ends it.
    """
    task, pte = fault.task, fault.pte
    task.say("hugetlb_fault", "the VMA is hugetlb: take the fault mutex of this page")
    lock(task, "keep the VMA's page tables as they are meanwhile")
    if pte is None or not pte.present:
        if pte is None:
            task.decide("hugetlb_fault", "entry?", "none", f"the page table has no entry for {fault.where}")
        elif pte.kind == "poison-marker":
            task.decide(
                "hugetlb_fault", "entry?", "poison", "the entry is a poison marker: the page is as good as broken"
            )
            unlock(task)
            return HWPOISON
        else:
            task.decide("hugetlb_fault", "entry?", "marker", "the entry is no page, only a uffd-wp marker")
        return (yield from hugetlb_no_page(fault))
    if fault.write and not pte.writable:
        task.decide("hugetlb_fault", "entry?", "read-only", f"{fault.where} is present, and not writable")
        return (yield from hugetlb_present_read_only(fault))
    task.decide("hugetlb_fault", "entry?", "present", f"{fault.where} is there by now")
    unlock(task)
    return ""


def hugetlb_no_page(fault):
    """No page is mapped: the page cache decides first, the modes second."""
    task, vma, state = fault.task, fault.vma, fault.task.state
    index = fault.index
    task.say("hugetlb_no_page", f"look for page {index} of file {vma.file}")
    content = find_page(fault)
    if content is None:
        if index >= state["file", vma.file].pages:
            task.decide("hugetlb_no_page", "file?", "beyond", f"the file ends before page {index}: SIGBUS")
            unlock(task)
            return SIGBUS
        if vma.flags & VM_UFFD_MISSING:
            task.decide(
                "hugetlb_no_page", "mode?", "MISSING", "the VMA is registered MISSING: drop the locks, ask user space"
            )
            unlock(task)
            return (yield from handle_userfault(fault, VM_UFFD_MISSING))
        task.decide("hugetlb_no_page", "mode?", "none", "the VMA is not registered MISSING: make the page here")
        content = add_page(fault)
    elif is_minor(task, vma, "hugetlb_no_page"):
        unlock(task)
        return (yield from handle_userfault(fault, task.version.minor_flag))
    protected = fault.pte is not None
    writable = bool(vma.flags & VM_WRITE) and not protected
    if vma.is_shared:
        pte, text = Pte("file", writable, protected), "the file's page is mapped"
    elif index_cached(fault):
        pte, text = Pte("file", False, protected), "the file's page is mapped for reading: the mapping is private"
    else:
        pte, text = Pte("anon", False, protected, content, exclusive=True), "a page of its own is mapped"
    fault.install(pte, "hugetlb_no_page", text + (", still write-protected" if protected else ""))
    if fault.write and not vma.is_shared and not protected:
        hugetlb_wp(fault, pte)
    unlock(task)
    return ""


def hugetlb_present_read_only(fault):
    """A write to a present page that is not writable: userfaultfd is asked before anything is copied."""
    task, vma, pte = fault.task, fault.vma, fault.pte
    if not vma.is_shared:
        find_page(fault)
    if pte.uffd_wp and vma.flags & VM_UFFD_WP:
        if not wp_async(task, vma):
            task.decide(
                "hugetlb_fault", "wp?", "uffd-wp", "the entry is uffd-wp and the VMA registered WP: ask user space"
            )
            unlock(task)
            return (yield from handle_userfault(fault, VM_UFFD_WP))
        task.decide(
            "hugetlb_fault", "wp?", "async", "the entry is uffd-wp, and the descriptor wants no message: lift it"
        )
        pte = pte._replace(uffd_wp=False)
        task.state.put(("ptes", task.mm), fault.start, fault.end, pte)
    else:
        task.decide("hugetlb_fault", "wp?", "no", "no userfaultfd minds this write")
    if not pte.uffd_wp:
        hugetlb_wp(fault, pte)
    unlock(task)
    return ""


def hugetlb_wp(fault, pte: Pte):
    """Let a page be written: make the entry writable, or copy the page first."""
    task, vma = fault.task, fault.vma
    if vma.is_shared:
        fault.install(pte._replace(writable=True), "hugetlb_wp", "the mapping is shared: the entry becomes writable")
    elif pte.kind == "anon" and not alive_children(task, pte):
        pte = pte._replace(writable=True, exclusive=True, children=())
        fault.install(pte, "hugetlb_wp", "nobody else has this page: the entry becomes writable")
    else:
        prepare(fault)
        fault.shorten(fault.one_page)
        task.say("alloc_hugetlb_folio", "take a huge page from the pool for a copy")
        copy = Pte("anon", True, False, content_of(task, vma, pte, fault.start), exclusive=True)
        fault.install(copy, "hugetlb_wp", "the page is copied, and the copy mapped writable")


def find_page(fault) -> Content | None:
    """Look the page up in the page cache (filemap_lock_hugetlb_folio)."""
    task, vma = fault.task, fault.vma
    _, until, content = task.state["cache", vma.file].run_at(fault.index)
    fault.shorten(fault.start + (until - fault.index) * vma.page_size)
    look_up(task, fault.index, content is not None)
    return content


def look_up(task, index: int, found: bool):
    """Tell of a look into the page cache."""
    task.say("__filemap_get_folio", f"is page {index} in the page cache?")
    text = f"page {index} is in the page cache" if found else f"page {index} is not in the page cache: a hole"
    task.decide("filemap_get_entry", "cache?", "hit" if found else "miss", text, Kind.CALL)


def add_page(fault) -> Content:
    """Take a huge page from the pool, and add it to the page cache if the mapping is shared."""
    task, vma, state = fault.task, fault.vma, fault.task.state
    index, size = fault.index, vma.page_size
    fault.shorten(fault.start + (state["file", vma.file].pages - index) * size)
    task.say("alloc_hugetlb_folio", "take a huge page from the pool and clear it")
    if vma.is_shared:
        task.say("hugetlb_add_to_page_cache", f"it becomes page {index} of {vma.file}")
        state.put(("cache", vma.file), index, index + (fault.end - fault.start) // size, Content())
    else:
        prepare(fault)
    return Content()


def index_cached(fault) -> bool:
    """Whether the file has the page."""
    return fault.task.state["cache", fault.vma.file].at(fault.index) is not None


def lock(task, why: str):
    """Take the hugetlb VMA lock for reading."""
    if task.version.has_vma_lock:
        task.say("hugetlb_vma_lock_read", why)


def unlock(task):
    """Give the hugetlb VMA lock back."""
    if task.version.has_vma_lock:
        task.say("hugetlb_vma_unlock_read", "give the VMA lock back, and the fault mutex")
