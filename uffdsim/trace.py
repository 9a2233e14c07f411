"""Traces: what a kernel answered to a scenario, and all that happened between the answers."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from uffdsim.runs import Runs
from uffdsim.scenario import Scenario


class KernelError(Exception):
    """A kernel that cannot run this, here; the message says in one sentence why, and what would allow it."""


class Kind(StrEnum):
    """What sort of thing an event is."""

    TOUCH = "touch"
    """A thread begins a step, in user mode."""
    CALL = "call"
    """A kernel function is entered."""
    DO = "do"
    """It does something more."""
    DECIDE = "decide"
    """It asks a question; the event has the answer."""
    SLEEP = "sleep"
    """The thread goes to sleep in the kernel."""
    WAKE = "wake"
    """Another thread, the event's ``target``, may run again."""
    MESSAGE = "message"
    """The thread gets a message of a userfaultfd, about the event's ``target`` if that is a thread."""
    ANSWER = "answer"
    """The step is over and its thread is back in user mode."""
    OOPS = "oops"
    """The kernel is dead."""


class Change(NamedTuple):
    """One entry of a state before and after: lists of runs for a ranged entry, else plain values (None: not there)."""

    key: tuple
    before: object
    after: object


class Event:
    """One thing that happened in a simulated kernel.

    ``step`` is the index of the step being carried out when it happened, ``thread`` the thread that did it,
    ``function`` the kernel function it happened in ("" in user mode), ``text`` one sentence of what and why.
    ``target`` is the other thread it concerns, or "". ``question`` and ``answer`` are two short words where
    something was decided: a DECIDE, or a CALL of a function that does just that.
    ``changes`` is what it did to the state.
    """

    __slots__ = ("_text", "answer", "changes", "function", "kind", "question", "step", "target", "thread")

    def __init__(self, step, thread, kind, function, text, target="", question="", answer=""):
        self.step: int = step
        self.thread: str = thread
        self.kind: Kind = kind
        self.function: str = function
        self._text: str | Callable[[], str] = text  # words that nobody may ever read are made when somebody does
        self.target: str = target
        self.question: str = question
        self.answer: str = answer
        self.changes: list[Change] = []

    @property
    def text(self) -> str:
        """One sentence of what happened and why."""
        if not isinstance(self._text, str):
            self._text = self._text()
        return self._text

    def __repr__(self):
        return f"<{self.step} {self.thread} {self.kind} {self.function}: {self.text}>"


class State:
    """Everything a simulated kernel knows: named entries, some of them plain immutable values, some Runs.

    Keys are tuples that begin with the kind of entry; which there are stands in ``kernel.state``.
    Every write goes through ``set``, ``put`` or ``map`` and is noted in ``journal``, so that any
    earlier state can be had again.
    """

    __slots__ = ("entries", "journal")

    def __init__(self):
        self.entries: dict[tuple, object] = {}
        self.journal: list[Change] = []

    def __getitem__(self, key):
        return self.entries[key]

    def get(self, key, default=None):
        return self.entries.get(key, default)

    def of_kind(self, kind: str) -> Iterator[tuple[tuple, object]]:
        """The entries whose keys begin with the kind, in the order in which they came."""
        return ((key, value) for key, value in list(self.entries.items()) if key[0] == kind)

    def set(self, key: tuple, value):
        """Give an entry a value; None removes it."""
        self.journal.append(Change(key, self.entries.get(key), value))
        self._store(key, value)

    def put(self, key: tuple, start: int, end: int, value):
        """Give a range of a ranged entry a value; None makes it a gap."""
        self.journal.append(Change(key, *self.entries[key].put(start, end, value)))

    def replay(self, change: Change):
        """Do a change again."""
        self._move(change.key, change.before, change.after)

    def undo(self, change: Change):
        """Take a change back; it must be the last one done."""
        self._move(change.key, change.after, change.before)

    def _move(self, key, old, new):
        if isinstance(new if new is not None else old, list):
            self.entries[key].swap(old, new)
        else:
            self._store(key, new)

    def _store(self, key, value):
        if value is None:
            self.entries.pop(key, None)
        else:
            self.entries[key] = value.copy() if isinstance(value, Runs) else value


class Trace:
    """What one kernel did with one scenario.

    ``observations`` are the answers, a JSON object a step. ``events`` are what happened between them, in
    order; only a simulated kernel has any. ``kernel`` is its name.
    """

    def __init__(self, scenario: Scenario, kernel: str, observations: list[dict], events: list[Event] = ()):
        self.scenario = scenario
        self.kernel = kernel
        self.observations = observations
        self.events = list(events)

    def __repr__(self):
        return f"<Trace of {self.scenario.name!r} on {self.kernel}: {len(self.observations)} steps>"

    def end(self, step: int) -> int:
        """How many events had happened when a step was observed."""
        return bisect_right(self.events, step, key=attrgetter("step"))

    def ends(self) -> list[int]:
        """For each observed step, how many events had happened when it was observed."""
        return [self.end(step) for step in range(len(self.observations))]

    def cursor(self, at: int | None = None) -> "Cursor":
        """A cursor after the first ``at`` events; after all of them if left out."""
        return Cursor(self, len(self.events) if at is None else at)


class Cursor:
    """A place in a trace, and the state there. Moving it replays changes forward or back."""

    def __init__(self, trace: Trace, at: int = 0):
        self.trace = trace
        self.at = 0
        self.state = State()
        self.seek(at)

    def seek(self, at: int) -> "Cursor":
        """Go to just after the first ``at`` events.

        :raises ValueError: if the trace has no such place.
        """
        if not 0 <= at <= len(self.trace.events):
            raise ValueError(f"there is no event {at}; the trace has events 1 to {len(self.trace.events)}")
        while self.at < at:
            for change in self.trace.events[self.at].changes:
                self.state.replay(change)
            self.at += 1
        while self.at > at:
            self.at -= 1
            for change in reversed(self.trace.events[self.at].changes):
                self.state.undo(change)
        return self
