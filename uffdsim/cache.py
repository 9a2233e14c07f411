"""Where things are kept that can be made anew: compiled programs, and what was fetched."""

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path


def home() -> Path:
    """Our folder in the user's cache, whether or not it is there."""
    return Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "uffdsim")


def folder() -> Path:
    """A folder that can be written to: ours in the user's cache, or else one until Python ends."""
    try:
        home().mkdir(parents=True, exist_ok=True)
        if os.access(home(), os.W_OK):
            return home()
    except OSError:
        pass
    return _passing()


@cache
def _passing() -> Path:
    path = tempfile.mkdtemp(prefix="uffdsim-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return Path(path)
