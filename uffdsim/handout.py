"""The lessons that come with uffdsim, put into a folder of somebody's own, where nothing of theirs is written over."""

import json
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import NamedTuple

from uffdsim import brought, kept, whole
from uffdsim.errors import Mistake

HERE = Path(__file__).parent
FIRST = "00-start-here.ipynb"
LIST = "lessons.json"
"""The file, among what labs keep, that says what each lesson was when it was put there."""


class Put(NamedTuple):
    """Where a lesson was put: under its own name, or, as that one holds somebody's work, under another."""

    path: Path
    beside: Path | None = None

    def __str__(self) -> str:
        if self.beside is None:
            return f"put {self.path.name} there"
        return f"you have worked in {self.beside.name}, which stays as it is; the newer one is {self.path.name}"


def lessons() -> list[Path]:
    """The notebooks that there are, in order: beside the package in a checkout, inside it where it was installed."""
    checkout = HERE.parent / "notebooks"
    return sorted((checkout if (checkout / "src").is_dir() else HERE / "lessons").glob("*.ipynb"))


def hand_out(folder: Path) -> list[Put]:
    """Put every lesson into a folder, which is made if need be, and say what was put there.

    A lesson that is as it was put there gives way to a newer one. One in which somebody has worked stays, and the newer
    one goes beside it, once.

    :raises OSError: if that cannot be; what was there is there still.
    """
    (folder / kept.FOLDER).mkdir(parents=True, exist_ok=True)
    given = _given(folder)
    done = []
    for lesson in lessons():
        text = lesson.read_text(encoding="utf-8")
        for path in _places(folder / lesson.name):
            there = path.read_text(encoding="utf-8", errors="replace") if path.exists() else None
            if there == text or there is not None and given.get(path.name) == _sum(text):
                break
            if there is None or given.get(path.name) == _sum(there):
                whole.write(path, text)
                given[path.name] = _sum(text)
                whole.write(folder / kept.FOLDER / LIST, json.dumps(given, indent=1) + "\n")
                done.append(Put(path, folder / lesson.name if path.name != lesson.name else None))
                break
    return done


def _places(path: Path) -> Iterator[Path]:
    """Where a lesson may go: its own name, then ones that say which version it is of."""
    yield path
    for n in count(1):
        yield path.with_name(f"{path.stem}-{version('uffdsim')}{f'-{n}' if n > 1 else ''}{path.suffix}")


def _sum(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _given(folder: Path) -> dict[str, str]:
    """What each lesson was when it was put there; where nobody can say, every one counts as somebody's work."""
    try:
        found = brought.loads((folder / kept.FOLDER / LIST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, Mistake):
        return {}
    return found if isinstance(found, dict) else {}
