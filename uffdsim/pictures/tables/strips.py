"""Strips of the picture "tables": one a userfaultfd, with what waits in its queues."""

from uffdsim.pictures.memory import Message, Queues
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.tables.layout import STRIP

ZONES = (("pending", "to read", 0.4), ("reading", "read, not answered", 0.4), ("events", "events to read", 0.2))
"""The queues, what they are called, and how much room each gets: fault_pending_wqh, fault_wqh and event_wqh."""
CHIP, LEADING, GAP = 28, 12, 4
"""How high a message is, how far apart its two lines are, and messages from one another."""
EMPTY = 34
"""How wide an empty queue is."""


def strip(
    sheet: Sheet, fd: str, place: tuple[float, float, float], queues: Queues | None, before: Queues | None
) -> None:
    """A userfaultfd from its opening on: what it asked for, and its three queues."""
    if queues is None:
        return
    x, y, w = place
    closed = queues.note == "closed"
    features = ", ".join(queues.features)
    key, tip = f"userfaultfd {fd}", f"features: {features or 'none'}"
    sheet.rect(x, y, w, STRIP, "empty queue" if closed else "uffd", 7, key=key, tip=tip)
    name = min(150, w * 0.25)
    sheet.text(x + 10, y + 15, f"userfaultfd {fd}" if w > 500 else fd, "text", 13, name - 16, bold=True, key=key)
    sheet.text(x + 10, y + 33, queues.note or features or "no features", "muted", SMALLEST, name - 16, key=key)
    x, w = x + name, w - name - 4
    for queue, label, share in () if closed else ZONES:
        told = label if width(label, SMALLEST) < w * share - 8 else label.split(",")[0].split()[0]
        sheet.text(x, y + 9, told, "muted", SMALLEST)
        messages = getattr(queues, queue)
        changed = before is not None and getattr(before, queue) != messages
        _messages(sheet, x, y + 17, w * share - 8, messages, changed)
        x += w * share


def _messages(sheet: Sheet, x: float, y: float, w: float, messages: tuple[Message, ...], changed: bool) -> None:
    """The messages of a queue, the oldest first, as many as have room; and how many more there are."""
    if changed:
        sheet.rect(x - 3, y - 2, (w if messages else EMPTY) + 6, CHIP + 4, "just changed", 5)
    if not messages:
        sheet.rect(x, y, EMPTY, CHIP, "empty queue")
        sheet.text(x + EMPTY / 2, y + CHIP / 2, "–", "muted", SMALLEST, anchor="middle")
        return
    shown = next((number for number in (len(messages), 2, 1) if _fits(messages[:number], w, len(messages))), 1)
    left = len(messages) - shown
    each = _each(shown, w, left > 0)
    for message in messages[:shown]:
        _message(sheet, x, y, each, message)
        x += each + GAP
    if left:
        sheet.text(x, y + CHIP / 2, f"+{left}", "muted", SMALLEST, tip="; ".join(map(str, messages[shown:])))


def _fits(messages: tuple[Message, ...], w: float, number: int) -> bool:
    """Whether these of so many messages can be read side by side."""
    longest = max(width(line, SMALLEST) for message in messages for line in _lines(message))
    return longest + 8 <= _each(len(messages), w, number > len(messages))


def _each(shown: int, w: float, more: bool) -> float:
    """How wide each of so many messages is."""
    return (w - 24 * more - GAP * (shown - 1)) / shown


def _lines(message: Message) -> tuple[str, ...]:
    return tuple(filter(None, [f"{message.thread} {message.what}", message.place]))


def _message(sheet: Sheet, x: float, y: float, w: float, message: Message) -> None:
    key, lines = f"message {message.number}", _lines(message)
    sheet.rect(x, y, w, CHIP, "message", key=key, tip=str(message))
    for row, line in enumerate(lines):
        middle = y + CHIP / 2 + (row - (len(lines) - 1) / 2) * LEADING
        sheet.text(x + w / 2, middle, line, "told", SMALLEST, w - 6, anchor="middle", key=key, tip=str(message))


def told(queues: Queues) -> str:
    """What waits, in words."""
    waiting = ((label, getattr(queues, queue)) for queue, label, _ in ZONES)
    queued = [f"{label}: {'; '.join(map(str, messages))}" for label, messages in waiting if messages]
    return "; ".join(filter(None, [queues.note, *queued])) or "nothing waits"
