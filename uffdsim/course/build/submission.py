"""A submission: what somebody built for an exercise, and what a check may ask of it."""

from uffdsim.kernel.state import Pte
from uffdsim.scenario import Step
from uffdsim.trace import State, Trace


class NotYet(Exception):
    """What is missing in an answer; ``step`` and ``event`` are numbers, or None where no single one is to blame."""

    def __init__(self, why: str, step: int | None = None, event: int | None = None):
        super().__init__(why)
        self.why, self.step, self.event = why, step, event


class Submission:
    """What somebody built: the trace of it, and the questions that checks ask of it."""

    def __init__(self, trace: Trace):
        self.trace = trace
        self.scenario = trace.scenario

    # What is there

    def steps(self, *ops: str, **keys) -> list[int]:
        """The steps with one of these ops whose keys have these values; modes and features must be among the step's."""
        found = ((i, step) for i, step in enumerate(self.scenario) if step.op in ops)
        return [i for i, step in found if all(_has(step, *key) for key in keys.items())]

    def observed(self, index: int) -> dict:
        """What a step answered at once; empty if the kernel had died by then."""
        found = self.trace.observations
        return found[index] if index < len(found) else {}

    def answer(self, index: int) -> dict:
        """What a step answered in the end, also when it had to wait; empty if it still waits."""
        found = self.trace.answer(index) or {}
        return {} if found.get("status") == "blocked" else found

    def messages(self, event: str = "PAGEFAULT") -> list[int]:
        """The steps that read a message of that kind."""
        return [i for i, found in enumerate(self.trace.observations) if found.get("event") == event]

    def state(self, after: int | None = None) -> State:
        """Everything the kernel knows after a step; at the end if left out. Ask each time, and don't keep it."""
        return self.trace.state(self._place(after))

    def asleep(self, after: int | None = None) -> list[str]:
        """The threads that wait after a step; at the end if left out."""
        return [nap.thread for nap in self.trace.asleep(self._place(after))]

    def entry(self, vma: str, page: int = 0, after: int | None = None) -> Pte | None:
        """The page table's entry for a page; None without one, or without such a mapping."""
        state = self.state(after)
        mapping = state.get(("mapping", vma))
        return mapping and state["ptes", "main"].at(mapping.start + page * mapping.page_size)

    def decided(self, index: int, question: str) -> tuple[str, int] | None:
        """What the kernel decided in a step, as ``("hit", 47)`` to ``"cache?"``, the last time; None if it did not."""
        decisions = [(event.answer, n) for n, event in self.trace.during(index) if event.question == question]
        return decisions[-1] if decisions else None

    def _place(self, after: int | None) -> int | None:
        return None if after is None else self.trace.end(after)

    # What is wanted

    def the(self, op: str, otherwise: str, **keys) -> int:
        """The first step with that op and keys.

        :raises NotYet: if there is none: what to do instead.
        """
        found = self.steps(op, **keys)
        if not found:
            raise NotYet(otherwise)
        return found[0]

    def want(self, condition, otherwise: str, *, step: int | None = None, event: int | None = None):
        """Go on if the condition holds.

        :raises NotYet: if not; with the step, and with the event that is given or that decided the step.
        """
        if not condition:
            raise NotYet(otherwise, step, event if event is not None else self._deciding(step))

    def ok(self, index: int, otherwise: str = ""):
        """Go on if a step was not refused.

        :raises NotYet: if it was.
        """
        errno = self.observed(index).get("errno")
        self.want(not errno, otherwise or f"this is refused with {errno}", step=index)

    def _deciding(self, step: int | None) -> int | None:
        if step is None:
            return None
        reasons = self.trace.reasons(step, self.trace.end(step))
        return reasons[-1] if reasons else None


def _has(step: Step, key: str, value) -> bool:
    if key == "thread":
        return step.thread == value
    if key not in step:
        return False
    if isinstance(step[key], tuple) and isinstance(value, str | list | tuple):
        return set([value] if isinstance(value, str) else value) <= set(step[key])
    return step[key] == value
