"""The picture "log": what happened in plain sentences, numbered; also as HTML for the lab."""

from html import escape
from typing import Any

from uffdsim import words
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Picture, Table
from uffdsim.pictures.shapes.measure import wrap
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.trace import OVER, Event, Kind, Trace

SIZE = (500, 300)
TEXT, LINE = 11.5, 16
"""How large the text is, and how far apart its lines are."""
RIM = 2
"""How far the last event is from those above and below it: there is a rim around it."""
HEADER = ("event", "thread", "function", "what")


def draw(moment: Moment, size: tuple[float, float] = SIZE) -> Picture:
    """The events around a moment, one below the other; the last one stands out and is told in full."""
    sheet, table = Sheet(*size, 6 * LINE), []
    told = _told(moment, sheet.w, sheet.h - 14)
    y = 8.0
    for number, lines in sorted(told.items()):
        event, now = moment.events[number - 1], number == moment.at
        left = _left(event)
        known: dict[str, Any] = {"event": number, "key": f"event {number}"}
        if now:
            y += RIM
            sheet.rect(6, y + 1, sheet.w - 12, LINE * len(lines) + 1, "current", 4, key="now", event=number)
        ink = "faint" if number > moment.at else "text"
        sheet.text(38, y + LINE / 2 + 1, str(number), ink, SMALLEST, anchor="end", bold=now, mono=True, **known)
        bold = event.kind is Kind.TOUCH and not now
        for line in lines:
            sheet.text(left, y + LINE / 2 + 1, line, ink, TEXT, sheet.w - left - 12, bold=bold, **known)
            y += LINE
        y += RIM if now else 0
        table.append((str(number), event.thread, event.function, words.event(moment.trace, event)))
    return sheet.picture("log", "What happened", moment.told, Table(HEADER, tuple(table)))


def _told(moment: Moment, w: float, h: float) -> dict[int, tuple[str, ...]]:
    """The lines of the events that there is room for: two thirds of it for what came before the moment, if enough did,
    and if nothing follows, all of it."""
    room = int(h // LINE)
    found: dict[int, tuple[str, ...]] = {}
    for numbers, most in (
        (range(moment.at, 0, -1), room * 2 // 3),
        (range(moment.at + 1, moment.shown + 1), room),
        (range(moment.at - 1, 0, -1), room),
    ):
        for number in numbers:
            if number not in found:
                lines = _lines(moment, number, w)
                if found and sum(map(len, found.values())) + len(lines) > most:
                    break
                found[number] = lines
    return found


def _lines(moment: Moment, number: int, w: float) -> tuple[str, ...]:
    """An event in at most two lines, the last that happened in at most four."""
    event, now = moment.events[number - 1], number == moment.at
    told, bold = words.told(moment.trace, event), event.kind is Kind.TOUCH and not now
    return wrap(told, w - _left(event) - 12, TEXT, 4 if now else 2, bold)


def _left(event: Event) -> float:
    """Where the words of an event begin: what happens in the kernel stands a little to the right."""
    return 46 + (0 if event.kind is Kind.TOUCH or event.kind in OVER else 12)


def log_html(trace: Trace, at: int | None = None, *, hide_after: bool = False, around: int | None = None) -> str:
    """The log as an HTML list: a line an event, with ``data-event``, and of the class past, now or later.

    :param hide_after: leave out what comes after ``at``.
    :param around: leave out what is more events than that before or after.
    """
    moment = Moment(trace, len(trace.events) if at is None else at, 0, hide_after=hide_after)
    lines = []
    first = 1 if around is None else max(moment.at - around, 1)
    last = moment.shown if around is None else min(moment.at + around, moment.shown)
    for number, event in enumerate(moment.events[first - 1 : last], first):
        when = "now" if number == moment.at else "past" if number < moment.at else "later"
        current = ' aria-current="step"' if when == "now" else ""
        who = f"<b>{escape(event.thread)}</b> " if event.thread else ""
        where = f"<code>{escape(event.function)}</code> " if event.function else ""
        lines.append(
            f'<li value="{number}" data-event="{number}" class="{when} {event.kind}"{current}>'
            f"{who}{where}{escape(words.event(trace, event))}</li>"
        )
    return f'<ol class="uffdsim-log">{"".join(lines)}</ol>'
