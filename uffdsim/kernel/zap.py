"""Taking pages away: from one page table, or from a file and all its mappings (mm/memory.c, mm/hugetlb.c)."""

from uffdsim.kernel.state import VM_UFFD_WP, WP_MARKER, Pte, Vma
from uffdsim.kernel.task import Task


def zap_page_range_single(
    task: Task, vma: Vma, start: int, end: int, mm: str | None = None, keep_markers: bool = True
) -> None:
    """Empty the entries of a range of one VMA. What a file has, it keeps.

    :param keep_markers: protection outlives the page (but not in anonymous memory).
    """
    key = ("ptes", mm or task.mm)
    for left, right, pte in task.state[key].over(start, end):
        marker = WP_MARKER if keep_markers and pte.uffd_wp and _keeps(vma, pte) else None
        task.state.put(key, max(left, start), min(right, end), marker)


def _keeps(vma: Vma, pte: Pte) -> bool:
    """Whether the protection of an entry outlives it (zap_install_uffd_wp_if_needed)."""
    if vma.is_hugetlb:
        return True
    return not vma.is_anonymous and (pte.kind == "wp-marker" or bool(vma.flags & VM_UFFD_WP))


def punch_hole(task: Task, file: str, start: int, end: int) -> None:
    """Punch a hole into a file: its pages go, from it and from every mapping of it (fs/open.c)."""
    record = task.state["file", file]
    task.say("vfs_fallocate", f"pages {start} to {end - 1} of {file} go, from the file and every mapping of it")
    # First nobody maps them, then they go: a page that leaves the page cache must not be in a page table still.
    unmap_mapping_range(task, file, start, end)
    task.state.put(("cache", file), start, max(start, min(end, record.pages)), None)


def unmap_mapping_range(task: Task, file: str, start: int, end: int) -> None:
    """Empty the entries of all mappings of a file's pages, whoever's page tables they are in.

    Pages that private mappings have copied stay theirs in shared memory, and go in hugetlb; the zero page goes.
    """
    for (_, mm), vmas in task.state.of_kind("vmas"):
        for run in list(vmas):
            vma = run.value
            if vma.file == file:
                left = max(run.start, vma.zero + start * vma.page_size)
                right = min(run.end, vma.zero + end * vma.page_size)
                for first, last, pte in task.state["ptes", mm].over(left, right):
                    if vma.is_hugetlb or pte.kind in ("file", "zero"):
                        zap_page_range_single(task, vma, max(first, left), min(last, right), mm)
