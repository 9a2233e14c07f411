"""Anish Moorthy, Google: minor faults a second by vCPUs and readers, and without a wait queue (February 2024)."""

from dataclasses import replace

import numpy as np

from uffdsim.migration.costs import Costs
from uffdsim.migration.destination import Destination
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.plan import Plan
from uffdsim.migration.postcopy import PostCopy
from uffdsim.migration.published.table import Row, Table
from uffdsim.migration.units import PICO

BY_VCPUS = {
    1: (150, 340),
    2: (191, 477),
    4: (210, 809),
    8: (155, 1239),
    16: (130, 1595),
    32: (108, 2299),
    64: (86, 3482),
    128: (62, 4134),
    256: (36, 4012),
}
"""Thousands of pages a second: through one userfaultfd with as many readers; and where vCPUs leave the kernel
instead. Shared memory, 64 MB a vCPU, 256 processors."""
BY_READERS = {1: (249, 185), 2: (201, 235), 4: (186, 155), 16: (150, 217), 32: (89, 198)}
"""The same for 4 vCPUs, by readers that wait with poll, or with epoll (patch 12)."""
SOURCE = (
    "Anish Moorthy, Google: [KVM_EXIT_MEMORY_FAULT]"
    "(https://lore.kernel.org/kvm/20240215235405.368539-1-amoorthy@google.com/), v7, February 2024."
)
NEVER = 1 << 62
"""A time at which nothing is mapped in the background."""


def rate(vcpus: int, handlers: int, exits: bool, costs: Costs, pages: int = 256) -> float:
    """Thousands of minor faults a second: every vCPU touches its own pages, and all of their content is there."""
    guest = Guest(vcpus * pages * 4096, vcpus=vcpus, sweep=True, think=0)
    plan = Plan.of(guest, Link(), Destination("minor", handlers=handlers, exits=exits, costs=costs))
    arrival, clean = np.full(guest.pages, NEVER), np.ones(guest.pages, bool)
    faults = PostCopy(plan, arrival, clean, resume=0, ran=0, known=0, pushes=0).run()
    return guest.pages / (int(faults.end.max()) / PICO) / 1e3


def queue() -> Costs:
    """2.1 µs outside the lock of the queue, and within it 4.5 µs and 45 ns for each thread that stands there."""
    quarter = dict.fromkeys(("trap", "read", "continue_", "wake"), 2.1e-6 / 4)
    return replace(Costs.recorded(4096), **quarter, lock=4.5e-6, lock_each=45e-9)


def exits() -> Costs:
    """4 µs, and 0.235 µs for each other vCPU that faults."""
    return replace(Costs.recorded(4096), trap=1e-6, read=0, continue_=2e-6, wake=1e-6, crowd=0.235e-6)


def table() -> Table:
    """By vCPUs, through a wait queue and without one."""
    rows = []
    for vcpus, (through, without) in BY_VCPUS.items():
        rows.append(Row(f"{vcpus}, through the queue", through, rate(vcpus, vcpus, False, queue()), 0.35))
        rows.append(Row(f"{vcpus}, without it", without, rate(vcpus, vcpus, True, exits()), 0.35))
    return Table(
        "Minor faults by vCPUs, through a wait queue and without one",
        "thousands of pages a second",
        SOURCE,
        "Every vCPU touches its own pages, one after the other; all are in the page cache; as many readers as vCPUs; "
        "no network.",
        "Three numbers for the queue: 2.1 µs a fault outside of its lock, 4.5 µs within, and 45 ns more for each "
        "thread that stands there. Two where vCPUs leave the kernel: 4 µs a fault, and 0.235 µs more for each other "
        "vCPU that faults.",
        "Nothing is off by more than a third: through the queue it rises to 4 vCPUs and then falls to a sixth, "
        "without it it rises to 128. From 8 to 32 vCPUs ours is too fast: it slows down in one way, and a processor "
        "in many.",
        rows,
    )


def readers() -> Table:
    """By readers, with 4 vCPUs."""
    rows = []
    for count, (poll, epoll) in BY_READERS.items():
        simulated = rate(4, count, False, queue())
        rows.append(Row(f"{count}, poll", poll, simulated, 0.35 if count < 32 else None))
        rows.append(Row(f"{count}, epoll", epoll, simulated, 0.35))
    return Table(
        "Minor faults of 4 vCPUs by readers",
        "thousands of pages a second",
        f"{SOURCE} Patch 12.",
        "The same with 4 vCPUs, and other numbers of readers.",
        "None: the numbers are those of the table before.",
        "The fall with more readers is reproduced. The fall to a third with poll and 32 readers is not: there, "
        "every fault wakes them all; ours only lets them make the lock's hold longer.",
        rows,
    )
