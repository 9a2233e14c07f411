"""All that the picture "tables" shows of one moment, so that two moments, or two kernels, can be compared."""

from collections import Counter
from typing import NamedTuple

from uffdsim.pictures import memory
from uffdsim.pictures.layout import Block
from uffdsim.pictures.memory import PRESENT, Queues
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.plan import Group, Slot, Span

Parts = tuple[tuple[str, int], ...]
"""Roles, and how many pages of a row have each."""


class Seen(NamedTuple):
    """What one row of a mapping shows."""

    role: str
    words: str
    own: str
    flags: tuple[str, ...]
    waits: tuple[str, ...]
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


class View(NamedTuple):
    """One moment. Rows are known by the first name of their mapping, or their file, and their first page."""

    rows: dict[tuple[str, int], Seen]
    cache: dict[tuple[str, int], Cached]
    names: dict[str, str]
    """For each mapping that is there: what it is called now."""
    queues: dict[str, Queues]
    others: tuple[memory.Sleeper, ...]
    """Who sleeps for something else than a page."""
    note: str


def view(moment: Moment, blocks: list[Block]) -> View:
    """What is there at a moment."""
    source, note = source_of(moment)
    sleepers = source.sleepers()
    seen = View({}, {}, {}, source.queues(), tuple(s for s in sleepers if s.page is None), note)
    waits: dict[tuple[str, int], list[str]] = {}
    for sleeper in sleepers:
        if sleeper.page is not None:
            waits.setdefault((sleeper.mapping, sleeper.page), []).append(f"{sleeper.thread} {sleeper.doing}")
    for block in blocks:
        rows = [span for span, _ in block.rows]
        if block.slot is None:
            _see_file(seen, source, block.group, rows)
        else:
            name = _name(source, block.slot)
            if name is not None:
                seen.names[block.id] = name
                _see_mapping(seen, source, block.slot, name, rows, waits)
    return seen


def _name(source, slot: Slot) -> str | None:
    """What a mapping is called now: a move that failed has left its name to addresses with nothing there."""
    names = [name for name in slot.names if source.is_there(name)]
    for name in reversed(names[1:]):
        if any(entry != memory.UNMAPPED for _, entry in source.entries(name, 0, slot.pages)):
            return name
    return names[0] if names else None


def source_of(moment: Moment):
    """Who tells of memory at a moment, and what to say of it if it is not all."""
    trace = moment.trace
    if trace.narrated:
        return memory.Simulated(trace, trace.cursor(moment.at).state), ""
    source = memory.Observed(trace, moment.steps_done)
    if source.reported is None:
        return source, "a real kernel shows only what is inspected, and nothing has been yet"
    return source, f"as inspect saw it in step {source.reported}; contents and queues a real kernel does not show"


def _see_mapping(seen: View, source, slot: Slot, name: str, rows: list[Span], waits: dict):
    for span in rows:
        first, last = max(span.first - slot.first, 0), min(span.last - slot.first, slot.pages)
        if first >= last:
            continue
        runs = source.entries(name, first, last)
        parts = Counter()
        for pages, entry in runs:
            parts[entry.role] += pages
        entries = dict.fromkeys(entry for _, entry in runs)
        if len(entries) == 1:
            ((role, words, own, flags),) = entries
        else:
            role, own, flags = "mixed", None, _common(entries)
            words = _most_telling(parts)
        own = "" if own is None else memory.shown(own)
        asleep = tuple(who for page in _pages(waits, name, first, last) for who in waits[name, page])
        seen.rows[slot.names[0], span.first] = Seen(role, words, own, flags, asleep, tuple(parts.items()))


def _see_file(seen: View, source, group: Group, rows: list[Span]):
    for span in rows:
        first, last = span.first, min(span.last, source.size(group.file) or group.size)
        if first >= last:
            continue
        if not source.contents:
            seen.cache[group.file, first] = Cached("unknown", "", (("unknown", last - first),))
            continue
        runs = source.pages(group.file, first, last)
        parts = Counter()
        for pages, content in runs:
            parts["hole" if content is None else "cached"] += pages
        contents = dict.fromkeys(content for _, content in runs)
        if len(contents) == 1:
            (content,) = contents
            role, words = ("hole", "hole") if content is None else ("cached", memory.shown(content))
        elif contents:
            role, words = "mixed", f"{parts['cached']:,} of {last - first:,}"
        else:
            continue
        seen.cache[group.file, first] = Cached(role, words, tuple(parts.items()))


def _pages(waits: dict, name: str, first: int, last: int) -> list[int]:
    return sorted(page for mapping, page in waits if mapping == name and first <= page < last)


def _common(entries) -> tuple[str, ...]:
    """The flags that all of these have."""
    first, *others = (entry.flags for entry in entries)
    return tuple(flag for flag in first if all(flag in other for other in others))


def _most_telling(parts: Counter) -> str:
    present = sum(parts[role] for role in PRESENT)
    rest = [f"{parts[role]:,} {role}" for role in ("uffd-wp", "marker", "poison", "unmapped") if parts[role]]
    return ", ".join([f"{present:,} of {parts.total():,} present", *rest])
