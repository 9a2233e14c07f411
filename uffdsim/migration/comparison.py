"""A real migration beside the same one, simulated with this machine's costs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from uffdsim.migration.costs import Costs
from uffdsim.migration.destination import Destination, Handover
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.live import migrate
from uffdsim.migration.measured import measure
from uffdsim.migration.result import Result
from uffdsim.migration.simulation import simulate
from uffdsim.migration.units import said_rate, said_size, said_time
from uffdsim.migration.ways import Way

NOTES = (
    "What the guest computed and all of its memory are as if it had never moved: both were computed again and "
    "compared.",
    "Real are the memory, the faults, the threads and the copies. Made up is the link: who receives something waits "
    "until it would have come. The simulated guest touches the same pages; how long it takes to pause it, to send its "
    "state and to start it was taken from the real one. Where other programs want the processors, the real one is "
    "slower.",
)


@dataclass(frozen=True)
class Comparison:
    """Both results. ``costs`` are those that were simulated with."""

    here: Result
    simulated: Result

    def table(self) -> str:
        """The two side by side, as lines to read."""
        here, simulated = dict(self.here.rows()), dict(self.simulated.rows())
        names = [name for name, _ in max(self.simulated.rows(), self.here.rows(), key=len)]
        rows = [("", "here", "simulated", "here / simulated")]
        factors = self.factors()
        for name in names:
            factor = factors.get(name.strip())
            row = (name, here.get(name, "–"), simulated.get(name, "–"), f"{factor:.2f}" if factor else "")
            rows.append(row)
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                [
                    f"{row[0]:{widths[0]}}",
                    *(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True)),
                ]
            )
            for row in rows
        ]
        return "\n".join([self._title(), "", *(line.rstrip() for line in lines), "", *NOTES])

    def _title(self) -> str:
        guest, link, to = self.here.guest, self.here.link, self.here.destination
        answer = {"missing": "MISSING and COPY", "minor": "MINOR and CONTINUE"}[to.mode]
        memory = f"{said_size(guest.memory)} in pages of {said_size(guest.page)}, {guest.vcpus} vCPUs"
        return f"{self.here.way}, {answer}: {memory}, {said_rate(link.bandwidth)}, {said_time(link.rtt)} round trip"

    def factors(self) -> dict[str, float]:
        """By which factor the real one is longer, or more, than the simulated one, where that can be said."""
        pairs = {
            "downtime": (self.here.downtime_s, self.simulated.downtime_s),
            "until every page is there": (self.here.total_s, self.simulated.total_s),
            "sent": (self.here.bytes_sent, self.simulated.bytes_sent),
            "faults": (len(self.here.latency_s), len(self.simulated.latency_s)),
            "median fault": (self.here.percentile_s(50), self.simulated.percentile_s(50)),
            "90 of 100 faults": (self.here.percentile_s(90), self.simulated.percentile_s(90)),
            "a vCPU waited": (self.here.waited_s.mean(), self.simulated.waited_s.mean()),
        }
        return {name: float(here / there) for name, (here, there) in pairs.items() if here > 0 and there > 0}

    def data(self) -> dict:
        """All of it as JSON can hold it, in seconds and bytes."""
        return {
            "guest": asdict(self.here.guest),
            "link": asdict(self.here.link),
            "mode": self.here.destination.mode,
            "costs_s": asdict(self.simulated.destination.costs_for(self.here.guest.page)),
            "here": self.here.data(),
            "simulated": self.simulated.data(),
            "here_by_simulated": self.factors(),
            "equal": True,
        }


def compared(
    guest: Guest,
    link: Link,
    to: Destination,
    way: Way,
    progress: Callable[[int], None] | None = None,
    recorded: bool = False,
) -> Comparison:
    """Migrate for real, and simulate the same.

    :param recorded: simulate with the costs that come with uffdsim, instead of measuring those of this machine.
    :raises MigrationError: if that cannot be done here.
    """
    here = migrate(guest, link, to, way, progress)
    costs = Costs.recorded(guest.page) if recorded else Costs.of(measure([guest.page], rounds=2), guest.page)
    taken = here.destination.handover
    handover = Handover(taken.pause, max(taken.state - link.rtt / 2, 0), taken.start)
    return Comparison(here, simulate(guest, link, replace(to, costs=costs, handover=handover), way))
