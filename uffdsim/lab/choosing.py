"""The controls by which a person chooses: each changes one setting, and says which question it answers."""

from collections.abc import Callable, Iterable
from html import escape

from ipywidgets import HTML, BoundedIntText, Box, Dropdown, HBox, Label, ToggleButton, VBox

from uffdsim import kernels, words
from uffdsim.kernel.versions import VERSIONS, Version
from uffdsim.lab.guard import Guard
from uffdsim.lab.handlers import HANDLERS
from uffdsim.lab.model import Model
from uffdsim.lab.outcome import simulated
from uffdsim.lab.plain import plain
from uffdsim.lab.settings import BACKINGS, MODES, MOST_PAGES, SHARINGS, Settings
from uffdsim.uapi import Feature

ASKS = {
    "kernel": "Does another kernel do the same?",
    "backing": "Does it matter what the memory is made of?",
    "pages": "How many pages does the file have?",
    "sharing": "What if the watched mapping has its pages to itself?",
    "modes": "Which faults does the handler hear about?",
    "features": "What does UFFDIO_API change when it is asked for more?",
    "handler": "What does the handler have to do, and what if it does not?",
    "beside": "How do the same acts turn out under one other setting, side by side?",
}
NOTHING = "nothing"


class Chooser:
    """A row of controls for settings; ``boxes`` has them by name."""

    def __init__(self, model: Model, do: Guard) -> None:
        self.model = model
        self.do = do
        self.beside = NOTHING
        self.boxes = {
            "kernel": self._dropdown("kernel", "Kernel", self._known("kernel", tuple(kernels.names()))),
            "backing": self._dropdown("backing", "Memory", self._known("backing", BACKINGS)),
            "pages": self._pages(),
            "sharing": self._dropdown("sharing", "Watched is", SHARINGS),
            "modes": self._modes(),
            "features": self._features(),
            "handler": self._dropdown("handler", "Handler", tuple(HANDLERS)),
            "beside": self._beside(),
        }

    def _known(self, name: str, choices: tuple[str, ...]) -> tuple[str, ...]:
        mine = getattr(self.model.settings, name)
        return choices if mine in choices else (mine, *choices)

    def _chosen(self, name: str) -> Callable:
        def changed(change: dict) -> None:
            if change["new"] != getattr(self.model.settings, name):
                self.do(self.model.choose, **{name: change["new"]})

        return changed

    def _dropdown(self, name: str, label: str, options: Iterable[str]) -> Dropdown:
        value = getattr(self.model.settings, name)
        box = plain(Dropdown, options=list(options), value=value, description=label, tooltip=ASKS[name])
        box.observe(self._chosen(name), "value")
        return _labelled(box, name)

    def _pages(self) -> BoundedIntText:
        pages = self.model.settings.pages
        least, most = min(1, pages), max(MOST_PAGES, pages)
        box = plain(BoundedIntText, pages, min=least, max=most, description="Pages", tooltip=ASKS["pages"])
        box.observe(self._chosen("pages"), "value")
        return _labelled(box, "pages")

    def _modes(self) -> Box:
        self.toggles = {mode: plain(ToggleButton, tooltip=f"{ASKS['modes']} {_TELLS[mode]}") for mode in MODES}
        for mode, toggle in self.toggles.items():
            toggle.observe(self._toggled(mode), "value")
        group = plain(VBox, [plain(Label, "Register as"), plain(HBox, list(self.toggles.values()))])
        group.add_class("uffdsim-group")
        return group

    def _toggled(self, mode: str) -> Callable:
        def changed(change: dict) -> None:
            had = tuple(self.model.settings.modes)
            modes = tuple(m for m in MODES if (change["new"] if m == mode else m in had))
            if modes != had:
                self.do(self.model.choose, modes=modes)

        return changed

    def _features(self) -> Box:
        """A switch in the row, and a panel that it unfolds."""
        self.unfold = plain(ToggleButton, tooltip=ASKS["features"])
        self.unfold.observe(self.do.show, "value")
        self.features = {name: plain(ToggleButton, description=name) for name in Feature.__members__}
        for name, toggle in self.features.items():
            toggle.tooltip = f"What if it asks for {name}?"
            toggle.observe(self._asked(name), "value")
        self.known = plain(HTML)
        self.panel = VBox([plain(HBox, list(self.features.values())), self.known])
        self.panel.add_class("uffdsim-panel")
        group = plain(VBox, [plain(Label, "API asks for"), self.unfold])
        group.add_class("uffdsim-group")
        group.add_class("uffdsim-features")
        return group

    def _asked(self, name: str) -> Callable:
        def changed(change: dict) -> None:
            settings = self.model.settings
            wanted = tuple(n for n in self.features if (change["new"] if n == name else n in settings.features))
            if set(wanted) != set(settings.features):
                self.do(self.model.choose, features=wanted)

        return changed

    def _beside(self) -> Dropdown:
        self.alternatives = _alternatives()
        options = [NOTHING, *self.alternatives]
        box = plain(Dropdown, options=options, value=NOTHING, description="Beside it", tooltip=ASKS["beside"])

        def changed(change: dict) -> None:
            choice = self.alternatives.get(change["new"], {})
            if change["new"] != self.beside:
                self.beside = change["new"]
                self.do(self.model.beside, **choice)

        box.observe(changed, "value")
        return _labelled(box, "beside")

    def refresh(self) -> None:
        """Show what is chosen."""
        settings = self.model.settings
        pages = self.boxes["pages"]
        pages.min, pages.max = min(pages.min, settings.pages), max(pages.max, settings.pages)
        for name in ("kernel", "backing", "pages", "sharing", "handler"):
            box = self.boxes[name]
            value = getattr(settings, name)
            if name in ("kernel", "backing") and value not in box.options:
                box.options = (value, *box.options)
            if box.value != value:
                box.value = value
        for mode, toggle in self.toggles.items():
            _switch(toggle, mode, mode in settings.modes)
        self._refresh_features(settings)
        if self.model.other is None and self.beside != NOTHING:
            self.beside = NOTHING
            self.boxes["beside"].value = NOTHING

    def _refresh_features(self, settings: Settings):
        version = VERSIONS[simulated(settings.kernel)]
        count = words.count(len(settings.features), "feature")
        self.unfold.description = f"{count} {'▴' if self.unfold.value else '▾'}"
        self.panel.layout.display = "" if self.unfold.value else "none"
        if not self.unfold.value:
            return
        for name, toggle in self.features.items():
            has = version.features & Feature[name]
            _switch(toggle, name if has else f"{name} ∉", name in settings.features)
            toggle.tooltip = f"What if it asks for {name}?" + ("" if has else f" {version.name} does not know it.")
        self.known.value = f"<p>{escape(_known_features(version, settings))}</p>"


_TELLS = {
    "MISSING": "MISSING: those that find no page.",
    "MINOR": "MINOR: those that find the page in the cache, and no entry for it at this address.",
    "WP": "WP: writes to pages that WRITEPROTECT has protected.",
    "RWP": "RWP: every touch of pages that RWPROTECT has put out of reach.",
}


def _alternatives() -> dict[str, dict]:
    """The settings that may be shown beside, each one step away from what is chosen."""
    found: dict[str, dict] = {f"on {name}": {"kernel": name} for name in VERSIONS}
    sets = [("MISSING",), ("MINOR",), ("MISSING", "MINOR"), ("WP",), ("RWP",)]
    found |= {f"registered {words.listed(modes)}": {"modes": modes} for modes in sets}
    found |= {f"of {backing}": {"backing": backing} for backing in BACKINGS}
    found |= {f"handler: {name}": {"handler": name} for name in HANDLERS}
    return found


def _labelled(box: Dropdown | BoundedIntText, name: str) -> Dropdown | BoundedIntText:
    box.add_class("uffdsim-labelled")
    box.add_class(f"uffdsim-{name}")
    return box


def _switch(toggle: ToggleButton, text: str, on: bool) -> None:
    """Say in words too whether it is on."""
    toggle.description = f"✓ {text}" if on else text
    toggle.value = on


def _known_features(version: Version, settings: Settings) -> str:
    """What a kernel knows about the features, besides what it is asked for."""
    unknown = [name for name in settings.features if not version.features & Feature[name]]
    known = words.count(version.features.bit_count(), "feature")
    said = f"{version.name} knows {known}; those marked ∉ it does not know."
    if unknown:
        said += f" UFFDIO_API is asked for {words.listed(unknown)}: it refuses, and the descriptor stays unusable."
    return said
