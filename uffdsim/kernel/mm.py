"""The address space: finding VMAs, changing part of one, which splits and merges them, and its page tables.

The rules of merging are those of mm/vma.c (mm/mmap.c before 6.12): vma_modify, vma_merge_existing_range.
"""

from uffdsim import words
from uffdsim.kernel.state import VM_ACCESS, VM_DONTEXPAND, VM_UFFD_MISSING, VM_UFFD_WP, Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Run

PMD_SIZE = 1 << 21
"""Bytes that one page table of 4 KiB pages covers."""


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
    """
    key = ("vmas", mm or task.mm)
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


def _merges(task: Task, vma: Vma, beside: Run) -> Run | None:
    """The VMA that lies beside ``vma``, if this may become part of it (can_vma_merge_before, can_vma_merge_after)."""
    neighbour: Vma | None = beside.value
    if neighbour is None or vma.flags & VM_DONTEXPAND or neighbour._replace(anon_vma=vma.anon_vma) != vma:
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


def pte_alloc(task: Task, start: int, end: int, mm: str | None = None) -> None:
    """Make sure that there are page tables for a range of 4 KiB pages: one for each 2 MiB."""
    key = ("tables", mm or task.mm)
    start, end = start & -PMD_SIZE, -(-end // PMD_SIZE) * PMD_SIZE
    left, right, there = task.state[key].run_at(start)
    if there is None or right < end:
        task.state.put(key, start, end, True)


def free_pgtables(task: Task, start: int, end: int) -> None:
    """Free the page tables of a range that no VMA needs any more."""
    whole = task.state["vmas", task.mm]
    # The page table at either edge may cover more than the range: another VMA keeps it.
    if whole.over(start & -PMD_SIZE, start):
        start = -(-start // PMD_SIZE) * PMD_SIZE
    if whole.over(end, -(-end // PMD_SIZE) * PMD_SIZE):
        end = end & -PMD_SIZE
    if start < end:
        task.state.put(("tables", task.mm), start & -PMD_SIZE, -(-end // PMD_SIZE) * PMD_SIZE, None)


# In words


def page_at(task: Task, address: int, vma: Vma) -> tuple[str, int]:
    """The page of a VMA at an address, as a scenario names it: its mapping and its number."""
    mapping = task.state["mapping", vma.mapping]
    return mapping.id, (address - mapping.start) // mapping.page_size


def place(task: Task, address: int, vma: Vma | None = None) -> str:
    """An address in words: ``page 0 of watched``."""
    mapping = task.state["mapping", vma.mapping] if vma else task.state["names", task.mm].at(address)
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
    names = {VM_UFFD_MISSING: "MISSING", VM_UFFD_WP: "WP", task.version.minor_flag: "MINOR"}
    return [name for flag, name in names.items() if flags & flag]
