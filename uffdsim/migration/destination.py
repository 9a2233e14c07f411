"""The host that the guest moves to: how it takes pages in, and who answers its faults."""

from dataclasses import dataclass, field

from uffdsim.migration.costs import Costs
from uffdsim.migration.units import Amount, MigrationError, seconds

MODES = ("missing", "minor")


@dataclass(frozen=True)
class Handover:
    """What a downtime consists of besides memory, in seconds: times of the machine, not of its memory.

    :param pause: to stop the vCPUs, at the source.
    :param state: to save, send and load the state of CPUs and devices.
    :param start: to start the vCPUs, at the destination.
    """

    pause: Amount[float] = Amount(seconds, "the time to pause", 1e-3)
    state: Amount[float] = Amount(seconds, "the time to move the state", 30e-3)
    start: Amount[float] = Amount(seconds, "the time to start", 10e-3)


@dataclass(frozen=True)
class Destination:
    """Where the guest goes.

    :param mode: ``"missing"``: a page comes by COPY, which allocates, copies and maps it; ``"minor"``: it is written
        through a second mapping, and CONTINUE maps it.
    :param handlers: threads that read messages of the userfaultfd.
    :param placers: threads that place pages which are pushed, and as many for those that were asked for.
    :param batch: how many pages one CONTINUE maps in the background, where all are there already.
    :param direct: whether the network card writes into the second mapping by itself; then the host's CPUs need not.
    :param exits: whether a vCPU that lacks a page leaves the kernel and gets it itself, instead of sleeping in the
        queue of the userfaultfd (as proposed for KVM: KVM_EXIT_MEMORY_FAULT, A. Moorthy, v7 of February 2024).
    :param costs: what each thing costs, for the guest's size of page; None for those measured, see ``Costs.recorded``.
    :param handover: what a downtime consists of besides memory.
    :raises MigrationError: if such a host is impossible.
    """

    mode: str = "missing"
    handlers: int = 1
    placers: int = 1
    batch: int = 512
    direct: bool = False
    exits: bool = False
    costs: Costs | None = None
    handover: Handover = field(default_factory=Handover)

    def costs_for(self, page: int) -> Costs:
        """What each thing costs for pages of a size: as was said, or as was measured."""
        return self.costs or Costs.recorded(page)

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise MigrationError(f"mode is {self.mode!r}: take {' or '.join(map(repr, MODES))}")
        for name, most in (("handlers", 1024), ("placers", 1024), ("batch", 1 << 18)):
            number = getattr(self, name)
            if number != int(number) or not 1 <= number <= most:
                raise MigrationError(f"{name} is {number}: take a whole number from 1 to {most:,}")
        if self.direct and self.mode != "minor":
            raise MigrationError("the network card can only write into a second mapping: take mode='minor' with direct")
