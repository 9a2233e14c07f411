"""Strips of the picture "tables": one a userfaultfd, with what waits in its queues."""

from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.layout import STRIP
from uffdsim.pictures.measure import width
from uffdsim.pictures.memory import Queues

ZONES = (("pending", "to read", 0.37), ("reading", "read, not answered", 0.37), ("events", "events to read", 0.26))
"""The queues, what they are called, and how much room each gets: fault_pending_wqh, fault_wqh and event_wqh."""
SIZE = 10.5


def strip(sheet: Sheet, fd: str, place: tuple[float, float, float], queues: Queues | None, before: Queues | None):
    """A userfaultfd from its opening on: what it asked for, and its three queues."""
    if queues is None:
        return
    x, y, w = place
    closed = queues.note == "closed"
    features = ", ".join(queues.features)
    known = {"key": f"uffd {fd}", "tip": f"features: {features or 'none'}"}
    sheet.rect(x, y, w, STRIP, "empty queue" if closed else "uffd", 7, **known)
    name = min(160, w * 0.28)
    sheet.text(x + 10, y + 13, f"userfaultfd {fd}" if w > 500 else fd, "text", 13, name - 16, bold=True)
    about = queues.note or features or "no features"
    sheet.text(x + 10, y + 29, about, "muted", 10, name - 16)
    x, w = x + name, w - name - 4
    for key, label, share in () if closed else ZONES:
        messages = getattr(queues, key)
        words = label if width(label, 10) < w * share - 8 else label.split(",")[0].split()[0]
        sheet.text(x, y + 10, words, "muted", 10)
        changed = before is not None and getattr(before, key) != messages
        _messages(sheet, x, y + 18, w * share - 8, messages, changed)
        x += w * share


def _messages(sheet: Sheet, x: float, y: float, w: float, messages: tuple[str, ...], changed: bool):
    if changed:
        sheet.rect(x - 3, y - 2, (w if messages else 34) + 6, 22, "just changed", 5)
    if not messages:
        sheet.chip(x, y, 34, 18, "–", "empty queue", "muted", 10)
        return
    more = f"+{len(messages) - 2}" if len(messages) > 2 else ""
    shown = messages[:2]
    each = (w - (22 if more else 0) - 4 * (len(shown) - 1)) / len(shown)
    for message in shown:
        text = message if width(message, SIZE, mono=True) <= each - 6 else _shorter(message)
        sheet.chip(x, y, each, 18, text, "message", "told", SIZE, mono=True, tip=message)
        x += each + 4
    sheet.text(x, y + 9, more, "muted", 10, tip=", ".join(messages))


def _shorter(message: str) -> str:
    """A message without the place it is about."""
    thread, *_, kind = message.split()
    return f"{thread} {kind}"


def told(queues: Queues) -> str:
    """What waits, in words."""
    waiting = ((label, getattr(queues, key)) for key, label, _ in ZONES)
    queued = [f"{label}: {', '.join(messages)}" for label, messages in waiting if messages]
    return "; ".join(filter(None, [queues.note, *queued])) or "nothing waits"
