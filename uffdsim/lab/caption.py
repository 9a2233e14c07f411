"""The words of a lab as HTML: where we are, what just happened and why, what differs, and what is asked."""

from collections.abc import Iterable
from html import escape

from uffdsim import recording, words
from uffdsim.lab.chips import chip, do
from uffdsim.lab.deeds import done, to_do
from uffdsim.lab.guide import Guide, Progress
from uffdsim.lab.model import Model
from uffdsim.lab.questions import Question, Said
from uffdsim.pictures import Picture
from uffdsim.trace import Kind
from uffdsim.uapi import MEANINGS

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
AFTER_DEATH = "Every thread has stopped where it was. Go back, undo, or choose another kernel."
REAL = "This was done on a real kernel, {}. Nothing runs on one here unless you want it to."
NONE = Guide()
BEGUN = Progress()


def caption(
    model: Model,
    notice: str = "",
    said: dict[str, str] | None = None,
    guide: Guide = NONE,
    progress: Progress = BEGUN,
) -> str:
    """The card beside the pictures; ``guide`` is what to do, and ``progress`` how far that is done."""
    if model.question:
        parts = [_where(model), _notices(model, notice), _question(model.question, said or {})]
    else:
        happened = [_where(model), _event(model), _dead(model)]
        parts = [*happened, _notices(model, notice), _differences(model), _verdict(model)]
    return "".join(parts) + to_do(model, guide, progress) + done(model, guide, progress)


def said(model: Model, notice: str = "", guide: Guide = NONE, progress: Progress = BEGUN) -> str:
    """The same in a few sentences, to be read out."""
    if model.question:
        return f"{words.stopped(model.question.about)} What will happen?"
    trace, event, over = model.trace, model.event, _over(model)
    if event is None:
        told = ["Nothing has happened yet"]
    elif over is None:
        told = [words.told(trace, event)]
    else:
        told = [f"{words.step(trace.scenario[over])} → {words.outcome(trace, over, model.at)}", *_woken(model, over)]
    dead = ["Nothing runs any more", AFTER_DEATH] if is_dead(model) else []
    ended = guide.end if progress.done == len(guide.lines) and model.at == model.end else ""
    real = REAL.format(model.offers) if model.offers else ""
    lines = (f"Event {model.at}", *told, *dead, *model.refusals, model.notice, notice, real, *model.differences()[-1:])
    lines += (progress.astray, ended)
    return " ".join(words.stopped(line) for line in lines if line)


# What happened


def _over(model: Model) -> int | None:
    """The step that has just answered: the one which is observed here, or whose thread is back; None if none has."""
    event = model.event
    if event is None or event.of < 0:
        return None
    if model.at == model.trace.end(event.step):
        return event.step
    return event.of if event.kind is Kind.ANSWER else None


def _where(model: Model) -> str:
    """The place, the step that is carried out unless it is told below, and who does what for it."""
    event, end = model.event, "?" if model.hides else model.end
    where = f"Event <b>{model.at}</b> of {end}"
    if event is None or model.question:
        return f'<p class="uffdsim-where">{where}</p>'
    who = f"<strong>{escape(event.thread)}</strong> {KINDS[event.kind]}" if event.thread else "the beginning"
    who += f" · <code>{escape(event.function)}</code>" if event.function else ""
    if event.of < 0 or event.kind is Kind.TOUCH or _over(model) == event.step:
        return f'<p class="uffdsim-where">{where} · {who}</p>'
    step = escape(words.step(model.scenario[event.step]))
    return f'<p class="uffdsim-where">{where} · {step}</p><p class="uffdsim-where">{who}</p>'


def _event(model: Model) -> str:
    event, over = model.event, _over(model)
    if event is None:
        return '<p class="uffdsim-event">Nothing has happened yet.</p>'
    if over is not None:
        return _answer(model, over)
    text = words.step(model.scenario[event.of]) if event.kind is Kind.TOUCH else words.event(model.trace, event)
    if event.question:
        decided = f' <span class="uffdsim-answer">{escape(event.question)} <b>{escape(event.answer)}</b></span>'
    else:
        decided = ""
    return f'<p class="uffdsim-event">{escape(text)}{decided}</p>'


def _answer(model: Model, index: int) -> str:
    """A step, what it has answered and why, and what became of those it woke."""
    trace, step = model.trace, model.scenario[index]
    found, because = trace.answer(index, model.at) or {}, words.why(trace, index, model.at)
    told = f"{escape(words.step(step))} → <b>{escape(words.result(step, found, model.scenario.names))}</b>"
    told += f": {escape(because)}" if because else ""
    woken = "".join(f"<p>{escape(line)}</p>" for line in _woken(model, index))
    word = found.get("errno") or found.get("signal")
    means = f'<p class="uffdsim-means">{word}: {escape(MEANINGS[word])}.</p>' if word in MEANINGS else ""
    report = "\n".join(words.report(found["vmas"], found["files"])) if "vmas" in found else ""
    table = f'<pre tabindex="0" role="group" aria-label="The report">{escape(report)}</pre>' if report else ""
    return f'<p class="uffdsim-event">{told}</p>{means}{woken}{table}'


def is_dead(model: Model) -> bool:
    """Whether the kernel has died by the place that is looked at."""
    return model.event is not None and model.event.kind is Kind.OOPS


def _dead(model: Model) -> str:
    """What a kernel prints as it dies: as the real one did, or else what is known about it."""
    if not is_dead(model):
        return ""
    trace, found = model.trace, recording.console(model.trace)
    if found is None:
        of = "No such death was recorded. This is what the simulated kernel knows about it:"
        printed = f"{words.event(trace, trace.events[-1])}\nRIP: {trace.events[-1].function}"
    else:
        of = f"What a real Linux {found.folder} printed when it died {'of these steps' if found.same else 'there'}"
        of += ", without its registers" if found.same else f", in the scenario {found.scenario}"
        of, printed = f"{of}{f' ({found.remark})' if found.remark else ''}:", found.text
    return (
        f'<p class="uffdsim-notice"><b>Nothing runs any more.</b> {escape(AFTER_DEATH)}</p><p>{escape(of)}</p>'
        f'<pre class="uffdsim-console" tabindex="0" role="group" aria-label="The console">{escape(printed)}</pre>'
    )


def _woken(model: Model, index: int) -> list[str]:
    """Who was woken while a step was carried out, if that is the one which is looked at."""
    event = model.event
    return words.woken(model.trace, index, model.at) if event and index == event.step else []


def _notices(model: Model, notice: str) -> str:
    lines = [*map(words.stopped, model.refusals)]
    lines += [words.sentence(line) for line in (model.notice, notice, model.real[1]) if line]
    return "".join(f'<p class="uffdsim-notice">{escape(line)}</p>' for line in lines) + _offer(model) + _real(model)


def _offer(model: Model) -> str:
    """That what was brought here can be asked of the real kernel it comes from."""
    if not model.offers:
        return ""
    ask = chip(f"Ask {model.offers}", "ask-real", do("ask_real"))
    return f'<p class="uffdsim-means">{escape(REAL.format(model.offers))} {ask}</p>'


def _real(model: Model) -> str:
    comparison = model.real[0]
    if comparison is None or model.hides:
        return ""
    name, parting = comparison.kernels[1], comparison.parting
    if parting is None:
        text = f"{name} gave all {len(comparison.rows)} answers too, step by step."
        return f'<p class="uffdsim-agrees">✓ {escape(text)}</p>'
    row = comparison.rows[parting]
    mine, theirs = words.explained(model.trace, parting)[0], words.result(row.step, row.second, model.scenario.names)
    text = f"{name} answers differently. Here, {mine}; there, {theirs}."
    return f'<p class="uffdsim-notice">≠ {escape(text)}</p>'


def _differences(model: Model) -> str:
    if model.against is None:
        return ""
    before, found = model.other is None, model.differences()
    other = model.against[0].settings.unlike(model.settings)
    head = f"Differs from {escape(other)}" if before else f"Beside it: {escape(other)}"
    if not found:
        return f'<p class="uffdsim-differs">Up to here, every act turns out the same with <b>{escape(other)}</b>.</p>'
    items = "".join(f"<li>{escape(line)}</li>" for line in found[:-5:-1])  # the last first: there is little room
    return f'<div class="uffdsim-differs"><b>≠ {head}:</b><ul>{items}</ul></div>'


# What is asked


def _question(asked: Question, said: dict[str, str]) -> str:
    rows = []
    for number, part in enumerate(asked.parts):
        chosen = said.get(part.asks)
        chips = "".join(
            chip(
                f"{'✓ ' if chosen == option else ''}{option}",
                f"say-{number}-{index}",
                do("say", part.asks, option),
                chosen == option,
            )
            for index, option in enumerate(part.options)
        )
        rows.append(f"<fieldset><legend>{escape(part.asks)}</legend>{chips}</fieldset>")
    show = chip("Show me", "say-show", do("show"))
    return (
        f'<div class="uffdsim-question"><p><b>{escape(words.stopped(asked.about))}</b> What will happen?</p>'
        f"{''.join(rows)}{show}</div>"
    )


def _verdict(model: Model) -> str:
    if not model.verdict:
        return ""
    told = "".join(map(_said, model.verdict))
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in model.reasons)
    count = f"<p>{model.right} of {model.asked} answered correctly so far.</p>" if model.asked else ""
    return f'<div class="uffdsim-verdict"><ul>{told}</ul><p>For these reasons:</p><ol>{reasons}</ol>{count}</div>'


def _said(one: Said) -> str:
    truth = f"{escape(one.part.asks)} <b>{escape(one.part.truth)}</b>"
    if not one.said:
        return f"<li>– {truth}</li>"
    if one.right:
        return f'<li class="uffdsim-agrees">✓ {truth}</li>'
    return f'<li class="uffdsim-notice">✗ {truth}, not {escape(one.said)}</li>'


# The pictures


def words_of(pictures: Iterable[Picture], unfolded: bool) -> str:
    """The pictures once more, as sentences and tables, for whoever unfolds them."""
    inside = "".join(in_words(picture) for picture in pictures) if unfolded else ""
    is_open = " open" if unfolded else ""
    return f'<details class="uffdsim-words"{is_open}><summary>The same in words</summary>{inside}</details>'


def in_words(picture: Picture) -> str:
    """A picture as its sentence and its table."""
    header = picture.table.header
    head = "".join(f'<th scope="col">{escape(cell)}</th>' if cell else "<td></td>" for cell in header)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in picture.table.rows)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<p>{escape(picture.sentence)}</p>{table}"
