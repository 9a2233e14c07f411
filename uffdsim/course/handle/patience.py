"""Patience: how long a handler may work on one message, counted in Python's instructions.

No ``except`` of the handler's own gets round it: who swallows what ends it drops it in the end, and then it is raised
anew, by the next instruction and the next, up to one that no ``except`` guards. So it is with Ctrl-C.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

WORK = 100_000
"""How many of Python's instructions may be carried out about one message."""
HERE = str(Path(__file__).parents[2])
"""The package, whose own work is not counted."""


class Endless(BaseException):
    """A handler that would never come back; the message says why."""


class Patience:
    """The patience for one message: calls a function, and ends it when it takes too long."""

    def __init__(self) -> None:
        self.left = WORK
        self.over: BaseException | None = None
        """What ends the function, on its way out or swallowed on the way."""
        self.home: FrameType | None = None
        """The frame below which it is counted; None when it has come back."""

    def call(self, function: Callable, *args: Any) -> Any:
        """What the function returns.

        :raises Endless: if it would never come back, or was told so.
        :raises KeyboardInterrupt: if there was one, whatever the function did about it.
        """
        before, self.home = sys.gettrace(), sys._getframe()
        sys.settrace(self._trace)
        try:
            return function(*args)
        except _Again:
            return None
        finally:
            self.home = None
            sys.settrace(before)
            if self.over is not None:
                raise self.over from None

    def _trace(self, frame: FrameType, kind: str, found: Any) -> Callable | None:
        if frame.f_code.co_filename.startswith(HERE):
            return None
        frame.f_trace_opcodes = True
        if kind == "exception":
            if self.over is None and issubclass(found[0], Endless | KeyboardInterrupt):
                self.over = found[1]
            return self._trace
        self.left -= 1
        if self.left < 0 and self.over is None:
            self.over = Endless(f"it carried out {WORK:,} instructions of Python about one message, and would go on")
        if self.over is not None:
            raise _Again(self)
        return self._trace

    def resume(self, frame: FrameType | None) -> None:
        """Trace on: Python stops tracing when that raises something."""
        while self.home and frame and frame is not self.home:
            if not frame.f_code.co_filename.startswith(HERE):
                frame.f_trace, frame.f_trace_opcodes = self._trace, True
            frame = frame.f_back
        if self.home:
            sys.settrace(self._trace)


class _Again(BaseException):
    """Ends a function, and does so again for as long as it is swallowed."""

    def __init__(self, patience: Patience):
        self.patience = patience

    def __del__(self) -> None:
        self.patience.resume(sys._getframe(1))
