"""Files in memory: made, cut and filled without any mapping (mm/memfd.c, mm/shmem.c, fs/hugetlbfs/inode.c)."""

from uffdsim import words
from uffdsim.kernel.span import extent
from uffdsim.kernel.state import Content, File
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.zap import FAR, punch_hole, unmap_mapping_range
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
    task.state.set(("file", id), File(backing, PAGE_SIZE[backing], pages, pages * PAGE_SIZE[backing], anonymous))
    task.state.set(("cache", id), Runs())


def vfs_fallocate(task: Task, step: Step) -> Answer:
    """The op punch: fallocate(2) with PUNCH_HOLE and KEEP_SIZE. There is no event of it: it is about a file."""
    id = step["file"]
    offset, length = _range(task, step)
    size = task.state["file", id].page_size
    first, count = offset // size, -(-(offset + length) // size) - offset // size
    had = any(content is not None for _, _, content in task.state["cache", id].cut(first, first + count))
    punch_hole(task, id, offset, length)
    if offset % size or length % size:
        cut = "whole pages are gone, from the file and from every mapping of it, and what is cut off of one is zeros"
        task.done("vfs_fallocate", f"{words.size(length)} of {id}: {cut}; nobody is told")
        return {"errno": None}
    where, are = words.pages(id, first, count), "is" if count == 1 else "are"
    gone = f"{are} gone, from the file and from every mapping of it" if had else f"{are} no more than a hole, as before"
    task.done("vfs_fallocate", f"{where} {gone}; nobody is told")
    return {"errno": None}


def allocate(task: Task, step: Step) -> Answer:
    """The op allocate: fallocate(2) with mode 0. Every page that the range touches is there then, and the file ends no
    sooner than the range."""
    id = step["file"]
    offset, length = _range(task, step)
    file = task.state["file", id]
    first, last = offset // file.page_size, -(-(offset + length) // file.page_size)
    where = words.pages(id, first, last - first)
    task.say("vfs_fallocate", f"{where}: have them allocated")
    found = task.state["cache", id].cut(first, last)
    holes = [run for run in found if run.value is None]
    for run in found:
        # hugetlbfs clears a page at once, shared memory when it is first needed, or found here once more.
        new = run.value._replace(uptodate=True) if run.value else Content(uptodate=file.backing.startswith("hugetlb"))
        if new != run.value:
            task.state.put(("cache", id), run.start, run.end, new)
    if offset + length > file.size:
        task.state.set(("file", id), file._replace(size=offset + length))
    pages = sum(run.end - run.start for run in holes)
    came = f"{words.count(pages, 'page')} of zeros came into the file" if pages else "nothing was missing"
    task.done("vfs_fallocate", f"{where}: {came}; nobody is told")
    return {"errno": None}


def _range(task: Task, step: Step) -> tuple[int, int]:
    """The part of a file that a step is about: its offset and length in bytes.

    :raises Failed: with EINVAL, if it is empty, or begins before the file does.
    """
    file = task.state["file", step["file"]]
    offset, length = extent(step, file.declared, file.page_size)
    if length == 0:
        task.fail(Errno.EINVAL, "vfs_fallocate", "the range is empty")
    if offset < 0:
        task.fail(Errno.EINVAL, "vfs_fallocate", "the range begins before the file does")
    return offset, length


def do_truncate(task: Task, step: Step) -> Answer:
    """The op truncate: ftruncate(2). What is behind the new end goes, whoever has copied it; nobody is told."""
    id, pages = step["file"], step["pages"]
    file = task.state["file", id]
    task.say("do_truncate", f"make {id} {words.count(pages, 'page')} long")
    task.state.set(("file", id), file._replace(size=pages * file.page_size))
    hugetlb = file.backing.startswith("hugetlb")
    if hugetlb or pages < file.pages:
        unmap_mapping_range(task, id, pages, FAR, even_cows=True)
        task.state.put(("cache", id), pages, max(pages, FAR), None)
    was = words.count(file.pages, "page")
    lost = ", and what was behind its end is gone, from every mapping too" if pages < file.pages else ""
    task.done("do_truncate", f"{id} has {words.count(pages, 'page')} now, and had {was}{lost}; nobody is told")
    return {"errno": None}


def pwrite(task: Task, step: Step) -> Answer:
    """The op pwrite: pwrite(2) of one byte. It asks no userfaultfd: it is about the file, and not about a mapping."""
    id, index, offset = step["file"], step["page"], step["offset"]
    file = task.state["file", id]
    if file.backing.startswith("hugetlb"):
        task.fail(Errno.EINVAL, "vfs_write", f"{id} is of huge pages, and hugetlbfs has no write")
    page = words.page(id, index)
    task.say("generic_perform_write", f"write to {page}")
    content = task.state["cache", id].at(index)
    task.state.put(("cache", id), index, index + 1, (content or Content()).written(offset, step["value"]))
    task.state.set(("file", id), file._replace(size=max(file.size, index * file.page_size + offset + 1)))
    came = "" if content else ", which was a hole before"
    task.done("generic_perform_write", f"{words.byte(step['value'])} is in {page} now{came}; nobody is asked or told")
    return {"errno": None}
