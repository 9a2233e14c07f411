"""Moving mappings (mm/mremap.c)."""

from typing import NamedTuple

from uffdsim.kernel.changes import since
from uffdsim.kernel.descriptor import unlocked
from uffdsim.kernel.events import mremap_userfaultfd_complete, mremap_userfaultfd_prep, userfaultfd_unmap_complete
from uffdsim.kernel.mm import find_vma, place, pte_alloc, vma_modify, vmas
from uffdsim.kernel.mmap import APART, do_vmi_munmap, get_unmapped_area
from uffdsim.kernel.protection import within_reach
from uffdsim.kernel.span import Span, empty, unmapped
from uffdsim.kernel.state import Mapping, Pte, Vma
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno


class Moved(NamedTuple):
    """A VMA that has moved: the context that has to be told (or None), those that have to be told that the old
    range is unmapped, that range, and where it is now."""

    watcher: str | None
    told: list[str]
    old: Span
    to: int


def mremap(task: Task, step: Step) -> Sleeping[Answer]:
    """The op mremap: the whole mapping moves elsewhere, and keeps its size (mremap_to)."""
    old = task.state["mapping", step["vma"]]
    start = get_unmapped_area(task)
    new = old._replace(id=step["to"], start=start, listed=False)
    task.state.set(("mapping", new.id), new)
    task.state.put(("names", task.mm), start, new.end + APART // 2, new)
    runs = _check_mremap(task, old)
    moved: list[Moved] = []
    for index, run in enumerate(runs):
        # Several VMAs in one call are moved one by one, and none may be watched: one event could not tell of them all.
        if run.value.ctx is not None and (index > 0 or run.end < old.end):
            yield from _mremap_complete(task, moved)
            task.fail(Errno.EFAULT, "remap_move", f"{place(task, run.start)} is watched, and several VMAs should move")
        moved.append(move_vma(task, run, start - old.start, new))
    task.state.set(("mapping", old.id), old._replace(listed=False))
    task.state.set(("mapping", new.id), new._replace(listed=True))
    yield from _mremap_complete(task, moved)
    return {"errno": None}


def _check_mremap(task: Task, mapping: Mapping) -> list[Run]:
    """The VMAs of a mapping that is to move.

    :raises Failed: if it cannot.
    """
    whole = Span(mapping.start, mapping.end - mapping.start)
    if mapping.pages == 0:
        task.fail(Errno.EINVAL, "mremap_to", empty(task, whole))
    run = find_vma(task, mapping.start)
    if run is None:
        task.fail(Errno.EFAULT, "mremap_to", unmapped(task, whole))
    if run.value.is_hugetlb and not task.version.hugetlb_mremap:
        why = f"{mapping.id} is hugetlb, which can be moved since {since('hugetlb_mremap')}"
        task.fail(Errno.EINVAL, "vma_to_resize", why)
    if run.end < mapping.end and not task.version.mremap_many:
        why = f"{mapping.id} is more than one VMA: another one begins at {place(task, run.end)}"
        task.fail(Errno.EFAULT, "vma_to_resize", unmapped(task, whole) or why)
    found = vmas(task, mapping.start, mapping.end)
    return [Run(max(run.start, mapping.start), min(run.end, mapping.end), run.value) for run in found]


def move_vma(task: Task, run: Run, distance: int, new: Mapping) -> Moved:
    """Move one VMA with its entries, and unmap what it leaves behind."""
    vma, old = run.value, Span(run.start, run.end - run.start)
    text = f"the VMA moves, and its page table entries with it (move_page_tables): {vma.mapping} is {new.id} now"
    task.say("move_vma", text)
    watcher = mremap_userfaultfd_prep(task, vma)
    forgets = vma.ctx is not None and watcher is None
    # Anonymous memory that was never touched belongs where it is; else, and with a file, it stays where it was then.
    zero = vma.zero if vma.is_anonymous and vma.anon_vma is None else vma.zero + distance
    moved = vma._replace(mapping=new.id, zero=zero)
    move_page_tables(task, vma, old, distance, lift=forgets and task.version.mremap_clears_wp)
    if forgets:
        moved = moved._replace(ctx=None, flags=vma.flags & ~task.version.uffd_flags)
        text = f"{vma.ctx} did not ask for EVENT_REMAP: {new.id} is not watched{unlocked(task, vma, moved)}"
        task.say("mremap_userfaultfd_prep", text)
    start, end = run.start + distance, run.end + distance
    vma_modify(task, Run(start, end, moved), start, end, moved)
    is_now = f"{vma.mapping} is {new.id} now, at another address"
    task.done("move_vma", f"{is_now}; {text}" if forgets else is_now)
    # The old range is given back as munmap would do it: with UNMAP for those who asked for that.
    told = do_vmi_munmap(task, old, says=False)
    return Moved(watcher, told, old, start)


def move_page_tables(task: Task, vma: Vma, old: Span, distance: int, lift: bool) -> None:
    """Take all entries of a range along, and the page tables; lift write protection on the way, if it is to go."""
    key = ("ptes", task.mm)
    for left, right, pte in task.state[key].cut(old.start, old.end):
        if pte is None:
            continue
        if lift and pte.uffd_wp:
            pte = _lifted(vma, pte)
        task.state.put(key, left, right, None)
        task.state.put(key, left + distance, right + distance, pte)
        pte_alloc(task, vma, left + distance, right + distance)
    if vma.is_hugetlb:
        return  # move_hugetlb_page_tables makes a table for each entry that it takes along, and for no other
    for left, right, there in task.state["tables", task.mm].cut(old.start, old.end):
        if there:
            pte_alloc(task, vma, left + distance, right + distance)


def _lifted(vma: Vma, pte: Pte) -> Pte | None:
    """An entry without the protection that it has."""
    if pte.kind == "wp-marker":
        return None
    return within_reach(vma, pte) if pte.protnone else pte._replace(uffd_wp=False)


def _mremap_complete(task: Task, moved: list[Moved]) -> Sleeping[None]:
    """Tell who wants to know, now that the locks are dropped."""
    task.say("userfaultfd_unmap_complete", "nothing was unmapped to make room")
    for watcher, told, old, to in moved:
        yield from mremap_userfaultfd_complete(task, watcher, old, to)
        yield from userfaultfd_unmap_complete(task, told, old)
