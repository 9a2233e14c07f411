"""What is asked about: a step of a trace, and the page that some aspects of it need."""

from collections.abc import Iterator
from dataclasses import dataclass

from uffdsim import words
from uffdsim.errors import Mistake
from uffdsim.kernel.state import Mapping, Wait
from uffdsim.kernel.versions import VERSIONS, Version
from uffdsim.scenario import Step
from uffdsim.trace import State, Trace


@dataclass(frozen=True)
class Subject:
    """A step of a simulated kernel's trace, and a page where an aspect needs one.

    It is looked at when the step is observed: its thread may wait then.
    """

    trace: Trace
    index: int
    vma: str = ""
    page: int = 0

    @property
    def step(self) -> Step:
        return self.trace.scenario[self.index]

    @property
    def observation(self) -> dict:
        """What the step answered at once."""
        return self.trace.observations[self.index]

    @property
    def dies(self) -> bool:
        """Whether the kernel died of the step."""
        return self.observation["status"] == "oops"

    @property
    def may_die(self) -> bool:
        """Whether this is a kernel that a program can bring down."""
        return self.version.bugs or self.dies

    @property
    def version(self) -> Version:
        """The kernel that answered."""
        return VERSIONS[self.trace.kernel]

    @property
    def begin(self) -> int:
        """The place in the trace at which the step is about to begin."""
        return self.trace.begin(self.index)

    @property
    def end(self) -> int:
        """The place at which it was observed."""
        return self.trace.end(self.index)

    def state(self) -> State:
        """What the kernel knows then. It is the trace's own: don't keep it."""
        return self.trace.state(self.end)

    @property
    def sleepers(self) -> list[str]:
        """The threads that sleep when the step is about to begin."""
        return sorted(nap.thread for nap in self.trace.asleep(self.begin))

    def waits(self) -> Iterator[Wait]:
        """Who then waits in a queue of a userfaultfd, with the message left there."""
        for _, context in self.state().of_kind("ctx"):
            yield from (*context.pending, *context.reading, *context.events)

    def reasons(self) -> list[int]:
        """The numbers of the events from which the step's answer came; the last event where the kernel had no say."""
        return self.trace.reasons(self.index, self.end) or [self.end]

    # Where

    @property
    def mapping(self) -> Mapping | None:
        """The mapping of the page, if there is one by then."""
        return self.state().get(("mapping", self.vma))

    @property
    def address(self) -> int:
        """Where the page begins.

        :raises Mistake: if there is no such mapping by then.
        """
        mapping = self.mapping
        if mapping is None:
            raise Mistake(f'there is no mapping "{self.vma}" yet')
        return mapping.start + self.page * mapping.page_size

    @property
    def file(self) -> str | None:
        """The file of the step, or else of the mapping."""
        return self.step.get("file") or (self.mapping.file if self.mapping else None)

    @property
    def where(self) -> str:
        """The page in words."""
        return words.page(self.vma, self.page)
