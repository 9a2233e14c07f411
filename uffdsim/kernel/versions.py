"""How the simulated kernels differ: one table, read like data. No other module names a version.

Each field says what it is; each row where its values come from. The base is Linux 6.18, and every other
row says only what is different there.
"""

from dataclasses import dataclass, field, replace

from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP
from uffdsim.uapi import Feature, Ioctl

F = Feature
_FIRST = F.PAGEFAULT_FLAG_WP | F.EVENT_FORK | F.EVENT_REMAP | F.EVENT_REMOVE | F.MISSING_HUGETLBFS
_5_11 = _FIRST | F.MISSING_SHMEM | F.EVENT_UNMAP | F.SIGBUS | F.THREAD_ID
_6_1 = _5_11 | F.MINOR_HUGETLBFS | F.MINOR_SHMEM | F.EXACT_ADDRESS | F.WP_HUGETLBFS_SHMEM
_6_8 = _6_1 | F.WP_UNPOPULATED | F.POISON | F.WP_ASYNC | F.MOVE

_FILLS = frozenset({Ioctl.COPY, Ioctl.ZEROPAGE, Ioctl.CONTINUE, Ioctl.WRITEPROTECT})


@dataclass(frozen=True)
class Version:
    """One kernel: its name, a line about it, and all in which it differs from the others."""

    name: str
    about: str
    # The interface: include/uapi/linux/userfaultfd.h.
    features: int = int(_6_8)
    """The features that UFFDIO_API knows."""
    ioctls: frozenset = _FILLS | {Ioctl.POISON, Ioctl.MOVE}
    """The ioctls it has on ranges, beside REGISTER, UNREGISTER and WAKE."""
    continue_wp: bool = True
    """CONTINUE has MODE_WP (6.4)."""
    # Minor faults: include/linux/mm.h, include/linux/userfaultfd_k.h.
    minor_bit: int | None = 41
    """The bit of VM_UFFD_MINOR in a VMA's flags; None where REGISTER has no such mode."""
    minor_by_feature: bool = False
    """A MISSING range of hugetlb has minor faults if its descriptor asked for the feature (version 6 of the patch)."""
    minor_shmem: bool = True
    """Shared memory may be MINOR (5.14)."""
    wp_files: bool = True
    """hugetlb and shared memory may be WP; their page tables keep markers of it (5.19)."""
    # Registration: fs/userfaultfd.c.
    bugs: bool = False
    """A VMA with a context and no mode, or the other way round, is a BUG (until 6.17; then it warns)."""
    unregister_foreign: bool = False
    """UNREGISTER takes ranges of another descriptor's (until 6.17)."""
    release_clears_wp: bool = True
    """Closing lifts write protection (6.10 at the latest: seen on 6.12, not on 6.1)."""
    unregister_clears_wp: bool = True
    """Unregistering lifts write protection (6.0)."""
    wp_spans_vmas: bool = True
    """WRITEPROTECT may span several VMAs (6.3)."""
    unprotected_writable: str = "private"
    """Which entries become writable as soon as write protection is lifted, and not at the next write: those of a
    page of their own in private mappings; until 6.1 instead all in shared ones (uffd_wp_range)."""
    eagain_written: bool = True
    """A fill refused while the address space changes also writes -EAGAIN back (6.15, and stable kernels)."""
    # Memory: mm/*.c.
    hugetlb_dontneed: bool = True
    """MADV_DONTNEED works on hugetlb (5.18)."""
    hugetlb_copy_private_beyond: bool = True
    """COPY fills a private hugetlb mapping beyond the end of its file (6.1)."""
    hugetlb_mremap: bool = True
    """mremap works on hugetlb (5.16)."""
    populate: bool = True
    """MADV_POPULATE_READ and _WRITE exist (5.14)."""
    madvise_resumes: bool = True
    """If the VMA was split while madvise waited for its REMOVE event to be read, it goes on with the other part,
    and tells again; until 6.16 it leaves that part out."""
    remove_needs_write: bool = False
    """MADV_REMOVE needs a mapping that is writable now (until 6.7), not one that may become so."""
    mremap_many: bool = True
    """mremap moves several VMAs at once (6.17)."""
    mremap_clears_wp: bool = True
    """mremap without EVENT_REMAP lifts write protection (6.13, and stable kernels)."""
    fork_copies_hugetlb: bool = False
    """fork copies page tables of shared hugetlb (until 6.0)."""
    merges_into_unfaulted: bool = True
    """A VMA with an anon_vma merges into a neighbour without one (6.16)."""
    unaccounts: bool = True
    """mprotect takes VM_ACCOUNT from private memory that was never touched (6.3)."""
    early_anon_vma: bool = True
    """The fills prepare the anon_vma while they look for the VMA, before they check the rest (6.9)."""
    fault_around_minor: bool = False
    """Reads of shared memory map the neighbours in MINOR and WP ranges too (until 5.13)."""
    memory_failure: bool = True
    """Built with CONFIG_MEMORY_FAILURE: poison is a SIGBUS with BUS_MCEERR_AR."""
    pagemap_wp: bool = True
    """Bit 57 of /proc/PID/pagemap tells of write protection (5.14)."""
    # What its functions are called, and which of them ftrace cannot see: fs/userfaultfd.c, mm/userfaultfd.c.
    functions: dict[str, str | None] = field(default_factory=dict)
    """Names that differ from 6.18's; None where the kernel has no such function, or inlines it."""
    must_wait_locks: bool = True
    """handle_userfault takes the hugetlb VMA lock to look again before it sleeps (6.3)."""
    has_vma_lock: bool = True
    """hugetlb has a lock a VMA (6.1)."""
    copy_looks_in_cache: bool = True
    """COPY to shared hugetlb looks in the page cache first, by a function that can be traced (5.19 at the latest)."""
    copy_user_tries: int = 1
    """How often a copy from user memory tries a page that cannot be had; x86 had a second try by bytes (until 6.4)."""

    @property
    def minor_flag(self) -> int:
        """VM_UFFD_MINOR, or 0."""
        return 0 if self.minor_bit is None else 1 << self.minor_bit

    @property
    def uffd_flags(self) -> int:
        """__VM_UFFD_FLAGS: all flags by which a VMA says that it is watched."""
        return VM_UFFD_MISSING | VM_UFFD_WP | self.minor_flag


_6_18 = Version(
    "linux-6.18",
    "Linux 6.18: the merged design today",
    memory_failure=False,  # as the recorded one was built
)
_6_12 = replace(
    _6_18,
    name="linux-6.12",
    about="Linux 6.12: the merged design; MINOR in bit 38",
    minor_bit=38,
    bugs=True,
    unregister_foreign=True,
    madvise_resumes=False,
    mremap_many=False,
    merges_into_unfaulted=False,
    memory_failure=True,
)
_6_1 = replace(
    _6_12,
    name="linux-6.1",
    about="Linux 6.1: the merged design, before POISON and MOVE",
    features=int(_6_1),
    ioctls=_FILLS,
    continue_wp=False,
    minor_bit=37,
    release_clears_wp=False,
    wp_spans_vmas=False,
    unprotected_writable="shared",
    eagain_written=False,
    remove_needs_write=True,
    mremap_clears_wp=False,
    unaccounts=False,
    early_anon_vma=False,
    functions={
        "userfaultfd_read_iter": "userfaultfd_read",
        "mfill_atomic_copy": "mcopy_atomic",
        "mfill_atomic_zeropage": "mfill_zeropage",
        "mfill_atomic_continue": "mcopy_continue",
        "hugetlb_mfill_atomic_pte": "hugetlb_mcopy_atomic_pte",
        "alloc_hugetlb_folio": "alloc_huge_page",
        "userfaultfd_unregister": None,
        "userfaultfd_clear_vma": None,
        "userfaultfd_release_all": None,
        "filemap_get_entry": "__filemap_get_folio",
        "__filemap_get_folio": "pagecache_get_page",
    },
    must_wait_locks=False,
    copy_user_tries=2,
)
_6_1_V5BIT = replace(
    _6_1,
    name="linux-6.1-v5bit",
    about="Linux 6.1 with one change: VM_UFFD_MINOR has the bit of VM_LOCKED, as in version 5 of the patch",
    minor_bit=13,
    memory_failure=False,
)
_5_11 = replace(
    _6_1,
    name="linux-5.11",
    about="Linux 5.11: before minor faults",
    features=int(_5_11),
    ioctls=_FILLS - {Ioctl.CONTINUE},
    minor_bit=None,
    minor_shmem=False,
    wp_files=False,
    hugetlb_dontneed=False,
    hugetlb_copy_private_beyond=False,
    hugetlb_mremap=False,
    unregister_clears_wp=False,
    populate=False,
    fork_copies_hugetlb=True,
    fault_around_minor=True,
    memory_failure=False,
    pagemap_wp=False,
    has_vma_lock=False,
    copy_looks_in_cache=False,
    functions=_6_1.functions
    | {
        "userfaultfd_unregister": "userfaultfd_unregister",
        "filemap_get_entry": None,
        "__filemap_get_folio": "pagecache_get_page",
        "hugetlb_add_to_page_cache": "huge_add_to_page_cache",
    },
)
_5_11_V5 = replace(
    _5_11,
    name="linux-5.11-v5",
    about="Linux 5.11 with version 5 of the minor fault patch: a mode, in the bit of VM_LOCKED",
    features=int(_5_11.features | Feature.MINOR_HUGETLBFS),
    ioctls=_FILLS,
    minor_bit=13,
)
_5_11_V6 = replace(
    _5_11_V5,
    name="linux-5.11-v6",
    about="Linux 5.11 with version 6 of the patch: a feature of the descriptor, and no mode",
    minor_bit=None,
    minor_by_feature=True,
)

VERSIONS: dict[str, Version] = {
    version.name: version for version in (_6_18, _6_12, _6_1, _6_1_V5BIT, _5_11, _5_11_V5, _5_11_V6)
}
"""The simulated kernels by name, the youngest first."""
