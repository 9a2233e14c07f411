"""Random scenarios in the making: the steps so far, and how things stand after them.

A scenario is written step by step while two simulated kernels run it. So it is known which threads are
blocked, and whether the outcome of a step depends on which of two woken threads runs first: the second kernel
lets them run the other way round. Such steps are left out.
"""

from random import Random
from typing import NamedTuple

from uffdsim.grammar import Trait
from uffdsim.kernel.session import Session
from uffdsim.kernel.state import Vma
from uffdsim.kernel.versions import VERSIONS
from uffdsim.runs import Run
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import KernelError, Kind
from uffdsim.uapi import Feature

TOUCHING = ("t1", "t2", "t3", "main")
MANY = 20_000
"""More events than any scenario has that comes to an end."""


class Ending(list):
    """Events, but not without end."""

    def append(self, event):
        if len(self) > MANY:
            raise KernelError("this goes on for ever")
        super().append(event)


class Backwards(Session):
    """A simulated kernel in which the last of several woken threads runs first."""

    def _task(self, step):
        task = super()._task(step)
        task.number = -abs(task.number)
        return task


class Mapping(NamedTuple):
    """What is worth knowing of a mapping."""

    page_size: int
    pages: int
    anon: bool


class Chance:
    """The ways of ``random`` to decide something. The lowest number it can give always leads to the simplest outcome,
    and the first of several choices is the simplest: hypothesis shrinks towards it.
    """

    def __init__(self, random: Random):
        self.random = random

    def one(self, choices):
        return self.random.choice(list(choices))

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def once_in(self, n: int) -> bool:
        return self.number(1, n) == n

    def weighted(self, weights: dict[str, int]) -> str:
        """One of these, each as often as its weight says."""
        return self.one([choice for choice, weight in weights.items() for _ in range(weight)])

    def some(self, choices, n: int) -> list:
        return [choice for choice in choices if self.once_in(n)]


class Draft(Chance):
    """The beginning of a scenario, what it has made, and the two kernels that ran it."""

    def __init__(self, random: Random, version: str):
        super().__init__(random)
        self.version = version
        self.steps: list[Step] = []
        self.files: dict[str, Step] = {}
        self.mappings: dict[str, Mapping] = {}
        self.descriptors: list[str] = []
        self._start()

    def _start(self):
        self.sessions = [Session(VERSIONS[self.version]), Backwards(VERSIONS[self.version])]
        for one in self.sessions:
            one.events = one.trace.events = Ending(one.events)
            for step in self.steps:
                one.step(step)

    def blocked(self, thread: str) -> bool:
        task = self.sessions[0].tasks.get(thread)
        return task is not None and task.generator is not None

    def add(self, op: str, threads=(), **keys) -> bool:
        """Write a step, unless the simulated kernel leaves it out, its outcome is a race, or no thread is free."""
        step = Step(op, **keys)
        wanted = [thread for thread in (threads or [step.thread, *TOUCHING]) if not self.blocked(thread)]
        if not wanted:
            return False
        thread = self.one(wanted) if threads else wanted[0]
        step = step if thread == step.thread else Step(op, **keys, thread=thread)
        before = len(self.sessions[0].events)
        scenario = Scenario([*self.steps, step])  # a step may have been written down otherwise than it was taken
        for one in self.sessions:
            one.trace.scenario = scenario
        try:
            answers = [one.step(step) for one in self.sessions]
        except KernelError:
            answers = None
        # Of two threads that fall asleep, either may have left its message first.
        asleep = [event for event in self.sessions[0].events[before:] if event.kind is Kind.SLEEP]
        if answers is None or answers[0] != answers[1] or len(asleep) > 1:
            self._start()
            return False
        self.steps.append(step)
        return True

    def blocked_steps(self) -> list[Step]:
        """The steps in which threads are blocked."""
        return [self.steps[task.step] for task in self.sessions[0].tasks.values() if task.generator is not None]

    def waiting(self) -> list[tuple[str, int]]:
        """The pages that blocked threads wait for."""
        return [(step["vma"], step["page"]) for step in self.blocked_steps() if Trait.TOUCH in step.traits]

    def being_dropped(self, vma: str, page: int) -> bool:
        """Whether a blocked madvise is at work on the page.

        It may have dropped the page and not yet told every processor, which it does at its end. What a touch finds
        then, depends on whether that processor had a translation of the address left.
        """
        return any(
            step.op == "madvise"
            and step["vma"] == vma
            and (step["page"] <= page or step["skew"])
            and (step["pages"] is None or step["skew"] or page < step["page"] + step["pages"])
            for step in self.blocked_steps()
        )

    def watched(self, suits=lambda vma: True) -> list[tuple[str, str, int, int]]:
        """The ranges that are registered: descriptor, mapping, page and pages of each. The suiting ones, if any is."""
        state, runs = self.sessions[0].state, self._watching()
        fds = {state["fd", fd]: fd for fd in self.descriptors}
        found = []
        for start, end, vma in [run for run in runs if suits(run.value)] or runs:
            mapping = state["mapping", vma.mapping]
            page, pages = (start - mapping.start) // vma.page_size, (end - start) // vma.page_size
            if page >= 0:  # one that begins in another mapping has a name of its own there
                found.append((fds[vma.ctx], vma.mapping, page, pages))
        return found

    def _watching(self) -> list[Run]:
        state = self.sessions[0].state
        contexts = {state["fd", fd] for fd in self.descriptors}
        return [run for run in state["vmas", "main"] if run.value.ctx in contexts]

    def watching(self) -> list[Vma]:
        """The VMAs that are registered."""
        return [run.value for run in self._watching()]

    def protected(self) -> list[tuple[str, int]]:
        """The pages that are there, and protected: mapping and page of each."""
        state, found = self.sessions[0].state, []
        for _, id, first, length in self.watched():
            mapping = state["mapping", id]
            for page in range(first, first + length):
                start = mapping.start + page * mapping.page_size
                pte = state["ptes", "main"].at(start)
                if pte and pte.present and pte.uffd_wp:
                    found.append((id, page))
        return found

    def asked(self, fd: str, feature: Feature) -> bool:
        """Whether a descriptor has a feature."""
        state = self.sessions[0].state
        id = state["fd", fd]
        return bool(id and state["ctx", id].features & feature)

    def there(self) -> list[str]:
        """The mappings that have not gone, or all if none is left."""
        state = self.sessions[0].state
        return [id for id in self.mappings if state["mapping", id].listed] or list(self.mappings)
