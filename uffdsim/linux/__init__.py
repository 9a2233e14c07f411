"""The Linux this runs on, as a kernel that answers scenarios."""

from collections import Counter

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
        """Why nothing can be run here, and what would allow it; "" if it can."""
        return next((check.refusal() for check in (doctor.linux(), doctor.compiler()) if not check.ok), "")

    def run(self, scenario: Scenario) -> Trace:
        """Carry out the steps, each on a real thread.

        :raises KernelError: if this machine cannot, or may not; the message says what would allow it.
        :raises ScenarioError: if a blocked thread is to take another step.
        """
        places = Places(scenario)
        for check in _needs(scenario, places):
            if not check.ok:
                raise KernelError(check.refusal())
        answers = Answers(scenario, places)
        answers.read(program.run(orders(scenario, places), len(scenario.threads), places.slots))
        return Trace(scenario, self.name, answers.observations)


def _needs(scenario: Scenario, places: Places):
    """What this machine must have for the scenario."""
    yield doctor.linux()
    yield doctor.compiler()
    opened = [step["user_mode_only"] for step in scenario if step.op == "userfaultfd"]
    if opened:
        yield doctor.userfaultfd(kernel_faults=not all(opened))
    for size, count in _pages(scenario, places).items():
        if size in doctor.POOLS:
            yield doctor.huge_pages(size, count)


def _pages(scenario: Scenario, places: Places) -> Counter[int]:
    """How many pages of each size are enough, whatever the steps do: a private mapping may have all its own."""
    pages = Counter()
    for step in scenario:
        if step.op == "file":
            file = places.files[step["id"]]
            pages[file.page_size] += file.pages
        elif step.op == "mmap":
            mapping = places.mappings[step["id"]]
            pages[mapping.page_size] += mapping.pages
            if step["file"] and step["sharing"] != "private":
                pages[mapping.page_size] -= max(0, min(mapping.pages, places.files[step["file"]].pages - step["offset"]))
    return pages
