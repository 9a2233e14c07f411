"""What all real kernels have in common, wherever they run: the program that carries out the steps, and its answers."""

from collections import Counter
from collections.abc import Iterable

from uffdsim import doctor, words
from uffdsim.linux.answers import Answers
from uffdsim.linux.orders import orders
from uffdsim.linux.places import Places
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.story import stuck
from uffdsim.trace import KernelError, Trace

MOST_THREADS = 500
"""Each is looked at after each step: more of them would come to no rest in time."""
MOST_SLOTS = 1000
"""Files and descriptors: more would be more than a process may have open, beside what its threads need."""


class Restless(KernelError):
    """A scenario with a thread that neither finishes nor sleeps. ``lines`` are what was answered until then."""

    def __init__(self, why: str, lines: Iterable[str] = (), trace: Trace | None = None):
        super().__init__(why, trace=trace)
        self.lines = lines


class Died(Exception):
    """A kernel that died at work: in which function, and the ``lines`` that were answered until then."""

    def __init__(self, function: str, lines: Iterable[str]):
        super().__init__(function)
        self.function = function
        self.lines = lines


class Real:
    """A real kernel. Its traces have observations, and no events."""

    name: str
    about: str
    called: str
    """What a sentence calls it."""

    def refusal(self) -> str:
        """Why nothing can be run on it here, and what would allow it; "" if something can."""
        raise NotImplementedError

    def lacks(self, scenario: Scenario) -> str:
        """What a scenario needs that it does not have, and what would help; "" if nothing."""
        raise NotImplementedError

    def carry_out(self, orders: str, threads: int, slots: int) -> list[str]:
        """Give orders to the program that carries out steps, and return the lines that it answers with.

        :raises Restless: if it does not come to an end.
        :raises Died: if the kernel does not live to see it.
        """
        raise NotImplementedError

    def run(self, scenario: Scenario) -> Trace:
        """Carry out the steps, each on a real thread.

        :raises KernelError: if this machine cannot, or may not, or does not come to rest; the message says what would
            allow it.
        :raises ScenarioError: if a blocked thread would have to take another step. The ``trace`` of either has what was
            answered before.
        """
        if refusal := self.refusal():
            raise KernelError(f"{self.called} {refusal}")
        if refusal := self.lacks(scenario):
            raise KernelError(f"this scenario {refusal}")
        places = Places(scenario)
        _few("thread", len(scenario.threads), MOST_THREADS)
        _few("file and descriptor", places.slots - 1, MOST_SLOTS)
        answers, restless, died = Answers(scenario, places), None, None
        try:
            answers.read(self.carry_out(orders(scenario, places), len(scenario.threads), places.slots))
        except Restless as error:
            restless = error
            answers.read(error.lines)
        except Died as error:
            died = error.function
            answers.read(error.lines)
        trace = Trace(scenario, self.name, answers.observations)
        if answers.busy is not None:
            raise ScenarioError(stuck(trace, scenario[answers.busy]), answers.busy, trace)
        if restless:
            raise Restless(f"{_endless(trace)}: {restless}", restless.lines, trace)
        if died:
            index = len(trace.observations)
            oops = {"step": index, "status": "oops", "at": _standing(died, scenario[index].op)}
            return Trace(scenario, self.name, [*trace.observations, oops])
        return trace


def _few(what: str, count: int, most: int) -> None:
    if count > most:
        things = " and ".join(f"{word}s" for word in what.split(" and "))
        raise KernelError(f"a real kernel is given at most {most:,} {things}, and this scenario has {count:,}")


def _endless(trace: Trace) -> str:
    """Who does not come to rest: ``step 8: main faults for ever at page 0 of a``."""
    index = len(trace.observations)
    step = trace.scenario[index]
    who = "a thread that it wakes faults for ever" if "fd" in step else f"{step.thread} faults for ever"
    return f"step {index}: {who} at {words.where(step)}"


def _standing(function: str, op: str) -> str:
    """The function of the source in which a BUG stands: compilers put those that carry out ioctls into their caller."""
    return f"userfaultfd_{op}" if function == "userfaultfd_ioctl" else function


def refusal(checks: Iterable[doctor.Check]) -> str:
    """The first of these checks that fails, in a sentence without its subject; "" if none does."""
    return next((check.refusal() for check in checks if not check.ok), "")


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
