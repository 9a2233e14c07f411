"""The bits of a VMA's flags and the three names of each, in each version.

The macro is in include/linux/mm.h, the two letters are in /proc/PID/smaps (show_smap_vma_flags in fs/proc/task_mmu.c),
and the third name is in traces and in the kernel's dumps of a VMA, where ``%pGv`` prints it (the table of names in
include/trace/events/mmflags.h).
"""

from typing import NamedTuple

from uffdsim.kernel import state
from uffdsim.kernel.versions import VERSIONS, Version
from uffdsim.uapi import Feature


class Bit(NamedTuple):
    """One flag: its number, its name without ``VM_``, and its two letters in /proc/PID/smaps."""

    number: int
    name: str
    letters: str

    @property
    def traced(self) -> str:
        """Its name in traces and dumps: ``uffd_minor``."""
        return self.name.lower()


_LETTERS = {
    "READ": "rd",
    "WRITE": "wr",
    "SHARED": "sh",
    "UFFD_MISSING": "um",
    "UFFD_WP": "uw",
    "LOCKED": "lo",
    "DONTCOPY": "dc",
    "DONTEXPAND": "de",
    "ACCOUNT": "ac",
    "HUGETLB": "ht",
}
_EVERYWHERE = tuple(
    Bit(getattr(state, f"VM_{name}").bit_length() - 1, name, letters) for name, letters in _LETTERS.items()
)
"""The flags that have the same bit in every version, in the order of the kernel's table of names for traces."""
INSPECTED = ("lo", "um", "uw", "ui", "ur")
"""The letters of the flags that inspect reports, and that a reader of userfaultfd looks for."""


def version_of(kernel: str) -> Version:
    """The version that a kernel of this name is, or is most like; the youngest for what we cannot know."""
    return VERSIONS.get(kernel.replace("recorded-", "linux-").replace("box-", "linux-")) or youngest()


def youngest() -> Version:
    """The version that most readers have."""
    return next(iter(VERSIONS.values()))


def clashing() -> Version:
    """The oldest version in which two flags have one bit."""
    return next(version for version in reversed(VERSIONS.values()) if _clashes(bits(version)))


def _clashes(those: tuple[Bit, ...]) -> bool:
    return len({bit.number for bit in those}) < len(those)


def _own(version: Version) -> tuple[Bit, ...]:
    """The flags that not every version has, or not in the same bit."""
    minor = () if version.minor_bit is None else (Bit(version.minor_bit, "UFFD_MINOR", "ui"),)
    rwp = (Bit(state.VM_UFFD_RWP.bit_length() - 1, "UFFD_RWP", "ur"),) if version.features & Feature.RWP else ()
    return minor + rwp


def bits(version: Version) -> tuple[Bit, ...]:
    """Every flag of a version in the order of their numbers; two may have one number."""
    return tuple(sorted(_EVERYWHERE + _own(version), key=lambda bit: bit.number))


def smaps(version: Version, flags: int) -> tuple[str, ...]:
    """The letters that smaps shows for these flags: one pair a bit, and of two names that share one, the last given."""
    letters = {bit.number: bit.letters for bit in bits(version)}
    return tuple(pair for number, pair in letters.items() if flags >> number & 1)


def traced(version: Version, flags: int) -> tuple[str, ...]:
    """The names that ``%pGv`` prints for these flags. A bit is printed once: of two names that share one, the first of
    the kernel's table, in which uffd_minor stands right after uffd_missing, and so before locked (seen in the images of
    6.12.117 and 7.3.4)."""
    place = [bit.name for bit in _EVERYWHERE].index("UFFD_MISSING") + 1
    found: dict[int, str] = {}
    for bit in (*_EVERYWHERE[:place], *_own(version), *_EVERYWHERE[place:]):
        if flags >> bit.number & 1:
            found.setdefault(bit.number, bit.traced)
    return tuple(found.values())
