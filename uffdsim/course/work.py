"""Work: what somebody built for an exercise, and what a check may ask of it."""

from uffdsim.course.words import refused
from uffdsim.scenario import Step
from uffdsim.trace import Kind, State, Trace


class NotYet(Exception):
    """What is wanting in an answer; ``step`` and ``event`` are numbers, or None where no single one is to blame."""

    def __init__(self, why: str, step: int | None = None, event: int | None = None):
        super().__init__(why)
        self.why, self.step, self.event = why, step, event


class Work:
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
        found = self.observed(index)
        if found.get("status") != "blocked":
            return found
        later = (entry for o in self.trace.observations for entry in o.get("completed", ()))
        return next((entry for entry in later if entry["step"] == index), {})

    def messages(self, event: str = "PAGEFAULT") -> list[int]:
        """The steps that read a message of that kind."""
        return [i for i, found in enumerate(self.trace.observations) if found.get("event") == event]

    def state(self, after: int = -1) -> State:
        """Everything the kernel knows after a step; at the end if left out."""
        return self.trace.cursor(self.trace.ends()[after] if self.trace.observations else 0).state

    def asleep(self, after: int = -1) -> list[str]:
        """The threads that wait after a step."""
        return [key[1] for key, thread in self.state(after).of_kind("thread") if thread.asleep]

    def entry(self, vma: str, page: int = 0, after: int = -1):
        """The page table's entry (a ``kernel.state.Pte``) for a page; None without one, or without such a mapping."""
        state = self.state(after)
        mapping = state.get(("mapping", vma))
        return mapping and state["ptes", "main"].at(mapping.start + page * mapping.page_size)

    def decided(self, index: int, question: str) -> tuple[str, int] | None:
        """What the kernel decided in a step, as ``("hit", 47)`` to ``"cache?"``, the last time; None if it did not."""
        numbered = ((n, e) for n, e in enumerate(self.trace.events, 1) if e.step == index)
        return ([(e.answer, n) for n, e in numbered if e.question == question] or [None])[-1]

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

        :raises NotYet: if not; with the step and its deciding event where these are given or can be found.
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
        numbered = [(n, e) for n, e in enumerate(self.trace.events, 1) if e.step == step and e.function]
        decided = [n for n, e in numbered if (e.question and e.question != "wait?") or refused(e)]
        return (decided or [n for n, e in numbered if e.kind is not Kind.WAKE] or [None])[-1]


def _has(step: Step, key: str, value) -> bool:
    if key == "thread":
        return step.thread == value
    if key not in step:
        return False
    if isinstance(step[key], tuple) and isinstance(value, str | list | tuple):
        return set([value] if isinstance(value, str) else value) <= set(step[key])
    return step[key] == value
