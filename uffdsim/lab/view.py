"""The lab: widgets around a model, and nothing that the model does not know."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ipywidgets import HBox, VBox

from uffdsim import pictures as drawn
from uffdsim import saved, words
from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import meant
from uffdsim.lab import life
from uffdsim.lab.acting import FOLDED, Actor
from uffdsim.lab.acts import ROWS
from uffdsim.lab.choosing import Chooser
from uffdsim.lab.document import Document, step_of
from uffdsim.lab.film import Film
from uffdsim.lab.guard import Guard
from uffdsim.lab.guide import Guide, Line
from uffdsim.lab.keep import Keep, name_of
from uffdsim.lab.model import Model
from uffdsim.lab.offers import LANES, PLACES, offers, place_of
from uffdsim.lab.plain import plain
from uffdsim.lab.program import LANGUAGES, program
from uffdsim.lab.resume import Resume
from uffdsim.lab.screen import Screen
from uffdsim.lab.settings import BASE, shown
from uffdsim.lab.stage import Stage
from uffdsim.lab.still import still
from uffdsim.lab.taking import Taker
from uffdsim.library import scenario_of
from uffdsim.machine import Machine
from uffdsim.pictures.painters.frames import picture_json
from uffdsim.scenario import Scenario, Step

CONTROLS = (
    *("kernel", "backing", "pages", "sharing", "modes", "features", "handler", "beside"),
    *("time", "touch", "answer", "watch", "memory", "take"),
)
"""Every group of controls."""
PICTURES = ("tables", "sequence")


class Lab(VBox):
    """A lab: choose, act, and see what the kernel does; change your mind, and see it again.

    :param scenario: what to begin with, or its name, or a machine; its setting up becomes the settings, and the rest
        acts.
    :param controls: which groups of CONTROLS to show; all if left out, some of them folded away.
    :param pictures: one or two names of ``pictures.NAMES``.
    :param acts: steps to begin with, after those of the scenario.
    :param guide: what to do, shown beside the pictures: a ``Guide``, or lines of one.
    :param choose: what is chosen to begin with, as ``thread``, ``mapping``, ``page``, ``value``.
    :param keep: the name under which the work is kept beside the notebook, and offered again; "" for none. Left out,
        it is made of the notebook's name and of what the lab begins with.
    :param predict: ask what each act will do before it is shown: of ``acts``, or without any of the scenario's own.
    :param choices: settings, as ``kernel``, ``modes``, ``backing``, ``pages``, ``sharing``, ``features``, ``handler``.
    :raises Mistake: for an unknown control, picture, setting or choice.
    :raises ScenarioError: for what is not a step.
    """

    def __init__(
        self,
        scenario: Scenario | Machine | str | None = None,
        *,
        acts: Iterable[Step | dict] = (),
        controls: Iterable[str] | None = None,
        pictures: Iterable[str] = PICTURES,
        keep: str | None = None,
        predict: bool = False,
        lecture: bool = False,
        guide: Guide | Iterable[Line | str] | Line | str = (),
        choose: Mapping[str, object] | None = None,
        **choices: object,
    ) -> None:
        self._controls = CONTROLS if controls is None else _known(controls, CONTROLS, "control")
        self._pictures = _known(pictures, drawn.NAMES, "picture") or PICTURES
        if isinstance(scenario, Machine):
            choices = {"kernel": scenario.kernel.name, **choices}
        start = Document.of(BASE if scenario is None else scenario_of(scenario), **choices)
        document = Document(start.base, start.settings, start.acts + _steps(acts))
        self.model = Model(document)
        self.keep = None if keep == "" else Keep(name_of(document) if keep is None else keep, document)
        self.said: dict[str, str] = {}
        guide = guide if isinstance(guide, Guide) else Guide(guide)
        self.screen = Screen(self.model, self._pictures[0], self._pictures[-1], guide, lecture)
        self.film = Film()
        self._acts = [name for name in ROWS if name in self._controls]
        self.stage = Stage(
            clock=[name for name in ("time", "take") if name in self._controls],
            lives=life.sentences(self.keep is not None),
            offered=[LANES, PLACES] if self._acts else [],
        )
        self._seq = 0
        self._followed = False
        self._unfolded = False
        self._looked: tuple = ()
        self.do = Guard(self.refresh, lambda html: setattr(self.stage, "above", html))
        self.stage.on_msg(self._heard)
        self.choosing = Chooser(self.model, self.do)
        folded = FOLDED if controls is None else ()
        self.acting = Actor(self.model, self.do, self._chosen, choose, folded)
        self.taking = Taker(self.model, self.do, self.stage.send, self.screen)
        self.resume = Resume(self.keep, self.model.load, self.do) if self.keep else None
        super().__init__(self._rows())
        self.add_class("uffdsim-lab")
        self.model.predict = False
        if predict:
            self.model.go(self.model.outcome.ends[len(start.acts) if len(self.model.acts) > len(start.acts) else 0])
            self.model.predicting(True)
        self.model.listeners.append(self._changed)
        self.refresh()

    # What it is made of

    def _rows(self) -> list:
        chosen = [self.choosing.boxes[name] for name in self.choosing.boxes if name in self._controls]
        settings = plain(HBox, chosen)
        settings.add_class("uffdsim-settings")
        acts = plain(HBox, [self.acting.boxes[name] for name in self._acts])
        acts.add_class("uffdsim-acts")
        rows = [self.resume.row] if self.resume else []
        rows += [settings] if chosen else []
        rows += [self.choosing.panel] if "features" in self._controls else []
        rows += [self.stage]
        rows += [self.taking.panel] if "take" in self._controls else []
        return [*rows, acts] if self._acts else rows

    def _changed(self):
        """Keep what was done; and show it, if it was not a widget that did it."""
        if self.keep:
            self.keep.keep(self.model.document)
        if not self.do.busy:
            self.refresh()

    @property
    def notice(self) -> str:
        """What went wrong with what was done last, or with keeping it; "" if nothing did."""
        return " ".join(filter(None, (self.do.notice, self.keep.notice if self.keep else "")))

    # What people do

    def order(self, name: str, *arguments: object) -> None:
        """Do what a button or a key stands for."""
        self.do(ORDERS[name], self, *arguments)

    def _heard(self, _: Stage, message: dict, buffers: list) -> None:
        (self.do.aside if message["do"] in ASIDE else self.do)(self._obey, message)

    def _obey(self, message: dict) -> None:
        """Do what the page asks for. What it has shown already, and what it only wants to know, changes no picture."""
        what = message["do"]
        if what == "film":
            self._followed = True
            if message["version"] == self.film.version:
                self.stage.send({"film": self.film.batch(self.screen.places(message["at"]))})
        elif what == "hello":
            self._followed = True
        elif what == "go":
            self._seq = message.get("seq", self._seq)
            if message.get("shown"):
                self.model.follow(message["at"])
                self._followed = True  # only now: where it may not be seen any more, the page has to come back
            else:
                self.model.go(message["at"])
        elif what in ("point", "offers"):
            self._followed = True
            ORDERS[what](self, message["key"])
        else:
            ORDERS[what](self, *message.get("with", ()))

    def _predict(self):
        self.said.clear()
        self.model.predicting(not self.model.predict)

    def _lecture(self):
        self.screen.lecture = not self.screen.lecture

    def _unfold(self):
        self._unfolded = not self._unfolded

    def _second(self, name: str):
        self.screen.second = name

    def _room(self, pixels: float):
        self._followed = not self.screen.room(pixels)

    def _wordy(self, unfolded: bool):
        self.stage.wordy = self.screen.wordy = unfolded

    def _take(self):
        self.taking.open = not self.taking.open

    def _say(self, asks: str, option: str):
        self.said[asks] = option
        if self.model.question and all(part.asks in self.said for part in self.model.question.parts):
            self._show()

    def _show(self):
        self.model.answer(self.said)
        self.said = {}

    def _point(self, key: str):
        """Choose what a shape stands for."""
        page = place_of(self.model, key, self.acting.choice)
        if page is not None:
            self.acting.point(*page)
        elif key.startswith("lane "):
            self.acting.thread.value = key.removeprefix("lane ")

    def _offers(self, key: str):
        """Choose it, and tell the page what can be done with it."""
        self._point(key)
        self.stage.send({"offers": {"key": key, **offers(self.model, key, self.acting.choice, self._acts).json()}})

    def _act(self, step: dict[str, Any]):
        self.model.act(step["op"], **{key: value for key, value in step.items() if key != "op"})

    def _undo(self, times: int = 1):
        for _ in range(times):
            self.model.undo()

    def _reset(self):
        """Take all acts back; and all choices, where a guide counts on those it began with."""
        guided = bool(self.screen.guide.lines)
        self.model.reset(self.screen.start if guided else None)
        if guided:
            self.acting.reset()

    def _chosen(self, keys: list[str]):
        self.stage.chosen = keys

    # What is seen

    def refresh(self) -> None:
        """Show the model as it is."""
        if self.model.question is None:
            self.said = {}
        if self._followed:
            self._followed = False
        else:
            self._show_stage()
        # The controls come after the pictures: they are what people do not wait for.
        self.choosing.refresh()
        self.acting.refresh()
        self.taking.refresh()
        if self.resume:
            self.resume.refresh()
        shown = {"lecture": self.screen.lecture, "two": self.model.other is not None, "unfolded": self._unfolded}
        for name, on in shown.items():
            (self.add_class if on else self.remove_class)(f"uffdsim-{name}")

    def _show_stage(self):
        model, screen = self.model, self.screen
        key = (*screen.key(), tuple(self.said.items()))
        kept = key == self._looked
        if not kept:
            self._looked = key
            self.film.anew()
            if screen.second in LANGUAGES:
                self.stage.program = program(screen.second, model)
        seen = screen.pictures()
        frame = {"pictures": {name: picture_json(picture) for name, picture in seen.items()}}
        self.stage.now = {
            "version": self.film.version, "kept": kept, "seq": self._seq,
            "at": model.at, "last": model.last, "end": model.end, "hides": model.hides, "ends": model.outcome.ends,
            "undoable": model.undoable, "redoable": model.redoable,
            "predict": model.predict, "lecture": screen.lecture, "take": self.taking.open,
            "second": screen.second, "names": [*drawn.NAMES, *LANGUAGES], "titles": screen.titles(),
            "fresh": bool(model.notice or self.notice),
            "frame": frame | screen.words(seen, self.notice, self.said),
        }

    def pictures(self) -> dict[str, drawn.Picture]:
        """The pictures of the place that is looked at, by where they stand."""
        return self.screen.pictures()

    def still(self) -> str:
        """The lab as it is now, as HTML with alternative text, which needs no kernel and no scripts."""
        return still(list(self.pictures().values()), str(self), life.asleep(self.keep is not None))

    def __str__(self):
        model, settings, event = self.model, self.model.settings, self.model.event
        done = words.count(len(model.acts), "act")
        last = f" Last: {words.stopped(words.told(model.trace, event))}" if event and event.thread else ""
        return (
            f"A lab on {settings.kernel}: {words.count(settings.pages, 'page')} of {settings.backing}, "
            f"registered {shown(settings.modes)}, {done}, at event {model.at} of {model.end}.{last}"
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **keys: object) -> dict:
        return saved.bundle(super()._repr_mimebundle_(**keys), plain=str(self), html=self.still())

    def _repr_keys(self):
        return ()


ORDERS: dict[str, Callable[..., Any]] = {
    "first": lambda lab: lab.model.go(0),
    "back_act": lambda lab: lab.model.back_act(),
    "back": lambda lab: lab.model.back(),
    "next": lambda lab: lab.model.next(),
    "next_act": lambda lab: lab.model.next_act(),
    "end": lambda lab: lab.model.go(lab.model.end),
    "anew": lambda lab: lab.film.anew(),
    "act": Lab._act,
    "ask_real": lambda lab: lab.model.choose(kernel=lab.model.offers or lab.model.settings.kernel),
    "undo": Lab._undo,
    "redo": lambda lab: lab.model.redo(),
    "reset": Lab._reset,
    "predict": Lab._predict,
    "lecture": Lab._lecture,
    "unfold": Lab._unfold,
    "second": Lab._second,
    "room": Lab._room,
    "take": Lab._take,
    "point": Lab._point,
    "offers": Lab._offers,
    "say": Lab._say,
    "show": Lab._show,
    "words": Lab._wordy,
}
"""What each button, key and click stands for; a page goes through time by itself where it knows the way."""
ASIDE = ("film", "hello", "room", "anew")
"""What a page asks for by itself."""


def _known(names: Iterable[str], those: tuple[str, ...], what: str) -> tuple[str, ...]:
    named = (names,) if isinstance(names, str) or not isinstance(names, Iterable) else tuple(names)
    for name in named:
        if name not in those:
            raise Mistake(f"{quoted(name)} is no {what}; there are {', '.join(those)}{meant(name, those)}")
    return named


def _steps(acts: Iterable[Step | dict] | Mapping) -> tuple[Step, ...]:
    if isinstance(acts, str) or not isinstance(acts, Iterable):
        raise Mistake(f'acts: {quoted(acts)} must be steps, as {{"op": "load", "vma": "watched"}}')
    steps = (acts,) if isinstance(acts, Mapping) else acts
    return tuple(step if isinstance(step, Step) else step_of(index, step) for index, step in enumerate(steps))
