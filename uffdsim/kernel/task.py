"""Tasks: the threads of a scenario while they are in the kernel, and how they tell what they do there.

A task that works is a generator: it reads from top to bottom as the kernel's code does, and yields where
the kernel would sleep.
"""

from collections.abc import Callable, Generator

from uffdsim.kernel.state import Thread
from uffdsim.kernel.versions import Version
from uffdsim.trace import Event, Kind, State
from uffdsim.uapi import Errno


class Failed(Exception):
    """A system call ends with this errno; ``done`` is what it writes back, if it is one that does."""

    def __init__(self, errno: Errno, done: int = 0):
        super().__init__(errno.name)
        self.errno = errno
        self.done = int(done)


class Oops(Exception):
    """The kernel dies, in this function."""

    def __init__(self, function: str):
        super().__init__(function)
        self.function = function


class Task:
    """A thread in the kernel. ``number`` counts the threads as they are first named, ``mm`` names its address
    space, ``step`` is the step that it is at."""

    __slots__ = ("functions", "generator", "mm", "name", "number", "session", "state", "step", "version")

    def __init__(self, session, name: str, number: int):
        self.session = session
        self.state: State = session.state
        self.version: Version = session.version
        self.functions = session.version.functions
        self.name = name
        self.number = number
        self.mm = "main"
        self.step = 0
        self.generator: Generator | None = None

    def say(self, function: str, text: str | Callable[[], str], kind=Kind.CALL, **more):
        """Tell that a kernel function is entered. What changes from here on is the doing of this event. A text may be
        made when somebody reads it, of what does not change until then."""
        function = self.functions.get(function, function)
        if function is not None:
            self._tell(function, text, kind, **more)

    def _tell(self, function: str, text: str, kind: Kind, **more):
        session = self.session
        event = Event(session.now, self.name, kind, function, text, of=self.step, **more)
        session.events.append(event)
        session.state.journal = event.changes

    def do(self, function: str, text: str):
        """Tell what more the function does that was entered."""
        self.say(function, text, Kind.DO)

    def done(self, function: str, text: str | Callable[[], str]):
        """Tell what came of the step, in words that can stand behind its answer; a text may be made when it is read."""
        self._tell(self._visible(function), text, Kind.DO, outcome=True)

    def refuse(self, errno: Errno, function: str, why: str) -> Errno:
        """Tell that a function refuses, and why; whoever called it may still do something else."""
        self._tell(self._visible(function), why, Kind.DO, errno=errno.name)
        return errno

    def decide(self, function: str, question: str, answer: str, text: str, kind=Kind.DECIDE):
        """Tell how a kernel function answers a question; where that is inlined, the one it is inlined in does."""
        if self.functions.get(function, function) is None:
            kind = Kind.DECIDE
        self._tell(self._visible(function), text, kind, question=question, answer=answer)

    def fail(self, errno: Errno, function: str, why: str, done: int = 0):
        """Refuse: tell why, and end the system call with the errno.

        :raises Failed: always.
        """
        self.refuse(errno, function, why)
        raise Failed(errno, done)

    def oops(self, function: str, why: str):
        """Die.

        :raises Oops: always.
        """
        self._tell(self._visible(function), f"BUG: {why}", Kind.OOPS)
        raise Oops(function)

    def _visible(self, function: str) -> str:
        """A function by this kernel's name; if it is inlined, the one in which it stands."""
        return self.functions.get(function, function) or self.session.events[-1].function

    def sleep(self, function: str, text: str, ctx: str, address: int | None = None, place=None):
        """Go to sleep until ``wake``: ``yield from task.sleep(…)``.

        :param place: the page that is waited for, if it is one: its mapping and its number.
        """
        self.say(function, text, Kind.SLEEP, place=place)
        self.state.set(("thread", self.name), Thread(function, self.step, ctx, address))
        yield

    def wake(self, thread: str, function: str, text: str):
        """Let another thread go on where it sleeps."""
        self.say(function, text, Kind.WAKE, target=thread)
        self.state.set(("thread", thread), Thread(step=self.session.tasks[thread].step))
        self.session.ready.append(self.session.tasks[thread])


def through(result):
    """Go through with what a function began: ``yield from through(f(…))``, whether it may sleep or not."""
    if isinstance(result, Generator):
        result = yield from result
    return result
