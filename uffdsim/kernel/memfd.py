"""Files in memory: made, and holes punched into them (mm/memfd.c, fs/open.c)."""

from uffdsim import words
from uffdsim.kernel.state import File
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.zap import punch_hole
from uffdsim.runs import Runs
from uffdsim.scenario import Step
from uffdsim.uapi import PAGE_SIZE, Errno


def memfd_create(task: Task, step: Step) -> Answer:
    """The op file: memfd_create(2), and a length."""
    make_file(task, step["id"], step["backing"], step["pages"])
    return {"errno": None}


def make_file(task: Task, id: str, backing: str, pages: int, anonymous: bool = False) -> None:
    """A file of so many pages, all of them holes."""
    task.say("memfd_create", f"{id}: {words.count(pages, 'page')} of {backing}, none of them allocated")
    task.state.set(("file", id), File(backing, PAGE_SIZE[backing], pages, pages, anonymous))
    task.state.set(("cache", id), Runs())


def vfs_fallocate(task: Task, step: Step) -> Answer:
    """The op punch: fallocate(2) with PUNCH_HOLE and KEEP_SIZE. There is no event of it: it is about a file."""
    id, page = step["file"], step["page"]
    file = task.state["file", id]
    end = max(file.declared, page) if step["pages"] is None else page + step["pages"]
    if end == page:
        task.fail(Errno.EINVAL, "vfs_fallocate", "the range is empty")
    had = any(content is not None for _, _, content in task.state["cache", id].cut(page, end))
    punch_hole(task, id, page, end)
    where, are = words.pages(id, page, end - page), "is" if end - page == 1 else "are"
    gone = f"{are} gone, from the file and from every mapping of it" if had else f"{are} no more than a hole, as before"
    task.done("vfs_fallocate", f"{where} {gone}; nobody is told of this")
    return {"errno": None}
