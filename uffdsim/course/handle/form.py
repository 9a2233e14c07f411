"""The forms that a handler may have: a function that is given one message, and what it may do about it.

    def handler(event, u):
        if event.minor:
            u.continue_(event.vma, event.page)
        elif event.missing:
            u.copy(event.vma, event.page, value=event.data)

It may also be a class, of which each trial makes a new one (``__init__`` without arguments, ``__call__(event, u)``),
or a generator ``def handler(u)`` to which each message is sent: ``event = yield``.
"""

import inspect
from collections.abc import Callable

from uffdsim.errors import WrongType


def check(handler) -> None:
    """Make sure that something has the form of a handler.

    :raises WrongType: if it cannot be called with a message and the calls.
    """
    name = getattr(handler, "__name__", type(handler).__name__)
    if inspect.isclass(handler):
        if not _takes(handler, 0):
            raise WrongType(f"each trial makes a new {name}, so its __init__ takes nothing: def __init__(self)")
        if not any("__call__" in vars(base) for base in handler.__mro__):
            raise WrongType(f"{name} cannot be called: give it def __call__(self, event, u)")
        body, things = handler.__call__, 3
    elif callable(handler):
        body, things = handler, 2
    else:
        raise WrongType(f"a handler is a function, def handler(event, u), and {handler!r} cannot be called")
    _check(name, body, things)


def _check(name: str, body: Callable, things: int) -> None:
    inner = body if inspect.isroutine(body) else getattr(body, "func", type(body).__call__)
    if inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
        raise WrongType(f"{name} is async, and nobody awaits it here: leave async out, def {name}(event, u)")
    if inspect.isgeneratorfunction(inner):
        if inner is body and things == 2 and _takes(body, 1):
            return
        raise WrongType(
            f"{name} has a yield in it, so a call of it does nothing. Leave yield out; or let it be a generator, to "
            f"which each message is sent: def {name}(u), and in its loop event = yield"
        )
    if not _takes(body, things):
        raise WrongType(f"{name} must take two things, a message and what it may call: def {name}(event, u)")


def _takes(function: Callable, things: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * things)
    except TypeError:
        return False
    except ValueError:
        pass  # what it takes is known to C alone
    return True


def alike(one: Callable, other: Callable) -> bool:
    """Whether two handlers are the same code, so that one is the other, copied and not changed."""
    return _code(one) == _code(other)


def _code(handler: Callable) -> object:
    function = vars(handler).get("__call__") if inspect.isclass(handler) else handler
    code = getattr(function, "__code__", None)
    return (code.co_code, code.co_names, code.co_consts) if code else handler
