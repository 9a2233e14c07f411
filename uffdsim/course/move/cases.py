"""Three machines that have to move. Each can bear different things, so each needs a different way."""

from dataclasses import dataclass

from uffdsim.course.move.setting import WAYS, Setting
from uffdsim.course.move.verdict import Verdict, at_most
from uffdsim.course.progress import Progress
from uffdsim.course.render import card, paragraphs, table_html, table_text
from uffdsim.errors import Unknown
from uffdsim.grammar import meant
from uffdsim.migration import Result
from uffdsim.migration.units import said_time

MEASURES = {
    "downtime": lambda result: result.downtime_s,
    "longest wait for a page": lambda result: result.percentile_s(100) if len(result.latency_s) else 0.0,
    "a vCPU waited for pages": lambda result: float(result.waited_s.mean()),
    "ran without all of its pages": lambda result: result.brownout_s,
    "until every page is there": lambda result: result.total_s,
}
"""What can be limited, in seconds, and how it is read from a result."""


@dataclass(frozen=True)
class Case:
    """A machine, and what it can bear: ``limits`` by name, in seconds; see MEASURES."""

    name: str
    about: str
    keys: dict
    limits: dict[str, float]

    @property
    def numbers(self) -> str:
        """What it has, and what is allowed."""
        guest = Setting(**self.keys).guest
        has = f"{self.keys['memory']}, {guest.vcpus} vCPUs, hot: {guest.hot:.0%}, {self.keys['link']}"
        limits = [f"{name}: {said_time(limit)}" for name, limit in self.limits.items()]
        return "\n".join([has, *limits])

    def result(self, page: str, way: str, answer: str) -> Result:
        """How a choice turns out.

        :raises Mistake: if it is none.
        """
        return Setting(way, page, answer, **self.keys).result()


_ALL = (
    Case(
        "database",
        "A database with 16 vCPUs, a quarter of its memory hot. Its clients give up after 80 ms of silence, and a vCPU "
        "must not lose more than 0.3 s waiting for pages.",
        {"memory": "4G", "vcpus": 16, "think": "50us", "hot": 0.25, "link": "10Gbit/s"},
        {"downtime": 0.08, "a vCPU waited for pages": 0.3},
    ),
    Case(
        "cache",
        "A cache of 8 GiB, whose host loses its power in 1.5 s. A client waits for 10 ms, and then asks the "
        "disk.",
        {"memory": "8G", "vcpus": 16, "think": "100us", "hot": 0.1, "link": "100Gbit/s"},
        {"downtime": 0.1, "longest wait for a page": 0.01, "until every page is there": 1.5},
    ),
    Case(
        "ledger",
        "A ledger with 4 vCPUs, which writes little. It must never depend on two hosts: if the network fails on the "
        "way, one of them has to have all of it.",
        {"memory": "4G", "vcpus": 4, "think": "200us", "hot": 0.05, "link": "10Gbit/s"},
        {"downtime": 0.1, "ran without all of its pages": 0.0},
    ),
)
CASES = {case.name: case for case in _ALL}


class Cases:
    """The machines, and what each can bear."""

    HEADER = ("machine", "what it can bear", "in numbers, at most")

    def rows(self) -> list[tuple[str, str, str]]:
        """A row for each machine."""
        return [(case.name, case.about, case.numbers) for case in CASES.values()]

    def __repr__(self):
        return table_text(self.HEADER, [(name, about, how.replace("\n", "; ")) for name, about, how in self.rows()])

    def _repr_html_(self):
        work = [("exercise", f"move-{name}") for name in CASES]
        return card("open", "Three machines", paragraphs(_HOW), table_html(self.HEADER, self.rows()), work=work)


_HOW = f'For each: pages of "4K", "2M" or "1G"; a way, {", ".join(WAYS)}; an answer, COPY or CONTINUE.'


BEGUN = ("database", {"page": "2M", "way": "post-copy", "answer": "COPY"})
"""The choice that the lesson begins with: nobody's try, so it is not noted."""


def choose(
    machine: str, page: str = "4K", way: str = "stop and copy", answer: str = "COPY", keep: Progress | None = None
) -> Verdict:
    """How a choice works out for one of CASES.

    :param page: the page size.
    :param way: how it moves, one of ``setting.WAYS``.
    :param answer: what its faults are answered with.
    :param keep: where it is noted; beside the notebook if left out.
    :raises Unknown: if there is no such machine.
    :raises Mistake: if there is no such page size, way or answer.
    """
    if machine not in CASES:
        raise Unknown(f"there is no machine {machine!r}: take {', '.join(CASES)}{meant(machine, CASES)}")
    case = CASES[machine]
    result = case.result(page, way, answer)
    measures = [at_most(name, MEASURES[name](result), limit, said_time) for name, limit in case.limits.items()]
    verdict = Verdict(f"{machine}: {way}, pages of {page}, {answer}", measures)
    said = {"page": page, "way": way, "answer": answer}
    verdict.keep(keep, "exercise", f"move-{machine}", said, begun=(machine, said) == BEGUN)
    return verdict
