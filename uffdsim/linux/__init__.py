"""The Linux this runs on, as a kernel that answers scenarios."""

from collections import Counter
from collections.abc import Iterator

from uffdsim import doctor, words
from uffdsim.linux import program
from uffdsim.linux.answers import Answers
from uffdsim.linux.orders import orders
from uffdsim.linux.places import Places
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.story import stuck
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

        :raises KernelError: if this machine cannot, or may not, or does not come to rest; the message says what would
            allow it.
        :raises ScenarioError: if a blocked thread is to take another step. The ``trace`` of either has what was
            answered before.
        """
        if refusal := self.refusal():
            raise KernelError(f"the live kernel {refusal}")
        if refusal := _refusal(*_needs(scenario)):
            raise KernelError(f"this scenario {refusal}")
        places = Places(scenario)
        answers, restless = Answers(scenario, places), None
        try:
            answers.read(program.run(orders(scenario, places), len(scenario.threads), places.slots))
        except program.Restless as error:
            restless = error
            answers.read(error.lines)
        trace = Trace(scenario, self.name, answers.observations)
        if answers.busy is not None:
            raise ScenarioError(stuck(trace, scenario[answers.busy]), answers.busy, trace)
        if restless:
            raise program.Restless(f"{_endless(trace)}: {restless}", restless.lines, trace)
        return trace


def _endless(trace: Trace) -> str:
    """Who does not come to rest: ``step 8: main faults for ever at page 0 of a``."""
    index = len(trace.observations)
    step = trace.scenario[index]
    who = "a thread that it wakes faults for ever" if "fd" in step else f"{step.thread} faults for ever"
    return f"step {index}: {who} at {words.where(step)}"


def _refusal(*checks: doctor.Check) -> str:
    return next((check.refusal() for check in checks if not check.ok), "")


def _needs(scenario: Scenario) -> Iterator[doctor.Check]:
    """What a scenario needs beside a compiler."""
    opened = [step["user_mode_only"] for step in scenario if "user_mode_only" in step]
    if opened:
        yield doctor.userfaultfd(kernel_faults=not all(opened))
    for size, count in huge_pages(scenario).items():
        yield doctor.huge_pages(size, count)


def huge_pages(scenario: Scenario) -> Counter[int]:
    """How many huge pages of each size are enough: a private mapping may come to have all its own."""
    pages: Counter[int] = Counter()
    for file in scenario.files.values():
        pages[file.page_size] += file.pages
    for mapping in scenario.mappings.values():
        whole = scenario.files.get(mapping.file or "") if mapping.shared else None
        of_the_file = min(mapping.pages, max(0, whole.pages - mapping.offset)) if whole else 0
        pages[mapping.page_size] += mapping.pages - of_the_file if not mapping.was else 0
    return Counter({size: count for size, count in pages.items() if size in doctor.POOLS})
