"""The Linux this runs on, as a kernel that answers scenarios."""

from collections.abc import Iterator

from uffdsim import doctor
from uffdsim.linux import program
from uffdsim.linux.real import Real, huge_pages, refusal
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace

OPEN, OPEN_BY_A_THREAD = 16, 4
"""How many files the program has open, and how many more for each thread: its /proc/PID/task files and a pipe."""


class Linux(Real):
    """The kernel of this machine."""

    name = "linux"
    about = "the Linux this runs on"
    called = "the live kernel"

    def refusal(self) -> str:
        return refusal([doctor.linux()]) or program.refusal()

    def lacks(self, scenario: Scenario) -> str:
        return refusal(_needs(scenario))

    def run(self, scenario: Scenario) -> Trace:
        from uffdsim.linux import pool  # which only Linux has

        need = huge_pages(scenario)
        with pool.alone(need):
            trace = super().run(scenario)
            pool.check(trace, need)
        return trace

    def carry_out(self, orders: str, threads: int, slots: int) -> list[str]:
        return program.run(orders, threads, slots)


def _needs(scenario: Scenario) -> Iterator[doctor.Check]:
    """What a scenario needs beside the program."""
    opened = [step["user_mode_only"] for step in scenario if "user_mode_only" in step]
    if opened:
        yield doctor.userfaultfd(kernel_faults=not all(opened))
    slots = len(scenario.files) + len(scenario.names.descriptors)
    yield doctor.open_files(OPEN + OPEN_BY_A_THREAD * len(scenario.threads) + slots)
    for size, count in huge_pages(scenario).items():
        yield doctor.huge_pages(size, count)
