"""The row above a lab that offers what was kept of it, and says where that cannot be."""

from collections.abc import Callable
from html import escape

from ipywidgets import HTML, Button, Dropdown, HBox

from uffdsim.lab.document import Document
from uffdsim.lab.guard import Guard
from uffdsim.lab.keep import Keep

KEPT = "Your work from last time is kept"


class Resume:
    """The ``row`` of a lab with a ``keep``, there while it has something to say; ``load`` takes a document up."""

    def __init__(self, keep: Keep, load: Callable[[Document], None], do: Guard) -> None:
        self.keep = keep
        self.load = load
        self.told = HTML()
        self.which = Dropdown(description="Which", tooltip="Which of it do I take up?")
        self.take = Button(description="Take it up", tooltip="Where was I?")
        self.leave = Button(description="Start over", tooltip="What if I begin again?")
        self.take.on_click(lambda _: do(self._take))
        self.leave.on_click(lambda _: do(keep.leave))
        self.row = HBox([self.told, self.which, self.take, self.leave])
        self.row.add_class("uffdsim-offer")
        self.refresh()

    def _take(self) -> None:
        found = self.which.value
        self.keep.take(found)
        self.load(found.document)

    def shelved(self, others: list[dict]) -> None:
        """Offer what other sessions have left in the reader's browser too."""
        self.keep.shelved(others)
        self.refresh()

    def refresh(self) -> None:
        """Say what there is to say now."""
        found, notice = self.keep.found, self.keep.notice
        self.which.options = [(str(one), one) for one in found]
        if found and self.which.index is None:  # a list that was empty chooses nothing by itself
            self.which.index = 0
        one = f"{KEPT}: {found[0]}." if len(found) == 1 else f"{KEPT}:" if found else ""
        self.told.value = f'<span role="status">{escape(" ".join(filter(None, (one, notice))))}</span>'
        shown = {self.row: found or notice, self.which: len(found) > 1, self.take: found, self.leave: found}
        for widget, is_shown in shown.items():
            widget.layout.display = "" if is_shown else "none"
