"""A call: one step of a machine, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uffdsim import words
from uffdsim.scenario import Step
from uffdsim.trace import Event
from uffdsim.uapi import PagefaultFlag

if TYPE_CHECKING:
    from uffdsim.machine.descriptor import Descriptor
    from uffdsim.machine.machine import Machine
    from uffdsim.machine.mapping import Mapping

FIELDS = (
    "errno", "value", "signal", "code", "features", "ioctls", "done", "event", "page", "offset", "ptid", "to",
    "bytes", "start", "vmas", "files", "revents", "walked", "regions",
)  # fmt: skip
ABOUT = ("step", "status", "thread", "completed", "woken_in")
"""What an observation says about a step, besides its answer."""


class Call:
    """One step, and its result so far: a blocked one tells more when its thread has been woken.

    Its fields are those of the scenario format's observations, and None where there is no such answer: ``value``,
    ``errno``, ``signal``, ``code``, ``done``, ``features``, ``ioctls``, ``event``, ``page``, ``offset``, ``ptid``,
    ``start``, ``to``, ``bytes``, ``vmas``, ``files``, ``revents``, ``walked``, ``regions``; and ``vma``, ``child``,
    ``flags``, ``from_``, ``messages``.

    >>> from uffdsim.machine import Machine
    >>> m = Machine()
    >>> a, u = m.mmap("anon", pages=1), m.userfaultfd()
    >>> refused = u.register(a, "MISSING")
    >>> refused
    step 2: handler calls REGISTER on a (MISSING) → EINVAL: u has had no handshake yet...
    >>> refused.ok, refused.errno
    (False, 'EINVAL')
    >>> refused.why
    'u has had no handshake yet...'
    """

    __slots__ = ("index", "machine", "step")

    def __init__(self, machine: Machine, index: int, step: Step):
        self.machine = machine
        self.index = index
        self.step = step

    def __repr__(self) -> str:
        if self.undone:
            return f"{self.text}: undone"
        return "\n  ".join([f"step {self.index}: {self.text} → {self.outcome}", *self._more()])

    def __getattr__(self, name: str) -> Any:
        if name in FIELDS:
            return self.answer.get(name)
        raise AttributeError(f"a call has no {name!r}; its fields are {', '.join(FIELDS)}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *FIELDS]

    @property
    def op(self) -> str:
        """The op of its step."""
        return self.step.op

    @property
    def thread(self) -> str:
        """The thread that made it."""
        return self.step.thread

    @property
    def text(self) -> str:
        """The step in words."""
        return words.step(self.step)

    # Its result.

    @property
    def undone(self) -> bool:
        """Whether the step has been taken back."""
        steps = self.machine.scenario.steps
        return self.index >= len(steps) or steps[self.index] is not self.step

    @property
    def status(self) -> str:
        """``done``, ``blocked``, or ``oops`` if the kernel died of it; "" if it was undone, or never carried out."""
        return self._found().get("status", "")

    @property
    def blocked(self) -> bool:
        """Whether its thread waits in the kernel, even now."""
        return self.status == "blocked"

    @property
    def ok(self) -> bool:
        """Whether it is done, and neither refused nor killed by a signal."""
        return self.status == "done" and not self.errno and not self.signal

    @property
    def answer(self) -> dict:
        """The fields of its observation; none while it is blocked."""
        return {key: value for key, value in self._found().items() if key not in ABOUT}

    @property
    def woken_in(self) -> int | None:
        """The step that let its thread go on; None if it never was blocked, or still is."""
        return self._found().get("woken_in")

    @property
    def vma(self) -> Mapping | None:
        """The mapping of which a message tells."""
        id = self.answer.get("vma")
        return self.machine.thing("mapping", id) if id else None

    @property
    def child(self) -> Descriptor | None:
        """The descriptor under whose id a FORK message was read."""
        id = self.step.get("child")
        return self.machine.thing("descriptor", id) if id else None

    @property
    def flags(self) -> PagefaultFlag | None:
        """What a PAGEFAULT message says about its fault."""
        flags = self.answer.get("flags")
        return None if flags is None else PagefaultFlag(flags)

    @property
    def from_(self) -> dict | None:
        """From where a REMAP message says that memory was moved."""
        return self.answer.get("from")

    @property
    def messages(self) -> list[dict] | None:
        """What was read at once, a message each."""
        return self.answer.get("events")

    # Why.

    @property
    def events(self) -> list[Event]:
        """What its thread did in the kernel, from its beginning until its end or now; only a simulated kernel tells."""
        if self.undone or not self.machine.trace.narrated:
            return []
        return [event for _, event in self.machine.trace.of(self.index)]

    @property
    def why(self) -> str:
        """Why it came to what it came to, as a simulated kernel tells it; "" if there is nothing to tell."""
        return "" if self.undone else words.why(self.machine.trace, self.index)

    @property
    def outcome(self) -> str:
        """Its result so far, and why, in words."""
        if self.undone:
            return "undone"
        told = words.outcome(self.machine.trace, self.index)
        return told if self.woken_in is None else f"woken in step {self.woken_in}: {told}"

    # How.

    def _found(self) -> dict:
        return {} if self.undone else self.machine.trace.answer(self.index) or {}

    def _more(self) -> list[str]:
        """A report's table, and what became of those it woke."""
        answer, trace = self.answer, self.machine.trace
        table = words.report(answer["vmas"], answer["files"]) if "vmas" in answer else []
        return [*table, *words.woken(trace, self.index, trace.end(self.index))]
