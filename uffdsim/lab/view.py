"""The lab: widgets around a model, and nothing that the model does not know."""

from collections.abc import Iterable, Mapping

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
from uffdsim.lab.guard import Guard
from uffdsim.lab.guide import Guide, Line
from uffdsim.lab.keep import Keep, name_of
from uffdsim.lab.model import Model
from uffdsim.lab.offers import LANES, PLACES
from uffdsim.lab.orders import ORDERS, hear
from uffdsim.lab.plain import plain
from uffdsim.lab.projector import Projector
from uffdsim.lab.resume import Resume
from uffdsim.lab.screen import Screen
from uffdsim.lab.settings import BASE, shown
from uffdsim.lab.stage import Stage
from uffdsim.lab.still import still
from uffdsim.lab.taking import Taker
from uffdsim.library import scenario_of
from uffdsim.machine import Machine
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
        guide = guide if isinstance(guide, Guide) else Guide(guide)
        self.screen = Screen(self.model, self._pictures[0], self._pictures[-1], guide, lecture)
        rows = [name for name in ROWS if name in self._controls]
        self.stage = Stage(
            clock=[name for name in ("time", "take") if name in self._controls],
            lives=life.sentences(self.keep is not None),
            offered=[LANES, PLACES] if rows else [],
            kept=self.keep.place.kept if self.keep else {},
        )
        self.projector = Projector(self.model, self.screen, self.stage)
        self.do = Guard(self.refresh, lambda html: setattr(self.stage, "above", html))
        self.stage.on_msg(lambda stage, message, buffers: hear(self, message))
        self.choosing = Chooser(self.model, self.do)
        folded = FOLDED if controls is None else ()
        self.acting = Actor(self.model, self.do, self._chosen, choose, folded, rows)
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
        acts = plain(HBox, [self.acting.boxes[name] for name in self.acting.rows])
        acts.add_class("uffdsim-acts")
        rows = [self.resume.row] if self.resume else []
        rows += [settings] if chosen else []
        rows += [self.choosing.panel] if "features" in self._controls else []
        rows += [self.stage]
        rows += [self.taking.panel] if "take" in self._controls else []
        return [*rows, acts] if self.acting.rows else rows

    def _changed(self):
        """Show what was done, if it was not a widget that did it."""
        if not self.do.busy:
            self.refresh()

    def _keep(self):
        """Keep what was done, which nobody waits for; and say so where it cannot be."""
        if self.keep:
            before = self.keep.notice
            self.keep.keep(self.model.document)
            self.stage.kept = self.keep.place.kept
            if self.keep.notice != before:
                self.project()

    @property
    def notice(self) -> str:
        """What went wrong with what was done last, or with keeping it; "" if nothing did."""
        return " ".join(filter(None, (self.do.notice, self.keep.notice if self.keep else "")))

    # What people do

    def order(self, name: str, *arguments: object) -> None:
        """Do what a button or a key stands for."""
        self.do(ORDERS[name], self, *arguments)

    def _chosen(self, keys: list[str]):
        self.stage.chosen = keys

    # What is seen

    def refresh(self) -> None:
        """Show the model as it is, and keep what was done."""
        try:
            self.project()
        finally:
            self._keep()
        # The controls come after the pictures: they are what people do not wait for.
        self.choosing.refresh()
        self.acting.refresh()
        self.taking.refresh()
        if self.resume:
            self.resume.refresh()
        shown = {"lecture": self.screen.lecture, "unfolded": self.screen.unfolded}
        for name, on in shown.items():
            (self.add_class if on else self.remove_class)(f"uffdsim-{name}")

    def project(self) -> None:
        """Show the place that is looked at, and nothing else of the lab anew."""
        self.projector.show(self.notice, self.taking.open)

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
