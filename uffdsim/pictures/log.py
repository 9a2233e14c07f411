"""The picture "log": what happened in plain sentences, numbered; also as HTML for the lab."""

from html import escape

from uffdsim import words
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.measure import wrap
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.trace import Kind, Trace

SIZE = (500, 300)
LINE = 16


def draw(moment: Moment, size=SIZE) -> Picture:
    """The events around a moment, one below the other; the last one stands out and is told in full."""
    sheet = Sheet(*size, 6 * LINE)
    events = moment.events
    shown = moment.at if moment.hide_after else len(events)
    rows = int((sheet.h - 16) // LINE) - 2
    first = min(max(moment.at - rows * 2 // 3, 1), max(len(events) - rows + 1, 1))
    y = 8
    for number in range(first, shown + 1):
        event = events[number - 1]
        now = number == moment.at
        left = 46 + (0 if event.kind in (Kind.TOUCH, Kind.ANSWER) else 12)
        room = sheet.w - left - 12
        lines = wrap(words.told(moment.trace, event), room, 11.5, 3) if now else (words.told(moment.trace, event),)
        if y + LINE * len(lines) > sheet.h - 6:
            break
        if now:
            sheet.rect(6, y, sheet.w - 12, LINE * len(lines) + 2, "current", 4, event=number)
        ink = "faint" if number > moment.at else "text"
        sheet.text(38, y + LINE / 2 + 1, str(number), ink, 11, anchor="end", bold=now, mono=True, event=number)
        for line in lines:
            known = {"event": number, "key": f"event {number}", "bold": event.kind == Kind.TOUCH and not now}
            sheet.text(left, y + LINE / 2 + 1, line, ink, 11.5, room, **known)
            y += LINE
        y += 2 if now else 0
    said = "Nothing has happened yet."
    if moment.at:
        said = f"Event {moment.at} of {len(events)}: {words.told(moment.trace, moment.event)}."
    rows = tuple((str(n), e.thread, e.function, words.event(moment.trace, e)) for n, e in enumerate(events[:shown], 1))
    return sheet.picture("log", "What happened", said, Table(("event", "thread", "function", "what"), rows))


def log_html(trace: Trace, at: int | None = None, *, hide_after: bool = False, around: int | None = None) -> str:
    """The log as an HTML list: a line an event, with ``data-event``, and of the class past, now or later.

    :param hide_after: leave out what comes after ``at``.
    :param around: leave out what is more events than that before or after.
    """
    moment = Moment(trace, len(trace.events) if at is None else at, 0, hide_after=hide_after)
    lines = []
    last = moment.at if hide_after else len(moment.events)
    first = 1 if around is None else max(moment.at - around, 1)
    last = last if around is None else min(moment.at + around, last)
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
