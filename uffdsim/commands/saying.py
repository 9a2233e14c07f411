"""What commands say, and to whom, if anybody hears it."""

import io
import os
import sys
from errno import EBADF
from typing import TextIO


class Unsaid(Exception):
    """What there is to say cannot be written; the message says why."""


class Closed(io.TextIOBase):
    """The standard output of a process that was given none."""

    def write(self, text: str) -> int:
        """Refuse it."""
        raise OSError(EBADF, os.strerror(EBADF))


def have_output() -> None:
    """Have something to write to, and write there what it has no letters for in others."""
    sys.stdout = sys.stdout or Closed()
    sys.stderr = sys.stderr or open(os.devnull, "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def mute(stream: TextIO) -> None:
    """What Python still has to write there, at its end too, goes nowhere."""
    if not isinstance(stream, Closed):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(text: str) -> None:
    """Print it at once.

    :raises Unsaid: if that cannot be; and BrokenPipeError, if nobody reads on.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unsaid(error.strerror or error) from None


def complain(what: object) -> int:
    """Say what is wrong, in a line, and return the exit status that says so."""
    try:
        print(" ".join(str(what).split()), file=sys.stderr, flush=True)
    except OSError:  # where nobody hears it, the status tells
        mute(sys.stderr)
    return 2
