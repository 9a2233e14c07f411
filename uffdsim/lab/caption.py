"""The words of a lab as HTML: where we are, what just happened, what differs, and what is asked."""

import json
from collections.abc import Iterable, Sequence
from html import escape

from uffdsim.lab import words
from uffdsim.lab.model import Model
from uffdsim.lab.questions import Said
from uffdsim.pictures import Picture
from uffdsim.trace import Kind

KINDS = {
    Kind.TOUCH: "begins",
    Kind.CALL: "in the kernel",
    Kind.DO: "in the kernel",
    Kind.DECIDE: "decides",
    Kind.SLEEP: "falls asleep",
    Kind.WAKE: "wakes another",
    Kind.MESSAGE: "gets a message",
    Kind.ANSWER: "is back",
    Kind.OOPS: "the kernel dies",
}


def caption(model: Model, notice: str = "", said: dict[str, str] | None = None, guide: Sequence[str] = ()) -> str:
    """The card beside the pictures; ``guide`` is what to do, a sentence an act."""
    if model.question:
        parts = [_where(model), _notices(model, notice), _question(model, said or {})]
    else:
        parts = [_where(model), _event(model), _notices(model, notice), _differences(model), _verdict(model)]
    return "".join(parts) + _guide(model, guide) + _deeds(model, guide)


def said(model: Model, notice: str = "") -> str:
    """The same in a few sentences, to be read out."""
    if model.question:
        return f"{_sentence(model.question.about)} What will happen?"
    event = model.event
    told = f"{event.thread} {KINDS[event.kind]}: {event.text}" if event else "Nothing has happened yet"
    lines = (f"Event {model.at}", told, *model.refusals, model.notice, notice, *model.differences()[-1:])
    return " ".join(_sentence(line) for line in lines if line)


def _guide(model: Model, guide: Sequence[str]) -> str:
    rows = []
    for k, line in enumerate(guide):
        done, now = k < len(model.acts), k == len(model.acts)
        mark, how = ("✓ ", "uffdsim-later") if done else ("▸ ", 'uffdsim-do" aria-current="step') if now else ("", "")
        rows.append(f'<li class="{how}">{mark}{escape(line)}</li>')
    return _list("What to do", "uffdsim-deeds uffdsim-guide", rows) if rows else ""


def _deeds(model: Model, guide: Sequence[str]) -> str:
    """Everything that was done, each with what it answered as far as it may be seen."""
    outcome, here = model.outcome, model.place.act
    rows = []
    for k, act in enumerate(model.acts):
        end, now = outcome.ends[k + 1], ' class="uffdsim-now" aria-current="step"' if k == here else ""
        if k > here:
            event = f' data-event="{end}"' if end <= model.last else ""
            rows.append(f'<li class="uffdsim-later"{event}>{escape(words.act(act))}</li>')
            continue
        mine, theirs = model.answers(k)
        mark = '<b class="uffdsim-unlike">≠</b> ' if mine != theirs else ""
        note = f' <span class="uffdsim-left">({escape(outcome.notes[k])})</span>' if k in outcome.notes else ""
        rows.append(f'<li{now} data-event="{end}">{escape(words.act(act))}: {mark}<b>{escape(mine)}</b>{note}</li>')
    if not rows and guide:
        return ""
    if not rows:
        return '<p class="uffdsim-deeds">Nothing was done yet. Write through a mapping, and read through the other.</p>'
    return _list("What was done", "uffdsim-deeds", rows)


def _list(title: str, name: str, rows: Iterable[str]) -> str:
    """A list that scrolls for itself, so that what is above it stays in sight."""
    head = f'<div class="{name}" tabindex="0" role="group" aria-label="{title}"><p>{title}</p>'
    return f"{head}<ol>{''.join(rows)}</ol></div>"


def _where(model: Model) -> str:
    end = "?" if model.hides else len(model.trace.events)
    return f'<p class="uffdsim-where">Event <b>{model.at}</b> of {end}{_doing(model)}</p>'


def _doing(model: Model) -> str:
    event = model.event
    step = model.scenario[event.step] if event and event.step < len(model.scenario) else None
    return f" · {escape(words.act(step))}" if step else ""


def _event(model: Model) -> str:
    event = model.event
    if event is None:
        return '<p class="uffdsim-event">Nothing has happened yet.</p>'
    who = f"<b>{escape(event.thread)}</b> {KINDS[event.kind]}" if event.thread else "the beginning"
    function = f" · <code>{escape(event.function)}</code>" if event.function else ""
    text = escape(event.text)
    if event.kind is Kind.ANSWER:
        step, found = model.outcome.back(event)
        text = f"{escape(words.act(step))}: <b>{escape(words.answer(step, found))}</b>"
    if event.question:
        text += f' <span class="uffdsim-answer">{escape(event.question)} <b>{escape(event.answer)}</b></span>'
    return f'<p class="uffdsim-who">{who}{function}</p><p class="uffdsim-event">{text[:1].upper()}{text[1:]}</p>'


def _notices(model: Model, notice: str) -> str:
    lines = [*model.refusals, *filter(None, (model.notice, notice, model.real[1]))]
    return "".join(f'<p class="uffdsim-notice">{escape(_sentence(line))}</p>' for line in lines) + _real(model)


def _real(model: Model) -> str:
    comparison = model.real[0]
    if comparison is None:
        return ""
    name, parting = comparison.kernels[1], comparison.parting
    if parting is None:
        text = f"{name} gave all {len(comparison.rows)} answers too, step by step."
        return f'<p class="uffdsim-agrees">✓ {escape(text)}</p>'
    row = comparison.rows[parting]
    theirs, mine = (words.answer(row.step, found) for found in (row.second, row.first))
    text = f"{name} answers otherwise: {words.act(row.step)}: {theirs}; here, {mine}."
    return f'<p class="uffdsim-notice">≠ {escape(text)}</p>'


def _differences(model: Model) -> str:
    if model.against is None:
        return ""
    before, found = model.other is None, model.differences()
    other = words.changed(model.against[0].settings, model.settings)
    head = f"Not as with {escape(other)}" if before else f"Beside it: {escape(other)}"
    if not found:
        return f'<p class="uffdsim-differs">Up to here, every answer is the same with <b>{escape(other)}</b>.</p>'
    items = "".join(f"<li>{escape(line)}</li>" for line in found[-4:])
    return f'<div class="uffdsim-differs"><b>≠ {head}:</b><ul>{items}</ul></div>'


def _question(model: Model, said: dict[str, str]) -> str:
    asked = model.question
    rows = []
    for number, part in enumerate(asked.parts):
        chips = "".join(
            f'<button type="button" id="say-{number}-{index}" class="uffdsim-chip" '
            f"aria-pressed=\"{str(said.get(part.asks) == option).lower()}\" data-do='{_do('say', part.asks, option)}'>"
            f"{'✓ ' if said.get(part.asks) == option else ''}{escape(option)}</button>"
            for index, option in enumerate(part.options)
        )
        rows.append(f'<fieldset><legend>{escape(part.asks)}</legend>{chips}</fieldset>')
    show = f"<button type=\"button\" id=\"say-show\" class=\"uffdsim-chip\" data-do='{_do('show')}'>Show me</button>"
    return (
        f'<div class="uffdsim-question"><p><b>{escape(_sentence(asked.about))}</b> What will happen?</p>'
        f"{''.join(rows)}{show}</div>"
    )


def _verdict(model: Model) -> str:
    if not model.verdict:
        return ""
    told = "".join(f"<li>{_said(one)}</li>" for one in model.verdict)
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in model.reasons)
    return (
        f'<div class="uffdsim-verdict"><ul>{told}</ul><p>For these reasons:</p><ol>{reasons}</ol>'
        f"<p>{model.right} of {model.asked} said rightly so far.</p></div>"
    )


def _said(one: Said) -> str:
    truth = f"{escape(one.part.asks)} <b>{escape(one.part.truth)}</b>"
    if one.right:
        return f"✓ {truth}"
    return f"✗ {truth}, not {escape(one.said)}" if one.said else f"– {truth}"


def words_of(pictures: Iterable[Picture], unfolded: bool) -> str:
    """The pictures once more, as sentences and tables, for whoever unfolds them."""
    inside = "".join(_words_of(picture) for picture in pictures) if unfolded else ""
    is_open = " open" if unfolded else ""
    return f'<details class="uffdsim-words"{is_open}><summary>The same in words</summary>{inside}</details>'


def _words_of(picture: Picture) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in picture.table.header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in picture.table.rows
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<p>{escape(picture.sentence)}</p>{table}"


def _do(what: str, *arguments: str) -> str:
    return escape(json.dumps({"do": what, "with": arguments}), quote=True)


def _sentence(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else text + "."
