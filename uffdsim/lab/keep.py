"""Kept work: what was done in a lab, in a file beside the notebook and in the browser, so that nothing is lost."""

import os
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import NamedTuple

from uffdsim import kept, whole, words
from uffdsim.errors import Mistake, quoted
from uffdsim.lab.document import Document
from uffdsim.lab.shelf import Place

LONGEST = 200
"""Bytes that a name may have; a file's own may have some more."""
Stamp = tuple[int, int] | None
"""Which writing of a file this is; None without a file."""


def name_of(start: Document) -> str:
    """A name for the work that begins like this: another notebook's, or another lab's of this one, has another."""
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "lab")).stem[:50]
    return f"{notebook}-{sha256(start.dumps().encode()).hexdigest()[:6]}"


class Found(NamedTuple):
    """Work of another time, or of another lab that began alike: where it is kept (None: in the reader's browser), and
    which writing of it was read."""

    path: Path | None
    stamp: Stamp
    document: Document

    def __str__(self):
        when = f"{datetime.fromtimestamp(self.stamp[0] / 1e9):%d %B, %H:%M}" if self.stamp else ""
        where = "" if self.path else ", in this browser"
        return f"{words.count(len(self.document.acts), 'act')}, {when}{where}"


class Keep:
    """Where one lab keeps its work, which begins with ``start``.

    It never writes over what it has not written or taken up itself: then it takes the next free name. ``found`` is what
    was kept before, the latest first; ``notice`` is what went wrong, or ""; ``place`` is what the browser keeps.

    :raises Mistake: for a name that no file can have.
    """

    def __init__(self, name: str, start: Document | None = None, folder: Path | str = ".") -> None:
        if not isinstance(name, str) or Path(name).name != name or len(name.encode()) > LONGEST:
            raise Mistake(f'keep: {quoted(name)} must be a name for a file, without "/" and not too long')
        self.folder = Path(folder)
        self.name = name
        self.notice = ""
        self.place = Place(name)
        self._own: Path | None = None
        self._seen: Stamp = None
        self._kept = start
        self.found = sorted((found for found in self._find() if found.document != start), key=_when, reverse=True)
        self._known = [start, *(found.document for found in self.found)]

    def _places(self) -> Iterator[Path]:
        """Where work of this name may be: one file after the other."""
        first = self.folder / kept.FOLDER / f"{self.name}.json"
        yield first
        yield from (first.with_name(f"{self.name}~{n}.json") for n in count(2))

    def _find(self) -> Iterator[Found]:
        mine = re.compile(re.escape(self.name) + r"(~\d+)?\.json")
        folder = self.folder / kept.FOLDER
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if mine.fullmatch(path.name):
                try:
                    yield Found(path, _stamp(path), Document.loads(path.read_text(encoding="utf-8")))
                except FileNotFoundError:
                    pass
                except (OSError, ValueError) as error:
                    self._aside(path, kept.why(error))

    def _aside(self, path: Path, why: str) -> None:
        try:
            with kept.alone(self.folder):
                self.notice = f"What was kept cannot be read ({why}); it is now {kept.aside(path)}."
        except OSError:
            self.notice = f"What was kept in {path} cannot be read ({why}), and stays there."

    def keep(self, document: Document) -> None:
        """Keep a document, if it is another than the last. Where that cannot be, ``notice`` says so until it can."""
        if document == self._kept:
            return
        self.place.text = document.dumps()
        try:
            with kept.alone(self.folder):
                self._own = self._free()
                whole.write(self._own, self.place.text + "\n")
                self._seen = _stamp(self._own)
            self._kept, self.notice = document, ""
        except OSError as error:
            where = self.folder / kept.FOLDER
            self.notice = f"Your work cannot be kept in {where}: {kept.why(error)}. Take it away as text to keep it."

    def shelved(self, others: Iterable[dict]) -> None:
        """Offer what other sessions have left in the browser too, unless it is here as well or was offered before."""
        for other in others:
            try:
                document = Document.loads(other["text"])
            except ValueError:
                continue  # a newer version has kept it, and will read it
            if document not in self._known:
                self._known.append(document)
                self.found.append(Found(None, (other["when"] * 1_000_000, 0), document))
        self.found.sort(key=_when, reverse=True)

    def _free(self) -> Path:
        """Where it may write: where nobody else has since it did, or where nothing is."""
        if self._own and _stamp(self._own) in (self._seen, None):
            return self._own
        return next(path for path in self._places() if not path.exists())

    def take(self, found: Found) -> None:
        """What was found is taken up, and goes on here."""
        if found.path and self._own is None:
            self._own, self._seen = found.path, found.stamp
        self.leave()

    def leave(self) -> None:
        """Nothing more of what was found is wanted; it stays where it is."""
        self.found, self.notice = [], ""


def _when(found: Found) -> tuple[int, int]:
    return found.stamp or (0, 0)


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
