"""Room for labels in the picture "sequence": which events are named, and where."""

from collections.abc import Iterator
from typing import NamedTuple

from uffdsim import words
from uffdsim.pictures.sequence.lanes import LEADING, Lanes, Window, naps
from uffdsim.pictures.shapes.measure import fit, width
from uffdsim.pictures.shapes.sheet import SMALLEST
from uffdsim.trace import Event, Kind, Nap, Trace

Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""


AWAY = 9.5
"""How far the middle of a label is from the rim of its dot: there may be a mark around that."""
CLEAR, APART = 2, 8
"""How far a label is from dots and arrows, and from another label beside it: two names must not read as one."""
LONGEST = 235
"""What is longer is cut off, so that one label does not take the room of all others; where they leave it, it is not."""


class Label(NamedTuple):
    """A few words for an event: its middle, and whether a stem leads to it from the lane."""

    x: float
    y: float
    text: str
    stem: bool


def labels(trace: Trace, events: list[Event], window: Window, lanes: Lanes, right: float) -> dict[int, Label]:
    """What the dots are, as far as there is room: what matters most first, whatever the place of the cursor.

    Of equals the last goes first, so that stems of those before it pass to the left of its words.
    """
    numbers = range(window.first, window.last + 1)
    traffic = [box for n in numbers for box in _traffic(events, n, window, lanes)]
    traffic += [box for nap in naps(trace, window) for box in _bars(nap, window, lanes)]
    placed: dict[int, tuple[Label, list[Box]]] = {}

    def place(number: int, most: float) -> None:
        text = fit(_words(trace, events, number), most, SMALLEST)
        others = traffic + [box for n, (_, boxes) in placed.items() if n != number for box in _held(*boxes)]
        places = _candidates(events[number - 1], window.x(number), text, lanes, (window.left, right))
        found = next((one for one in places if not _meet(one[1], others)), None) if text else None
        if found:
            placed[number] = found

    for number in sorted(numbers, key=lambda n: (_weight(events[n - 1]), -n)):
        place(number, LONGEST)
    for number in [number for number, (label, _) in placed.items() if label.text.endswith("…")]:
        place(number, right - window.left)
    return {number: label for number, (label, _) in placed.items()}


def _held(words: Box, *stem: Box) -> list[Box]:
    """What a label keeps free of others: its words and what is beside them, and its stem."""
    left, top, right, bottom = words
    more = APART - 2 * CLEAR
    return [(left - more, top, right + more, bottom), *stem]


def _words(trace: Trace, events: list[Event], number: int) -> str:
    event = events[number - 1]
    if event.kind == Kind.TOUCH:
        return words.short(trace.scenario[event.of])
    if event.kind == Kind.ANSWER:
        found = trace.answer(event.of, number) or {}
        return words.kind(found) if "event" in found else words.event(trace, event)
    if event.kind == Kind.WAKE:
        return f"wakes {event.target}"
    if event.kind in (Kind.SLEEP, Kind.MESSAGE, Kind.OOPS):
        return {Kind.SLEEP: "sleeps", Kind.MESSAGE: "message", Kind.OOPS: "BUG"}[event.kind]
    if event.question:
        return f"{event.question} {event.answer}"
    again = number > 1 and events[number - 2].function == event.function
    return "" if again or event.kind != Kind.CALL or "lock" in event.function else event.function


def _weight(event: Event) -> int:
    """How little is lost when an event has no label."""
    if event.kind not in (Kind.CALL, Kind.DO, Kind.DECIDE, Kind.ANSWER):
        return 0
    if event.question or event.kind == Kind.ANSWER:
        return 1
    return 2 if event.changes else 3


def _candidates(
    event: Event, x: float, text: str, lanes: Lanes, within: tuple[float, float]
) -> Iterator[tuple[Label, list[Box]]]:
    """Where a label may go, the best place first, and the boxes that it and its stem would take."""
    y = lanes.at(event)
    w = width(text, SMALLEST)
    far = lanes.radius(event) + AWAY
    if y != lanes.kernel:
        row = y + far if event.thread in lanes.handlers else y - far
        places = [(x, row), (x + w / 2 + 4, row), (x - w / 2 - 4, row), (x + lanes.small + 3 + w / 2, y)]
    else:
        rows = [y + far + row * LEADING for row in range(lanes.below)]
        rows = [y - far, *rows] if event.question else [*rows, y - far]
        if _weight(event) > 1:  # better begin at the dot, so that stems of later ones pass to the right
            places = [(x + w / 2 - 8, row) for row in rows] + [(x + dx, row) for row in rows for dx in (0, 3 - w / 2)]
        else:
            places = [(x + dx, row) for row in rows for dx in (0, w / 2 + 4, -w / 2 - 4)]
    for middle, row in places:
        middle = min(max(middle, within[0] + w / 2), within[1] - w / 2)
        boxes = [(middle - w / 2 - CLEAR, row - SMALLEST / 2, middle + w / 2 + CLEAR, row + SMALLEST / 2)]
        stem = row > y + far
        if stem:
            boxes.append((x - 2, y + far, x + 2, row - SMALLEST / 2))
        yield Label(middle, row, text, stem and y == lanes.kernel), boxes


def _bars(nap: Nap, window: Window, lanes: Lanes) -> Iterator[Box]:
    """The box of a sleeper's bar, as long as it will ever be."""
    y, r = lanes.of(nap.thread), lanes.small * 0.7
    if nap.begin <= window.last and (nap.end is None or nap.end >= window.first):
        half = window.slot / 2
        begin, end = window.x(max(nap.begin, window.first)), window.x(min(nap.end or window.last, window.last))
        yield begin - half, y - r, end + half, y + r


def _traffic(events: list[Event], number: int, window: Window, lanes: Lanes) -> Iterator[Box]:
    """Boxes of an event's dot, and along the arrows that begin or end there, for labels to keep away from."""
    event, x = events[number - 1], window.x(number)
    y, r, half = lanes.at(event), lanes.radius(event), lanes.half(event, number)
    rim = 3  # of what differs from another trace
    yield x - half - rim, y - r - rim, x + half + rim, y + r + rim
    ends = []
    before = events[number - 2] if number > window.first else None
    if before is not None and before.thread == event.thread and lanes.at(before) != y:
        ends.append((window.x(number - 1), lanes.at(before)))
    if event.kind == Kind.MESSAGE or event.kind == Kind.SLEEP and event.function:
        ends.append((x, lanes.of(event.thread)))
    if event.kind == Kind.WAKE:
        ends.append((x, lanes.of(event.target)))
    for to_x, to_y in ends:
        pieces = max(int(abs(to_y - y) // 6), 1)
        for i in range(pieces):
            a, b = i / pieces, (i + 1) / pieces
            xs = sorted((x + (to_x - x) * a, x + (to_x - x) * b))
            ys = sorted((y + (to_y - y) * a, y + (to_y - y) * b))
            yield xs[0] - 1, ys[0], xs[1] + 1, ys[1]


def _meet(some: list[Box], others: list[Box]) -> bool:
    """Whether any of some boxes lies upon any of others."""
    for left, top, right, bottom in some:
        for x, y, end, low in others:
            if left < end and x < right and top < low and y < bottom:
                return True
    return False
