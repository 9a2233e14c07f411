"""Making mappings, and unmapping them (mm/mmap.c, mm/vma.c)."""

from uffdsim import words
from uffdsim.kernel.events import untold, userfaultfd_unmap_complete, userfaultfd_unmap_prep
from uffdsim.kernel.memfd import make_file
from uffdsim.kernel.mlock import mm_populate
from uffdsim.kernel.mm import free_pgtables, split_vma, vma_modify, vmas
from uffdsim.kernel.pages import Tally
from uffdsim.kernel.span import Span, empty, page_align, span_of, unaligned, unmapped
from uffdsim.kernel.state import (
    TASK_SIZE,
    VM_ACCOUNT,
    VM_DONTEXPAND,
    VM_HUGETLB,
    VM_LOCKED,
    VM_READ,
    VM_SHARED,
    VM_WRITE,
    Mapping,
    Vma,
)
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.kernel.waiters import asleep
from uffdsim.kernel.zap import zap_page_range_single
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import PAGE_SIZE, Errno, Feature

PROT = {"rw": VM_READ | VM_WRITE, "r": VM_READ, "none": 0}
FIRST = 1 << 40
"""Where the first mapping of a process goes."""
APART = 1 << 30
"""Mappings begin at multiples of this, with at least as much between them."""


def do_mmap(task: Task, step: Step) -> Sleeping[Answer]:
    """The op mmap: a new VMA, apart from all others, so that no two merge; or in place of what lies there."""
    id, file, over = step["id"], step["file"], step["over"]
    backing = step["backing"] or task.state["file", file].backing
    size, pages = PAGE_SIZE[backing], step["pages"]
    if pages is None:
        pages = max(task.state["file", file].declared - step["offset"], 0)
    shared = (step["sharing"] or ("shared" if file else "private")) == "shared"
    start = task.state["mapping", over].start + step["over_page"] * size if over else get_unmapped_area(task)
    mapping = Mapping(id, start, pages, size, file)
    task.state.set(("mapping", id), mapping._replace(listed=False))
    if not over:
        task.state.put(("names", task.mm), start, mapping.end + APART // 2, mapping)
    if pages == 0:
        task.fail(Errno.EINVAL, "do_mmap", "a mapping has one page at least")
    if mapping.end > TASK_SIZE:
        task.fail(Errno.ENOMEM, "do_mmap", "user space has no room for it")
    if file is None and (shared or backing != "anon"):
        file = f"[{id}]"
        make_file(task, file, "shmem" if backing == "anon" else "hugetlb-2M", pages, anonymous=True)
    span = Span(start, mapping.end - start)
    told = do_vmi_munmap(task, span) if over else []
    task.state.set(("mapping", id), mapping)
    if over:
        task.state.put(("names", task.mm), start, mapping.end, mapping)
    zero = start - step["offset"] * size if file else 0
    mmap_region(task, mapping, Vma(id, _vm_flags(step, backing, shared), size, file, zero))
    if over:
        yield from userfaultfd_unmap_complete(task, told, span)
    if step["locked"]:
        if (yield from mm_populate(task, start, mapping.end)) is None:
            task.done("do_mmap", f"all of {id} is there at once, as it is locked")
    return {"errno": None}


def get_unmapped_area(task: Task) -> int:
    """Where the next mapping goes: no address is ever used twice, so that each keeps its name."""
    names = list(task.state["names", task.mm])
    end = max((run.value.end for run in names), default=FIRST - 2 * APART)
    return -(-end // APART) * APART + APART


def mmap_region(task: Task, mapping: Mapping, vma: Vma) -> None:
    """Put a new VMA into the address space."""
    what = vma.file or "anonymous memory"
    task.say("mmap_region", f"a VMA for {words.count(mapping.pages, 'page')} of {what}; none of them has an entry")
    vma_modify(task, Run(mapping.start, mapping.end, vma), mapping.start, mapping.end, vma)
    if vma.is_hugetlb and vma.flags & VM_WRITE:
        file, end = task.state["file", vma.file], vma.pgoff(mapping.end)
        if file.size < end * vma.page_size:
            task.say("hugetlbfs_file_mmap", f"{vma.file} grows to {end} pages, as the mapping may write them")
            task.state.set(("file", vma.file), file._replace(size=end * vma.page_size))


def _vm_flags(step: Step, backing: str, shared: bool) -> int:
    flags = PROT[step["prot"]] | (VM_SHARED if shared else 0)
    if "hugetlb" in backing:
        return flags | VM_HUGETLB | VM_DONTEXPAND
    if step["locked"]:
        flags |= VM_LOCKED
    if flags & VM_WRITE and not shared:
        flags |= VM_ACCOUNT
    return flags


def munmap(task: Task, step: Step) -> Sleeping[Answer]:
    """The op munmap."""
    span = span_of(task, step)
    if why := unaligned(span):
        task.fail(Errno.EINVAL, "do_vmi_munmap", why)
    if span.length == 0:
        task.fail(Errno.EINVAL, "do_vmi_munmap", empty(task, span))
    if span.end > TASK_SIZE:
        task.fail(Errno.EINVAL, "do_vmi_munmap", "the range leaves user space")
    span = Span(span.start, page_align(span.length))
    told = do_vmi_munmap(task, span)
    mapping = task.state["mapping", step["vma"]]
    if span.start <= mapping.start and span.end >= mapping.end:
        task.state.set(("mapping", mapping.id), mapping._replace(listed=False))
    yield from userfaultfd_unmap_complete(task, told, span)
    return {"errno": None}


def do_vmi_munmap(task: Task, span: Span, says: bool = True) -> list[str]:
    """Take a range out of the address space.

    Whoever waits there is not woken. Who is to be told is found out before anything is cut out, and told when the locks
    are dropped: by then the addresses may be somebody else's.

    :param says: tell the result, as this is what the step is about.
    :returns: the contexts that are to be told.
    :raises Failed: with EINVAL, where a huge page would be cut in two.
    """
    for at in (span.start, span.end):
        for run in vmas(task, at, at + 1):
            split_vma(task, run, at)
    gone = [
        Run(max(run.start, span.start), min(run.end, span.end), run.value) for run in vmas(task, span.start, span.end)
    ]
    told = userfaultfd_unmap_prep(task, gone)
    task.say("do_vmi_munmap", "the range is cut out of its VMAs, and its entries go")
    if says:
        did = Tally(task)
        for start, end, vma in gone:
            did.add(vma, start, end, "{pages} {be} unmapped")
        cut = str(did) or f"nothing changes: {unmapped(task, span)}"
        waits = asleep(task, task.mm, span)
        reasons = (cut, untold(task, gone, Feature.EVENT_UNMAP), f"{waits}: munmap wakes nobody" if waits else "")
        task.done("do_vmi_munmap", "; ".join(filter(None, reasons)))
    for start, end, vma in gone:
        zap_page_range_single(task, vma, start, end, keep_markers=False)
        task.state.put(("vmas", task.mm), start, end, None)
    for start, end, vma in gone:
        free_pgtables(task, vma, start, end)
    return told
