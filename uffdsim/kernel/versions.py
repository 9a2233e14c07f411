"""How the simulated kernels differ. No other module names a version, or asks for one.

A ``Version`` is what a kernel does, field by field. It is made of the table in ``changes``, for a release; of what it
was *built* with; and, for some, of a *patch* that no release has.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from uffdsim.kernel.changes import CHANGES, RELEASES
from uffdsim.kernel.state import VM_LOCKED, VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP
from uffdsim.uapi import Errno, Feature, Ioctl, PageIs

F = Feature
_OLD_FEATURES = (
    F.PAGEFAULT_FLAG_WP | F.EVENT_FORK | F.EVENT_REMAP | F.EVENT_REMOVE | F.MISSING_HUGETLBFS
    | F.MISSING_SHMEM | F.EVENT_UNMAP | F.SIGBUS | F.THREAD_ID
)  # fmt: skip


@dataclass(frozen=True)
class Version:
    """One kernel: its name, a line about it, the release that it is, and all in which it differs from the others.

    Since when something is as it is, and who says so, is in ``changes.CHANGES`` under the field's name.
    """

    name: str
    about: str
    release: str
    # The interface: include/uapi/linux/userfaultfd.h.
    features: int
    """The features that UFFDIO_API knows."""
    ioctls: frozenset
    """The ioctls it has on ranges, beside REGISTER, UNREGISTER and WAKE."""
    continue_wp: bool
    """CONTINUE has MODE_WP."""
    # Minor faults: include/linux/mm.h, include/linux/userfaultfd_k.h.
    minor_bit: int | None
    """The bit of VM_UFFD_MINOR in a VMA's flags; None where REGISTER has no such mode."""
    minor_by_feature: bool
    """A MISSING range of hugetlb has minor faults if its descriptor asked for the feature."""
    minor_shmem: bool
    """Shared memory may be MINOR."""
    wp_files: bool
    """hugetlb and shared memory may be WP; their page tables keep markers of it."""
    device: bool
    """There is /dev/userfaultfd."""
    rights_first: bool
    """UFFDIO_API looks whether EVENT_FORK is allowed before it looks for features that it does not know."""
    # Registration: fs/userfaultfd.c.
    register_drops: bool
    """REGISTER again may leave out WP; the marks of it stay."""
    bugs: bool
    """A VMA with a context and no mode, or the other way round, is a BUG."""
    unregister_foreign: bool
    """UNREGISTER takes ranges of another descriptor's."""
    release_clears_wp: bool
    """Closing lifts write protection."""
    unregister_clears_wp: bool
    """Unregistering lifts write protection."""
    wp_spans_vmas: bool
    """WRITEPROTECT may span several VMAs."""
    unprotected_writable: str
    """Which entries become writable as soon as write protection is lifted, and not at the next write: ``private``,
    those of a page of their own in private mappings; or ``shared``, all in shared ones (uffd_wp_range)."""
    eagain_written: bool
    """A fill refused while the address space changes also writes -EAGAIN back."""
    # Memory: mm/*.c.
    shmem_beyond: Mapping[str, Errno]
    """What COPY and CONTINUE answer behind the end of a file of shared memory."""
    punch_zeroes_parts: bool
    """A hole in a hugetlb file fills with zeros what it cuts off of huge pages."""
    hugetlb_dontneed: bool
    """MADV_DONTNEED works on hugetlb."""
    hugetlb_copy_private_beyond: bool
    """COPY fills a private hugetlb mapping beyond the end of its file."""
    hugetlb_mremap: bool
    """mremap works on hugetlb."""
    populate: bool
    """MADV_POPULATE_READ and _WRITE exist."""
    populates_whole: bool
    """MADV_POPULATE takes the range as a whole and ends at a hole; otherwise it goes from VMA to VMA, past holes."""
    madvise_resumes: bool
    """If the VMA was split while madvise waited for its REMOVE event to be read, it goes on with the other part, and
    tells again; else it leaves that part out."""
    remove_needs_write: bool
    """MADV_REMOVE needs a mapping that is writable now, not one that may become so."""
    mremap_many: bool
    """mremap moves several VMAs at once."""
    mremap_clears_wp: bool
    """mremap without EVENT_REMAP lifts write protection."""
    fork_copies_hugetlb: bool
    """fork copies page tables of shared hugetlb."""
    merges_into_unfaulted: bool
    """A VMA with an anon_vma merges into a neighbour without one."""
    unaccounts: bool
    """mprotect takes VM_ACCOUNT from private memory that was never touched."""
    early_anon_vma: bool
    """The fills prepare the anon_vma while they look for the VMA, before they check the rest."""
    fault_around_minor: bool
    """Reads of shared memory map the neighbours in MINOR and WP ranges too."""
    memory_failure: bool
    """Built with CONFIG_MEMORY_FAILURE: poison is a SIGBUS with BUS_MCEERR_AR."""
    pagemap_wp: bool
    """Bit 57 of /proc/PID/pagemap shows write protection."""
    scans: int
    """The categories that PAGEMAP_SCAN knows; 0 where there is no such ioctl."""
    scan_written_anywhere: bool
    """WRITTEN is reported for any page that is not protected, not only where WP is registered."""
    scan_holes: bool
    """WRITTEN is reported for what is empty."""
    soft_dirty: bool
    """Built with CONFIG_MEM_SOFT_DIRTY: all memory of a process whose marks nobody has cleared is SOFT_DIRTY."""
    # What its functions are called, and which of them ftrace cannot see.
    functions: Mapping[str, str | None]
    """Names that differ from 6.18's; None where the kernel has no such function, or inlines it."""
    must_wait_locks: bool
    """handle_userfault takes the hugetlb VMA lock to look again before it sleeps."""
    has_vma_lock: bool
    """hugetlb has a lock a VMA."""
    copy_looks_in_cache: bool
    """COPY to shared hugetlb looks in the page cache first, by a function that can be traced."""
    copy_user_tries: int
    """How often a copy from user memory tries a page that is not accessible; x86 once had a second try, by bytes."""

    @property
    def design(self) -> str:
        """How one asks for minor faults: by a ``mode`` of REGISTER, by a ``feature`` of the descriptor; or ``none``."""
        if self.minor_by_feature:
            return "feature"
        return "none" if self.minor_bit is None else "mode"

    @property
    def minor_flag(self) -> int:
        """VM_UFFD_MINOR, or 0."""
        return 0 if self.minor_bit is None else 1 << self.minor_bit

    @property
    def shares_bit(self) -> bool:
        """VM_UFFD_MINOR has the bit of VM_LOCKED."""
        return self.minor_flag == VM_LOCKED

    @property
    def uffd_flags(self) -> int:
        """__VM_UFFD_FLAGS: all flags by which a VMA says that it is watched."""
        return VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_RWP | self.minor_flag


ALWAYS: dict[str, object] = {
    "minor_by_feature": False,
    "memory_failure": True,
    "soft_dirty": True,
    **{f"features.{feature.name}": True for feature in F if feature & _OLD_FEATURES},
    **{f"ioctls.{ioctl.name}": True for ioctl in (Ioctl.COPY, Ioctl.ZEROPAGE, Ioctl.WRITEPROTECT)},
}
"""What all releases in the table have in common, unless they are built otherwise or patched."""


class Patch(NamedTuple):
    """A change to a release that no release has."""

    about: str
    source: str
    changes: Mapping[str, object]


V5 = Patch(
    "version 5 of the minor fault patch: a mode, in the bit of VM_LOCKED",
    "20210210212200.1097784, 10 February 2021",
    {"minor_bit": 13, "features.MINOR_HUGETLBFS": True, "ioctls.CONTINUE": True},
)
V6 = Patch(
    "version 6 of the patch: a feature of the descriptor, and no mode",
    "20210212215403.3457686, 12 February 2021",
    {"minor_by_feature": True, "features.MINOR_HUGETLBFS": True, "ioctls.CONTINUE": True},
)
V5BIT = Patch(
    "one change: VM_UFFD_MINOR has the bit of VM_LOCKED, as in version 5 of the patch",
    "data/recordings/README.md",
    {"minor_bit": 13},
)


def facts(release: str) -> dict[str, object]:
    """All facts of a release: what stands in the table, by the names of ``Change.what``.

    :raises ValueError: for a release that the table knows nothing of.
    """
    if release not in RELEASES:
        raise ValueError(f'there is no release "{release}" from {RELEASES[0]} to {RELEASES[-1]}')
    found = dict(ALWAYS)
    for change in CHANGES:
        if change.holds(release):
            found[change.what] = change.after
        else:
            found.setdefault(change.what, change.before)
    return found


def uncertain(release: str) -> tuple[str, ...]:
    """What of the facts of a release nobody has looked at: it lies between two that are known to differ."""
    return tuple(change.what for change in CHANGES if change.uncertain(release))


def version(
    release: str,
    patch: Patch | None = None,
    built: Mapping[str, object] | None = None,
    name: str = "",
    about: str = "",
) -> Version:
    """The kernel of a release, with a patch, and built in some way of its own.

    :raises ValueError: for a release that the table knows nothing of.
    """
    found: dict[str, Any] = facts(release) | dict(patch.changes if patch else {}) | dict(built or {})
    fields = {what: value for what, value in found.items() if "." not in what}
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in ("features", "ioctls", "functions", "scans")}
    for what, value in found.items():
        kind, dot, part = what.partition(".")
        if dot:
            parts[kind][part] = value
    return Version(
        name=name or f"linux-{release}",
        about=about or f"Linux {release}, made of when each thing came",
        release=release,
        features=sum(Feature[part] for part, has in parts["features"].items() if has),
        ioctls=frozenset(Ioctl[part] for part, has in parts["ioctls"].items() if has),
        scans=sum(PageIs[part] for part, has in parts["scans"].items() if has),
        functions={part: there for part, there in parts["functions"].items() if there != part},
        **fields,
    )


_NO_MEMORY_FAILURE: dict[str, object] = {"memory_failure": False, "soft_dirty": False}
_INLINED: dict[str, object] = {"functions.userfaultfd_unregister": None}
"""Where the compiler made no function of UNREGISTER's own."""

_RECORDED = (
    version("7.3", about="Linux 7.3: RWP, a protection from reads too"),
    version("7.2", about="Linux 7.2: the merged design before RWP"),
    version("6.18", built=_NO_MEMORY_FAILURE, about="Linux 6.18: the merged design today"),
    version("6.12", about="Linux 6.12: the merged design; MINOR in bit 38"),
    version("6.1", built=_INLINED, about="Linux 6.1: the merged design, before POISON and MOVE"),
    version(
        "6.1", V5BIT, _NO_MEMORY_FAILURE | _INLINED, name="linux-6.1-v5bit", about=f"Linux 6.1 with {V5BIT.about}"
    ),
    version("5.11", built=_NO_MEMORY_FAILURE, about="Linux 5.11: before minor faults"),
    version("5.11", V5, _NO_MEMORY_FAILURE, name="linux-5.11-v5", about=f"Linux 5.11 with {V5.about}"),
    version("5.11", V6, _NO_MEMORY_FAILURE, name="linux-5.11-v6", about=f"Linux 5.11 with {V6.about}"),
)  # fmt: skip

DERIVED = "derived, not checked against a real one"
"""What is said about a kernel that is made from the table alone."""


class Versions(dict[str, Version]):
    """The simulated kernels by name, the newest first: those that were recorded and are checked.
    By its name there is every other release, too, made of when each thing came: ``VERSIONS["linux-6.8"]``."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or bool(_release(name))

    def __missing__(self, name: str) -> Version:
        release = _release(name)
        if not release:
            raise KeyError(name)
        unseen = len(uncertain(release))
        guessed = f"; of {unseen} things nobody looked when they came" if unseen else ""
        return version(release, about=f"Linux {release}: {DERIVED}{guessed}")


def _release(name: object) -> str:
    """The release that a name like ``linux-6.8`` stands for; "" if the table knows none."""
    release = name.removeprefix("linux-") if isinstance(name, str) else ""
    return release if release != name and release in RELEASES else ""


VERSIONS = Versions({made.name: made for made in _RECORDED})
