"""Making, unmapping and moving mappings (mm/mmap.c, mm/vma.c, mm/mremap.c)."""

from uffdsim.kernel.events import remap_complete, remap_prepare, unmap_complete, unmap_prepare
from uffdsim.kernel.mlock import mm_populate
from uffdsim.kernel.mm import change, find_vma, free_pgtables, pte_alloc, vmas
from uffdsim.kernel.span import Span, span_of
from uffdsim.kernel.state import (
    TASK_SIZE,
    VM_ACCOUNT,
    VM_DONTEXPAND,
    VM_HUGETLB,
    VM_LOCKED,
    VM_READ,
    VM_SHARED,
    VM_WRITE,
    File,
    Mapping,
    Vma,
)
from uffdsim.kernel.zap import vfs_fallocate, zap_page_range_single
from uffdsim.runs import Run, Runs
from uffdsim.uapi import PAGE_SIZE, Errno

PROT = {"rw": VM_READ | VM_WRITE, "r": VM_READ, "none": 0}
FIRST = 1 << 40
"""Where the first mapping of a process goes."""
APART = 1 << 30
"""Mappings begin at multiples of this, with at least as much between them."""


def open_file(task, step):
    """The op file: memfd_create(2), and a length."""
    make_file(task, step["id"], step["backing"], step["pages"])
    return {"errno": None}


def make_file(task, id: str, backing: str, pages: int, anonymous: bool = False):
    """A file of so many pages, all of them holes."""
    task.say("memfd_create", f"{id}: {pages} pages of {backing}, none of them allocated")
    task.state.set(("file", id), File(backing, PAGE_SIZE[backing], pages, pages, anonymous))
    task.state.set(("cache", id), Runs())


def punch(task, step):
    """The op punch: fallocate(2) with PUNCH_HOLE and KEEP_SIZE."""
    file = task.state["file", step["file"]]
    end = max(file.declared, step["page"]) if step["pages"] is None else step["page"] + step["pages"]
    if end == step["page"]:
        task.fail(Errno.EINVAL, "vfs_fallocate", "the range is empty")
    vfs_fallocate(task, step["file"], step["page"], end)
    return {"errno": None}


def mmap(task, step):
    """The op mmap: a new VMA, apart from all others, so that no two merge."""
    id, file = step["id"], step["file"]
    backing = step["backing"] or task.state["file", file].backing
    size = PAGE_SIZE[backing]
    pages = step["pages"]
    if pages is None:
        pages = max(task.state["file", file].declared - step["offset"], 0)
    shared = (step["sharing"] or ("shared" if file else "private")) == "shared"
    start = _unused(task)
    mapping = Mapping(id, start, pages, size, file)
    task.state.set(("mapping", id), mapping)
    task.state.put(("names", task.mm), start, mapping.end + APART // 2, mapping)
    if pages == 0:
        task.fail(Errno.EINVAL, "do_mmap", "a mapping of no pages")
    if mapping.end > TASK_SIZE:
        task.fail(Errno.ENOMEM, "do_mmap", "there is no room for it")
    if file is None and (shared or backing != "anon"):
        file = f"[{id}]"
        make_file(task, file, "shmem" if backing == "anon" else "hugetlb-2M", pages, anonymous=True)
    vma = Vma(id, _vm_flags(step, backing, shared), size, file, start - step["offset"] * size if file else start)
    task.say("mmap_region", f"a VMA for {pages} pages of {file or 'anonymous memory'}, with an empty page table")
    task.state.put(("vmas", task.mm), start, mapping.end, vma)
    if vma.is_hugetlb and vma.flags & VM_WRITE:
        record = task.state["file", file]
        end = step["offset"] + pages
        if record.pages < end:
            task.say("hugetlbfs_file_mmap", f"{file} grows to {end} pages, as the mapping may write them")
            task.state.set(("file", file), record._replace(pages=end))
    if step["locked"]:
        yield from mm_populate(task, start, mapping.end)
    return {"errno": None}


def _unused(task) -> int:
    names = list(task.state["names", task.mm])
    end = max((run.value.end for run in names), default=FIRST - 2 * APART)
    return -(-end // APART) * APART + APART


def _vm_flags(step, backing: str, shared: bool) -> int:
    flags = PROT[step["prot"]] | (VM_SHARED if shared else 0)
    if "hugetlb" in backing:
        return flags | VM_HUGETLB | VM_DONTEXPAND
    if step["locked"]:
        flags |= VM_LOCKED
    if flags & VM_WRITE and not shared:
        flags |= VM_ACCOUNT
    return flags


def munmap(task, step):
    """The op munmap."""
    span = span_of(task, step, skew=False)
    if span.length == 0:
        task.fail(Errno.EINVAL, "do_vmi_munmap", "the range is empty")
    if span.end > TASK_SIZE:
        task.fail(Errno.EINVAL, "do_vmi_munmap", "the range leaves user space")
    told = unmap(task, span)
    mapping = task.state["mapping", step["vma"]]
    if span.start <= mapping.start and span.end >= mapping.end:
        task.state.set(("mapping", mapping.id), mapping._replace(listed=False))
    yield from unmap_complete(task, told, span)
    return {"errno": None}


def unmap(task, span: Span) -> list[str]:
    """Take a range out of the address space; who is to be told of it once the locks are dropped (do_vmi_munmap)."""
    gone = [
        Run(max(run.start, span.start), min(run.end, span.end), run.value) for run in vmas(task, span.start, span.end)
    ]
    told = unmap_prepare(task, gone)
    task.say("do_vmi_munmap", "the range is cut out of its VMAs, and its entries go")
    for start, end, vma in gone:
        zap_page_range_single(task, vma, start, end, keep_markers=False)
        task.state.put(("vmas", task.mm), start, end, None)
    for start, end, _ in gone:
        free_pgtables(task, start, end)
    return told


def mremap(task, step):
    """The op mremap: the whole mapping moves elsewhere, and keeps its size (mremap_to, move_vma)."""
    mapping = task.state["mapping", step["vma"]]
    start = _unused(task)
    new = mapping._replace(id=step["to"], start=start, listed=True)
    task.state.set(("mapping", new.id), new)
    task.state.put(("names", task.mm), start, new.end + APART // 2, new)
    if mapping.pages == 0:
        task.fail(Errno.EINVAL, "mremap_to", "a mapping of no pages")
    run = find_vma(task, mapping.start)
    if run is None:
        task.fail(Errno.EFAULT, "mremap_to", "nothing is mapped there")
    if run.value.is_hugetlb and not task.version.hugetlb_mremap:
        task.fail(Errno.EINVAL, "vma_to_resize", "huge pages cannot be moved on this kernel")
    pieces = vmas(task, mapping.start, mapping.end)
    if len(pieces) > 1 or run.end < mapping.end:
        if not task.version.mremap_many:
            task.fail(Errno.EFAULT, "vma_to_resize", "the range is not one VMA")
    tells = []
    for index, piece in enumerate(pieces):
        if piece.value.ctx is not None and (index > 0 or piece.end < mapping.end):
            yield from _remap_complete(task, tells)
            task.fail(Errno.EFAULT, "remap_move", "of several VMAs, none may be watched")
        tells.append(_move_vma(task, piece, start - mapping.start, new))
    task.state.set(("mapping", mapping.id), mapping._replace(listed=False))
    yield from _remap_complete(task, tells)
    return {"errno": None}


def _move_vma(task, run: Run, distance: int, new: Mapping):
    """Move one VMA with its entries, and unmap what it leaves behind; what is to be told of it."""
    vma, start, end = run.value, run.start + distance, run.end + distance
    task.say(
        "move_vma",
        f"the VMA moves, and its page table entries with it (move_page_tables): {vma.mapping} is {new.id} now",
    )
    keeps = remap_prepare(task, vma)
    moved = vma._replace(mapping=new.id, zero=vma.zero + distance)
    lifts = vma.ctx is not None and not keeps and task.version.mremap_clears_wp
    for left, right, pte in task.state["ptes", task.mm].cut(run.start, run.end):
        if pte is not None:
            if lifts and pte.uffd_wp:
                pte = None if pte.kind == "wp-marker" else pte._replace(uffd_wp=False)
            task.state.put(("ptes", task.mm), left, right, None)
            task.state.put(("ptes", task.mm), left + distance, right + distance, pte)
    for left, right, there in task.state["tables", task.mm].cut(run.start, run.end):
        if there:
            pte_alloc(task, left + distance, right + distance)
    if vma.ctx is not None and not keeps:
        task.say(
            "mremap_userfaultfd_prep", f"{vma.ctx} did not ask for EVENT_REMAP: the moved VMA is not watched any more"
        )
        moved = moved._replace(ctx=None, flags=vma.flags & ~task.version.uffd_flags)
    change(task, Run(start, end, moved), start, end, moved)
    told = unmap(task, Span(run.start, run.end - run.start))
    return (vma.ctx if keeps else None), told, Span(run.start, run.end - run.start), start


def _remap_complete(task, tells):
    """Tell who wants to know, now that the locks are dropped."""
    task.say("userfaultfd_unmap_complete", "nothing was unmapped to make room")
    for ctx, told, span, to in tells:
        yield from remap_complete(task, ctx, span, to)
        yield from unmap_complete(task, told, span)
