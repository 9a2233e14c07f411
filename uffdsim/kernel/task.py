"""Tasks: the threads of a scenario while they are in the kernel, and how they tell what they do there.

A task that works is a generator: it reads from top to bottom as the kernel's code does, and yields where
the kernel would sleep.
"""

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from uffdsim.kernel.state import Thread
from uffdsim.kernel.versions import Version
from uffdsim.trace import Event, Kind, State
from uffdsim.uapi import Errno

if TYPE_CHECKING:
    from uffdsim.kernel.session import Session

T = TypeVar("T")
Sleeping = Generator[None, None, T]
"""What may sleep in the kernel before it has its result, which ``yield from`` gives."""
Answer = dict[str, Any]
"""What a system call answers, by the names that an observation has for it."""
Words = str | Callable[[], str]
"""A sentence, or what makes it when somebody reads it: of things that do not change meanwhile."""


class Failed(Exception):
    """A system call ends with this errno; ``done`` is what it writes back, if it is one that does."""

    def __init__(self, errno: Errno, done: int = 0) -> None:
        super().__init__(errno.name)
        self.errno = errno
        self.done = int(done)


class Oops(Exception):
    """The kernel dies, in this function."""

    def __init__(self, function: str) -> None:
        super().__init__(function)
        self.function = function


class Task:
    """A thread in the kernel. ``number`` counts the threads as they are first named, ``mm`` names its address
    space, ``step`` is the step that it is at."""

    __slots__ = ("functions", "generator", "mm", "name", "number", "session", "state", "step", "version")

    def __init__(self, session: "Session", name: str, number: int) -> None:
        self.session = session
        self.state: State = session.state
        self.version: Version = session.version
        self.functions = session.version.functions
        self.name = name
        self.number = number
        self.mm = "main"
        self.step = 0
        self.generator: Sleeping[Answer] | None = None

    def tell(
        self, kind: Kind, function: str = "", text: Words = "", target: str = "", question: str = "", answer: str = "",
        errno: str = "", place: tuple[str, int] | None = None, flags: int | None = None, outcome: bool = False,
    ) -> None:  # fmt: skip
        """Tell of an event; in user mode, without a function. What changes from here on is its doing."""
        session, me, of = self.session, self.name, self.step
        # By position, as this is done for every function of every story.
        event = Event(
            session.now, me, kind, function, text, target, question, answer, errno, of, place, flags, outcome
        )  # fmt: skip
        session.events.append(event)
        session.state.journal = event.changes

    def say(
        self, function: str, text: Words, kind: Kind = Kind.CALL, target: str = "",
        place: tuple[str, int] | None = None, flags: int | None = None, outcome: bool = False,
    ) -> None:  # fmt: skip
        """Tell that a kernel function is entered, if this kernel has it, and does not inline it."""
        name = self.functions.get(function, function)
        if name is not None:
            self.tell(kind, name, text, target, "", "", "", place, flags, outcome)

    def do(self, function: str, text: Words) -> None:
        """Tell what more the function does that was entered."""
        self.say(function, text, Kind.DO)

    def done(self, function: str, text: Words) -> None:
        """Tell the result of the step, in words that can follow its answer."""
        self.tell(Kind.DO, self._visible(function), text, outcome=True)

    def refuse(self, errno: Errno, function: str, why: Words) -> Errno:
        """Tell that a function refuses, and why; whoever called it may still do something else."""
        self.tell(Kind.DO, self._visible(function), why, errno=errno.name)
        return errno

    def decide(self, function: str, question: str, answer: str, text: Words, kind: Kind = Kind.DECIDE) -> None:
        """Tell how a kernel function answers a question; where that is inlined, the one it is inlined in does."""
        if self.functions.get(function, function) is None:
            kind = Kind.DECIDE
        self.tell(kind, self._visible(function), text, "", question, answer)

    def fail(self, errno: Errno, function: str, why: Words, done: int = 0) -> NoReturn:
        """Refuse: tell why, and end the system call with the errno.

        :raises Failed: always.
        """
        self.refuse(errno, function, why)
        raise Failed(errno, done)

    def oops(self, function: str, why: str) -> NoReturn:
        """Die.

        :raises Oops: always.
        """
        self.tell(Kind.OOPS, self._visible(function), f"BUG: {why}")
        raise Oops(function)

    def _visible(self, function: str) -> str:
        """A function by this kernel's name; where it is inlined, the one it stands in; in user mode, none."""
        if not function:
            return ""
        return self.functions.get(function, function) or self.session.events[-1].function

    def sleep(
        self, function: str, text: Words, ctx: str, address: int | None = None,
        place: tuple[str, int] | None = None, flags: int | None = None,
    ) -> Sleeping[None]:  # fmt: skip
        """Go to sleep in a queue of a context until ``wake``: ``yield from task.sleep(…)``.

        :param place, flags: of the event, for the sleep of a fault.
        """
        self.say(function, text, Kind.SLEEP, place=place, flags=flags)
        self.state.set(("thread", self.name), Thread(function, self.step, ctx, address))
        yield

    def wake(self, thread: str, function: str, text: str) -> None:
        """Let another thread go on where it sleeps."""
        self.say(function, text, Kind.WAKE, target=thread)
        self.state.set(("thread", thread), Thread(step=self.session.tasks[thread].step))
        self.session.ready.append(self.session.tasks[thread])


def through(result: T | Sleeping[T]) -> Sleeping[T]:
    """Go through with what a function began: ``yield from through(f(…))``, whether it may sleep or not."""
    if isinstance(result, Generator):
        result = yield from result
    return result
