"""The bits of a VMA's flags: their names in the kernel and in smaps, in each version (include/linux/mm.h)."""

from typing import NamedTuple

from uffdsim.kernel import state as vm
from uffdsim.kernel.versions import VERSIONS, Version


class Bit(NamedTuple):
    """One flag: its number, its name without ``VM_``, and its two letters in /proc/PID/smaps."""

    number: int
    name: str
    letters: str


_EVERYWHERE = (
    Bit(0, "READ", "rd"),
    Bit(1, "WRITE", "wr"),
    Bit(3, "SHARED", "sh"),
    Bit(9, "UFFD_MISSING", "um"),
    Bit(12, "UFFD_WP", "uw"),
    Bit(13, "LOCKED", "lo"),
    Bit(17, "DONTCOPY", "dc"),
    Bit(18, "DONTEXPAND", "de"),
    Bit(20, "ACCOUNT", "ac"),
    Bit(22, "HUGETLB", "ht"),
)
assert all(1 << bit.number == getattr(vm, f"VM_{bit.name}") for bit in _EVERYWHERE)


def version_of(kernel: str) -> Version:
    """The version that a kernel of this name is, or is most like; the youngest for what we cannot know."""
    return VERSIONS.get(kernel.replace("recorded-", "linux-")) or next(iter(VERSIONS.values()))


def bits(version: Version) -> tuple[Bit, ...]:
    """Every flag of a version in the order of their numbers; two may have one number."""
    minor = () if version.minor_bit is None else (Bit(version.minor_bit, "UFFD_MINOR", "ui"),)
    return tuple(sorted(_EVERYWHERE + minor, key=lambda bit: bit.number))


def smaps(version: Version, flags: int) -> tuple[str, ...]:
    """The letters that smaps shows for these flags: one pair a bit, and of two names that share one, the last given."""
    letters = {bit.number: bit.letters for bit in bits(version)}
    return tuple(pair for number, pair in letters.items() if flags >> number & 1)
