"""What is asked about: a step of a trace, and the place that an aspect of it needs."""

from typing import NamedTuple

from uffdsim.kernel.state import Mapping
from uffdsim.scenario import Step
from uffdsim.trace import Event, State, Trace


class Asked(NamedTuple):
    """A trace, the step of it that is asked about, and a page where an aspect needs one."""

    trace: Trace
    index: int
    vma: str = ""
    page: int = 0

    @property
    def step(self) -> Step:
        return self.trace.scenario[self.index]

    @property
    def observation(self) -> dict:
        return self.trace.observations[self.index]

    @property
    def ends(self) -> tuple[int, int]:
        """The numbers of the events before the step, and at its end."""
        ends = self.trace.ends()
        return (ends[self.index - 1] if self.index else 0), ends[self.index]

    def state(self, before: bool = False) -> State:
        return self.trace.cursor(self.ends[0 if before else 1]).state

    def events(self) -> list[tuple[int, Event]]:
        """What happened in the step, numbered."""
        first, last = self.ends
        return [(number, self.trace.events[number - 1]) for number in range(first + 1, last + 1)]

    # Where

    @property
    def mapping(self) -> Mapping | None:
        """The mapping of the page, if there is one by then."""
        return self.state().get(("mapping", self.vma))

    @property
    def address(self) -> int:
        """Where the page begins."""
        return self.mapping.start + self.page * self.mapping.page_size

    @property
    def file(self) -> str | None:
        """The file of the step, or else of the mapping."""
        if "file" in self.step and self.step["file"]:
            return self.step["file"]
        return self.mapping.file if self.mapping else None

    @property
    def where(self) -> str:
        """The page in words."""
        return f"page {self.page} of {self.vma}"


def sleepers(state: State) -> list[str]:
    """The threads that sleep in the kernel."""
    return sorted(key[1] for key, thread in state.of_kind("thread") if thread.asleep)
