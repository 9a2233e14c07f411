"""Kept work: what was done in a lab, in a file beside the notebook, so that a lost session loses nothing."""

import os
from hashlib import sha256
from pathlib import Path

from uffdsim import whole
from uffdsim.lab.document import Document
from uffdsim.scenario import ScenarioError

FOLDER = ".uffdsim"


def name_of(start: Document) -> str:
    """A name for the work that begins like this: another notebook's, or another lab's of this one, has another."""
    notebook = Path(os.environ.get("JPY_SESSION_NAME", "lab")).stem
    return f"{notebook}-{sha256(start.dumps().encode()).hexdigest()[:6]}"


class Keep:
    """The file of one lab that begins with ``start``. What was in it when it was opened is ``found`` until it is taken
    up or left."""

    def __init__(self, name: str, start: Document | None = None, folder: Path | str = ".") -> None:
        self.path = Path(folder) / FOLDER / f"{name}.json"
        self.found: Document | None = self._read()
        self._kept = start

    def _read(self) -> Document | None:
        try:
            return Document.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, ScenarioError):
            return None

    def keep(self, document: Document) -> None:
        """Keep a document, if it is another than the last. What was found and not yet taken up stays beside it, as
        ``….before.json``.

        :raises OSError: if the folder cannot be written; the message says where.
        """
        if document == self._kept:
            return
        self._kept = document
        try:
            self.path.parent.mkdir(exist_ok=True)
            if self.found is not None:
                whole.write(self.path.with_suffix(".before.json"), self.found.dumps() + "\n")
            whole.write(self.path, document.dumps() + "\n")
        except OSError as error:
            raise OSError(f"Your work cannot be kept in {self.path}: {error.strerror}.") from None

    def forget(self) -> None:
        """What was found is taken up or not wanted."""
        self.found = None
