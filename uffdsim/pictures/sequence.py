"""The picture "sequence": who did what when, in lanes: threads above, the kernel, and the handlers below."""

from functools import partial

from uffdsim import words
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.lanes import FOOT, LABEL, LEFT, RIGHT, SLOT, Lanes, Window, labels, lanes, window
from uffdsim.pictures.measure import width
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.trace import Event, Kind, Trace

SIZE = (760, 250)
INK = {Kind.SLEEP: "waits", Kind.WAKE: "woken", Kind.MESSAGE: "told"}


def draw(moment: Moment, size=SIZE) -> Picture:
    """The events around a moment, a column each; sleep is a hatched bar, and arrows say who tells and wakes whom.

    The sheet turns like the page of a book when the cursor leaves it, and stands still meanwhile. What comes after
    the moment is grey.
    """
    room = lanes(moment.trace.scenario, size[1])
    drawing = _Sequence(Sheet(*size, room.height), moment, room)
    drawing.draw()
    said = (
        f"Event {moment.at} of {len(moment.events)}: {words.told(moment.trace, moment.event)}."
        if moment.at
        else "Nothing has happened yet."
    )
    asleep = [nap.thread for nap in moment.trace.asleep(moment.at)]
    if asleep:
        said += f" Asleep: {', '.join(asleep)}."
    return drawing.sheet.picture("sequence", "Who did what when", said, _table(moment, drawing.window, drawing.shown))


def _table(moment: Moment, window: Window, shown: int) -> Table:
    events = enumerate(moment.events[window.first - 1 : shown], window.first)
    say = partial(words.event, moment.trace)
    rows = [(n, e.thread, e.function or "user mode", say(e), "" if n <= moment.at else "later") for n, e in events]
    return Table(("event", "thread", "where", "what", ""), tuple((str(n), *row) for n, *row in rows))


def _unlike(moment: Moment) -> set[int]:
    """The numbers of the events that have no like in the same step of the other trace."""
    if moment.against is None:
        return set()
    there = {_like(moment.against, event) for event in moment.against.events}
    return {n for n, event in enumerate(moment.events, 1) if _like(moment.trace, event) not in there}


def _like(trace: Trace, event: Event) -> tuple:
    return event.step, event.thread, event.kind, event.function, words.event(trace, event)


class _Sequence:
    """Draws the events of one window; ``shown`` is the last that may be seen."""

    def __init__(self, sheet: Sheet, moment: Moment, room: Lanes):
        self.sheet, self.moment, self.at = sheet, moment, moment.at
        self.events = moment.events
        self.window = window(self.events, self.at, sheet.w)
        self.shown = min(self.window.last, self.at) if moment.hide_after else self.window.last
        self.lanes = room
        self.unlike = _unlike(moment)

    def draw(self):
        sheet, end = self.sheet, self.sheet.w - RIGHT
        rows = [*self.lanes.users.items(), ("kernel", self.lanes.kernel), *self.lanes.handlers.items()]
        for name, y in rows:
            sheet.text(12, y, name, "text", min(12, self.lanes.small + 4), LEFT - 18, bold=True)
            sheet.line("rule", (LEFT, y), (end, y))
        if not self.moment.trace.narrated:
            sheet.text(LEFT, self.lanes.kernel + 10, "what it does, a real kernel does not tell", "muted", 11)
        for nap in self.moment.trace.naps():
            self.nap(nap.thread, nap.begin, nap.end)
        for number in range(self.window.first, self.shown + 1):
            self.arrows(number)
        for number in range(self.window.first, self.shown + 1):
            self.dot(number)
        self.cursor()
        self.hide(end)
        for number, label in labels(self.moment.trace, self.events, self.window, self.lanes, end).items():
            if number <= self.shown:
                self.label(number, label)
        self.foot()

    def nap(self, thread: str, begin: int, woken: int | None):
        """The bar of a sleeping thread, in grey from the cursor on."""
        last = self.shown if woken is None else min(woken, self.shown)
        if begin > self.shown or last < self.window.first:
            return
        left = self.window.x(max(begin, self.window.first)) - (SLOT / 2 if begin < self.window.first else 0)
        right = self.window.x(last) + (0 if last == woken else SLOT / 2)
        now = min(max(self.window.x(self.at) + SLOT / 2, left), right)
        h = self.lanes.small * 1.3
        y = self.lanes.of(thread) - h / 2
        tip = f"{thread} sleeps from event {begin}" + (f" to {woken}" if woken else "")
        known = {"event": begin, "tip": tip}
        if right > now:
            self.sheet.rect(now, y, right - now, h, "later", 2, **known)
        if now > left:
            self.sheet.rect(left, y, now - left, h, "asleep", 2, key=f"nap {thread} {begin}", **known)

    def arrows(self, number: int):
        """Into the kernel and back; down to sleep; to the one who is woken, and to the one who is told."""
        event, x, y = self.events[number - 1], self.window.x(number), self.lanes.at(self.events[number - 1])
        before = self.events[number - 2] if number > self.window.first else None
        if before is not None and before.thread == event.thread and self.lanes.at(before) != y:
            self.arrow(
                "enters",
                number,
                (self.window.x(number - 1), self.lanes.at(before)),
                (x, y),
                self.lanes.radius(event) + 1,
            )
        if event.kind == Kind.SLEEP and event.function:
            self.arrow("falls asleep", number, (x, y), (x, self.lanes.of(event.thread)), self.lanes.small * 0.7)
        elif event.kind == Kind.WAKE:
            self.arrow("wakes", number, (x, y), (x, self.lanes.of(event.target)), self.lanes.small * 0.7)
        elif event.kind == Kind.MESSAGE:
            self.arrow("tells", number, (x, y), (x, self.lanes.of(event.thread)), 0)

    def arrow(self, role: str, number: int, start, end, short: float):
        """An arrow from a dot's edge to ``short`` before its end."""
        length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
        gap = (self.lanes.r if start[1] == self.lanes.kernel else self.lanes.small) + 1
        if length > gap + short:
            dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
            start, end = (start[0] + dx * gap, start[1] + dy * gap), (end[0] - dx * short, end[1] - dy * short)
            self.sheet.line(role if number <= self.at else "later", start, end, arrow=True)

    def dot(self, number: int):
        event = self.events[number - 1]
        r = self.lanes.radius(event)
        x, y = self.window.x(number), self.lanes.at(event)
        known = {"key": f"event {number}", "event": number, "tip": f"{number}. {words.told(self.moment.trace, event)}"}
        role = self.role(number, event)
        self.sheet.rect(x - r, y - r, 2 * r, 2 * r, role, 3 if event.question else r, **known)
        if number in self.unlike and number <= self.at:
            self.sheet.rect(x - r - 2.5, y - r - 2.5, 2 * r + 5, 2 * r + 5, "differs", r + 2)
        ink = {"later": "faint", "oops": "reversed"}.get(role, "text")
        bold = number == self.at
        size = min(9.5, 2.7 * r / len(str(number)))
        self.sheet.text(x, y, str(number), ink, size, anchor="middle", bold=bold, event=number)

    def role(self, number: int, event: Event) -> str:
        if number > self.at:
            return "later"
        if event.kind == Kind.OOPS:
            return "oops"
        return "current" if number == self.at else "deed" if event.changes else "event"

    def label(self, number: int, label):
        kind = self.events[number - 1].kind
        ink = "faint" if number > self.at else INK.get(kind, "text")
        if label.stem:
            x = self.window.x(number)
            self.sheet.line("stem", (x, self.lanes.kernel + self.lanes.r + 1), (x, label.y - LABEL / 2))
        self.sheet.text(label.x, label.y, label.text, ink, LABEL, anchor="middle", halo=True, event=number)

    def cursor(self):
        """The dashed line of now."""
        if self.at:
            x = self.window.x(self.at) + SLOT / 2
            self.sheet.line("cursor", (x, 4), (x, self.sheet.h - FOOT - 2))

    def hide(self, end: float):
        """What stands where later events would."""
        x, bottom = self.window.x(self.at) + SLOT / 2, self.sheet.h - FOOT - 2
        if self.moment.hide_after and self.at < len(self.events) and x + 40 < end:
            self.sheet.rect(x + 6, 6, end - x - 6, bottom - 8, "hidden", 8)
            self.sheet.text((x + 6 + end) / 2, bottom / 2, "?", "muted", 30, anchor="middle", bold=True)

    def foot(self):
        """What happened last, in words."""
        y = self.sheet.h - FOOT / 2 - 2
        if not self.at:
            self.sheet.text(12, y, "nothing has happened yet", "muted", 12)
            return
        x = 12 + width(str(self.at), 12, True) + 8
        self.sheet.text(12, y, str(self.at), "text", 12, bold=True)
        self.sheet.text(x, y, words.told(self.moment.trace, self.moment.event), "text", 12, self.sheet.w - x - RIGHT)
