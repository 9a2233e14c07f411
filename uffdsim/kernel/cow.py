"""Writes to pages that are mapped for reading: shared, taken over, or copied (mm/memory.c)."""

from uffdsim.kernel.mm import anon_vma_prepare
from uffdsim.kernel.state import VM_UFFD_WP, Content, Pte, Vma
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.userfaultfd import handle_userfault
from uffdsim.kernel.userfaultfd_k import userfaultfd_wp
from uffdsim.kernel.vm_fault import Fault


def do_wp_page(fault: Fault, pte: Pte) -> Sleeping[str]:
    """A write to a present page that is not writable: userfaultfd is asked before anything is copied.

    A copy would be in vain: while its thread sleeps, the page may change, or the protection go.
    """
    task, vma = fault.task, fault.vma
    say = "do_wp_page"
    task.say(say, "a write to a page that is mapped for reading")
    shared, reuse = vma.is_shared, wp_can_reuse_anon_folio(task, pte)
    if userfaultfd_wp(fault, pte, say, "it becomes writable" if shared or reuse else "the writer gets a copy"):
        return (yield from handle_userfault(fault, VM_UFFD_WP))
    if vma.flags & VM_UFFD_WP:
        pte = pte._replace(uffd_wp=False)
    if shared:
        wp_page_shared(fault, pte)
    elif reuse:
        wp_page_reuse(fault, pte)
    else:
        wp_page_copy(fault, pte)
    return ""


def wp_page_shared(fault: Fault, pte: Pte) -> None:
    """The mapping is shared: writes go to the file's page itself."""
    fault.install(pte._replace(writable=True), "wp_page_shared", f"{fault.where} is shared: it becomes writable")


def wp_page_reuse(fault: Fault, pte: Pte) -> None:
    """The page is the mapping's own: there is nobody whom a copy would be for."""
    pte = pte._replace(writable=True, exclusive=True, children=())
    fault.install(pte, "wp_page_reuse", f"nobody else has {fault.where}: it becomes writable")


def wp_page_copy(fault: Fault, pte: Pte) -> None:
    """Others have the page too: the writer gets a copy."""
    vmf_anon_prepare(fault)
    copy = Pte("anon", True, False, content_of(fault.task, fault.vma, pte, fault.start), exclusive=True)
    fault.shorten(fault.one_page)
    fault.install(copy, "wp_page_copy", f"copy {fault.where}, and map the copy, writable")


def wp_can_reuse_anon_folio(task: Task, pte: Pte) -> bool:
    """Whether an entry's page is anonymous, and no other process has it."""
    return pte.kind == "anon" and (pte.exclusive or not any(task.state["mm", child].alive for child in pte.children))


def vmf_anon_prepare(fault: Fault) -> None:
    """Make sure that the VMA can have anonymous pages."""
    fault.run = anon_vma_prepare(fault.task, fault.run)
    fault.vma = fault.run.value


def content_of(task: Task, vma: Vma, pte: Pte, address: int) -> Content:
    """The bytes of the page that an entry points at."""
    if pte.kind == "file":
        return task.state["cache", vma.file].at(vma.pgoff(address))
    return pte.content or Content()
