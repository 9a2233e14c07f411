"""Shared memory: a memfd finds a page for a fault, or makes one (mm/shmem.c)."""

from uffdsim.kernel.filemap import filemap_get_entry
from uffdsim.kernel.pages import beyond
from uffdsim.kernel.state import VM_UFFD_MISSING, Content
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.userfaultfd import handle_userfault
from uffdsim.kernel.userfaultfd_k import userfaultfd_minor, userfaultfd_missing
from uffdsim.kernel.vm_fault import SIGBUS, Fault


def shmem_fault(fault: Fault) -> Sleeping[str]:
    """Have the file's page for a fault.

    :returns: "" with the page in the page cache, or what ends the fault.
    """
    fault.task.say("shmem_fault", lambda: f"{fault.file_page} is wanted")
    return (yield from shmem_get_folio_gfp(fault))


def shmem_get_folio_gfp(fault: Fault) -> Sleeping[str]:
    """Find the page in the page cache, or make it: the cache decides which question is asked, the modes the answer.

    :returns: "" with the page in the page cache, or what ends the fault.
    """
    task, vma, state = fault.task, fault.vma, fault.task.state
    say, index, page, size = "shmem_get_folio_gfp", fault.index, fault.file_page, state["file", vma.file].pages
    task.say(say, f"look for {page}")
    if index >= size:
        return fault.stop(SIGBUS, say, "file?", "beyond", f"{fault.where} {beyond(task, vma)}")
    _, until, content = state["cache", vma.file].run_at(index)
    fault.shorten(fault.start + (min(until, size) - index) * vma.page_size)
    filemap_get_entry(task, page, content is not None)
    if content is not None:
        if userfaultfd_minor(fault, say):
            return (yield from handle_userfault(fault, task.version.minor_flag))
        pages = (fault.end - fault.start) // vma.page_size
        needed(task, vma.file, index, index + pages)
        return ""
    if userfaultfd_missing(fault, say, "the file gets a page of zeros"):
        return (yield from handle_userfault(fault, VM_UFFD_MISSING))
    pages = (fault.end - fault.start) // vma.page_size
    state.put(("cache", vma.file), index, index + pages, Content())
    return ""


def needed(task: Task, file: str | None, start: int, end: int) -> None:
    """Pages of a file that were only allocated are cleared, now that they are needed."""
    key = ("cache", file)
    for run in task.state[key].cut(start, end):
        if run.value is not None and not run.value.uptodate:
            task.state.put(key, run.start, run.end, run.value._replace(uptodate=True))
