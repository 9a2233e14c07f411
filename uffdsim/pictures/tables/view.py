"""All that the picture "tables" shows of one moment, so that two moments, or two kernels, can be compared."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from uffdsim import words
from uffdsim.pictures.memory import PRESENT, UNMAPPED, Queues, Source, source
from uffdsim.pictures.memory.records import ENDED, shown
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.tables.layout import Block
from uffdsim.pictures.tables.plan import Group, Slot, Span

Parts = tuple[tuple[str, int], ...]
"""Roles, and how many pages of a row have each."""


class Waiter(NamedTuple):
    """A thread that sleeps for a page of a row, what it does there (``reads``), and all of its step, as a sentence."""

    thread: str
    doing: str
    step: str

    def __str__(self) -> str:
        return f"{self.thread} {self.doing}"


Waits = dict[tuple[str, int], list[Waiter]]
"""Who sleeps for which page of which mapping."""


class Seen(NamedTuple):
    """What one row of a mapping shows."""

    role: str
    words: str
    own: str
    flags: tuple[str, ...]
    waits: tuple[Waiter, ...]
    parts: Parts

    @property
    def maps(self) -> bool:
        """Whether a page of the file is mapped here."""
        return not self.own and any(role in PRESENT for role, _ in self.parts)


class Cached(NamedTuple):
    """What one row of a file shows."""

    role: str
    words: str
    parts: Parts


class Child(NamedTuple):
    """The memory of a child: whether it is watched, in words; and its rows, as those of ``View``."""

    watched: str
    rows: dict[tuple[str, int], Seen]


class View(NamedTuple):
    """One moment. Rows are known by the first name of their mapping, or their file, and their first page."""

    rows: dict[tuple[str, int], Seen]
    cache: dict[tuple[str, int], Cached]
    empty: set[str]
    """Files that have no page by now."""
    names: dict[str, str]
    """For each mapping that is there: what it is called now."""
    queues: dict[str, Queues]
    children: dict[str, Child]
    note: str
    """What is to be said of it, if it is not all."""

    def flags(self, block: Block) -> tuple[str, ...]:
        """The flags that all rows of a mapping have that are mapped."""
        rows = [self.rows.get((block.id, span.first)) for span, _ in block.rows]
        return _common(row.flags for row in rows if row is not None and row.role != "unmapped")


def view(moment: Moment, blocks: list[Block]) -> View:
    """What is there at a moment; all of it is found now, and nothing is looked up later."""
    here = source(moment)
    children = {name: Child(watched, {}) for name, watched in here.children().items()}
    seen = View({}, {}, set(), {}, here.queues(), children, here.note)
    waits: Waits = {}
    for nap in moment.trace.asleep(moment.at):
        if nap.place is not None:
            step = moment.trace.scenario[nap.step]
            waits.setdefault(nap.place, []).append(Waiter(nap.thread, words.verb(step), words.step(step)))
    for block in blocks:
        rows = [span for span, _ in block.rows]
        if block.slot is None:
            _see_file(seen, here, block.group, rows)
        elif name := _name(here, block.slot):
            seen.names[block.id] = name
            _see_mapping(seen.rows, here, block.slot, name, rows, waits)
            for mm, child in children.items():
                if child.watched != ENDED:
                    _see_mapping(child.rows, here, block.slot, name, rows, {}, mm)
    return seen


def _name(here: Source, slot: Slot) -> str:
    """What a mapping is called now, or "": a move that failed has left its name to addresses with nothing there."""
    names = [name for name in slot.names if here.is_there(name)]
    for name in reversed(names[1:]):
        if any(entry != UNMAPPED for _, entry in here.entries(name, 0, slot.pages)):
            return name
    return names[0] if names else ""


def _see_mapping(
    seen: dict[tuple[str, int], Seen],
    here: Source,
    slot: Slot,
    name: str,
    rows: list[Span],
    waits: Waits,
    mm: str = "main",
) -> None:
    for span in rows:
        own = span.within(slot)
        if own.pages <= 0:
            continue
        runs = here.entries(name, own.first, own.last, mm)
        parts: Counter[str] = Counter()
        for pages, entry in runs:
            parts[entry.role] += pages
        entries = dict.fromkeys(entry for _, entry in runs)
        if len(entries) == 1:
            ((role, told, content, flags),) = entries
        else:
            role, told, content, flags = "mixed", _most_telling(parts), None, _common(entry.flags for entry in entries)
        there = sorted(page for mapping, page in waits if mapping == name and own.first <= page < own.last)
        asleep = tuple(waiter for page in there for waiter in waits[name, page])
        private = "" if content is None else shown(content)
        seen[slot.names[0], span.first] = Seen(role, told, private, flags, asleep, tuple(parts.items()))


def _see_file(seen: View, here: Source, group: Group, rows: list[Span]) -> None:
    file = group.file or ""
    known = here.size(file)
    size = group.size if known is None else known
    if known == 0:
        seen.empty.add(file)
    for span in rows:
        first, last = span.first, min(span.last, size)
        if first >= last:
            continue
        if not here.contents:
            seen.cache[file, first] = Cached("unknown", "", (("unknown", last - first),))
            continue
        runs = here.pages(file, first, last)
        parts: Counter[str] = Counter()
        for pages, content in runs:
            parts["hole" if content is None else "cached"] += pages
        contents = dict.fromkeys(content for _, content in runs)
        if len(contents) == 1:
            (content,) = contents
            role, told = ("hole", "hole") if content is None else ("cached", shown(content))
        elif contents:
            role, told = "mixed", f"{parts['cached']:,} of {last - first:,}"
        else:
            continue
        seen.cache[file, first] = Cached(role, told, tuple(parts.items()))


def _common(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The flags that all of these have."""
    first, *others = [*rows] or [()]
    return tuple(flag for flag in first if all(flag in other for other in others))


def _most_telling(parts: Counter) -> str:
    present = sum(parts[role] for role in PRESENT)
    telling = ("uffd-wp", "out of reach", "marker", "poison", "unmapped")
    rest = [f"{parts[role]:,} {role}" for role in telling if parts[role]]
    return ", ".join([f"{present:,} of {parts.total():,} present", *rest])
