"""Handlers at work: made ready for a trial, and given one message after the other.

Every call is a step of a scenario, carried out at once by whichever kernel the machine has.
"""

import contextlib
import inspect
import io
import sys
import traceback
from collections.abc import Callable
from typing import Protocol

from uffdsim.course.handle.calls import CALLS, Calls
from uffdsim.course.handle.message import Message
from uffdsim.course.handle.patience import HERE, Endless, Patience
from uffdsim.course.handle.rehearsal import hurried
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError

DELAYS = 4
"""How often it may put one message off."""
PRINTED = 2000
"""How many characters of what it prints are kept."""


class Misstep(Exception):
    """Something that a handler may not do; the message says what."""


class Printed(io.TextIOBase):
    """What a handler prints, or the beginning of it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        if len(self.text) <= PRINTED:
            self.text = self.text + text if len(self.text + text) <= PRINTED else (self.text + text)[:PRINTED] + "…"
        return len(text)


def started(handler, printed: Printed) -> Callable[[Message, Calls], None]:
    """A handler, made ready for one trial.

    :raises Misstep: if its ``__init__`` does what it may not.
    :raises Endless: if that never comes to an end.
    """
    if inspect.isclass(handler):
        return _cared_for("the handler's __init__", printed, handler)
    return _Generator(handler) if inspect.isgeneratorfunction(handler) else handler


class _Generator:
    """A handler that is a generator: started with its first message, then sent each."""

    def __init__(self, function):
        self.function, self.running = function, None

    def __call__(self, event: Message, u: Calls):
        try:
            if self.running is None:
                self.running = self.function(u)
                next(self.running)
            self.running.send(event)
        except StopIteration:
            raise Misstep("the generator has ended, but messages still come: let it loop for ever") from None


class Limited(Protocol):
    """Calls of which a handler may make only so many at a time."""

    _left: int


def called(handler: Callable, event: object, u: Limited, printed: Printed) -> None:
    """Give a handler one message, or whatever else it has to hear.

    :raises Misstep: if it does what it may not, or raises something.
    :raises ScenarioError: if it makes a call that cannot be.
    :raises Endless: if it makes too many calls, or never comes to an end.
    """
    u._left = CALLS
    left = _cared_for(f"the handler, given {event},", printed, handler, event, u)
    if inspect.iscoroutine(left) or inspect.isgenerator(left):
        kind = "coroutine, which nobody awaits" if inspect.iscoroutine(left) else "generator, which nobody runs"
        left.close()
        raise Misstep(f"it gave back a {kind}, and has done nothing yet")


def _cared_for(what: str, printed: Printed, function: Callable, *args: object):
    """Call something that a student wrote: what it prints is kept, and what it raises is told."""
    with hurried(what), contextlib.redirect_stdout(printed), _exit_raises():
        try:
            return Patience().call(function, *args)
        except (KeyboardInterrupt, Endless, Misstep, ScenarioError, KernelError):
            raise
        except BaseException as error:
            raise Misstep(Patience().call(_told, error)) from None


@contextlib.contextmanager
def _exit_raises():
    """In a notebook exit() would raise nothing, and end the kernel after the cell; here it raises, as elsewhere."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        yield
        return
    shell.ask_exit = _leave
    try:
        yield
    finally:
        del shell.ask_exit


def _leave():
    raise SystemExit


def _told(error: BaseException) -> str:
    """An exception of a handler, and the line it came from."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(HERE)]
    where = f" in line {lines[-1].lineno}" if lines else ""
    code = f" ({lines[-1].line})" if lines and lines[-1].line else ""
    for kind, means in MEANS.items():
        if isinstance(error, kind):
            return f"it raised {kind.__name__}{where}{code}: {means}"
    said = str(error)
    return f"it raised {type(error).__name__}{where}{code}" + (f": {said}" if said else "")


MEANS = {
    SystemExit: "sys.exit would end the program, and with it everybody who waits; return instead",
    StopIteration: "an iterator had nothing left; next(…, None) gives None then",
}
