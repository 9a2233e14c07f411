"""Draws the picture "sequence": dots, arrows, sleep, and the events in words."""

from typing import Any

from uffdsim import words
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.sequence.labels import Label, labels
from uffdsim.pictures.sequence.lanes import FOOT, RIGHT, Lanes, Window, lanes, naps, window
from uffdsim.pictures.shapes import Picture, Point, Table
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.trace import Event, Kind, Nap, Trace

SIZE = (760, 250)
INK = {Kind.SLEEP: "waits", Kind.WAKE: "woken", Kind.MESSAGE: "told"}


def draw(moment: Moment, size: tuple[float, float] = SIZE) -> Picture:
    """The events around a moment, a column each; sleep is a hatched bar, and arrows say who tells and wakes whom.

    The sheet turns like the page of a book when the cursor leaves it, and stands still meanwhile. What comes after
    the moment is grey.
    """
    room = lanes(moment.trace.scenario, size[1])
    drawing = _Sequence(Sheet(*size, room.height), moment, room)
    drawing.draw()
    asleep = [nap.thread for nap in moment.trace.asleep(moment.at)]
    said = moment.told + (f" Asleep: {', '.join(asleep)}." if asleep else "")
    return drawing.sheet.picture("sequence", "Who did what when", said, _table(moment, drawing.window, drawing.shown))


def _table(moment: Moment, window: Window, shown: int) -> Table:
    rows = [
        (str(n), e.thread, e.function or "user mode", words.event(moment.trace, e), "" if n <= moment.at else "later")
        for n, e in enumerate(moment.events[window.first - 1 : shown], window.first)
    ]
    return Table(("event", "thread", "where", "what", ""), tuple(rows))


def _unlike(moment: Moment, window: Window) -> set[int]:
    """The numbers of the events on the sheet that have no like in the same step of the other trace."""
    if moment.against is None:
        return set()
    here = {n: moment.events[n - 1] for n in range(window.first, window.last + 1)}
    steps = {event.step for event in here.values()}
    there = {_like(moment.against, event) for step in steps for _, event in moment.against.during(step)}
    return {n for n, event in here.items() if _like(moment.trace, event) not in there}


def _like(trace: Trace, event: Event) -> tuple:
    return event.step, event.thread, event.kind, event.function, words.event(trace, event)


class _Sequence:
    """Draws the events of one window; ``shown`` is the last that may be seen."""

    def __init__(self, sheet: Sheet, moment: Moment, room: Lanes) -> None:
        self.sheet, self.moment, self.at = sheet, moment, moment.at
        self.events = moment.events
        self.window = window(moment.trace, self.at, sheet.w)
        self.shown = min(self.window.last, moment.shown)
        self.lanes = room
        self.unlike = _unlike(moment, self.window)

    def draw(self) -> None:
        sheet, left, end = self.sheet, self.window.left, self.sheet.w - RIGHT
        rows = [*self.lanes.users.items(), ("kernel", self.lanes.kernel), *self.lanes.handlers.items()]
        for name, y in rows:
            sheet.name(12, y, name, 12, left - 18, key=f"lane {name}")
            sheet.line("rule", (left, y), (end, y), key=f"lane {name}")
        for nap in naps(self.moment.trace, self.window):
            self.nap(nap)
        for number in range(self.window.first, self.shown + 1):
            self.arrows(number)
        for number in range(self.window.first, self.shown + 1):
            self.dot(number)
        self.cursor()
        if not self.moment.trace.narrated:
            told = "a real kernel does not show what it does"
            sheet.text(left + 2, self.lanes.kernel + 10, told, "muted", SMALLEST, halo=True)
        end = self.hide(end)
        for number, label in labels(self.moment.trace, self.events, self.window, self.lanes, end).items():
            if number <= self.shown:
                self.label(number, label)
        self.foot()

    def edge(self, number: int) -> float:
        """Where an event's column ends."""
        return self.window.x(number) + self.window.slot / 2

    def nap(self, nap: Nap) -> None:
        """The bar of a sleeping thread, in grey from the cursor on."""
        last = self.shown if nap.end is None else min(nap.end, self.shown)
        if nap.begin > self.shown or last < self.window.first:
            return
        left = self.window.x(nap.begin) if nap.begin >= self.window.first else self.edge(self.window.first - 1)
        right = self.window.x(last) if last == nap.end else self.edge(last)
        now = min(max(self.edge(self.at), left), right)
        h = self.lanes.small * 1.3
        y = self.lanes.of(nap.thread) - h / 2
        tip = f"{nap.thread} sleeps from event {nap.begin}" + (f" to {nap.end}" if nap.end else "")
        known = {"event": nap.begin, "tip": tip, "key": f"nap {nap.thread} {nap.begin}"}
        if right > now:
            self.sheet.rect(now, y, right - now, h, "later", 2, **known)
        if now > left:
            self.sheet.rect(left, y, now - left, h, "asleep", 2, **known)

    def arrows(self, number: int) -> None:
        """Into the kernel and back; down to sleep; to the one who is woken, and to the one who is told."""
        event = self.events[number - 1]
        x, y = self.window.x(number), self.lanes.at(event)
        before = self.events[number - 2] if number > self.window.first else None
        if before is not None and before.thread == event.thread and self.lanes.at(before) != y:
            start = self.window.x(number - 1), self.lanes.at(before)
            self.arrow("enters", number, start, (x, y), self.lanes.radius(event) + 1)
        if event.kind is Kind.SLEEP and event.function:
            self.arrow("falls asleep", number, (x, y), (x, self.lanes.of(event.thread)), self.lanes.small * 0.7)
        elif event.kind is Kind.WAKE:
            self.arrow("wakes", number, (x, y), (x, self.lanes.of(event.target)), self.lanes.small * 0.7)
        elif event.kind is Kind.MESSAGE:
            self.arrow("tells", number, (x, y), (x, self.lanes.of(event.thread)), 0)

    def arrow(self, role: str, number: int, start: Point, end: Point, short: float) -> None:
        """An arrow from a dot's edge to ``short`` before its end."""
        length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
        gap = (self.lanes.r if start[1] == self.lanes.kernel else self.lanes.small) + 1
        if length > gap + short:
            dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
            start, end = (start[0] + dx * gap, start[1] + dy * gap), (end[0] - dx * short, end[1] - dy * short)
            key = f"{role} {number}"
            self.sheet.line(role if number <= self.at else "later", start, end, arrow=True, key=key)

    def dot(self, number: int) -> None:
        event = self.events[number - 1]
        r, w = self.lanes.radius(event), self.lanes.half(event, number)
        x, y = self.window.x(number), self.lanes.at(event)
        key, tip = f"event {number}", f"{number}. {words.told(self.moment.trace, event)}"
        role = self.role(number, event)
        self.sheet.rect(x - w, y - r, 2 * w, 2 * r, role, 3 if event.question else r, key=key, event=number, tip=tip)
        if number in self.unlike and number <= self.at:
            self.sheet.rect(x - w - 2.5, y - r - 2.5, 2 * w + 5, 2 * r + 5, "differs", r + 2)
        ink = {"later": "faint", "oops": "reversed"}.get(role, "text")
        bold = number == self.at and width(str(number), SMALLEST, True) < 2 * w
        self.sheet.text(x, y, str(number), ink, SMALLEST, anchor="middle", bold=bold, key=key, event=number)

    def role(self, number: int, event: Event) -> str:
        if number > self.at:
            return "later"
        if event.kind == Kind.OOPS:
            return "oops"
        return "current" if number == self.at else "deed" if event.changes else "event"

    def label(self, number: int, label: Label) -> None:
        event = self.events[number - 1]
        ink = "faint" if number > self.at else INK.get(event.kind, "text")
        if label.stem:
            x = self.window.x(number)
            self.sheet.line("stem", (x, self.lanes.kernel + self.lanes.r + 1), (x, label.y - SMALLEST / 2))
        known: dict[str, Any] = {"anchor": "middle", "halo": True, "key": f"label {number}", "event": number}
        if label.text.endswith("…"):
            known["tip"] = words.told(self.moment.trace, event)
        self.sheet.text(label.x, label.y, label.text, ink, SMALLEST, **known)

    def cursor(self) -> None:
        """The dashed line of now."""
        if self.at:
            x = self.edge(self.at)
            self.sheet.line("cursor", (x, 4), (x, self.sheet.h - FOOT - 2), key="cursor")

    def hide(self, end: float) -> float:
        """What stands where later events would; where there is room up to."""
        x, bottom = self.edge(self.at), self.sheet.h - FOOT - 2
        if self.moment.hide_after and self.at < len(self.events) and x + 40 < end:
            self.sheet.rect(x + 6, 6, end - x - 6, bottom - 8, "hidden", 8)
            self.sheet.text((x + 6 + end) / 2, bottom / 2, "?", "muted", 30, anchor="middle", bold=True)
            return x - 3  # no word over the line of now
        return end

    def foot(self) -> None:
        """What happened last, in words."""
        y = self.sheet.h - 13
        event = self.moment.event
        if event is None:
            self.sheet.text(12, y, "nothing has happened yet", "muted", 12)
            return
        x = 12 + width(str(self.at), 12, True) + 8
        self.sheet.text(12, y, str(self.at), "text", 12, bold=True)
        self.sheet.text(x, y, words.told(self.moment.trace, event), "text", 12, self.sheet.w - x - RIGHT)
