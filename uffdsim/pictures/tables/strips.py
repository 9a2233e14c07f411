"""Strips of the picture "tables": one a userfaultfd, with what waits in its queues; and one for children."""

from collections.abc import Iterable, Iterator
from typing import Any

from uffdsim import words
from uffdsim.pictures.memory import Message, Queues
from uffdsim.pictures.shapes.measure import fit_name, width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.tables.layout import STRIP, Block, Place
from uffdsim.pictures.tables.row import LOUD, ink
from uffdsim.pictures.tables.view import Child, Seen, View

ZONES = (("pending", "to read"), ("reading", "read, not answered"), ("events", "events to read"))
"""The queues, and what they are called: fault_pending_wqh, fault_wqh and event_wqh."""
CHIP, LEADING, GAP = 28, 12, 4
"""How high a message is, how far apart its two lines are, and messages from one another."""
EMPTY = 34
"""How wide an empty queue is."""
MORE = 24
"""Room to say how many more there are."""
THREAD = 44
"""How wide the name of a thread may be in a message that says little."""
CELL = 20
"""How high an entry of a child's page table is, and at least how wide."""


def strip(sheet: Sheet, fd: str, place: Place, queues: Queues, before: Queues | None, events: bool) -> None:
    """A userfaultfd from its opening on: what it asked for, and its queues; ``events``: whether there may be any."""
    x, y, w = place
    features = ", ".join(queues.features)
    known = {"key": f"userfaultfd {fd}", "tip": f"features: {features or 'none'}"}
    sheet.rect(x, y, w, STRIP, "uffd" if queues.open else "empty queue", 7, **known)
    left = _title(sheet, place, f"userfaultfd {fd}", fd, _notes(queues), **known)
    zones = (ZONES if events else ZONES[:2]) if queues.open else ()
    for n, (queue, label) in enumerate(zones):
        each = (x + w - 4 - left) / len(zones)
        start, room = left + n * each, each - 8
        short = label if width(label, SMALLEST) < room else label.split()[0].strip(",")
        sheet.text(start, y + 9, short, "muted", SMALLEST)
        messages = getattr(queues, queue)
        changed = before is not None and getattr(before, queue) != messages
        _messages(sheet, start, y + 17, room, messages, changed)


def _notes(queues: Queues) -> tuple[str, str]:
    """What there is to say of a userfaultfd, and the same where there is less room."""
    if queues.note:
        return queues.note, queues.note.split()[-1]
    return ", ".join(queues.features) or "no features", words.count(len(queues.features), "feature")


def _title(sheet: Sheet, place: Place, long: str, name: str, notes: Iterable[str], **known: Any) -> float:
    """What a strip is called, and below it the first note that has room; where the rest of the strip begins."""
    x, y, w = place
    room = min(150, w * 0.24)
    sheet.name(x + 8, y + 15, long if width(long, 13, True) < room - 12 else name, 13, room - 12, **known)
    *notes, last = notes
    fits = (note for note in notes if width(note, SMALLEST) <= room - 12)
    sheet.text(x + 8, y + 33, next(fits, last), "muted", SMALLEST, room - 12, **known)
    return x + room


# Messages


def _messages(sheet: Sheet, x: float, y: float, w: float, messages: tuple[Message, ...], changed: bool) -> None:
    """The messages of a queue, the oldest first, as many as have room; and how many more there are."""
    if changed:
        sheet.rect(x - 3, y - 2, (w if messages else EMPTY) + 6, CHIP + 4, "just changed", 5)
    if not messages:
        sheet.rect(x, y, EMPTY, CHIP, "empty queue")
        sheet.text(x + EMPTY / 2, y + CHIP / 2, "–", "muted", SMALLEST, anchor="middle")
        return
    shown, lines = next(_fitting(messages, w), (1, [_brief(messages[0])]))
    left = len(messages) - shown
    each = _each(shown, w, left > 0)
    for message, said in zip(messages, lines, strict=False):
        _message(sheet, x, y, each, message, said)
        x += each + GAP
    if left:
        sheet.text(x, y + CHIP / 2, f"+{left}", "muted", SMALLEST, tip="; ".join(map(str, messages[shown:])))


def _fitting(messages: tuple[Message, ...], w: float) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
    """How many messages can be read side by side, and with which words: better fewer than brief ones."""
    for say in (_full, _brief):
        lines = [say(message) for message in messages]
        for shown in range(len(messages), 0, -1):
            longest = max(width(line, SMALLEST) for said in lines[:shown] for line in said)
            if longest + 8 <= _each(shown, w, shown < len(messages)):
                yield shown, lines[:shown]


def _each(shown: int, w: float, more: bool) -> float:
    """How wide each of so many messages is."""
    return (w - MORE * more - GAP * (shown - 1)) / shown


def _full(message: Message) -> tuple[str, ...]:
    return tuple(filter(None, [f"{message.thread} {message.what}", message.place]))


def _brief(message: Message) -> tuple[str, ...]:
    who = fit_name(message.thread, THREAD, SMALLEST)
    return tuple(filter(None, [f"{who} {message.what}", message.place.partition(" of ")[0]]))


def _message(sheet: Sheet, x: float, y: float, w: float, message: Message, lines: tuple[str, ...]) -> None:
    key = f"message {message.number}"
    sheet.rect(x, y, w, CHIP, "message", key=key, tip=str(message))
    for row, line in enumerate(lines):
        middle = y + CHIP / 2 + (row - (len(lines) - 1) / 2) * LEADING
        sheet.text(x + w / 2, middle, line, "told", SMALLEST, w - 6, anchor="middle", key=key, tip=str(message))


# Children


def children(sheet: Sheet, place: Place, blocks: list[Block], now: View) -> None:
    """The memory of children, side by side: each mapping's entries, a cell for each of its rows."""
    x, y, w = place
    each = (w - GAP * (len(now.children) - 1)) / len(now.children)
    for name, child in now.children.items():
        _child(sheet, (x, y, each), name, child, _mappings(blocks, now, child))
        x += each + GAP


Mapped = tuple[str, list[tuple[str, Seen]]]
"""A mapping's name; and the numbers of the pages in a row, and what it shows."""


def _mappings(blocks: Iterable[Block], now: View, child: Child) -> Iterator[Mapped]:
    """The mappings that a child has."""
    for block in blocks:
        if block.slot is not None and block.id in now.names:
            shown = ((block.own(span).label, child.rows.get((block.id, span.first))) for span, _ in block.rows)
            rows = [(label, seen) for label, seen in shown if seen is not None]
            if any(seen.role != "unmapped" for _, seen in rows):
                yield now.names[block.id], rows


def _child(sheet: Sheet, place: Place, name: str, child: Child, mappings: Iterable[Mapped]) -> None:
    x, y, w = place
    known = {"key": f"memory of {name}", "tip": f"the copy of the address space that {name} got: {child.watched}"}
    sheet.rect(x, y, w, STRIP, "child" if child.rows else "empty queue", 7, **known)
    left, right = _title(sheet, place, name, name, [child.watched], **known), x + w - 6
    for number, (mapping, rows) in enumerate(mappings):
        flags = [flag for flag in rows[0][1].flags if flag in LOUD]
        title = " ".join([mapping, *flags])
        cells = [max(width(label, SMALLEST, mono=True) + 8, CELL) for label, _ in rows]
        wide = max(width(title, SMALLEST), sum(cells))
        if left + wide > right - MORE * (number > 0):
            sheet.text(left, y + STRIP / 2, "…", "muted", SMALLEST, tip="more mappings have no room here")
            return
        sheet.text(left, y + 11, title, "muted", SMALLEST)
        start = left
        for (label, seen), cell in zip(rows, cells, strict=True):
            _cell(sheet, start, y + 22, cell, label, seen, f"{name}: {mapping} {label}")
            start += cell
        left += wide + 12


def _cell(sheet: Sheet, x: float, y: float, w: float, label: str, seen: Seen, key: str) -> None:
    known: dict[str, Any] = {"key": key, "tip": " ".join(filter(None, [key, seen.words, seen.own]))}
    sheet.rect(x, y, w - 2, CELL, "entry" if seen.role == "none" else seen.role, 3, **known)
    sheet.text(x + w / 2 - 1, y + CELL / 2, label, ink(seen.role), SMALLEST, anchor="middle", mono=True, **known)


# In words


def told(queues: Queues) -> str:
    """What waits, in words."""
    waiting = ((label, getattr(queues, queue)) for queue, label in ZONES)
    queued = [f"{label}: {'; '.join(map(str, messages))}" for label, messages in waiting if messages]
    return "; ".join(filter(None, [queues.note, *queued])) or "nothing waits"


def told_of(child: Child, blocks: Iterable[Block], now: View) -> Iterator[tuple[str, str, str]]:
    """What a child has: mapping, page and entry, in words."""
    for mapping, rows in _mappings(blocks, now, child):
        for label, seen in rows:
            yield mapping, label, " ".join(filter(None, [seen.words, seen.own]))
