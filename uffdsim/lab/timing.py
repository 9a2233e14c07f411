"""The controls of time: step, back, play, jump, undo, and the switches for predicting and lecturing."""

from collections.abc import Callable
from typing import NamedTuple

from ipywidgets import BoundedIntText, Button, ToggleButton, Widget

from uffdsim.lab.guard import Guard
from uffdsim.lab.model import Model


class Control(NamedTuple):
    """What a button says, the question that it answers, and the key that does the same ("" for none)."""

    text: str
    asks: str
    key: str = ""

    @property
    def tooltip(self) -> str:
        """The question and the key."""
        return f"{self.asks} ({self.key})" if self.key else self.asks


BUTTONS = {
    "first": Control("|◀", "How did it begin?", "Home"),
    "back_act": Control("◀◀", "What was before this act?", "Page Up"),
    "back": Control("◀ Back", "What was just before?", "left arrow"),
    "next": Control("Next ▶", "What happens next?", "right arrow"),
    "next_act": Control("▶▶", "What comes of this act?", "Page Down"),
    "end": Control("▶|", "How does it end?", "End"),
    "undo": Control("Undo", "What if I had not done that?", "z"),
    "redo": Control("Redo", "And with it again?", "y"),
    "reset": Control("Reset", "What if I begin again, with the same settings?"),
}
SWITCHES = {
    "play": Control("Play", "What does it look like event by event?", "k"),
    "predict": Control("Predict", "Do I know what comes next? It is hidden until you say.", "p"),
    "lecture": Control("Lecture", "Can the last row read it? Large type and few controls.", "l"),
}


class Clock:
    """The ``controls`` of time in their order; ``buttons`` and ``switches`` by name."""

    def __init__(self, model: Model, do: Guard, order: Callable[[str], None]) -> None:
        self.model = model
        self.do = do
        self.order = order
        self.is_on = dict.fromkeys(SWITCHES, False)
        self.buttons = {name: self._button(name) for name in BUTTONS}
        self.switches = {name: self._switch(name) for name in SWITCHES}
        self.at = BoundedIntText(0, min=0, max=0, description="Event", tooltip="What happened at event number…?")
        self.at.observe(self._jump, "value")
        self.at.add_class("uffdsim-at")
        b, s = self.buttons, self.switches
        steps = [b["first"], b["back_act"], b["back"], b["next"], b["next_act"], b["end"], s["play"], self.at]
        self.controls: list[Widget] = [*steps, b["undo"], b["redo"], b["reset"], s["predict"], s["lecture"]]

    def _button(self, name: str) -> Button:
        button = Button(description=BUTTONS[name].text, tooltip=BUTTONS[name].tooltip)
        button.on_click(lambda _: self.order(name))
        button.add_class(f"uffdsim-{name.replace('_', '-')}")
        return button

    def _switch(self, name: str) -> ToggleButton:
        switch = ToggleButton(description=SWITCHES[name].text, tooltip=SWITCHES[name].tooltip)
        switch.observe(lambda change: self._switched(name, change["new"]), "value")
        switch.add_class(f"uffdsim-{name}-button")
        return switch

    def _switched(self, name: str, on: bool):
        if on != self.is_on[name]:
            self.order(name)

    def _jump(self, change: dict):
        if change["new"] != self.model.at:
            self.do(self.model.go, change["new"])

    def refresh(self, **is_on: bool) -> None:
        """Show where we are, and which switches are on."""
        self.is_on = is_on
        model = self.model
        end = model.last
        with self.at.hold_sync():
            self.at.max = max(end, self.at.value)
            self.at.value = model.at
            self.at.max = end
        for name, switch in self.switches.items():
            text = SWITCHES[name].text
            switch.description = f"✓ {text}" if is_on[name] else text
            switch.value = is_on[name]

    def idle(self) -> list[str]:
        """The buttons that would do nothing now; they are greyed, as disabled ones would lose the keyboard's focus."""
        model = self.model
        found = [] if model.undoable else ["undo"]
        found += [] if model.redoable else ["redo"]
        found += [] if model.at else ["first", "back", "back-act"]
        return found + ([] if model.at < model.end else ["next", "next-act", "end"])
