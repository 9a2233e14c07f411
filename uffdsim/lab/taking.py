"""The controls by which a person takes work away, and brings it: text to copy, files to save, a line to paste."""

from collections.abc import Callable

from ipywidgets import Button, Dropdown, HBox, Textarea, VBox

from uffdsim.lab.document import Document
from uffdsim.lab.guard import Guard
from uffdsim.lab.model import Model

FORMS = {
    "one line, for another lab": (lambda model: model.document.dumps(), "lab.json"),
    "scenario in JSON": (lambda model: model.scenario.dumps(), "scenario.json"),
    "Python": (lambda model: _exported("to_python", model), "scenario.py"),
    "C": (lambda model: _exported("to_c", model), "scenario.c"),
}
"""What the work can be taken away as: its text, and the name of a file for it."""
PICTURES = {"SVG": ("picture.svg", "image/svg+xml"), "PNG": ("picture.png", "image/png")}


def _exported(name: str, model: Model) -> str:
    from uffdsim import export

    return getattr(export, name)(model.scenario)


class Taker:
    """The ``panel``, shown while it is ``open``. ``send`` gives a message to the stage, which saves and
    copies; ``picture`` is the picture that is shown, as SVG."""

    def __init__(self, model: Model, do: Guard, send: Callable[[dict], None], picture: Callable[[], str]) -> None:
        self.picture = picture
        self.model = model
        self.do = do
        self.send = send
        self.form = Dropdown(options=list(FORMS), description="As", tooltip="In which form can I use it elsewhere?")
        self.text = Textarea(description="Text", disabled=False, tooltip="What do I take away?")
        self.paste = Textarea(description="Paste", placeholder="a line from another lab, or a scenario in JSON")
        self.paste.tooltip = "What did somebody else do?"
        self.buttons = {
            "copy": self._button("Copy", "How do I show it to somebody?", self._copy),
            "save": self._button("Save", "How do I keep it as a file?", self._save),
            "svg": self._button("Picture as SVG", "How do I get it into a page?", lambda: self._picture("SVG")),
            "png": self._button("Picture as PNG", "How do I get it into slides?", lambda: self._picture("PNG")),
            "load": self._button("Take it up", "What comes of what somebody else did?", self._load),
        }
        self.form.observe(lambda change: self.do(self._write), "value")
        b = self.buttons
        self.open = False
        rows = [HBox([self.form, b["copy"], b["save"], b["svg"], b["png"]]), HBox([self.text, self.paste, b["load"]])]
        for row in rows:
            row.add_class("uffdsim-row")
        self.panel = VBox(rows)
        self.panel.add_class("uffdsim-panel")
        self.panel.add_class("uffdsim-taken")

    def _button(self, text: str, asks: str, action: Callable) -> Button:
        button = Button(description=text, tooltip=asks)
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
        name, kind = PICTURES[what]
        self.send({"save": name, "type": kind, "text": self.picture()})

    def _load(self):
        self.model.load(Document.loads(self.paste.value))
        self.paste.value = ""

    def refresh(self) -> None:
        """Keep the text what the work is, while somebody looks at it."""
        self.panel.layout.display = "" if self.open else "none"
        if self.open:
            self._write()
