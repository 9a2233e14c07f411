"""A checkup: what the machine at hand can do, looked up when a button is pressed, so that no notebook keeps it."""

from html import escape

from ipywidgets import HTML, Button, VBox

from uffdsim import doctor, saved
from uffdsim.lab.guard import Guard

ABOUT = "A checkup of this machine: run the notebook, and press the button."


class Checkup(VBox):
    """A button, and under it what was found and what would help."""

    def __init__(self):
        self.button = Button(description="What can this machine do?", layout={"width": "auto"})
        self.button.tooltip = "Which kernels can I run here, and what would allow me more?"
        self.found = HTML()
        self.do = Guard(lambda: None, self._tell)
        self.button.on_click(lambda _: self.do(self.look))
        super().__init__([self.button, self.found])

    def _tell(self, error: str):
        if error:
            self.found.value = error

    def look(self) -> None:
        """Look, and show what was found."""
        rows = "".join(_row(check) for check in doctor.checks())
        head = "".join(f'<th scope="col">{name}</th>' for name in ("here", "what", "found", "what would help"))
        self.found.value = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def __repr__(self):
        return ABOUT

    def _repr_mimebundle_(self, **keys: object) -> dict:
        return saved.bundle(super()._repr_mimebundle_(**keys), plain=ABOUT)


def _row(check: doctor.Check) -> str:
    cells = ("✓" if check.ok else "–", check.what, check.found, "" if check.ok else check.remedy)
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
