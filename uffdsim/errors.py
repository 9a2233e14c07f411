"""Errors that teach: in a notebook they show their sentence and the reader's own line, and nothing of our insides.

Where an exception has a method ``_render_traceback_``, IPython shows what that returns. ``%xmode Verbose`` still shows
every line there is.
"""

import json
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent


class Told(Exception):
    """An error of ours, in one sentence that says what was wrong and what would be right.

    ``trace`` is the Trace of what was answered before, if it stopped a kernel at work; else None.
    """

    def __init__(self, *message: object, trace: Any = None):
        super().__init__(*message)
        self.trace = trace

    def _render_traceback_(self) -> list[str]:
        own = _own(self.__traceback__)
        shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
        shown = getattr(shell, "InteractiveTB", None)
        if shown and shown.mode == "Verbose":
            return shown.structured_traceback(type(self), self, self.__traceback__)
        if shown and own:
            return shown.structured_traceback(type(self), self, own, 0)
        return [f"{type(self).__name__}: {self}"]


class Mistake(Told, ValueError):
    """Something was given that is not taken there."""


class WrongType(Told, TypeError):
    """Something was given that is of another kind than what is taken there."""


class NoSuch(Told, AttributeError):
    """A thing has nothing that is called so."""


class Unknown(Told, KeyError):
    """There is nothing of that name."""

    __str__ = Exception.__str__  # a KeyError shows its message in quotes


def quoted(value: object) -> str:
    """A value as a message quotes it, whatever it is: as JSON where that can be, and short."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=repr)
    except (ValueError, TypeError, RecursionError):
        text = "a very long number" if isinstance(value, int) else f"a {type(value).__name__}"
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= 60 else text[:57] + "…"


def _own(traceback: TracebackType | None) -> TracebackType | None:
    """The part of a traceback that leads through the reader's own code."""
    others = tuple(f"{folder}/" for folder in _others())
    found, kept = traceback, []
    while found:
        if not found.tb_frame.f_code.co_filename.startswith(others):
            kept.append(found)
        found = found.tb_next
    for one in reversed(kept):
        found = TracebackType(found, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return found


def _others() -> Iterator[Path]:
    """Where code lies that no reader wrote: ours, Python's, and what was installed."""
    yield HERE
    yield from (Path(sysconfig.get_paths()[name]) for name in ("stdlib", "purelib", "platlib"))
    if shell := sys.modules.get("IPython"):
        yield Path(shell.__path__[0]).parent
