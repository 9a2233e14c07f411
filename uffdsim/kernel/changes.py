"""What changed in Linux from release to release, as far as a scenario can tell: a table of facts, each with its source.

``versions`` makes kernels of it. A source is a commit, by its number or its subject; a file, where the commit is not
known; or *seen*: recorded on real kernels, of which ``data/recordings/README.md`` tells.
"""

from typing import NamedTuple

from uffdsim.uapi import Errno

RELEASES = (
    *(f"5.{minor}" for minor in range(11, 20)),
    *(f"6.{minor}" for minor in range(20)),
    *(f"7.{minor}" for minor in range(4)),
)
"""The releases of Linux that the table speaks of, the oldest first."""


class Change(NamedTuple):
    """One fact that became another one.

    ``what`` is a field of ``Version``; with a dot, a part of one: ``features.MOVE``, ``functions.mfill_atomic_copy``.
    ``after`` holds from the release ``since`` on, and ``before`` up to the release ``until``: the one before ``since``
    if left out. What lies between the two, if anything does, nobody looked at: it is taken for ``before``.
    ``stable`` names older releases whose stable kernels have it too.
    """

    what: str
    since: str
    before: object
    after: object
    source: str
    until: str = ""
    stable: tuple[str, ...] = ()

    def holds(self, release: str) -> bool:
        """Whether a release has it as it is ``after``."""
        return RELEASES.index(self.since) <= RELEASES.index(release) or release in self.stable

    def uncertain(self, release: str) -> bool:
        """Whether a release is one of those that nobody looked at."""
        between = self.until and RELEASES.index(self.until) < RELEASES.index(release) < RELEASES.index(self.since)
        return bool(between) and release not in self.stable


_RENAMED = "mm: userfaultfd: rename functions for clarity + consistency"


def _came(what: str, since: str, source: str) -> Change:
    return Change(what, since, False, True, source)


CHANGES = (
    # The interface: include/uapi/linux/userfaultfd.h, fs/userfaultfd.c.
    _came("features.MINOR_HUGETLBFS", "5.13", "7677f7fd8be7"),
    _came("features.MINOR_SHMEM", "5.14", "userfaultfd/shmem: support minor fault registration for shmem"),
    _came("features.EXACT_ADDRESS", "5.18", "ioctl_userfaultfd(2)"),
    _came("features.WP_HUGETLBFS_SHMEM", "5.19", "ioctl_userfaultfd(2)"),
    _came("features.WP_UNPOPULATED", "6.4", "ioctl_userfaultfd(2)"),
    _came("features.POISON", "6.6", "ioctl_userfaultfd(2)"),
    _came("features.WP_ASYNC", "6.7", "userfaultfd: UFFD_FEATURE_WP_ASYNC"),
    _came("features.MOVE", "6.8", "ioctl_userfaultfd(2)"),
    _came("features.RWP", "7.3", "20260525 v4 of \"userfaultfd: working set tracking\"; seen on 7.3, not on 7.2"),
    _came("features.RWP_ASYNC", "7.3", "seen on 7.3, not on 7.2"),
    _came("ioctls.CONTINUE", "5.13", "f619147104c8"),
    _came("ioctls.POISON", "6.6", "ioctl_userfaultfd(2)"),
    _came("ioctls.MOVE", "6.8", "ioctl_userfaultfd(2)"),
    _came("ioctls.RWPROTECT", "7.3", "include/uapi/linux/userfaultfd.h; seen on 7.3, not on 7.2"),
    _came("ioctls.SET_MODE", "7.3", "include/uapi/linux/userfaultfd.h; seen on 7.3, not on 7.2"),
    _came("device", "6.1", "userfaultfd(2): /dev/userfaultfd"),
    Change(
        "rights_first", "6.1", False, True, "userfaultfd_api in fs/userfaultfd.c; seen on 6.1 of Debian", until="5.11",
    ),
    _came("continue_wp", "6.4", "mm: userfaultfd: add UFFDIO_CONTINUE_MODE_WP to install WP PTEs"),
    # Minor faults: include/linux/mm.h, include/linux/userfaultfd_k.h.
    Change("minor_bit", "5.13", None, 37, "7677f7fd8be7"),
    Change("minor_bit", "6.6", 37, 38, "fb47a799cc5c: 37 is for shadow stacks on x86"),
    Change("minor_bit", "6.15", 38, 41, "mm: fix VM_UFFD_MINOR == VM_SHADOW_STACK on USERFAULTFD=y && ARM64_GCS=y"),
    _came("minor_shmem", "5.14", "userfaultfd/shmem: support minor fault registration for shmem"),
    _came("wp_files", "5.19", "mm/uffd: enable write protection for shmem & hugetlbfs"),
    # Registration and write protection: fs/userfaultfd.c, mm/userfaultfd.c.
    Change("bugs", "6.17", True, False, "31defc3b01d9: the BUGs of userfaultfd are warnings now"),
    Change(
        "unregister_foreign", "6.17", True, False,
        "userfaultfd: prevent unregistering VMAs through a different userfaultfd",
    ),
    Change(
        "register_drops", "7.3", True, False,
        "a mode that marks entries is not dropped by REGISTER; seen on 7.3, not on 7.2",
    ),
    Change("release_clears_wp", "6.9", False, True, "c88033efe9a3; seen on 6.12, not on 6.1", until="6.8"),
    Change("unregister_clears_wp", "6.0", False, True, "f369b07c8614"),
    _came("wp_spans_vmas", "6.3", "mm/userfaultfd: support operation on multiple VMAs"),
    Change(
        "unprotected_writable", "6.3", "shared", "private",
        "mm/userfaultfd: rely on vma->vm_page_prot in uffd_wp_range(); seen on 6.12, not on 6.1", until="6.1",
    ),
    Change(
        "eagain_written", "6.15", False, True,
        "95567729df59; seen on 6.12.117, not on 6.1.187", stable=("6.12",),
    ),
    # Memory: mm/*.c.
    Change(
        "shmem_beyond", "7.1", {"COPY": Errno.EFAULT, "CONTINUE": Errno.EINVAL},
        {"COPY": Errno.ENOMEM, "CONTINUE": Errno.EFAULT},
        "mm: vm_uffd_ops, 20260306171815.3160826-1-rppt; seen on 7.2, not on 6.18", until="6.18",
    ),
    _came("punch_zeroes_parts", "5.19", "68d32527d340"),
    _came("hugetlb_dontneed", "5.18", "90e7e7f5ef3f"),
    Change(
        "hugetlb_copy_private_beyond", "6.1", False, True,
        "hugetlb_mcopy_atomic_pte in mm/hugetlb.c; seen on 6.1, not on 5.11", until="5.11",
    ),
    _came("hugetlb_mremap", "5.16", "550a7d60bd5e"),
    _came("populate", "5.14", "4ca9b3859dac"),
    Change(
        "populates_whole", "6.10", False, True,
        "mm/madvise: don't perform madvise VMA walk for MADV_POPULATE_(READ|WRITE); seen on 6.12, not on 6.1",
        until="6.8",
    ),
    Change(
        "madvise_resumes", "6.17", False, True,
        "madvise_walk_vmas in mm/madvise.c; seen on 6.18, not on 6.12", until="6.12",
    ),
    Change(
        "remove_needs_write", "6.7", True, False,
        "mm: drop the assumption that VM_SHARED always implies writable; seen on 6.1 of Debian, not on 5.11",
        stable=("5.15", "6.1", "6.6"),
    ),
    _came("mremap_many", "6.17", "mm/mremap: permit mremap() move of multiple VMAs"),
    Change("mremap_clears_wp", "6.13", False, True, "0cef0bb836e3; seen on 6.12.117, not on 6.1.187", stable=("6.12",)),
    Change("fork_copies_hugetlb", "6.0", True, False, "bcd51a3c679d"),
    _came("merges_into_unfaulted", "6.16", "879bca0a2c4f"),
    _came("unaccounts", "6.7", "mm/mprotect: allow unfaulted VMAs to be unaccounted on mprotect()"),
    _came("early_anon_vma", "6.9", "userfaultfd: use per-vma locks in userfaultfd operations"),
    Change("fault_around_minor", "5.14", True, False, "do_read_fault in mm/memory.c; seen on 5.11, not on 6.1"),
    _came("pagemap_wp", "5.14", "fb8e37f35a2f"),
    *(
        _came(f"scans.{name}", "6.7", "fs/proc/task_mmu: implement IOCTL to get and optionally clear info about PTEs")
        for name in ("WPALLOWED", "WRITTEN", "FILE", "PRESENT", "SWAPPED", "PFNZERO", "HUGE")
    ),
    _came("scans.SOFT_DIRTY", "6.8", "fs/proc/task_mmu: report SOFT_DIRTY bits through the PAGEMAP_SCAN ioctl"),
    _came("scans.GUARD", "6.16", "fs/proc/task_mmu: add PAGE_IS_GUARD; seen on 6.18, not on 6.12"),
    _came("scans.ACCESSED", "7.3", "include/uapi/linux/fs.h; seen on 7.3, not on 7.2"),
    Change(
        "scan_written_anywhere", "7.3", True, False,
        "mm/pagemap: add PAGE_IS_ACCESSED for RWP tracking, which narrows PAGE_IS_WRITTEN",
    ),
    Change(
        "scan_holes", "7.2", False, True, "pagemap_scan_pte_hole in fs/proc/task_mmu.c; seen on 6.12.117 and 6.18.44",
        until="6.18", stable=("6.12", "6.18"),
    ),
    # What functions are called, and what they do that only a tracer sees.
    Change("must_wait_locks", "6.3", False, True, "mm/hugetlb: make userfaultfd_huge_must_wait() safe to pmd unshare"),
    Change("has_vma_lock", "6.1", False, True, "8d9bfb260814"),
    Change(
        "copy_looks_in_cache", "5.14", False, True,
        "8cc5fcbb5be8; seen on 6.1, not on 5.11-v5", until="5.12",
    ),
    Change("copy_user_tries", "6.4", 2, 1, "arch/x86/lib/copy_user_64.S, which goes with 6.4"),
    Change(
        "functions.userfaultfd_read_iter", "6.10", "userfaultfd_read", "userfaultfd_read_iter",
        "userfaultfd: convert to ->read_iter()",
    ),
    *(
        Change(f"functions.{after}", "6.4", before, after, _RENAMED)
        for before, after in (
            ("mcopy_atomic", "mfill_atomic_copy"),
            ("mfill_zeropage", "mfill_atomic_zeropage"),
            ("mcopy_continue", "mfill_atomic_continue"),
            ("hugetlb_mcopy_atomic_pte", "hugetlb_mfill_atomic_pte"),
        )
    ),
    Change("functions.alloc_hugetlb_folio", "6.3", "alloc_huge_page", "alloc_hugetlb_folio", "d0ce0e47b323"),
    *(
        Change(f"functions.{name}", "6.12", None, name, "a17c7d8fd2b0: the register and close paths become functions")
        for name in ("userfaultfd_clear_vma", "userfaultfd_release_all")
    ),
    Change(
        "functions.filemap_get_entry", "6.1", None, "__filemap_get_folio", "seen on 6.1, not on 5.11-v5", until="5.11"
    ),
    Change(
        "functions.filemap_get_entry", "6.3", "__filemap_get_folio", "filemap_get_entry",
        "mm: make mapping_get_entry available outside of filemap.c",
    ),
    Change(
        "functions.__filemap_get_folio", "6.12", "pagecache_get_page", "__filemap_get_folio",
        "mm/hugetlb.c; seen on 6.12, not on 6.1", until="6.1",
    ),
    Change(
        "functions.shmem_get_folio", "7.1", "shmem_get_folio", "mfill_atomic_pte_continue",
        "mm: vm_uffd_ops; seen on 7.2, not on 6.12", until="6.18",
    ),
    Change(
        "functions.shmem_mfill_atomic_pte", "7.1", "shmem_mfill_atomic_pte", None,
        "mm: vm_uffd_ops, after which all memory is filled by one function; seen on 7.2", until="6.18",
    ),
    Change(
        "functions.hugetlb_add_to_page_cache", "6.1", "huge_add_to_page_cache", "hugetlb_add_to_page_cache",
        "mm/hugetlb.c; seen on 6.1, not on 5.11-v5", until="5.11",
    ),
)  # fmt: skip
"""All that is known to have changed, by subject, and for one subject in the order of time."""


def since(what: str) -> str:
    """The release that something came with: 6.8 for ``features.MOVE``; "" for what is older, or never came."""
    return next((change.since for change in CHANGES if change.what == what), "")
