"""Sheets: the result for one file, entry by entry, when its answers were checked again."""

from pathlib import Path
from typing import NamedTuple

from uffdsim.course.marks.again import Checked
from uffdsim.course.marks.apart import checked
from uffdsim.course.marks.lessons import Key
from uffdsim.course.progress import FILE, Entries, Entry, from_json
from uffdsim.errors import Mistake

RIGHT, WRONG, FALSE, UNKNOWN = "✓", "✗", "!", "?"
MEANS = {
    RIGHT: "right, checked again",
    WRONG: "not right yet",
    FALSE: "said to be done, and is not",
    UNKNOWN: "cannot be checked",
}
"""What an answer may be worth."""
OLD = "what was answered is not in the file"


class Mark(NamedTuple):
    """What an answer is worth, one of MEANS, and why it is no more."""

    state: str
    why: str = ""


class Sheet(NamedTuple):
    """One person's marks. ``first`` is how much was right at the first try, as the file says: nobody can check that."""

    student: str
    marks: dict[Key, Mark]
    first: int = 0
    damage: str = ""
    """What could not be read of the file; "" for nothing."""

    def count(self, state: str) -> int:
        """How many answers are worth that."""
        return sum(mark.state == state for mark in self.marks.values())

    @property
    def notes(self) -> list[str]:
        """What a teacher has to know beside the numbers, in sentences."""
        found = [f"{self.student}: {self.damage}; the rest of the file counts."] if self.damage else []
        unknown: dict[str, list[str]] = {}
        for (kind, name), mark in self.marks.items():
            if mark.state == FALSE:
                found.append(f"{self.student}: {kind} {name} is {MEANS[FALSE]}: {mark.why}")
            if mark.state == UNKNOWN:
                unknown.setdefault(mark.why, []).append(f"{kind} {name}")
        for why, names in unknown.items():
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            found.append(f"{self.student}: {names[0]}{more} {MEANS[UNKNOWN]}: {why}")
        return found


def student(path: Path) -> str:
    """Whose file it is: its name says so; or else, where it is called as at home, its folder's."""
    return path.resolve().parent.name if path.name == FILE else path.stem


def sheet(path: Path, key: Entries | None = None) -> Sheet:
    """Check everything in a file.

    :param key: what counts; all if left out.
    :raises OSError: if it cannot be read.
    :raises Mistake: if it is no such file.
    """
    entries, damage = read(path)
    counted = {one: entry for one, entry in entries.items() if key is None or one in key}
    asked = [(kind, name, entry.answer) for (kind, name), entry in counted.items() if entry.answer is not None]
    found = dict(zip([(kind, name) for kind, name, _ in asked], checked(asked), strict=True))
    marks = {one: _mark(entry, found.get(one, Checked(None, OLD))) for one, entry in sorted(counted.items())}
    return Sheet(student(path), marks, sum(entry.first for entry in counted.values()), damage)


def read(path: Path) -> tuple[Entries, str]:
    """The entries of a file, and what is wrong with the first that is not one, or "".

    :raises OSError: if it cannot be read.
    :raises Mistake: if it is no such file.
    """
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Mistake("it is no text") from None


def _mark(entry: Entry, found: Checked) -> Mark:
    if found.right is None:
        return Mark(UNKNOWN if entry.done else WRONG, found.why)
    if found.right:
        return Mark(RIGHT)
    return Mark(FALSE if entry.done else WRONG, found.why)
