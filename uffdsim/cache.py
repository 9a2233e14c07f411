"""Where things are kept that can be made again: compiled programs, and what was fetched."""

import atexit
import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path


def home() -> Path:
    """Our folder in the user's cache, whether or not it is there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "uffdsim")


def folder() -> Path:
    """A folder that can be written to: ours in the user's cache, or else one until Python ends."""
    return next(folders())


def folders() -> Iterator[Path]:
    """Such folders, the best first; the next where that takes nothing more."""
    with contextlib.suppress(OSError):
        home().mkdir(parents=True, exist_ok=True)
        if os.access(home(), os.W_OK):
            yield home()
    yield _passing()


@cache
def _passing() -> Path:
    path = tempfile.mkdtemp(prefix="uffdsim-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)
