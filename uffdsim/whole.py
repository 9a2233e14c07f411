"""Files that are written whole, or not at all: who is stopped while writing has the old one still."""

import contextlib
import os
import time
from glob import escape
from pathlib import Path

LONG = 60
"""Seconds that no writing takes: what is half written since then, its writer was stopped at."""


def write(path: Path, text: str) -> None:
    """Let a file have this text, in UTF-8.

    :raises OSError: if that cannot be; then the file is as it was, and the error has its name.
    """
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    try:
        half.write_text(text, encoding="utf-8")
        half.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            half.unlink()
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None
    _sweep(path)


def _sweep(path: Path) -> None:
    for half in path.parent.glob(f"{escape(path.name)}.*.half"):
        with contextlib.suppress(OSError):
            if time.time() - half.stat().st_mtime > LONG:
                half.unlink()
