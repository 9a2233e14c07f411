"""The bits of a VMA's flags: their names in the kernel and in smaps, in each version (include/linux/mm.h)."""

from typing import NamedTuple

from uffdsim.kernel import state
from uffdsim.kernel.versions import VERSIONS, Version


class Bit(NamedTuple):
    """One flag: its number, its name without ``VM_``, and its two letters in /proc/PID/smaps."""

    number: int
    name: str
    letters: str


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
"""The flags that have the same bit in every version."""
INSPECTED = ("lo", "um", "uw", "ui")
"""The letters of the flags that inspect reports, and that a reader of userfaultfd looks for."""


def version_of(kernel: str) -> Version:
    """The version that a kernel of this name is, or is most like; the youngest for what we cannot know."""
    return VERSIONS.get(kernel.replace("recorded-", "linux-")) or youngest()


def youngest() -> Version:
    """The version that most readers have."""
    return next(iter(VERSIONS.values()))


def clashing() -> Version:
    """The oldest version in which two flags have one bit."""
    return next(version for version in reversed(VERSIONS.values()) if _clashes(bits(version)))


def _clashes(those: tuple[Bit, ...]) -> bool:
    return len({bit.number for bit in those}) < len(those)


def bits(version: Version) -> tuple[Bit, ...]:
    """Every flag of a version in the order of their numbers; two may have one number."""
    minor = () if version.minor_bit is None else (Bit(version.minor_bit, "UFFD_MINOR", "ui"),)
    return tuple(sorted(_EVERYWHERE + minor, key=lambda bit: bit.number))


def smaps(version: Version, flags: int) -> tuple[str, ...]:
    """The letters that smaps shows for these flags: one pair a bit, and of two names that share one, the last given."""
    letters = {bit.number: bit.letters for bit in bits(version)}
    return tuple(pair for number, pair in letters.items() if flags >> number & 1)
