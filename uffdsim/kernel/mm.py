"""The address space: finding VMAs, changing part of one, which splits and merges them, and its page tables.

The rules of merging are those of mm/vma.c (mm/mmap.c before 6.12): vma_modify, vma_merge_existing_range.
"""

from uffdsim import words
from uffdsim.kernel.state import VM_ACCESS, VM_DONTEXPAND, VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, Mapping, Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Run
from uffdsim.uapi import Errno

PTRS_PER_TABLE = 512
"""Entries of one page table, whatever the size of the pages."""


def find_vma(task: Task, address: int, mm: str | None = None) -> Run | None:
    """The VMA around an address, with its range."""
    run = task.state["vmas", mm or task.mm].run_at(address)
    return run if run.value is not None else None


def vmas(task: Task, start: int, end: int, mm: str | None = None) -> list[Run]:
    """The VMAs that share an address with the range, whole."""
    return task.state["vmas", mm or task.mm].over(start, end)


def vma_modify(task: Task, run: Run, start: int, end: int, vma: Vma, mm: str | None = None) -> Run:
    """Make the part of a VMA from ``start`` to ``end`` be ``vma``: split the rest off, and merge with neighbours.

    :returns: the VMA that the part is now in.
    :raises Failed: with EINVAL, where a huge page would be cut in two.
    """
    key = ("vmas", mm or task.mm)
    split_vma(task, run, start, mm)
    split_vma(task, Run(start, run.end, run.value), end, mm)
    # Only a part that reaches an edge of its VMA has a neighbour there; elsewhere the rest of the VMA is in between.
    prev = _merges(task, vma, task.state[key].run_at(start - 1)) if start == run.start else None
    next = _merges(task, vma, task.state[key].run_at(end)) if end == run.end else None
    if prev is not None and next is not None:
        # All three become one only if the outer two get on with each other, too; else the left one takes the part.
        both = {prev.value.anon_vma, next.value.anon_vma} - {None}
        next = next if len(both) < 2 else None
    anon_vma = vma.anon_vma
    if prev is not None:
        start, anon_vma = prev.start, _either(anon_vma, prev.value.anon_vma)
    if next is not None:
        end, anon_vma = next.end, _either(anon_vma, next.value.anon_vma)
    vma = vma._replace(anon_vma=anon_vma)
    task.state.put(key, start, end, vma)
    return Run(start, end, vma)


def split_vma(task: Task, run: Run, at: int, mm: str | None = None) -> None:
    """Make two VMAs of one, if the address is inside it. What is split off stays split if the rest fails.

    :raises Failed: with EINVAL, if the address is inside a huge page.
    """
    if not run.start < at < run.end:
        return
    vma = run.value
    if inside := at % vma.page_size:
        why = f"{vma.mapping} has huge pages, and cannot be cut {words.size(inside)} into one"
        task.fail(Errno.EINVAL, "split_vma", why)
    task.state.put(("vmas", mm or task.mm), at, run.end, vma)


def _merges(task: Task, vma: Vma, beside: Run) -> Run | None:
    """The VMA that lies beside ``vma``, if this may become part of it (can_vma_merge_before, can_vma_merge_after)."""
    neighbour: Vma | None = beside.value
    if neighbour is None or vma.flags & VM_DONTEXPAND:
        return None
    if neighbour._replace(anon_vma=vma.anon_vma, mapping=vma.mapping) != vma:
        return None
    alike = vma.anon_vma in (None, neighbour.anon_vma)
    return beside if alike or (neighbour.anon_vma is None and task.version.merges_into_unfaulted) else None


def _either(one: int | None, other: int | None) -> int | None:
    return other if one is None else one


def anon_vma_prepare(task: Task, run: Run, mm: str | None = None) -> Run:
    """Give a VMA what knows its anonymous pages: a neighbour's, so that the two may merge one day, or a new one."""
    if run.value.anon_vma is not None:
        return run
    number = _find_mergeable_anon_vma(task, run, mm)
    if number is None:
        whole = task.state["mm", mm or task.mm]
        number = whole.anon_vmas + 1
        task.state.set(("mm", mm or task.mm), whole._replace(anon_vmas=number))
    vma = run.value._replace(anon_vma=number)
    task.state.put(("vmas", mm or task.mm), run.start, run.end, vma)
    return Run(run.start, run.end, vma)


def _find_mergeable_anon_vma(task: Task, run: Run, mm: str | None) -> int | None:
    """The anon_vma of a neighbour with which a VMA could merge, but for the kind of access (anon_vma_compatible)."""
    whole, vma = task.state["vmas", mm or task.mm], run.value
    for neighbour in (whole.run_at(run.end).value, whole.run_at(run.start - 1).value):
        if neighbour is None or neighbour.anon_vma is None:
            continue
        alike = (neighbour.flags | VM_ACCESS, neighbour.file, neighbour.zero)
        if alike == (vma.flags | VM_ACCESS, vma.file, vma.zero):
            return neighbour.anon_vma
    return None


def pte_alloc(task: Task, vma: Vma, start: int, end: int, mm: str | None = None) -> None:
    """Make sure that there are page tables for a range of a VMA: one for each 2 MiB, where pages have 4 KiB."""
    key = ("tables", mm or task.mm)
    start, end = _tables(vma, start, end)
    _, right, there = task.state[key].run_at(start)
    if there is None or right < end:
        task.state.put(key, start, end, True)


def _tables(vma: Vma, start: int, end: int) -> tuple[int, int]:
    """The range that the page tables cover which a range of a VMA needs."""
    covers = PTRS_PER_TABLE * vma.page_size
    return start & -covers, -(-end // covers) * covers


def free_pgtables(task: Task, vma: Vma, start: int, end: int) -> None:
    """Free the page tables of a range of a VMA that is gone, as far as no other VMA needs them."""
    whole, covers = task.state["vmas", task.mm], PTRS_PER_TABLE * vma.page_size
    first, last = _tables(vma, start, end)
    # The page table at either edge may cover more than the range: another VMA keeps it.
    if whole.over(first, start):
        first += covers
    if whole.over(end, last):
        last -= covers
    if first < last:
        task.state.put(("tables", task.mm), first, last, None)


# In words


def page_at(task: Task, address: int, vma: Vma) -> tuple[str, int]:
    """The page of a VMA at an address, as a scenario names it: its mapping and its number."""
    mapping = _mapping_at(task, address, vma)
    return mapping.id, (address - mapping.start) // mapping.page_size


def _mapping_at(task: Task, address: int, vma: Vma) -> Mapping:
    """The mapping at an address of a VMA. One VMA may hold parts of several, where they could be merged; then it goes
    by the name of one of them, as far as that reaches: a sentence may be made when another one is there."""
    mapping: Mapping = task.state["mapping", vma.mapping]
    if mapping.start <= address < mapping.end:
        return mapping
    return task.state["names", "main"].at(address) or mapping


def place(task: Task, address: int, vma: Vma | None = None) -> str:
    """An address in words: ``page 0 of watched``."""
    mapping = _mapping_at(task, address, vma) if vma else task.state["names", task.mm].at(address)
    if mapping is None:
        return f"address {address:#x}"
    return words.page(mapping.id, (address - mapping.start) // mapping.page_size)


def modes(task: Task, vma: Vma) -> str:
    """The modes that a VMA is registered for: ``MISSING and WP``; ``""`` for none."""
    return mode_names(task, vma.flags)


def mode_names(task: Task, flags: int) -> str:
    """The modes among VMA flags, in words."""
    found = mode_list(task, flags)
    return words.listed(found) if found else ""


def mode_list(task: Task, flags: int) -> list[str]:
    """The modes among VMA flags, by name."""
    names = {VM_UFFD_MISSING: "MISSING", VM_UFFD_WP: "WP", task.version.minor_flag: "MINOR", VM_UFFD_RWP: "RWP"}
    return [name for flag, name in names.items() if flags & flag]
