"""Rehearsals: a copy of this process does first what might never come to an end, and this one only what did.

Python cannot end a loop in C, such as ``sum(range(10**12))``, and a sleep only where no ``except`` swallows it.
So the copy has the operating system's alarm clock, which nothing in it hears. The clock runs in ``hurried`` alone, and
stands still in ``unhurried``. Where processes cannot be copied, on Windows and in a browser, nothing is rehearsed.
"""

import contextlib
import faulthandler
import mmap
import os
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn

SECONDS = 3.0
"""How long a handler may take for one message; milliseconds are much."""
HASTE = 1.0
"""The same, once it has not come back."""
ROOM = 4096
"""Bytes that a copy shares with its process."""


class Copy:
    """What a copy says to its process: how many of its acts have come to an end, and what it is about."""

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._shared = mmap.mmap(-1, ROOM)

    def say(self, ended: int, about: str = "") -> None:
        """Said by the copy."""
        self._shared[:] = f"{ended} {about}".encode("utf-8", "replace")[:ROOM].ljust(ROOM, b"\0")

    @property
    def said(self) -> tuple[int, str]:
        """What it said last."""
        ended, _, about = self._shared[:].rstrip(b"\0").decode("utf-8", "replace").partition(" ")
        return int(ended or 0), about


_copy: Copy | None = None
"""Set in a copy, and only there."""


class hurried:
    """What is done in here must be done within seconds; ``about`` says who is too slow if it is not."""

    def __init__(self, about: str):
        self.about = about

    def __enter__(self) -> None:
        if _copy:
            _copy.say(_copy.said[0], self.about)
            signal.setitimer(signal.ITIMER_REAL, _copy.seconds)

    def __exit__(self, *_: object) -> None:
        if _copy:
            signal.setitimer(signal.ITIMER_REAL, 0)


class unhurried:
    """What is done in here takes none of a handler's seconds, nor of its instructions: it is a kernel's work."""

    def __enter__(self) -> None:
        self.left = signal.setitimer(signal.ITIMER_REAL, 0)[0] if _copy else 0.0
        self.trace = sys.gettrace()
        sys.settrace(None)

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.trace)
        if self.left:
            signal.setitimer(signal.ITIMER_REAL, self.left)


def rehearsed(acts: Sequence[Callable[[], object]]) -> dict[int, str]:
    """Let copies of this process do things one after the other, and say which must not be done here, and why.

    Nothing else of what the copies do is seen here, be it an exception.
    """
    refused: dict[int, str] = {}
    first = 0
    while first < len(acts):
        copy = Copy(min(SECONDS, HASTE) if refused else SECONDS)
        code = _copied(acts[first:], copy)
        if code is None:
            break
        ended, about = copy.said
        if ended < len(acts) - first:
            refused[first + ended] = _why(code, about, copy.seconds)
        first += ended + 1
    return refused


def _copied(acts: Sequence[Callable[[], object]], copy: Copy) -> int | None:
    """How the copy ended, as ``os.waitstatus_to_exitcode`` says it; None if there can be none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that other threads are not copied: none is needed
        try:
            child = os.fork()
        except (AttributeError, OSError):
            return None
    if not child:
        _be(copy, acts)
    try:
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == -signal.SIGINT:
            raise KeyboardInterrupt
        return code
    except BaseException:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise


def _be(copy: Copy, acts: Sequence[Callable[[], object]]) -> NoReturn:
    global _copy
    try:
        _copy = copy
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for fd in range(3):
            os.dup2(nowhere, fd)
        sys.stdin = sys.stdout = sys.stderr = open(nowhere, "r+", closefd=False)
        faulthandler.disable()  # how it ends is told in a sentence
        sys.breakpointhook = lambda *_, **__: None  # it stops where somebody can see it
        for number, act in enumerate(acts):
            with contextlib.suppress(BaseException):  # it comes again, where it can be told
                act()
            copy.say(number + 1)
    finally:
        os._exit(0)


def _why(code: int, about: str, seconds: float) -> str:
    if code == -signal.SIGALRM:
        return f"{about} does not come back: it was stopped after {seconds:g} second{'s' * (seconds != 1)}"
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit status {code}"
    return f"{about} ends the whole process, {how}"
