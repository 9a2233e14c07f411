"""The address space: finding VMAs, and changing part of one, which splits and merges them.

The rules of merging are those of mm/vma.c (mm/mmap.c before 6.12): vma_modify, vma_merge_existing_range.
"""

from uffdsim import words
from uffdsim.kernel.state import VM_ACCESS, VM_DONTEXPAND, Vma
from uffdsim.runs import Run

PMD_SIZE = 1 << 21
"""Bytes that one page table of 4 KiB pages covers."""


def find_vma(task, address: int, mm: str | None = None) -> Run | None:
    """The VMA around an address, with its range."""
    run = task.state["vmas", mm or task.mm].run_at(address)
    return run if run.value is not None else None


def vmas(task, start: int, end: int, mm: str | None = None) -> list[Run]:
    """The VMAs that share an address with the range, whole."""
    return task.state["vmas", mm or task.mm].over(start, end)


def change(task, run: Run, start: int, end: int, vma: Vma, mm: str | None = None) -> Run:
    """Make the part of a VMA from ``start`` to ``end`` be ``vma``: split the rest off, and merge with neighbours.

    :returns: the VMA that the part is now in.
    """
    mm = mm or task.mm
    whole = task.state["vmas", mm]
    left, right = start, end
    before = whole.run_at(start - 1) if start == run.start else None
    after = whole.run_at(end) if end == run.end else None
    follows = before is not None and _mergeable(task, before.value, vma)
    leads = after is not None and _mergeable(task, after.value, vma)
    if follows and leads and None not in (before.value.anon_vma, after.value.anon_vma):
        leads = before.value.anon_vma == after.value.anon_vma
    anon_vmas = [vma.anon_vma]
    if follows:
        left = before.start
        anon_vmas.append(before.value.anon_vma)
    if leads:
        right = after.end
        anon_vmas.append(after.value.anon_vma)
    vma = vma._replace(anon_vma=next((known for known in anon_vmas if known is not None), None))
    task.state.put(("vmas", mm), left, right, vma)
    return Run(left, right, vma)


def _mergeable(task, neighbour: Vma | None, vma: Vma) -> bool:
    """Whether a VMA that becomes ``vma`` may be taken up by its neighbour."""
    if neighbour is None or vma.flags & VM_DONTEXPAND:
        return False
    if neighbour._replace(anon_vma=vma.anon_vma) != vma:
        return False
    if vma.anon_vma is None or neighbour.anon_vma == vma.anon_vma:
        return True
    return neighbour.anon_vma is None and task.version.merges_into_unfaulted


def anon_vma_prepare(task, run: Run, mm: str | None = None) -> Run:
    """Give a VMA what knows its anonymous pages: a neighbour's, if they could merge but for the kind of access."""
    if run.value.anon_vma is not None:
        return run
    whole = task.state["vmas", mm or task.mm]
    for neighbour in (whole.run_at(run.end), whole.run_at(run.start - 1)):
        if neighbour.value is not None and neighbour.value.anon_vma is not None:
            if _compatible(neighbour.value, run.value):
                number = neighbour.value.anon_vma
                break
    else:
        task.session.anon_vmas += 1
        number = task.session.anon_vmas
    vma = run.value._replace(anon_vma=number)
    task.state.put(("vmas", mm or task.mm), run.start, run.end, vma)
    return Run(run.start, run.end, vma)


def _compatible(one: Vma, other: Vma) -> bool:
    return (one.flags | VM_ACCESS, one.file, one.zero) == (other.flags | VM_ACCESS, other.file, other.zero)


def pte_alloc(task, start: int, end: int, mm: str | None = None):
    """Make sure that there are page tables for a range of 4 KiB pages: one for each 2 MiB (pte_alloc)."""
    key = ("tables", mm or task.mm)
    start, end = start & -PMD_SIZE, -(-end // PMD_SIZE) * PMD_SIZE
    left, right, there = task.state[key].run_at(start)
    if there is None or right < end:
        task.state.put(key, start, end, True)


def free_pgtables(task, start: int, end: int):
    """Free the page tables of a range that no VMA needs any more (free_pgtables)."""
    whole = task.state["vmas", task.mm]
    if whole.over(start & -PMD_SIZE, start):
        start = -(-start // PMD_SIZE) * PMD_SIZE
    if whole.over(end, -(-end // PMD_SIZE) * PMD_SIZE):
        end = end & -PMD_SIZE
    if start < end:
        task.state.put(("tables", task.mm), start & -PMD_SIZE, -(-end // PMD_SIZE) * PMD_SIZE, None)


def page_at(task, address: int, vma: Vma) -> tuple[str, int]:
    """The page of a VMA at an address, as a scenario names it: its mapping and its number."""
    mapping = task.state["mapping", vma.mapping]
    return mapping.id, (address - mapping.start) // mapping.page_size


def place(task, address: int, vma: Vma | None = None) -> str:
    """An address in words: ``page 0 of watched``."""
    mapping = task.state["mapping", vma.mapping] if vma else task.state["names", task.mm].at(address)
    if mapping is None:
        return f"address {address:#x}"
    return words.page(mapping.id, (address - mapping.start) // mapping.page_size)


def pages(vma: Vma, start: int, end: int) -> str:
    """A length in words: ``1 page``, ``3 pages``."""
    return words.count((end - start) // vma.page_size, "page")
