"""Taking pages away: from one page table, or from a file and all its mappings (mm/memory.c, mm/hugetlb.c)."""

from uffdsim import words
from uffdsim.kernel.state import VM_UFFD_WP, WP_MARKER, Pte, Vma
from uffdsim.kernel.task import Task

FAR = 1 << 40
"""A page behind all pages of any file."""


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
    if pte.protnone:
        return False
    if vma.is_hugetlb:
        return True
    return not vma.is_anonymous and (pte.kind == "wp-marker" or bool(vma.flags & VM_UFFD_WP))


def punch_hole(task: Task, file: str, offset: int, length: int) -> None:
    """Punch a hole into a file: its whole pages of the range go, from it and from every mapping of it, and what is cut
    off of a page is filled with zeros (fs/open.c, mm/shmem.c, fs/hugetlbfs/inode.c)."""
    record = task.state["file", file]
    size, end = record.page_size, offset + length
    first, last = -(-offset // size), end // size
    task.say("vfs_fallocate", f"{_hole(file, first, last, length)}, from the file and every mapping of it")
    hugetlb = record.backing.startswith("hugetlb")
    # First nobody maps them, then they go: a page that leaves the page cache must not be in a page table still.
    if first < last:
        unmap_mapping_range(task, file, first, last)
        task.state.put(("cache", file), first, last, None)
    elif not hugetlb and last == 0:
        # Shared memory computes the end of the whole pages as one less than 0 here, and takes that for a large number.
        unmap_mapping_range(task, file, first, FAR)
    if not hugetlb or task.version.punch_zeroes_parts:
        _zero(task, file, offset, min(end, first * size))
        _zero(task, file, max(offset, last * size), end)


def _hole(file: str, first: int, last: int, length: int) -> str:
    return f"pages {first} to {last - 1} of {file} go" if first < last else f"{words.size(length)} of {file} go"


def _zero(task: Task, file: str, start: int, end: int) -> None:
    """Fill part of one page of a file with zeros, if the file has it."""
    size = task.state["file", file].page_size
    index = start // size
    content = task.state["cache", file].at(index)
    if start < end and content is not None:
        new = content.filled(start - index * size, end - index * size, 0)
        task.state.put(("cache", file), index, index + 1, new)


def unmap_mapping_range(task: Task, file: str, start: int, end: int, even_cows: bool = False) -> None:
    """Empty the entries of all mappings of a file's pages, whoever's page tables they are in.

    Pages that private mappings have copied stay theirs in shared memory, and go in hugetlb; the zero page goes.

    :param even_cows: the file ends there now: whatever was there goes, and in hugetlb marks of protection too.
    """
    for (_, mm), vmas in task.state.of_kind("vmas"):
        for run in list(vmas):
            vma = run.value
            if vma.file == file:
                left = max(run.start, vma.zero + start * vma.page_size)
                right = min(run.end, vma.zero + end * vma.page_size)
                keep = not (even_cows and vma.is_hugetlb)
                for first, last, pte in task.state["ptes", mm].over(left, right):
                    if even_cows or vma.is_hugetlb or pte.kind in ("file", "zero"):
                        zap_page_range_single(task, vma, max(first, left), min(last, right), mm, keep)
