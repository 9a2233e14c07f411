"""Faults of 4 KiB pages: which path serves an entry, anonymous memory, and files (mm/memory.c)."""

from uffdsim.kernel.cow import do_wp_page, vmf_anon_prepare
from uffdsim.kernel.filemap import filemap_map_pages
from uffdsim.kernel.mm import pte_alloc
from uffdsim.kernel.protection import within_reach
from uffdsim.kernel.shmem import shmem_fault
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, VM_WRITE, Content, Pte
from uffdsim.kernel.task import Sleeping
from uffdsim.kernel.userfaultfd import handle_userfault
from uffdsim.kernel.userfaultfd_k import unasked, userfaultfd_missing, userfaultfd_rwp
from uffdsim.kernel.vm_fault import HWPOISON, Fault
from uffdsim.runs import Run

FAULT_AROUND_PAGES = 16
PTRS_PER_PTE = 512


def handle_pte_fault(fault: Fault) -> Sleeping[str]:
    """Which path serves an entry in this state."""
    task, pte = fault.task, fault.pte
    say = "handle_pte_fault"
    if pte is None:
        task.decide(say, "entry?", "none", f"the page table has no entry for {fault.where}")
        return (yield from do_pte_missing(fault))
    if not pte.present:
        return (yield from handle_pte_marker(fault, pte))
    if pte.protnone:
        task.decide(say, "entry?", "out of reach", f"{fault.where} is mapped, and out of reach (PAGE_NONE)")
        return (yield from do_uffd_rwp(fault, pte))
    if fault.write and not pte.writable:
        task.decide(say, "entry?", "read-only", f"{fault.where} is mapped, and not writable")
        return (yield from do_wp_page(fault, pte))
    task.decide(say, "entry?", "present", f"{fault.where} is mapped by now")
    return ""


def do_uffd_rwp(fault: Fault, pte: Pte) -> Sleeping[str]:
    """A touch of a page that RWPROTECT has put out of reach: user space is asked, or the page is given back at once."""
    task, say = fault.task, "do_uffd_rwp"
    task.say(say, "the page is there, and may not be touched")
    if userfaultfd_rwp(fault, say):
        return (yield from handle_userfault(fault, VM_UFFD_RWP))
    fault.shorten(fault.one_page)
    fault.install(within_reach(fault.vma, pte), say, f"{fault.where} is given back, and counts as accessed")
    return ""


def handle_pte_marker(fault: Fault, pte: Pte) -> Sleeping[str]:
    """An entry that is no page: poison, or the protection of a page that is yet to come."""
    task, say = fault.task, "handle_pte_fault"
    if pte.kind == "poison-marker":
        return fault.stop(HWPOISON, say, "entry?", "poison", f"{fault.where} is poisoned (its entry is a marker)")
    task.decide(say, "entry?", "marker", f"{fault.where} is not mapped, but write-protected (by a marker)")
    if not fault.vma.flags & VM_UFFD_WP:
        return pte_marker_clear(fault)
    return (yield from do_pte_missing(fault))


def pte_marker_clear(fault: Fault) -> str:
    """A marker of protection that nobody asks for any more goes, and the access is tried again."""
    fault.install(None, "pte_marker_clear", f"{fault.where} is not registered WP any more: the marker goes")
    return ""


def do_pte_missing(fault: Fault) -> Sleeping[str]:
    """No page is mapped: anonymous memory makes one, a file is asked for one."""
    if fault.vma.is_anonymous:
        return (yield from do_anonymous_page(fault))
    return (yield from do_fault(fault))


def do_anonymous_page(fault: Fault) -> Sleeping[str]:
    """A new anonymous page, or the zero page for a reader, unless MISSING is watched."""
    task, say = fault.task, "do_anonymous_page"
    task.say(say, "anonymous memory: the page can only be a new one")
    pte_alloc(task, fault.vma, fault.start, fault.one_page)
    if fault.write:
        # A page may take long to get, so that is done before the page table is locked. userfaultfd is asked
        # only under that lock, when the entry was found to be empty still.
        vmf_anon_prepare(fault)
    if userfaultfd_missing(fault, say, "it gets a page of zeros" if fault.write else "it gets the zero page"):
        return (yield from handle_userfault(fault, VM_UFFD_MISSING))
    protected = fault.pte is not None
    if fault.write:
        pte = Pte("anon", not protected, protected, Content(), exclusive=True)
        fault.install(pte, say, f"map a page of zeros for {fault.where}{', write-protected' if protected else ''}")
    else:
        fault.install(Pte("zero", uffd_wp=protected), say, f"map the zero page for {fault.where}, for reading")
    pte_alloc(task, fault.vma, fault.start, fault.end)
    return ""


def do_fault(fault: Fault) -> Sleeping[str]:
    """A page of a file: read (do_read_fault), shared and written (do_shared_fault), or copied (do_cow_fault)."""
    fault.task.say("do_fault", "memory of a file: ask the file for its page")
    if not fault.write and do_fault_around(fault):
        return ""
    cow = fault.write and not fault.vma.is_shared
    if cow:
        vmf_anon_prepare(fault)
    result = yield from shmem_fault(fault)
    if not result:
        finish_fault(fault, cow)
    return result


def do_fault_around(fault: Fault) -> bool:
    """Map what is in the page cache around a read, so that it need not fault later.

    Where MINOR or WP is watched, each page's first touch matters, and nothing is mapped that was not asked for. MISSING
    asks only for holes, and these stay holes.

    :returns: whether the page that was read has come along.
    """
    task, vma = fault.task, fault.vma
    if vma.flags & (VM_UFFD_WP | VM_UFFD_RWP | task.version.minor_flag) and not task.version.fault_around_minor:
        return False
    if vma.flags & VM_UFFD_MISSING:
        # In bulk, up to the first hole: its fault waits, and only then come those behind it.
        _, until, content = task.state["cache", vma.file].run_at(fault.index)
        fault.shorten(0 if content is None else fault.start + (until - fault.index) * vma.page_size)
    start, _ = _window(fault.run, fault.start)
    _, end = _window(fault.run, fault.end - vma.page_size)
    if not filemap_map_pages(fault, start, end):
        return False
    say, where = "do_fault_around", fault.where
    task.decide(say, "cache?", "hit", f"{fault.file_page} is in the page cache")
    task.decide(say, "mode?", "none", lambda: f"{unasked(task, vma, where, 'MINOR')}: the file's page is mapped")
    return True


def _window(run: Run, address: int) -> tuple[int, int]:
    """What is mapped around one address: 16 pages from a multiple of 16 on, within its VMA and its page table."""
    size = run.value.page_size
    around, table = FAULT_AROUND_PAGES * size, PTRS_PER_PTE * size
    start = max(address // around * around, run.start)
    return start, min(start + around, run.end, address // table * table + table)


def finish_fault(fault: Fault, cow: bool) -> None:
    """Map the page that was found or made, or a copy of it."""
    task, vma = fault.task, fault.vma
    task.say("finish_fault", "the page is there: make the entry")
    pte_alloc(task, vma, fault.start, fault.end)
    protected = fault.pte is not None  # by a marker, which the entry takes over
    if cow:
        _, until, content = task.state["cache", vma.file].run_at(fault.index)
        fault.shorten(fault.start + (until - fault.index) * vma.page_size)
        pte = Pte("anon", not protected, protected, content, exclusive=True)
        fault.install(pte, "finish_fault", f"map a copy of the file's page for {fault.where}: the mapping is private")
        return
    # In a WP range a reader's entry is for reading only, so that a write is noticed (vma_wants_writenotify).
    noticed = vma.flags & VM_UFFD_WP and not fault.write
    writable = vma.is_shared and bool(vma.flags & VM_WRITE) and not protected and not noticed
    text = f"map the file's page for {fault.where}{', still write-protected' if protected else ''}"
    fault.install(Pte("file", writable, protected), "finish_fault", text)
