"""Progress: what somebody has done so far, in one file beside the notebook, which a lost session does not lose.

The file is JSON and may be read, copied and mailed. What cannot be read is set aside, never overwritten. With how
often something was tried goes what was answered, built or written, so that ``marks`` can check it again.
"""

import json
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from uffdsim import brought, kept, whole
from uffdsim.course.render import card, paragraphs, table_html, table_text
from uffdsim.errors import Mistake

FILE = "uffdsim-progress.json"
"""The name of the file, in the folder of the notebook."""
FORMAT = "uffdsim-progress/1"
FIELDS = {"kind": str, "name": str, "tries": int, "first": bool, "done": bool}
KINDS = ("question", "exercise", "handler", "problem")
MOST = 1 << 31
"""More tries than this nobody makes."""


class Entry(NamedTuple):
    """How often something was tried, whether it was right the first time, and whether it ever was."""

    tries: int = 0
    first: bool = False
    done: bool = False
    answer: dict | None = None
    """What was answered, built or written, as JSON: the first that was right, else the last; None if nobody knows."""

    def after(self, right: bool, answer: dict | None = None) -> "Entry":
        """With one more try. What was done once stays done, and how it was at first stays too."""
        kept = self.answer if self.done and (self.answer is not None or not right) else answer
        return Entry(self.tries + 1, right if self.tries == 0 else self.first, self.done or right, kept)

    def with_(self, other: "Entry") -> "Entry":
        """The better of two."""
        best = max(self, other, key=lambda entry: (entry.done, entry.answer is not None))
        return best._replace(tries=max(self.tries, other.tries), first=self.first or other.first)

    def to_json(self) -> dict:
        """The entry as it is in the file, without its name."""
        return {key: value for key, value in self._asdict().items() if value is not None}


Entries = dict[tuple[str, str], Entry]
Change = Callable[[Entries], Entries]


class Progress:
    """The file with somebody's work, which several notebooks may share: each waits for the others with its changes.

    :param folder: where the file is; the folder of the notebook if left out.
    """

    def __init__(self, folder: Path | str = "."):
        self.path = Path(folder) / FILE
        self.notice = ""
        """What went wrong with the file at the last change; "" if nothing did."""
        self._unsaved: list[Change] = []

    @property
    def entries(self) -> Entries:
        """All that is kept: ``("exercise", "a-minor-fault")`` to its Entry."""
        entries, wrong = self._read()
        if wrong:
            self._change()
        return self._changed(entries)

    def record(self, kind: str, name: str, right: bool, answer: dict | None = None):
        """Note one more try. Where the file cannot be written, it is kept in memory, and ``notice`` says so.

        :param answer: what was answered, built or written, as JSON.
        """
        if kind not in KINDS:
            raise Mistake(f'"{kind}" is not a kind of work; the kinds are {", ".join(KINDS)}')
        key = (kind, str(name))
        self._change(lambda entries: {**entries, key: entries.get(key, Entry()).after(bool(right), answer)})

    def export(self) -> str:
        """All of it as text, to mail, to hand in, or to ``bring`` elsewhere."""
        return _dumps(self.entries)

    def bring(self, text: str):
        """Add what another Progress exported; of two results, the better one stays.

        :raises Mistake: if the text was not exported by a Progress.
        """
        try:
            more, wrong = from_json(text)
        except ValueError as error:
            raise Mistake(str(error)) from None
        if wrong:
            raise Mistake(wrong)
        self._change(lambda entries: merged(entries, more))

    def gains(self, text: str) -> bool:
        """Whether to ``bring`` this text would change anything; False for one that was not exported."""
        try:
            more, wrong = from_json(text)
        except ValueError:
            return False
        mine = self.entries
        return not wrong and merged(mine, more) != mine

    def score(self, kind: str, prefix: str = "") -> tuple[int, int]:
        """Of one kind of work with names that begin so: how much was right the first time, of how much tried."""
        found = [entry for (k, name), entry in self.entries.items() if k == kind and name.startswith(prefix)]
        return sum(entry.first for entry in found), len(found)

    # The file

    def _changed(self, entries: Entries) -> Entries:
        """Entries with all changes that could not be saved yet."""
        for change in self._unsaved:
            entries = change(entries)
        return entries

    def _change(self, *changes: Change):
        """Change what is in the file, and save what could not be saved before."""
        self._unsaved += changes
        self.notice = ""
        try:
            with kept.alone(self.path.parent):
                entries, wrong = self._read()
                away = kept.aside(self.path) if wrong else None
                self._write(self._changed(entries), away)
            if away:
                begun = "what can be read of it is kept" if entries else "a new one is begun"
                self.notice = f"{self.path.name} cannot be read ({wrong}); it is now {away.name}, and {begun}."
        except OSError as error:
            self.notice = f"Your work is not saved in {self.path}: {kept.why(error)}. {UNTIL}"
        else:
            self._unsaved.clear()

    def _read(self) -> tuple[Entries, str]:
        """What the file holds as far as it can be read, and what is wrong with it, or ""."""
        try:
            return from_json(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}, ""
        except (OSError, ValueError) as error:
            return {}, kept.why(error)

    def _write(self, entries: Entries, away: Path | None):
        try:
            whole.write(self.path, _dumps(entries))
        except OSError:
            if away:
                away.rename(self.path)  # so that what can be read of it stays in sight
            raise

    # What it looks like

    def rows(self) -> list[tuple[str, ...]]:
        """A row for each kind: done, right the first time, tried."""
        found = self.entries
        return [
            (f"{kind}s", *(str(n) for n in _counts([e for (k, _), e in found.items() if k == kind])))
            for kind in KINDS
            if any(k == kind for k, _ in found)
        ]

    def __repr__(self):
        rows = self.rows()
        text = table_text(HEADER, rows) if rows else "Nothing done yet."
        return "\n".join(filter(None, [text, self.notice]))

    def _repr_html_(self):
        rows = self.rows()
        body = table_html(HEADER, rows) if rows else paragraphs("Nothing done yet.")
        return card("plain", f"Your work so far ({self.path.name})", body, paragraphs(self.notice))

    def __len__(self):
        return len(self.entries)

    def __bool__(self):
        return True


def keep_in(progress: Progress | None, kind: str, name: str, right: bool, answer: dict | None = None) -> str:
    """Note a try in a Progress; without one, beside the notebook that runs; and nowhere where none does.

    :param answer: what was answered, built or written, as JSON.
    :returns: what went wrong with that, to be said with the result; or "".
    """
    if progress is None and "ipykernel" in sys.modules:
        progress = beside()
    if progress is None:
        return ""
    progress.record(kind, name, right, answer)
    return progress.notice


def beside() -> Progress:
    """The Progress in the folder of the notebook: always the same one, as it knows what could not be saved yet."""
    try:
        return _of(Path.cwd())
    except FileNotFoundError:  # somebody has removed the folder
        return _of(Path())


_of = cache(Progress)

UNTIL = "Until the notebook is closed, progress().export() gives it to you."
HEADER = ("", "done", "right at first", "tried")


def _counts(entries: list[Entry]) -> tuple[int, int, int]:
    return sum(e.done for e in entries), sum(e.first for e in entries), len(entries)


def merged(one: Entries, other: Entries) -> Entries:
    """Of each entry the better one."""
    return {**one, **{key: one[key].with_(entry) if key in one else entry for key, entry in other.items()}}


def _dumps(entries: Entries) -> str:
    """A line for each entry, so that a person finds it."""
    found = [{"kind": kind, "name": name} | entries[kind, name].to_json() for kind, name in sorted(entries)]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in found)
    return f'{{"format": "{FORMAT}", "work": [\n{lines}\n]}}\n'


def from_json(text: str) -> tuple[Entries, str]:
    """The entries in the text of such a file, and what is wrong with the first that is not one, or "".

    :raises Mistake: naming what is wrong with the text as a whole.
    """
    data = brought.loads(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("work"), list):
        raise Mistake(f'not an export: that begins with "format": "{FORMAT}" and has a list "work"')
    entries: Entries = {}
    wrong = ""
    for number, item in enumerate(data["work"]):
        try:
            key, entry = _entry(number, item)
            entries[key] = entries.get(key, entry).with_(entry)
        except Mistake as mistake:
            wrong = wrong or str(mistake)
    return entries, wrong


def _entry(number: int, item) -> tuple[tuple[str, str], Entry]:
    if not isinstance(item, dict):
        raise Mistake(f"entry {number} is not an object")
    for key, kind in FIELDS.items():
        if type(item.get(key)) is not kind:
            raise Mistake(f'entry {number}: "{key}" must be of the kind {kind.__name__}')
    if item["kind"] not in KINDS:
        raise Mistake(f'entry {number}: "kind" must be one of {", ".join(KINDS)}')
    if not 0 <= item["tries"] <= MOST:
        raise Mistake(f'entry {number}: "tries" must be a number from 0 to {MOST}')
    if not isinstance(item.get("answer"), dict | None):
        raise Mistake(f'entry {number}: "answer" must be an object')
    return (item["kind"], item["name"]), Entry(item["tries"], item["first"], item["done"], item.get("answer"))
