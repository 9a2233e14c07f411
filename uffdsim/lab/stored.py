"""Stored labs: all that a page needs to step through a lab where no kernel runs, as JSON.

Each place of the trace has its six pictures and its words, under the lab's own settings and under others that a lesson
asks its readers to try. ``stage.js`` draws them as it draws a live lab; ``tools/site/stored.js`` stands in for Python.
"""

from collections.abc import Iterable, Mapping
from os.path import commonprefix
from typing import TYPE_CHECKING, Any

from uffdsim import pictures
from uffdsim.lab import caption
from uffdsim.lab.document import Document
from uffdsim.lab.film import Film
from uffdsim.lab.model import Model
from uffdsim.lab.questions import question
from uffdsim.lab.screen import Screen

if TYPE_CHECKING:
    from uffdsim.lab.view import Lab

WIDTH = 740
"""How wide pictures are drawn, in units."""
TIMES = ("first", "back_act", "back", "next", "next_act", "end", "play")
"""The buttons of time, which need nobody's answer."""
MOST = 400
"""Events of a trace that is stored whole; of a longer one, the places after each act are."""


def stored(lab: "Lab", tries: Iterable[Mapping[str, Any]] = ()) -> dict:
    """A lab as it was shown: its acts, or those that its guide asks for, at each place and under each setting.

    ``ways`` are the settings: what they are called (``says``), what the clock has to know (``now``), and a film whose
    frames have a picture of each name. The ``texts`` of a frame, its ``card`` and each picture in words, are told by
    their difference from the frame before, as ``change`` has it.

    :param tries: more settings, each as ``Lab`` takes them: ``{"modes": ["MISSING"]}``.
    :raises ValueError: for an unknown setting.
    """
    document = lab.model.document
    guided = bool(lab.screen.guide.lines) and not document.acts
    if guided:
        steps = (line.step for line in lab.screen.guide.lines)
        document = Document(document.base, document.settings, tuple(step for step in steps if step))
    first = Model(document)
    begins = guided or lab.model.predict
    ways = [_way(lab, first, "as it is", begins)]
    for choices in tries:
        model = Model(document)
        model.choose(**choices)
        ways.append(_way(lab, model, model.settings.unlike(document.settings), begins))
    return {
        "buttons": [one for one in lab.stage.buttons if one[0] in TIMES],
        "names": list(pictures.NAMES),
        "main": lab.screen.main,
        "second": lab.screen.second if lab.screen.second in pictures.NAMES else "sequence",
        "ways": ways,
        "questions": _questions(first) if lab.model.predict else [],
    }


def _way(lab: "Lab", model: Model, says: str, begins: bool) -> dict:
    """What there is to see of a model, at all places; it stands at the end, as a lab does, or where the acts begin."""
    screen = Screen(model, lab.screen.main, lab.screen.second)
    screen.widths = (WIDTH, WIDTH)
    ends = model.outcome.ends
    ats = range(model.end + 1) if model.end <= MOST else sorted({0, *ends})
    film, places = Film(), []
    last = dict.fromkeys(["card", *pictures.NAMES], "")
    for at in ats:
        with model.looking_at(at):
            drawn = {name: screen.picture(name) for name in pictures.NAMES}
            words = screen.words(drawn)
        texts = {"card": words.pop("caption").removesuffix(caption.words_of((), False))}
        texts |= {name: caption.in_words(picture) for name, picture in drawn.items()}
        places.append((at, drawn, {**words, "texts": {name: change(last[name], text) for name, text in texts.items()}}))
        last = texts
    now = {"at": ends[0] if begins else model.end, "last": model.end, "end": model.end, "ends": list(ends)}
    return {"says": says, "now": now, "film": film.batch(places)}


def _questions(model: Model) -> list[dict]:
    """What a lab that is to be predicted asks: of each act, what may be said, what is true, and why."""
    asked = (question(model.outcome, act) for act in range(len(model.acts)))
    return [
        {
            "about": one.about,
            "parts": [{"asks": part.asks, "options": part.options, "truth": part.truth} for part in one.parts],
            "reasons": one.reasons,
        }
        for one in asked
        if one
    ]


def change(old: str, new: str) -> list:
    """How a text became another: how many characters of its beginning stay, how many of its end, and what stands
    between them."""
    start = len(commonprefix([old, new]))
    end = len(commonprefix([old[start:][::-1], new[start:][::-1]]))
    return [start, end, new[start : len(new) - end]]
