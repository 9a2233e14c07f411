"""Faults of 4 KiB pages: anonymous memory, files, and write protection (mm/memory.c)."""

from uffdsim.kernel import shmem
from uffdsim.kernel.mm import anon_vma_prepare, pte_alloc
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, VM_WRITE, Content, Pte
from uffdsim.kernel.userfaultfd import handle_userfault, wp_async
from uffdsim.kernel.vm_fault import HWPOISON


def handle_pte_fault(fault):
    """Which path serves an entry in this state (handle_pte_fault)."""
    task, pte = fault.task, fault.pte
    if pte is None:
        task.decide("handle_pte_fault", "entry?", "none", f"the page table has no entry for {fault.where}")
        return (yield from do_pte_missing(fault))
    if pte.kind == "poison-marker":
        task.decide(
            "handle_pte_fault", "entry?", "poison", "the entry is a poison marker: the page is as good as broken"
        )
        return HWPOISON
    if pte.kind == "wp-marker":
        task.decide("handle_pte_fault", "entry?", "marker", "the entry is no page, only a uffd-wp marker")
        if not fault.vma.flags & VM_UFFD_WP:
            fault.install(None, "pte_marker_clear", "nobody minds write protection here any more: the marker goes")
            return ""
        return (yield from do_pte_missing(fault))
    if fault.write and not pte.writable:
        task.decide("handle_pte_fault", "entry?", "read-only", f"{fault.where} is present, and not writable")
        return (yield from do_wp_page(fault))
    task.decide("handle_pte_fault", "entry?", "present", f"{fault.where} is there by now")
    return ""


def do_pte_missing(fault):
    """No page is mapped: anonymous memory makes one, a file is asked for one (do_pte_missing)."""
    if fault.vma.is_anonymous:
        return (yield from do_anonymous_page(fault))
    return (yield from do_fault(fault))


def do_anonymous_page(fault):
    """A new anonymous page, or the zero page for a reader, unless MISSING is watched (do_anonymous_page)."""
    task = fault.task
    task.say("do_anonymous_page", "the VMA is anonymous: the page can only be a new one")
    pte_alloc(task, fault.start, fault.one_page)
    if fault.write:
        prepare(fault)
    if fault.vma.flags & VM_UFFD_MISSING:
        task.decide("do_anonymous_page", "mode?", "MISSING", "the VMA is registered MISSING: ask user space")
        return (yield from handle_userfault(fault, VM_UFFD_MISSING))
    task.decide("do_anonymous_page", "mode?", "none", "the VMA is not registered MISSING: fill it here")
    protected = fault.pte is not None
    if fault.write:
        pte = Pte("anon", not protected, protected, Content(), exclusive=True)
        fault.install(pte, "do_anonymous_page", "a page of zeros of its own is mapped")
    else:
        fault.install(Pte("zero", uffd_wp=protected), "do_anonymous_page", "the zero page is mapped, for reading")
    pte_alloc(task, fault.start, fault.end)
    return ""


def do_fault(fault):
    """A page of a file: read, shared and written, or private and written (do_fault)."""
    task, vma = fault.task, fault.vma
    task.say("do_fault", "the VMA maps a file: ask the file for its page")
    private_write = fault.write and not vma.is_shared
    if private_write:
        prepare(fault)
    elif not fault.write:
        if shmem.fault_around(fault):
            return ""
    result = yield from shmem.shmem_fault(fault)
    if result:
        return result
    protected = fault.pte is not None
    task.say("finish_fault", "the page is had: make the entry")
    if private_write:
        cache = task.state["cache", vma.file]
        _, until, content = cache.run_at(fault.index)
        fault.shorten(fault.start + (until - fault.index) * vma.page_size)
        pte = Pte("anon", not protected, protected, content, exclusive=True)
        fault.install(pte, "finish_fault", "a copy of the file's page is mapped: the mapping is private")
    else:
        writable = vma.is_shared and bool(vma.flags & VM_WRITE) and not protected
        writable = writable and (fault.write or not vma.flags & VM_UFFD_WP)
        text = "the file's page is mapped" + (", still write-protected" if protected else "")
        fault.install(Pte("file", writable, protected), "finish_fault", text)
    return ""


def do_wp_page(fault):
    """A write to a present page that is not writable (do_wp_page)."""
    task, vma, pte = fault.task, fault.vma, fault.pte
    task.say("do_wp_page", "a write to a page that is mapped for reading")
    if pte.uffd_wp and vma.flags & VM_UFFD_WP:
        if not wp_async(task, vma):
            task.decide(
                "do_wp_page", "wp?", "uffd-wp", "the entry is uffd-wp and the VMA registered WP: ask user space"
            )
            return (yield from handle_userfault(fault, VM_UFFD_WP))
        task.decide("do_wp_page", "wp?", "async", "the entry is uffd-wp, and the descriptor wants no message: lift it")
        pte = pte._replace(uffd_wp=False)
    else:
        task.decide("do_wp_page", "wp?", "no", "no userfaultfd minds this write")
    if vma.is_shared:
        fault.install(
            pte._replace(writable=True), "wp_page_shared", "the mapping is shared: the entry becomes writable"
        )
    elif pte.kind == "anon" and (pte.exclusive or not alive_children(task, pte)):
        pte = pte._replace(writable=True, exclusive=True, children=())
        fault.install(pte, "wp_page_reuse", "nobody else has this page: the entry becomes writable")
    else:
        prepare(fault)
        copy = Pte("anon", True, False, content_of(task, vma, pte, fault.start), exclusive=True)
        fault.shorten(fault.one_page)
        fault.install(copy, "wp_page_copy", "the page is copied, and the copy mapped writable")
    return ""


def prepare(fault):
    """Make sure that the VMA can have anonymous pages (vmf_anon_prepare)."""
    fault.run = anon_vma_prepare(fault.task, fault.run)
    fault.vma = fault.run.value


def alive_children(task, pte: Pte) -> bool:
    """Whether a child process still maps this very page."""
    return any(task.state["mm", child].alive for child in pte.children)


def content_of(task, vma, pte: Pte, address: int) -> Content:
    """The bytes of the page that an entry points at."""
    if pte.kind == "file":
        return task.state["cache", vma.file].at(vma.index(address))
    return pte.content or Content()
