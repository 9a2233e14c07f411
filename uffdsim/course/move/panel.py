"""Two ways to move a machine, side by side: what is chosen for each, and the result."""

from dataclasses import replace
from functools import partial
from html import escape
from typing import Any

import anywidget
from ipywidgets import HTML, Dropdown, GridBox, ToggleButtons, VBox
from traitlets import Unicode

from uffdsim import saved
from uffdsim.course.move.setting import ANSWERS, MOST_PAGES, WAYS, Setting
from uffdsim.course.render import folded, paragraphs, table_html, table_text
from uffdsim.errors import Mistake
from uffdsim.lab.guard import Guard
from uffdsim.migration.figures import PICTURES, Drawn, draw
from uffdsim.migration.units import said_size
from uffdsim.pictures.painters import palette

NAMES = ("first", "second")
CONTROLS = {
    "way": ("Way", tuple(WAYS), "Does the guest stand still, run on here, or run there already while memory is sent?"),
    "page": ("Pages", ("4K", "2M", "1G"), "How large is what is asked for and sent at a time?"),
    "answer": ("Answer", tuple(ANSWERS), "Is a page copied into the guest's mapping, or only mapped there?"),
    "link": ("Link", ("1Gbit/s", "10Gbit/s", "25Gbit/s", "100Gbit/s"), "How fast does memory get there?"),
    "vcpus": ("vCPUs", (1, 2, 4, 8, 16, 32), "How many processors touch memory at the same time?"),
    "hot": ("Hot share", (0.01, 0.05, 0.1, 0.25, 0.5), "How much of its memory does the guest need all the time?"),
}
"""What can be chosen: its name, the choices, and the question that it answers."""
ASKS = {
    "downtime": "What does it stand still for?",
    "throughput": "How much does the guest get done?",
    "latency": "How long does a touch wait for its page?",
    "pages": "When are the pages there?",
}
"""The question that each picture answers."""
ABOUT = "This is a picture. Run its cell to change what is chosen."
FIGURE = palette.themed("--uffdsim-figure:none", "--uffdsim-figure:invert(.9) hue-rotate(180deg)")
"""An image is black on white; in a dark theme it is turned round, and its colours stay what they are."""
CSS = """
.uffdsim-move { max-width: 880px; gap: 6px; overflow: hidden; }
.uffdsim-move .uffdsim-choices { gap: 4px 8px; align-items: center; overflow: hidden; }
.uffdsim-move .uffdsim-choices > * { width: auto; min-width: 0; margin: 0; }
.uffdsim-move .uffdsim-choices .widget-label {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
}
.uffdsim-move .uffdsim-choices p { margin: 0; font-size: 13px; line-height: 1.4; color: var(--uffdsim-ink); }
.uffdsim-move .uffdsim-choices .uffdsim-other { font-weight: 700; }
.uffdsim-move .uffdsim-other select { box-shadow: inset 0 0 0 2px var(--uffdsim-blue) !important; }
.uffdsim-move .widget-toggle-button, .uffdsim-move .widget-toggle-buttons button { width: auto; }
.uffdsim-move img { display: block; max-width: 100%; height: auto; filter: var(--uffdsim-figure); }
.uffdsim-move figure { margin: 0; }
"""


class Live(anywidget.AnyWidget):
    """A piece of HTML that is read out when it changes."""

    _esm = """
    function render({ model, el }) {
      const status = document.createElement("div");
      status.setAttribute("role", "status");
      status.setAttribute("aria-live", "polite");
      el.append(status);
      const show = () => {
        const open = [...status.querySelectorAll("details")].map((one) => one.open);
        status.innerHTML = model.get("html");
        status.querySelectorAll("details").forEach((one, at) => { one.open = open[at] ?? one.open; });
      };
      model.on("change:html", show);
      show();
    }
    export default { render };
    """
    _css = f"{palette.css()}\n{FIGURE}\n{CSS}"
    html = Unicode().tag(sync=True)


class Panel(VBox):
    """Two settings side by side. What differs between them is marked; a change is shown at once.

    :param first: a Setting.
    :param second: another; what is not a control, both have in common.
    :param picture: with which of ASKS it begins.
    :raises Mistake: if there is no such picture, or the machine is too large to be simulated while one waits.
    """

    def __init__(self, first: Setting | None = None, second: Setting | None = None, picture: str = "downtime") -> None:
        if picture not in ASKS:
            raise Mistake(f"there is no picture {picture!r}: take {', '.join(ASKS)}")
        self.settings = {"first": first or Setting()}
        self.settings["second"] = second or replace(self.settings["first"], way="both", answer="CONTINUE")
        self.do = Guard(self.refresh, self._tell)
        self.boxes = {(name, what): self._box(name, what) for what in CONTROLS for name in NAMES}
        self.heads = {what: HTML() for what in CONTROLS}
        self.picture = ToggleButtons(
            options=[(name.capitalize(), name) for name in PICTURES], value=picture, tooltips=list(ASKS.values())
        )
        self.picture.observe(self.do.show, "value")
        self.live = Live()
        self.said = ""
        """What was shown last, as HTML."""
        super().__init__([self._choices(), self.picture, self.live])
        self.add_class("uffdsim-move")
        self.refresh()

    def _box(self, name: str, what: str) -> Dropdown:
        label, options, question = CONTROLS[what]
        mine = getattr(self.settings[name], what)
        known = options if mine in options else (mine, *options)
        shown = [(f"{one:.0%}" if what == "hot" else str(one), one) for one in known]
        box = Dropdown(description=f"{label}, {name}", options=shown, value=mine, tooltip=question)
        box.observe(partial(self._chosen, name, what), "value")
        return box

    def _chosen(self, name: str, what: str, change: dict) -> None:
        self.do(self.choose, name, **{what: change["new"]})

    def _choices(self) -> GridBox:
        cells = [HTML(), *self.heads.values()]
        for name in NAMES:
            cells += [HTML(f"<p><strong>{name}</strong></p>"), *(self.boxes[name, what] for what in CONTROLS)]
        grid = GridBox(cells, layout={"grid_template_columns": "56px 7.5em repeat(5, minmax(0, 1fr))"})
        grid.add_class("uffdsim-choices")
        return grid

    def choose(self, name: str, **keys: Any) -> None:
        """Choose something for the first or the second.

        :raises Mistake: if it cannot be; then nothing has changed.
        """
        setting = replace(self.settings[name], **keys)
        _check(setting)
        self.settings[name] = setting

    def refresh(self) -> None:
        """Show both as they are."""
        other = self.settings["first"].differs(self.settings["second"])
        for (name, what), box in self.boxes.items():
            box.value = getattr(self.settings[name], what)
            (box.add_class if what in other else box.remove_class)("uffdsim-other")
        for what, head in self.heads.items():
            label, _, question = CONTROLS[what]
            mark = f'<p class="uffdsim-other">≠ {label}</p>' if what in other else f"<p>{label}</p>"
            head.value = f'<div title="{escape(question)}">{mark}</div>'
        self.said = paragraphs(self.do.notice) + self.shown()
        self.live.html = self.said

    def _tell(self, error: str) -> None:
        """Show a mistake of the page's own, as HTML, above what there was."""
        if error:
            self.live.html = error + self.said

    # What is shown

    def drawn(self) -> Drawn:
        """The picture that was chosen, of both."""
        for setting in self.settings.values():
            _check(setting)
        return draw(self.picture.value, {name: self.settings[name].result() for name in NAMES})

    def rows(self) -> list[tuple[str, ...]]:
        """Both results in numbers; what differs is marked."""
        first, second = (dict(self.settings[name].result().rows()) for name in NAMES)
        names = [*first, *(name for name in second if name not in first)]
        both = [(name.strip(), first.get(name, "–"), second.get(name, "–")) for name in names]
        return [(name, one, two, "≠" if one != two else "") for name, one, two in both]

    def shown(self) -> str:
        """The picture, its sentence, and both tables, as HTML."""
        drawn, question = self.drawn(), ASKS[self.picture.value]
        numbers = table_html(("", *NAMES, "differs"), self.rows())
        return (
            f"{paragraphs(self.about())}<figure>{drawn.img}<figcaption>{paragraphs(drawn.sentence)}</figcaption>"
            f"</figure>{folded(f'{question} As a table', table_html(drawn.rows[0], drawn.rows[1:]))}"
            f"{folded('Both in numbers', numbers)}"
        )

    def about(self) -> str:
        """What both have in common, in a sentence."""
        first, second = self.settings.values()
        if first.memory == second.memory:
            return f"A guest with {said_size(first.guest.memory)} of memory, simulated. {ASKS[self.picture.value]}"
        return f"Guests with {first.memory} and {second.memory} of memory, simulated. {ASKS[self.picture.value]}"

    def __repr__(self) -> str:
        return f"{self.drawn().sentence}\n{table_text(('', *NAMES, 'differs'), self.rows())}"

    __str__ = __repr__

    def _repr_keys(self) -> tuple:
        return ()

    def _repr_mimebundle_(self, **keys: object) -> dict:
        chosen = table_html(("", *NAMES), self._chosen_rows())
        still = f"{paragraphs(ABOUT)}{chosen}{self.shown()}"
        return saved.bundle(super()._repr_mimebundle_(**keys), plain=repr(self), html=still)

    def _chosen_rows(self) -> list[tuple[str, ...]]:
        return [(label, *(self.boxes[name, what].label for name in NAMES)) for what, (label, *_) in CONTROLS.items()]


def _check(setting: Setting) -> None:
    pages = setting.guest.pages
    if pages > MOST_PAGES:
        raise Mistake(
            f"{setting.memory} in pages of {setting.page} are {pages:,} pages, which take seconds to simulate: "
            "take larger pages here, or setting.result() in a cell"
        )
