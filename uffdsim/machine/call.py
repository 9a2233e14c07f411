"""A call: one step of a machine, and what has come of it."""

import re

from uffdsim.grammar import OPS
from uffdsim.kernel.session import step_text
from uffdsim.machine import words
from uffdsim.trace import Event, Kind
from uffdsim.uapi import PagefaultFlag

FIELDS = (
    "errno", "value", "signal", "code", "features", "ioctls", "done", "event", "page", "offset", "ptid", "to",
    "bytes", "start", "vmas", "files",
)  # fmt: skip
ABOUT = ("step", "status", "thread", "completed", "woken_in")
"""What an observation says of a step, beside its answer."""
ERRNO = re.compile(r": E[A-Z0-9]+\Z")


class Call:
    """One step, and what has come of it up to now: a blocked one tells more when its thread has been woken.

    Its fields are those of the scenario format's observations, and None where there is no such answer: ``value``,
    ``errno``, ``signal``, ``code``, ``done``, ``features``, ``ioctls``, ``event``, ``page``, ``offset``, ``ptid``,
    ``start``, ``to``, ``bytes``, ``vmas``, ``files``; and ``vma``, ``child``, ``flags``, ``from_``.

    >>> from uffdsim.machine import Machine
    >>> m = Machine()
    >>> a, u = m.mmap("anon", pages=1), m.userfaultfd()
    >>> refused = u.register(a, "MISSING")
    >>> refused
    step 2, handler: register a (fd u, modes MISSING) → EINVAL: u has had no handshake yet (UFFDIO_API)
    >>> refused.ok, refused.errno
    (False, 'EINVAL')
    >>> refused.why
    'u has had no handshake yet (UFFDIO_API)'
    """

    __slots__ = ("index", "machine", "step")

    def __init__(self, machine, index: int, step):
        self.machine = machine
        self.index = index
        self.step = step

    def __repr__(self):
        head = f"{self.text}: undone" if self.undone else f"step {self.index}, {self.thread}: {self.text}{self.outcome}"
        woken = (f"step {call.index}, {call.thread}: {call.text}{words.result(call)}" for call in self._woken())
        return "\n  ".join([head, *woken])

    def __getattr__(self, name: str):
        if name in FIELDS:
            return self.answer.get(name)
        raise AttributeError(f"a call has no {name!r}; its fields are {', '.join(FIELDS)}")

    def __dir__(self):
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
        return step_text(self.step)

    def makes(self, kind: str) -> list[str]:
        """The ids of the things of a kind that it makes."""
        return [self.step[key] for key, rule in OPS[self.op].items() if rule.defines == kind and self.step[key]]

    # What came of it.

    @property
    def undone(self) -> bool:
        """Whether the step has been taken back."""
        steps = self.machine.scenario.steps
        return self.index >= len(steps) or steps[self.index] is not self.step

    @property
    def status(self) -> str:
        """``done``, ``blocked``, or ``oops`` if the kernel died of it; "" if it was undone, or never carried out."""
        return "done" if self._completion() else self._observation().get("status", "")

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
        found = self._completion() or self._observation()
        return {key: value for key, value in found.items() if key not in ABOUT}

    @property
    def woken_in(self) -> int | None:
        """The step that let its thread go on; None if it never was blocked, or still is."""
        return (self._completion() or {}).get("woken_in")

    @property
    def vma(self):
        """The mapping of which a message tells."""
        id = self.answer.get("vma")
        return self.machine.mappings[id] if id else None

    @property
    def child(self):
        """The descriptor under whose id a FORK message was read."""
        id = self.step.get("child")
        return self.machine.descriptors[id] if id else None

    @property
    def flags(self) -> PagefaultFlag | None:
        """What a PAGEFAULT message says of its fault."""
        flags = self.answer.get("flags")
        return None if flags is None else PagefaultFlag(flags)

    @property
    def from_(self) -> dict | None:
        """From where a REMAP message says that memory was moved."""
        return self.answer.get("from")

    # Why.

    @property
    def events(self) -> list[Event]:
        """What its thread did in the kernel, from its beginning until its end or now; only a simulated kernel tells."""
        events = self.machine.trace.events
        end = next((i for i, e in enumerate(events) if self._is_mine(e) and e.kind in (Kind.ANSWER, Kind.OOPS)), None)
        return [event for event in events[: None if end is None else end + 1] if self._is_mine(event)]

    @property
    def why(self) -> str:
        """Why it was refused, waits or was killed, as a simulated kernel tells it; "" if there is nothing to tell."""
        told = [event for event in self.events if event.kind not in (Kind.TOUCH, Kind.ANSWER)]
        if not told or self.ok:
            return ""
        if self.errno:
            return "; ".join(event.text for event in told if ERRNO.search(event.text)).removesuffix(f": {self.errno}")
        decided = [event for event in told if event.question and event.question != "wait?"]
        if self.status == "oops" or not decided:
            return told[-1].text if self.status == "oops" else told[-2].text
        return decided[-1].text

    @property
    def outcome(self) -> str:
        """What came of it, in words."""
        return words.outcome(self)

    # How.

    def _observation(self) -> dict:
        observations = self.machine.observations
        return {} if self.undone or self.index >= len(observations) else observations[self.index]

    def _completion(self) -> dict | None:
        """What was observed of it later, when it had been blocked."""
        if self._observation().get("status") != "blocked":
            return None
        later = self.machine.observations[self.index + 1 :]
        entries = (
            entry | {"woken_in": observation["step"]}
            for observation in later
            for entry in observation.get("completed", ())
        )
        return next((entry for entry in entries if entry["step"] == self.index), None)

    def _woken(self) -> list["Call"]:
        steps = self.machine.scenario.steps
        woken = self._observation().get("completed", ())
        return [Call(self.machine, entry["step"], steps[entry["step"]]) for entry in woken]

    def _is_mine(self, event: Event) -> bool:
        return event.thread == self.thread and event.step >= self.index
