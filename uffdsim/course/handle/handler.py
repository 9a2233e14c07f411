"""Handlers that people write: a function that is given one message, and what it may do about it.

    def handler(event, u):
        if event.minor:
            u.continue_(event.vma, event.page)
        elif event.missing:
            u.copy(event.vma, event.page, value=event.data)

It may also be a class, of which each trial makes a new one (``__init__`` without arguments, ``__call__(event, u)``),
or a generator ``def handler(u)`` to which each message is sent: ``event = yield``.

Every call is a step of a scenario, carried out at once by whichever kernel the machine has.
"""

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

from uffdsim.course.handle.calls import CALLS, Calls, Endless
from uffdsim.course.handle.message import Message
from uffdsim.errors import WrongType

WORK = 100_000
"""So many of Python's instructions may it carry out about one message."""
DELAYS = 4
"""So often may it put one message off."""
HERE = str(Path(__file__).parents[2])
"""The package, whose own work is not counted."""


def started(handler) -> Callable[[Message, Calls], None]:
    """A handler, made ready for one trial.

    :raises WrongType: if it cannot be called with a message and the calls.
    """
    if inspect.isclass(handler):
        handler = handler()
    if inspect.isgeneratorfunction(handler):
        return _Generator(handler)
    if not callable(handler):
        raise WrongType(f"a handler is a function, def handler(event, u), and {handler!r} cannot be called")
    try:
        inspect.signature(handler).bind(None, None)
    except TypeError:
        name = getattr(handler, "__name__", type(handler).__name__)
        raise WrongType(f"{name} must take two things, a message and what it may call: def {name}(event, u)") from None
    return handler


class _Generator:
    """A handler that is a generator: started with its first message, then sent each."""

    def __init__(self, function):
        self.function, self.running = function, None

    def __call__(self, event: Message, u: Calls):
        if self.running is None:
            self.running = self.function(u)
            next(self.running)
        try:
            self.running.send(event)
        except StopIteration:
            raise RuntimeError("the generator has ended, and messages still come: loop in it for ever") from None


def alike(one: Callable, other: Callable) -> bool:
    """Whether two handlers are the same code, so that one is the other, copied and not changed."""
    return _code(one) == _code(other)


def _code(handler: Callable) -> object:
    function = vars(handler).get("__call__") if inspect.isclass(handler) else handler
    code = getattr(function, "__code__", None)
    return (code.co_code, code.co_names, code.co_consts) if code else handler


def called(handler: Callable, event: Message, u: Calls):
    """Give a handler one message.

    :raises Endless: if it makes too many calls, or never comes to an end.
    """
    u._left, work = CALLS, WORK

    def trace(frame, kind, _):
        nonlocal work
        if frame.f_code.co_filename.startswith(HERE):
            return None
        frame.f_trace_opcodes = True
        work -= 1
        if work < 0:
            raise Endless(f"it carried out {WORK:,} instructions of Python about one message, and would go on")
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        handler(event, u)
    finally:
        sys.settrace(before)
