"""The Linux this runs on, as a kernel that answers scenarios."""

from collections import Counter
from collections.abc import Iterator

from uffdsim import doctor
from uffdsim.linux import program
from uffdsim.linux.answers import Answers
from uffdsim.linux.orders import orders
from uffdsim.linux.places import Places
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError, Trace


class Linux:
    """The kernel of this machine. Its traces have observations, and no events."""

    name = "linux"
    about = "the Linux this runs on"

    def refusal(self) -> str:
        """Why nothing can be run here, and what would allow it; "" if something can."""
        return _refusal(doctor.linux(), doctor.compiler())

    def run(self, scenario: Scenario) -> Trace:
        """Carry out the steps, each on a real thread.

        :raises KernelError: if this machine cannot, or may not; the message says what would allow it.
        :raises ScenarioError: if a blocked thread is to take another step.
        """
        if refusal := self.refusal():
            raise KernelError(f"the live kernel {refusal}")
        places = Places(scenario)
        if refusal := _refusal(*_needs(scenario, places)):
            raise KernelError(f"this scenario {refusal}")
        answers = Answers(scenario, places)
        answers.read(program.run(orders(scenario, places), len(scenario.threads), places.slots))
        return Trace(scenario, self.name, answers.observations)


def _refusal(*checks: doctor.Check) -> str:
    return next((check.refusal() for check in checks if not check.ok), "")


def _needs(scenario: Scenario, places: Places) -> Iterator[doctor.Check]:
    """What a scenario needs beside a compiler."""
    opened = [step["user_mode_only"] for step in scenario if step.op == "userfaultfd"]
    if opened:
        yield doctor.userfaultfd(kernel_faults=not all(opened))
    for size, count in huge_pages(scenario, places).items():
        yield doctor.huge_pages(size, count)


def huge_pages(scenario: Scenario, places: Places) -> Counter[int]:
    """How many huge pages of each size are enough: a private mapping may come to have all its own."""
    pages = Counter()
    for step in scenario:
        if step.op == "file":
            file = places.files[step["id"]]
            pages[file.page_size] += file.pages
        elif step.op == "mmap":
            mapping = places.mappings[step["id"]]
            of_the_file = 0
            if step["file"] and step["sharing"] != "private":
                of_the_file = min(mapping.pages, max(0, places.files[step["file"]].pages - step["offset"]))
            pages[mapping.page_size] += mapping.pages - of_the_file
    return Counter({size: count for size, count in pages.items() if size in doctor.POOLS})
