"""The controls by which a person takes work away, and brings it: text to copy, files to save, a line to paste."""

from collections.abc import Callable

from ipywidgets import HTML, Button, Dropdown, HBox, Textarea, VBox

from uffdsim.export.line import joined
from uffdsim.lab.document import Document
from uffdsim.lab.guard import Guard
from uffdsim.lab.model import Model
from uffdsim.lab.plain import plain
from uffdsim.lab.program import LANGUAGES
from uffdsim.lab.screen import Screen
from uffdsim.pictures import stacked, svg

FORMS = {
    "one line, for another lab": (lambda model: model.document.dumps(), "lab.json"),
    "scenario in JSON": (lambda model: model.scenario.dumps(), "scenario.json"),
    "Python": (lambda model: _program("python", model), "scenario.py"),
    "C": (lambda model: _program("C", model), "scenario.c"),
}
"""What the work can be taken away as: its text, and the name of a file for it."""
TYPES = {"SVG": "image/svg+xml", "PNG": "image/png"}
"""What pictures can be saved as."""
ALL = "all that are shown"
TOLD = '<span class="uffdsim-told" role="status"></span>'
"""Where the page says that it has copied or saved something."""


def _program(language: str, model: Model) -> str:
    return joined(LANGUAGES[language](model.scenario, model))


class Taker:
    """The ``panel``, shown while it is ``open``. ``send`` gives a message to the stage, which saves and copies;
    ``screen`` has the pictures."""

    def __init__(self, model: Model, do: Guard, send: Callable[[dict], None], screen: Screen) -> None:
        self.screen = screen
        self.model = model
        self.do = do
        self.send = send
        asks = "In which form can I use it elsewhere?"
        self.form = plain(Dropdown, options=list(FORMS), description="As", tooltip=asks)
        self.which = plain(Dropdown, options=[ALL], description="Picture", tooltip="Which picture do I take?")
        self.text = plain(Textarea, description="Text", disabled=False, tooltip="What do I take away?")
        self.paste = plain(Textarea, description="Paste", placeholder="a line from another lab, or a scenario in JSON")
        self.paste.tooltip = "What did somebody else do?"
        self.buttons = {
            "copy": self._button("Copy", "How do I show it to somebody?", self._copy),
            "save": self._button("Save", "How do I keep it as a file?", self._save),
            "svg": self._button("Picture as SVG", "How do I get it into a page?", lambda: self._picture("SVG")),
            "png": self._button("Picture as PNG", "How do I get it into slides?", lambda: self._picture("PNG")),
            "load": self._button("Take it up", "What happened in somebody else's lab?", self._load),
        }
        self.form.observe(lambda change: self.do(self._write), "value")
        b = self.buttons
        self.open = False
        first = [self.form, b["copy"], b["save"], self.which, b["svg"], b["png"], plain(HTML, TOLD)]
        rows = [plain(HBox, first), plain(HBox, [self.text, self.paste, b["load"]])]
        for row in rows:
            row.add_class("uffdsim-row")
        self.panel = VBox(rows)
        self.panel.add_class("uffdsim-panel")
        self.panel.add_class("uffdsim-taken")

    def _button(self, text: str, asks: str, action: Callable) -> Button:
        button = plain(Button, description=text, tooltip=asks)
        button.on_click(lambda _: self.do(action))
        return button

    def _write(self):
        self.text.value = FORMS[self.form.value][0](self.model)

    def _copy(self):
        self._write()
        self.send({"copy": self.text.value})

    def _save(self):
        self._write()
        self.send({"save": FORMS[self.form.value][1], "text": self.text.value, "type": "text/plain"})

    def _picture(self, what: str):
        shown, which = self.screen.pictures(), self.which.value
        picture = stacked([shown[place] for place, name in self.screen.names().items() if which in (ALL, name)])
        name = f"{'pictures' if which == ALL else which.replace(' ', '-')}.{what.lower()}"
        self.send({"save": name, "type": TYPES[what], "text": svg(picture, "uffdsim")})

    def _load(self):
        self.model.load(Document.loads(self.paste.value))
        self.paste.value = ""

    def refresh(self) -> None:
        """Keep the text what the work is, while somebody looks at it."""
        self.panel.layout.display = "" if self.open else "none"
        if self.open:
            self._write()
            self._offer()

    def _offer(self):
        """Offer the pictures that are shown; the choice stays, where there still is such a picture."""
        options, chosen = (ALL, *self.screen.names().values()), self.which.value
        if self.which.options != options:
            self.which.options = options
            self.which.value = chosen if chosen in options else ALL
