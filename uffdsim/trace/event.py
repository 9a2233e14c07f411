"""Events: the things that happen in a kernel while it carries out steps, and what each changes."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple


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
    before: Any
    after: Any


class Event:
    """One thing that happened in a kernel.

    ``step`` is the index of the step being carried out when it happened, ``thread`` the thread that did it, ``of`` the
    step which that thread is at: an earlier one, if it slept meanwhile. ``function`` is the kernel function it happened
    in ("" in user mode), ``text`` one sentence of what and why; "" for a TOUCH and an ANSWER, which the step and its
    answer tell. ``target`` is the other thread it concerns, or "". ``question`` and ``answer`` are two short words if
    something was decided: a DECIDE, or a CALL of a function that does just that. ``errno`` is the name of the error
    that it refuses with, or "". ``place`` is the page that a SLEEP waits for (its mapping and its number) and ``flags``
    those of its PAGEFAULT message, or None. ``outcome`` says that the text is the step's result, and can stand
    behind its answer. ``changes`` is what it did to the state.
    """

    __slots__ = (
        "_text", "answer", "changes", "errno", "flags", "function", "kind", "of", "outcome", "place", "question",
        "step", "target", "thread",
    )  # fmt: skip

    def __init__(
        self, step: int, thread: str, kind: Kind, function: str = "", text: str | Callable[[], str] = "",
        target: str = "", question: str = "", answer: str = "", errno: str = "",
        of: int | None = None, place: tuple[str, int] | None = None, flags: int | None = None,
        outcome: bool = False,
    ):  # fmt: skip
        self.step = step
        self.thread = thread
        self.kind = kind
        self.function = function
        self._text = text  # words that nobody may ever read are made when somebody does
        self.target = target
        self.question = question
        self.answer = answer
        self.errno = errno
        self.of = step if of is None else of
        self.place = place
        self.flags = flags
        self.outcome = outcome
        self.changes: list[Change] = []

    @property
    def text(self) -> str:
        """One sentence of what happened and why."""
        if not isinstance(self._text, str):
            self._text = self._text()
        return self._text

    @property
    def decides(self) -> bool:
        """Whether something was decided here that an answer may come from."""
        return bool(self.question) and self.question != "wait?"

    def __repr__(self) -> str:
        return f"<{self.step} {self.thread} {self.kind} {self.function}: {self.text}>"
