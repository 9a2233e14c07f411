"""A small machine that has just moved: its memory is in the simulated kernel, its vCPUs run by a clock.

The content of every page was sent before, but some pages have been written since, at the source: they are *stale*.
Here are two mappings of the memory. ``guest`` is registered for minor faults, and empty; ``monitor`` is for who fills
pages. Times are in seconds.
"""

import math
from dataclasses import dataclass, field

from uffdsim import kernels, words
from uffdsim.machine import Call, Machine
from uffdsim.migration import Costs, Guest, Link
from uffdsim.migration.splitmix import mixed
from uffdsim.migration.units import PICO, pico

PAGES, VCPUS = 48, 2
STALE = frozenset(page for page in range(PAGES) if mixed(7, page) % 3 == 0)
"""The pages that were written since they were sent."""
SOURCE = {page: 0x80 + page for page in range(PAGES)}
"""The byte that the source has in each page."""
OLD, NEW = 0x10, 0x40
"""Above these are the bytes of stale pages, and those that the guest writes."""
LINK = Link("1Gbit/s", rtt="100us")
GUEST = Guest(PAGES * 4096, vcpus=VCPUS, think="150us", hot=0.2)
END = 0.1
"""A guest that has not all of its pages by then never gets them."""


@dataclass
class Vcpu:
    """One of the guest's processors: its thread, its touches from now on, and where it waits."""

    thread: str
    touches: list[tuple[float, int, bool]]
    late: float = 0.0
    """For how long it has waited in all."""
    waits: Call | None = None
    since: float = 0.0

    @property
    def next(self) -> float:
        """When it touches memory next; never again if its touches are at their end."""
        return self.touches[0][0] + self.late if self.touches else math.inf


@dataclass
class World:
    """The machine, its clock, and what is known of both."""

    kernel: str = kernels.DEFAULT
    now: float = 0.0
    mapped: set[int] = field(default_factory=set)
    fetched: int = 0
    latency: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What the guest met that it must not meet, in sentences."""

    def __post_init__(self):
        self.costs = Costs.recorded(4096)
        self.stale, self.content = set(STALE), dict(SOURCE)
        self.machine = m = Machine(self.kernel, name="A small machine moves")
        file = m.file("shmem", id="F", pages=PAGES)
        monitor, guest, u = m.mmap(file, "monitor"), m.mmap(file, "guest"), m.userfaultfd("u")
        u.api("MINOR_SHMEM")
        for page in range(PAGES):
            monitor[page] = OLD + page if page in STALE else SOURCE[page]
        u.register(guest, "MINOR")
        self.vcpus = [Vcpu(f"vcpu{cpu}", _touches(cpu)) for cpu in range(VCPUS)]
        self.seen: set[tuple[int, bool]] = set()

    # Time

    def advance(self, time: float) -> None:
        """Let the guest run for so long."""
        until = self.now + time
        while (vcpu := min(self.running, key=lambda one: one.next, default=None)) and vcpu.next < until:
            self.now = max(self.now, vcpu.next)
            self._touch(vcpu)
        self.now = until

    def idle(self) -> None:
        """Let the guest run until it touches something."""
        after = min((vcpu.next for vcpu in self.running), default=END)
        self.advance(max(min(after, END) - self.now, 0) + 1e-9)

    @property
    def running(self) -> list[Vcpu]:
        """The processors that do not wait."""
        return [vcpu for vcpu in self.vcpus if not vcpu.waits]

    def _touch(self, vcpu: Vcpu) -> None:
        """The next touch of a processor; one that can make no difference is left out."""
        _, page, write = vcpu.touches.pop(0)
        write = write and page in self.mapped
        if (page, write) in self.seen and page in self.mapped:
            return
        self.seen.add((page, write))
        keys = {"value": NEW + page} if write else {}
        call = self.machine.call("store" if write else "load", vma="guest", page=page, thread=vcpu.thread, **keys)
        if call.blocked:
            vcpu.waits, vcpu.since = call, self.now
        else:
            self._look_at(call)

    # What is done

    def call(self, cost: float, op: str, **keys: object) -> Call:
        """Carry out a step that takes so long, and let those go on whom it wakes."""
        self.advance(cost)
        call = self.machine.call(op, **keys)
        for vcpu in self.vcpus:
            if vcpu.waits and not vcpu.waits.blocked:
                lasted = self.now + self.costs.wake - vcpu.since
                self.latency.append(lasted)
                self._look_at(vcpu.waits)
                vcpu.late, vcpu.waits = vcpu.late + lasted, None
        return call

    def messages(self) -> list[int]:
        """The pages of which messages can be read now; where nobody waits, nobody looks."""
        pages: list[int] = []
        if len(self.running) == len(self.vcpus):
            return pages
        while (call := self.call(self.costs.read, "read_event", fd="u")).errno is None:
            pages.append(call.page)
        return pages

    def _look_at(self, touch: Call) -> None:
        """Whether a touch has found what it should."""
        page = touch.step["page"]
        if touch.op == "store":
            self.content[page] = touch.step["value"]
        elif touch.value != self.content[page]:
            has, should = words.byte(touch.value), words.byte(self.content[page])
            why = "before its content came" if page in self.stale else "after something else was written there"
            self.wrong.append(
                f"{touch.thread} read {has} from page {page}, which should be {should}: it was mapped {why}."
            )

    def check(self) -> None:
        """Look at all pages that the guest has, at the end."""
        for page in sorted(self.mapped):
            self._look_at(self.machine.call("load", vma="guest", page=page, thread="main"))


def _touches(cpu: int) -> list[tuple[float, int, bool]]:
    when, page, write = GUEST.touches(cpu, 0, pico(END))
    return list(zip((when / PICO).tolist(), page.tolist(), write.tolist(), strict=True))
