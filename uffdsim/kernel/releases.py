"""What came with which release, told from the table of changes: for people, with its sources."""

from typing import NamedTuple

from uffdsim.kernel.changes import CHANGES, RELEASES, Change


class News(NamedTuple):
    """Something that changed: since which release, what, and who says so. ``sure`` is the last release that was seen to
    be otherwise, where some between the two were not looked at."""

    since: str
    what: str
    source: str
    sure: str = ""


SAID = {
    "continue_wp": "CONTINUE has MODE_WP",
    "device": "/dev/userfaultfd",
    "rights_first": "UFFDIO_API looks whether EVENT_FORK is allowed before it looks for features that it does not know",
    "minor_bit": "VM_UFFD_MINOR is bit {after} of a VMA's flags",
    "minor_shmem": "shared memory may be MINOR, and CONTINUE maps it",
    "wp_files": "hugetlb and shared memory may be WP; their page tables keep markers",
    "bugs": "what was a BUG of userfaultfd is a warning",
    "unregister_foreign": "UNREGISTER refuses ranges of another descriptor's",
    "register_drops": "REGISTER refuses to drop WP or RWP (EBUSY)",
    "release_clears_wp": "closing lifts write protection",
    "unregister_clears_wp": "UNREGISTER lifts write protection",
    "wp_spans_vmas": "WRITEPROTECT may span several VMAs",
    "unprotected_writable": "lifting protection makes private pages writable at once, shared ones at the next write",
    "eagain_written": "a fill that is refused while the address space changes writes -EAGAIN back, too",
    "shmem_beyond": "behind the end of shared memory COPY answers {after[COPY].name}, CONTINUE {after[CONTINUE].name}",
    "punch_zeroes_parts": "a hole in a hugetlb file fills with zeros what it cuts off of huge pages",
    "hugetlb_dontneed": "MADV_DONTNEED works on hugetlb",
    "hugetlb_copy_private_beyond": "COPY fills a private hugetlb mapping behind the end of its file",
    "hugetlb_mremap": "mremap works on hugetlb",
    "populate": "MADV_POPULATE_READ and MADV_POPULATE_WRITE",
    "populates_whole": "MADV_POPULATE ends at a hole, where it went on behind it",
    "madvise_resumes": "madvise goes on with the rest of a VMA that was split while it waited",
    "remove_needs_write": "MADV_REMOVE needs a mapping that may become writable, and not one that is",
    "mremap_many": "mremap moves several VMAs at once",
    "mremap_clears_wp": "mremap without EVENT_REMAP lifts write protection",
    "fork_copies_hugetlb": "fork leaves page tables of shared hugetlb for the child to fill",
    "merges_into_unfaulted": "a VMA with pages merges into a neighbour that was never touched",
    "unaccounts": "mprotect takes back the charge of private memory that was never touched",
    "early_anon_vma": "the fills prepare the VMA before they check the rest",
    "fault_around_minor": "no read maps neighbours in MINOR and WP ranges",
    "pagemap_wp": "bit 57 of /proc/PID/pagemap shows write protection",
    "scan_written_anywhere": "PAGEMAP_SCAN reports WRITTEN only where WP is registered",
    "scan_holes": "PAGEMAP_SCAN reports WRITTEN for what is empty",
}
"""What a change means for a program, by its subject."""
PARTS = {"features": "the feature {}", "ioctls": "the ioctl {}", "scans": "PAGEMAP_SCAN knows {}"}
"""The same for the parts of a subject."""


def news() -> list[News]:
    """All that a program can see, the oldest first. What only a tracer sees is left out."""
    found = [News(one.since, said, _source(one), one.until) for one in CHANGES if (said := _said(one))]
    return sorted(found, key=lambda one: RELEASES.index(one.since))


def _said(change: Change) -> str:
    kind, _, part = change.what.partition(".")
    if part:
        return PARTS[kind].format(part) if kind in PARTS else ""
    return SAID[kind].format(after=change.after) if kind in SAID else ""


def _source(change: Change) -> str:
    older = f"; in stable kernels of {', '.join(change.stable)} too" if change.stable else ""
    return change.source + older


def table() -> str:
    """The same as lines of a table."""
    lines, last = [], ""
    for one in news():
        sure = f" (or sooner, but after {one.sure})" if one.sure else ""
        lines.append(f"{one.since if one.since != last else '':5} {one.what}{sure}")
        lines.append(f"      {one.source}")
        last = one.since
    return "\n".join(lines)
