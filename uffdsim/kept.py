"""Kept work: files beside a notebook that several notebooks change, and that nothing a person did may be lost from."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

FOLDER = ".uffdsim"
"""The folder beside a notebook in which labs keep their work, and all who keep some wait for each other."""
PATIENCE = 10
"""How many seconds anybody waits for the others; a change takes some milliseconds."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """For a while, nobody else changes what is kept in a folder: no other process, and no other thread.

    :raises OSError: if the folder cannot be written, or others do not come to an end.
    """
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        raise OSError("filelock is missing: pip install 'uffdsim[widgets]'") from None
    (folder / FOLDER).mkdir(exist_ok=True)
    lock = FileLock(folder / FOLDER / "lock", timeout=PATIENCE, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout:
        raise OSError(f"another program has held {lock.lock_file} for {PATIENCE} seconds") from None
    except NotImplementedError as error:
        raise OSError(f"this folder knows no locks: {error}") from None
    try:
        yield
    finally:
        lock.release()


def aside(path: Path) -> Path:
    """Give a file that cannot be read the first free name beside its own, and say which: ``work.unreadable.json``.

    :raises OSError: if that cannot be.
    """
    names = (path.with_suffix(f".unreadable{n or ''}{path.suffix}") for n in count())
    away = next(name for name in names if not name.exists())
    return path.rename(away)


def why(error: Exception) -> str:
    """An error in a few words, without the path that is told beside it."""
    return getattr(error, "strerror", None) or str(error)
