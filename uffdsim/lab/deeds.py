"""What is to be done in a lab, and what was done, as HTML."""

from collections.abc import Iterable
from html import escape

from uffdsim import words
from uffdsim.lab.astray import undo
from uffdsim.lab.chips import chip, do, order
from uffdsim.lab.guide import Guide, Progress
from uffdsim.lab.model import Model

NOTHING_YET = "Nothing has been done yet. Write through one mapping, and read through the other."
EARLIER, LATER = 12, 8
"""How many acts are told before the one that is looked at, and after it: nobody looks through a longer list, and each
click would have to send it."""


def to_do(model: Model, guide: Guide, progress: Progress) -> str:
    """What a guide says, and how far it is done; or, in the end, what has been reached."""
    rows = []
    for k, line in enumerate(guide.lines):
        mark, how, astray = "", "", ""
        if k < progress.done:
            mark, how = "✓ ", f'class="uffdsim-later" data-event="{model.outcome.ends[progress.ticked[k] + 1]}"'
        elif k == progress.done:
            mark, how, astray = "▸ ", 'class="uffdsim-do" aria-current="step"', _astray(progress) + _earlier(model)
        rows.append(f"<li {how}><div>{mark}{escape(line.says)}</div>{astray}</li>")
    if rows and guide.end and progress.done == len(rows):
        return _end(guide)
    return _list("What to do", "uffdsim-deeds uffdsim-guide", rows) if rows else ""


def _astray(progress: Progress) -> str:
    """What differs from the guide, and a button that leads back."""
    if not progress.astray:
        return ""
    back = ""
    if progress.way == "undo":
        back = chip(undo(progress.times), "guide-back", do("undo", progress.times))
    elif progress.way == "reset":
        back = chip("Reset", "guide-back", order("reset"))
    return f'<p class="uffdsim-notice">{escape(progress.astray)} {back}</p>'


def _earlier(model: Model) -> str:
    """That what is done now would come before the rest, where somebody looks back."""
    if model.place.act + 1 == len(model.acts) or model.hides:
        return ""
    told = "You are looking back: what you do now would come before the rest."
    return f'<p class="uffdsim-means">{told} {chip("▶|", "guide-now", order("end"))}</p>'


def _end(guide: Guide) -> str:
    """What has been reached, and what to try next."""
    again = chip("▶ Watch it again", "guide-again", order("play"))
    return f'<div class="uffdsim-reached"><p><b>✓ {escape(guide.end)}</b></p><p>{escape(guide.next)}</p>{again}</div>'


def done(model: Model, guide: Guide, progress: Progress) -> str:
    """What was done around the place that is looked at, each with what it answered as far as it may be seen; a guide
    that is not yet done tells it by its ticks."""
    if progress.done < len(guide.lines):
        return ""
    here, count = model.place.act, len(model.acts)
    if not count:
        return f'<p class="uffdsim-deeds">{NOTHING_YET}</p>'
    first = max(min(here - EARLIER, count - EARLIER - LATER), 0)
    last = min(first + EARLIER + LATER, count)
    rows = [_deed(model, k) if k <= here else _later(model, k) for k in range(first, last)]
    title = "What was done" if len(rows) == count else f"What was done, acts {first + 1:,} to {last:,} of {count:,}"
    return _list(title, "uffdsim-deeds", rows, first + 1)


def _deed(model: Model, k: int) -> str:
    """An act and its answer; a refusal is explained."""
    came, notes = model.came_of(k), model.outcome.notes
    now = ' class="uffdsim-now" aria-current="step"' if k == model.place.act else ""
    mark = '<b class="uffdsim-unlike">≠</b> ' if came.otherwise else ""
    why = f": {escape(came.why)}" if came.why and k < model.place.act else ""  # of this one, it stands above
    note = f' <span class="uffdsim-left">({escape(notes[k])})</span>' if k in notes else ""
    deed = f"{escape(words.step(model.acts[k]))} → {mark}<b>{escape(came.told)}</b>{why}{note}"
    return f'<li{now} data-event="{model.outcome.ends[k + 1]}">{deed}</li>'


def _later(model: Model, k: int) -> str:
    """An act that comes after what is looked at."""
    end = model.outcome.ends[k + 1]
    event = f' data-event="{end}"' if end <= model.last else ""
    return f'<li class="uffdsim-later"{event}>{escape(words.step(model.acts[k]))}</li>'


def _list(title: str, name: str, rows: Iterable[str], number: int = 1) -> str:
    """A list that scrolls for itself, so that what is above it stays in sight."""
    head = f'<div class="{name}" tabindex="0" role="group" aria-label="{title}"><p>{title}</p>'
    start = f' start="{number}"' if number > 1 else ""
    return f"{head}<ol{start}>{''.join(rows)}</ol></div>"
