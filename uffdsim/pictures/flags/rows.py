"""The flags of a VMA as a kernel has them, and as other kernels would write them down."""

from collections.abc import Iterable
from typing import NamedTuple

from uffdsim.kernel.versions import Version
from uffdsim.pictures.memory import source
from uffdsim.pictures.memory.bits import INSPECTED, Bit, bits, clashing, smaps, traced, version_of, youngest
from uffdsim.pictures.moment import Moment


class Row(NamedTuple):
    """The flags of a VMA by name, and the version whose bits they are to be. ``unsure`` are names of which nobody
    can tell, as they share a bit where they were read."""

    version: Version
    names: frozenset[str]
    unsure: frozenset[str] = frozenset()

    @property
    def word(self) -> int:
        """The flags as a number."""
        return sum({1 << bit.number for bit in bits(self.version) if bit.name in self.names})

    def at(self, number: int) -> tuple[Bit, ...]:
        """The flags that have this bit: none, one, or two."""
        return tuple(bit for bit in bits(self.version) if bit.number == number)

    def has(self, number: int) -> bool:
        """Whether this bit is set."""
        return bool(self.word >> number & 1)

    def said(self, number: int) -> str:
        """The names of the flags that have this bit, or ""."""
        return " and ".join(f"VM_{bit.name}" for bit in self.at(number))

    def shown(self, number: int) -> str:
        """How smaps and traces show this bit when it is set: ``ui, uffd_minor``."""
        return ", ".join((*smaps(self.version, 1 << number), *traced(self.version, 1 << number)))

    @property
    def remarks(self) -> list[str]:
        """Which bits have two meanings, in words."""
        doubtful = (number for number in numbers([self]) if len(self.at(number)) > 1)
        set_too = ", and it is set: which?"
        return [
            f"{self.version.name}: bit {number} is {self.said(number)}{set_too if self.has(number) else ''}"
            for number in doubtful
        ]


def last_named(moment: Moment) -> str:
    """The mapping that a step named last, as it is called by now; "" for none."""
    scenario, here = moment.trace.scenario, source(moment)
    made = {mapping.step: mapping.id for mapping in scenario.mappings.values()}
    for index in range(moment.step, -1, -1):
        names = [name for name in (made.get(index), scenario[index].get("vma")) if name]
        if names:
            return next(filter(here.is_there, names), names[-1])
    return ""


def rows(moment: Moment, mapping: str, more: Iterable[Version] | None = None) -> list[Row]:
    """The VMA as the trace's kernel has it, as the other trace's has it, and as more kernels would write it: left out,
    the youngest and one in which two flags have one bit, if they have something to add."""
    own = _row(moment, mapping)
    if own is None:
        return []
    counterpart = moment.counterpart()
    other = None if counterpart is None else _row(counterpart, mapping)
    found = [own] if other is None else [own, other]
    shared = {bit.name for bit in bits(own.version) if len(own.at(bit.number)) > 1} & own.names
    asked = (youngest(), clashing()) if more is None else more
    others = [version for version in asked if version not in [row.version for row in found]]
    written = [Row(version, own.names - shared, own.unsure | shared) for version in others]
    return found + [row for row in written if more is not None or shared or row.remarks or row.word != own.word]


def numbers(those: list[Row]) -> list[int]:
    """The bits that have a name in any of these rows."""
    return sorted({bit.number for row in those for bit in bits(row.version)})


def remarks(those: list[Row]) -> list[str]:
    """What is to be seen, in words: bits with two meanings first."""
    own = those[0]
    letters = " ".join(smaps(own.version, own.word)) or "none of these"
    names = ", ".join(traced(own.version, own.word)) or "none of these"
    shows = f"{own.version.name}: smaps shows {letters}; traces and dumps of a VMA show {names}"
    return [*(remark for row in those for remark in row.remarks), *_moved(those), shows]


def _moved(those: list[Row]) -> list[str]:
    """Which flags have another bit in another row: ``VM_UFFD_MINOR is bit 37 in linux-6.1, 41 in linux-6.18``."""
    places: dict[str, dict[str, int]] = {}
    for row in those:
        for bit in bits(row.version):
            places.setdefault(bit.name, {})[row.version.name] = bit.number
    return [
        f"VM_{name} is bit " + ", ".join(f"{number} in {kernel}" for kernel, number in found.items())
        for name, found in places.items()
        if len(set(found.values())) > 1
    ]


def _row(moment: Moment, mapping: str) -> Row | None:
    """The flags of a mapping's first VMA; of a real kernel's we know those that inspect reports."""
    here, version = source(moment), version_of(moment.trace.kernel)
    runs = here.entries(mapping, 0, 1) if here.is_there(mapping) else []
    flags = next((entry.flags for _, entry in runs if entry.role not in ("unmapped", "unknown")), None)
    if flags is None:
        return None
    those = bits(version)
    set_bits = {bit.number for bit in those if bit.letters in flags}
    known = [bit for bit in those if here.contents or bit.letters in INSPECTED]
    names = frozenset(bit.name for bit in known if bit.number in set_bits)
    return Row(version, names, frozenset(bit.name for bit in those if bit not in known))
