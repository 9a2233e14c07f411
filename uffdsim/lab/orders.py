"""Orders: what the buttons, keys and clicks of a page stand for, and what a page asks for by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from uffdsim.lab.offers import offers, place_of

if TYPE_CHECKING:
    from uffdsim.lab.view import Lab


def hear(lab: "Lab", message: dict) -> None:
    """Do what a page asks for."""
    aside = ASIDE.get(message["do"])
    if aside:
        lab.do.aside(aside, lab, message)
    else:
        lab.do(_obey, lab, message)


def _obey(lab: "Lab", message: dict) -> None:
    """Do what somebody has done to the page. What it shows already, and what it only wants to know, changes no
    picture."""
    what = message["do"]
    if what == "go":
        _go(lab, message)
    elif what in ("point", "offers"):
        lab.projector.followed = True
        ORDERS[what](lab, message["key"])
    else:
        ORDERS[what](lab, *message.get("with", ()))


def _go(lab: "Lab", message: dict) -> None:
    lab.projector.seq = message.get("seq", lab.projector.seq)
    if message.get("shown"):
        lab.model.follow(message["at"])
        lab.projector.followed = True  # only now: where it may not be seen any more, the page has to come back
    else:
        lab.model.go(message["at"])


# By itself


def _film(lab: "Lab", message: dict) -> None:
    lab.projector.batch(message["at"], message["version"])


def _room(lab: "Lab", message: dict) -> None:
    if lab.screen.room(*message["with"]):
        lab.project()


def _anew(lab: "Lab", message: dict) -> None:
    lab.projector.film.anew()
    lab.project()


def _shelved(lab: "Lab", message: dict) -> None:
    if lab.resume:
        lab.resume.shelved(message["others"])


ASIDE: dict[str, Callable[["Lab", dict], None]] = {
    "film": _film,
    "hello": lambda lab, message: None,  # it is answered by being heard
    "room": _room,
    "anew": _anew,
    "shelved": _shelved,
}
"""What a page asks for by itself."""


# By buttons, keys and clicks


def _predict(lab: "Lab") -> None:
    lab.projector.said = {}
    lab.model.predicting(not lab.model.predict)


def _lecture(lab: "Lab") -> None:
    lab.screen.lecture = not lab.screen.lecture


def _unfold(lab: "Lab") -> None:
    lab.screen.unfolded = not lab.screen.unfolded


def _second(lab: "Lab", name: str) -> None:
    lab.screen.second = name


def _words(lab: "Lab", unfolded: bool) -> None:
    lab.screen.wordy = unfolded


def _take(lab: "Lab") -> None:
    lab.taking.open = not lab.taking.open


def _say(lab: "Lab", asks: str, option: str) -> None:
    said, question = lab.projector.said, lab.model.question
    said[asks] = option
    if question and all(part.asks in said for part in question.parts):
        _show(lab)


def _show(lab: "Lab") -> None:
    lab.model.answer(lab.projector.said)
    lab.projector.said = {}


def _point(lab: "Lab", key: str) -> None:
    """Choose what a shape stands for."""
    page = place_of(lab.model, key, lab.acting.choice)
    if page is not None:
        lab.acting.point(*page)
    elif key.startswith("lane "):
        lab.acting.thread.value = key.removeprefix("lane ")


def _offers(lab: "Lab", key: str) -> None:
    """Choose it, and tell the page what can be done with it."""
    _point(lab, key)
    there = offers(lab.model, key, lab.acting.choice, lab.acting.rows)
    lab.stage.send({"offers": {"key": key, **there.json()}})


def _act(lab: "Lab", step: dict[str, Any]) -> None:
    lab.model.act(step["op"], **{key: value for key, value in step.items() if key != "op"})


def _undo(lab: "Lab", times: int = 1) -> None:
    for _ in range(times):
        lab.model.undo()


def _reset(lab: "Lab") -> None:
    """Take all acts back; and all choices, where a guide counts on those it began with."""
    guided = bool(lab.screen.guide.lines)
    lab.model.reset(lab.screen.start if guided else None)
    if guided:
        lab.acting.reset()


ORDERS: dict[str, Callable[..., Any]] = {
    "first": lambda lab: lab.model.go(0),
    "back_act": lambda lab: lab.model.back_act(),
    "back": lambda lab: lab.model.back(),
    "next": lambda lab: lab.model.next(),
    "next_act": lambda lab: lab.model.next_act(),
    "end": lambda lab: lab.model.go(lab.model.end),
    "act": _act,
    "ask_real": lambda lab: lab.model.choose(kernel=lab.model.offers or lab.model.settings.kernel),
    "undo": _undo,
    "redo": lambda lab: lab.model.redo(),
    "reset": _reset,
    "predict": _predict,
    "lecture": _lecture,
    "unfold": _unfold,
    "second": _second,
    "take": _take,
    "point": _point,
    "offers": _offers,
    "say": _say,
    "show": _show,
    "words": _words,
}
"""What each button, key and click stands for; a page goes through time by itself where it knows the way."""
