"""The lab: widgets around a model, and nothing that the model does not know."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any

from ipywidgets import Button, Dropdown, HBox, Label, VBox

from uffdsim import pictures as drawn
from uffdsim import words
from uffdsim.lab import caption
from uffdsim.lab.acting import Actor
from uffdsim.lab.choosing import Chooser
from uffdsim.lab.document import Document, step_of
from uffdsim.lab.guard import Guard
from uffdsim.lab.keep import Keep, name_of
from uffdsim.lab.model import Model
from uffdsim.lab.settings import BASE, shown
from uffdsim.lab.stage import Stage
from uffdsim.lab.still import still
from uffdsim.lab.taking import Taker
from uffdsim.lab.timing import Clock
from uffdsim.scenario import Scenario, Step

CONTROLS = (
    *("kernel", "backing", "pages", "sharing", "modes", "features", "handler", "beside"),
    *("time", "touch", "answer", "watch", "memory", "take"),
)
"""Every group of controls."""
PICTURES = ("tables", "sequence")
SIZES = {"tables": (680, 204), "half": (540, 208), "second": (680, 190), "low": (540, 166)}
LECTURE_SIZES = {"tables": (680, 238), "half": (540, 230), "second": (680, 198), "low": (540, 176)}
"""How wide and high pictures are; they fit the smallest screen together with the controls there are."""


class Lab(VBox):
    """A lab: choose, act, and see what the kernel does; change your mind, and see it again.

    :param scenario: what to begin with; its setting up becomes the settings, and the rest acts.
    :param controls: which groups of CONTROLS to show; all if left out.
    :param pictures: one or two names of ``pictures.NAMES``.
    :param acts: steps to begin with, after those of the scenario.
    :param guide: what to do, a sentence an act, shown beside the pictures.
    :param keep: the name under which the work is kept beside the notebook, and offered again; "" for none. Left out,
        it is made of the notebook's name and of what the lab begins with.
    :param predict: ask what comes of each act before it is shown: of ``acts``, or without any of the scenario's own.
    :param choices: settings, as ``kernel``, ``modes``, ``backing``, ``pages``, ``sharing``, ``features``, ``handler``.
    :raises ValueError: for a name of a control, picture or setting that is none.
    :raises ScenarioError: for a step that is none.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        *,
        acts: Iterable[Step | dict] = (),
        controls: Iterable[str] = CONTROLS,
        pictures: Iterable[str] = PICTURES,
        keep: str | None = None,
        predict: bool = False,
        lecture: bool = False,
        guide: Iterable[str] = (),
        **choices: object,
    ) -> None:
        self._controls, self._pictures = _known(controls, CONTROLS, "control"), _known(pictures, drawn.NAMES, "picture")
        start = Document.of(BASE if scenario is None else scenario, **choices)
        document = Document(start.base, start.settings, start.acts + _steps(acts))
        self.model = Model(document)
        self.keep = None if keep == "" else Keep(keep or name_of(document), document)
        self.lecture, self.playing, self.guide = lecture, False, tuple(guide)
        self.said: dict[str, str] = {}
        self.stage = Stage()
        self.do = Guard(self.refresh, lambda html: setattr(self.stage, "above", html))
        self.stage.on_msg(self._heard)
        self.choosing = Chooser(self.model, self.do)
        self.acting = Actor(self.model, self.do)
        self.taking = Taker(self.model, self.do, self.stage.send)
        self.second = Dropdown(options=list(drawn.NAMES), value=self._pictures[-1], description="Show")
        self.second.tooltip = "From which side do I look at it?"
        self.second.observe(self.do.show, "value")
        self.clock = Clock(self.model, self.do, self.order)
        self.offer = self._offer()
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
        settings = HBox(chosen)
        settings.add_class("uffdsim-settings")
        acts = [self.acting.boxes[name] for name in self.acting.boxes if name in self._controls]
        rows = [self.offer, *([settings] if chosen else [])]
        rows += [self.choosing.panel] if "features" in self._controls else []
        rows += [self.stage]
        switches = {"time": [*self.clock.controls, self.second], "take": [self.taking.unfold]}
        bar = HBox([widget for name in switches if name in self._controls for widget in switches[name]])
        bar.add_class("uffdsim-row")
        bar.add_class("uffdsim-time")
        rows += [bar] if bar.children else []
        rows += [self.taking.panel] if "take" in self._controls else []
        return rows + acts

    def _offer(self) -> HBox:
        take = Button(description="Take it up", tooltip="Where was I?")
        leave = Button(description="Begin anew", tooltip="What if I begin again?")
        take.on_click(lambda _: self.do(self._take_up))
        leave.on_click(lambda _: self.do(self._leave))
        found = self.keep.found if self.keep else None
        count = len(found.acts) if found else 0
        row = HBox([Label(f"Your work from last time is kept: {words.count(count, 'act')}."), take, leave])
        row.add_class("uffdsim-offer")
        row.layout.display = "" if found else "none"
        return row

    def _take_up(self):
        document = self.keep.found if self.keep else None
        self._leave()
        if document:
            self.model.load(document)

    def _leave(self):
        if self.keep:
            self.keep.forget()
        self.offer.layout.display = "none"

    def _changed(self):
        """Keep what was done; and show it, if it was not a widget that did it."""
        try:
            if self.keep:
                self.keep.keep(self.model.document)
        finally:
            if not self.do.busy:
                self.refresh()

    # What people do

    def order(self, name: str, *arguments: object) -> None:
        """Do what a button or a key stands for."""
        self.do(_ORDERS[name], self, *arguments)

    def _heard(self, _: Stage, message: dict, buffers: list) -> None:
        arguments = [message[key] for key in ("at", "key") if key in message] + list(message.get("with", ()))
        self.do(lambda: _ORDERS[message["do"]](self, *arguments))

    def _play(self):
        self.playing = not self.playing and self.model.at < self.model.last

    def _tick(self):
        """What playing does from time to time; a tick that was under way when it was stopped does nothing."""
        if self.playing:
            self.model.next()
            self.playing = self.model.at < self.model.last

    def _predict(self):
        self.said.clear()
        self.model.predicting(not self.model.predict)

    def _lecture(self):
        self.lecture = not self.lecture

    def _say(self, asks: str, option: str):
        self.said[asks] = option
        if self.model.question and all(part.asks in self.said for part in self.model.question.parts):
            self._show()

    def _show(self):
        self.model.answer(self.said)
        self.said = {}

    def _point(self, key: str):
        page = drawn.page_of(key)
        if page is not None:
            self.acting.point(*page)

    # What is seen

    def refresh(self) -> None:
        """Show the model as it is."""
        model, stage = self.model, self.stage
        if model.question is None:
            self.said = {}
        seen = self.pictures()
        (self.add_class if "beside" in seen else self.remove_class)("uffdsim-two")
        with stage.hold_sync():
            for place in ("tables", "beside", "second"):
                setattr(stage, place, self._shown(place, seen[place]) if place in seen else "")
            stage.say = caption.said(model, self.do.notice)
            stage.caption = caption.caption(model, self.do.notice, self.said, self.guide)
            stage.caption += caption.words_of(seen.values(), stage.wordy)
            stage.idle = self.clock.idle()
            stage.playing = self.playing
        # The controls come after the pictures: they are what people do not wait for.
        self.choosing.refresh()
        self.acting.refresh()
        self.clock.refresh(play=self.playing, predict=model.predict, lecture=self.lecture)
        self.taking.refresh()
        (self.add_class if self.lecture else self.remove_class)("uffdsim-lecture")

    def _shown(self, place: str, picture: drawn.Picture) -> str:
        """A picture as HTML; with a headline, where there are two of a kind."""
        head = ""
        if self.model.other is not None and place != "second":
            settings = self.model.other.settings if place == "beside" else self.model.settings
            title = escape(str(settings))
            head = f'<h4 title="{title}">{title}</h4>'
        return head + drawn.svg(picture, f"u{self.stage.model_id[:3]}{place[0]}")

    def pictures(self) -> dict[str, drawn.Picture]:
        """The pictures of the place that is looked at, by where they stand."""
        model = self.model
        other, there = model.against or (None, None)
        how: dict[str, Any] = {"against": other.trace if other else None, "there": there, "hide_after": model.hides}
        two = model.other is not None
        sizes = LECTURE_SIZES if self.lecture else SIZES
        main, second = self._pictures[0], self.second.value
        found = {"tables": drawn.draw(main, model.trace, model.at, size=sizes["half" if two else "tables"], **how)}
        if two and other:
            size = sizes["half"]
            found["beside"] = drawn.draw(main, other.trace, there, size=size, against=model.trace, there=model.at)
        if second != main:
            found["second"] = drawn.draw(second, model.trace, model.at, size=sizes["low" if two else "second"], **how)
        return found

    def still(self) -> str:
        """The lab as it is now, as HTML with alternative text, which needs no kernel and no scripts."""
        return still(list(self.pictures().values()), str(self))

    def __str__(self):
        model, settings, event = self.model, self.model.settings, self.model.event
        done = words.count(len(model.acts), "act")
        last = f" Last: {words.stopped(words.told(model.trace, event))}" if event and event.thread else ""
        return (
            f"A lab on {settings.kernel}: {words.count(settings.pages, 'page')} of {settings.backing}, "
            f"registered {shown(settings.modes)}, {done}, at event {model.at} of {model.end}.{last} "
            "Run the notebook to use it."
        )

    __repr__ = __str__

    def _repr_mimebundle_(self, **keys: object) -> dict:
        bundle = super()._repr_mimebundle_(**keys) or {}
        return {**bundle, "text/plain": str(self), "text/html": self.still()}

    def _repr_keys(self):
        return ()


_ORDERS: dict[str, Callable] = {
    "first": lambda lab: lab.model.go(0),
    "back_act": lambda lab: lab.model.back_act(),
    "back": lambda lab: lab.model.back(),
    "next": lambda lab: lab.model.next(),
    "tick": Lab._tick,
    "next_act": lambda lab: lab.model.next_act(),
    "end": lambda lab: lab.model.go(lab.model.end),
    "undo": lambda lab: lab.model.undo(),
    "redo": lambda lab: lab.model.redo(),
    "reset": lambda lab: lab.model.reset(),
    "play": Lab._play,
    "predict": Lab._predict,
    "lecture": Lab._lecture,
    "go": lambda lab, at: lab.model.go(at),
    "point": Lab._point,
    "say": Lab._say,
    "show": Lab._show,
    "words": lambda lab, unfolded: setattr(lab.stage, "wordy", unfolded),
}
"""What each button, key and click does."""


def _known(names: Iterable[str], those: tuple[str, ...], what: str) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in those:
            raise ValueError(f'"{name}" is no {what}; there are {", ".join(those)}')
    return names


def _steps(acts: Iterable[Step | dict]) -> tuple[Step, ...]:
    return tuple(step if isinstance(step, Step) else step_of(index, step) for index, step in enumerate(acts))
