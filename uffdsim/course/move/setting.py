"""A setting: one machine, one link and one way to move, and the result."""

from dataclasses import dataclass, fields
from functools import lru_cache

from uffdsim.errors import Mistake
from uffdsim.grammar import meant
from uffdsim.migration import Destination, Guest, Hybrid, Link, PostCopy, PreCopy, Result, StopAndCopy, simulate
from uffdsim.migration.ways import Way

WAYS: dict[str, Way] = {
    "stop and copy": StopAndCopy(),
    "pre-copy": PreCopy(downtime=0.1),
    "post-copy": PostCopy(),
    "both": Hybrid(),
}
"""The ways to move, by name; ``"both"`` is one round of pre-copy, then post-copy."""
ANSWERS = {"COPY": "missing", "CONTINUE": "minor"}
"""What a fault is answered with, and the mode in which the destination registers for it."""
MOST_PAGES = 1 << 20
"""A machine of more pages takes seconds to simulate, which is too long for a control."""


@dataclass(frozen=True)
class Setting:
    """One way to move a machine.

    :param way: one of WAYS.
    :param page: ``"4K"``, ``"2M"`` or ``"1G"``.
    :param answer: one of ANSWERS. Where the guest stands still or runs at the source, nobody asks for pages.
    :param link: its bandwidth.
    :param vcpus: virtual CPUs of the guest.
    :param hot: the share of the memory to which nine of ten touches go.
    :param memory: how much the guest has.
    :param think: how long a vCPU works between two touches.
    """

    way: str = "post-copy"
    page: str = "4K"
    answer: str = "COPY"
    link: str = "10Gbit/s"
    vcpus: int = 8
    hot: float = 0.1
    memory: str = "1G"
    think: str = "200us"

    def __post_init__(self):
        for what, value, known in (("way", self.way, WAYS), ("answer", self.answer, ANSWERS)):
            if value not in known:
                raise Mistake(f"{what} is {value!r}: take {', '.join(known)}{meant(value, known)}")

    @property
    def guest(self) -> Guest:
        """The machine that moves.

        :raises MigrationError: if such a machine is impossible.
        """
        return Guest(self.memory, page=self.page, vcpus=self.vcpus, think=self.think, hot=self.hot)

    def result(self) -> Result:
        """The result; asked again, at once.

        :raises MigrationError: if that is impossible.
        """
        return _simulated(self)

    def differs(self, other: "Setting") -> list[str]:
        """The names of what differs in another setting."""
        return [field.name for field in fields(self) if getattr(self, field.name) != getattr(other, field.name)]


@lru_cache(64)
def _simulated(setting: Setting) -> Result:
    to = Destination(ANSWERS[setting.answer])
    return simulate(setting.guest, Link(setting.link), to, WAYS[setting.way])
