"""The controls by which a person acts: who, on which page of which mapping, does what."""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations

from ipywidgets import Button, Checkbox, Dropdown, HBox, ToggleButton, Widget

from uffdsim import words
from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import ADVICE
from uffdsim.lab import acts
from uffdsim.lab.acts import ALL, BYTES, ROWS, THREADS, Choice
from uffdsim.lab.guard import Guard
from uffdsim.lab.model import Model
from uffdsim.lab.plain import plain
from uffdsim.lab.settings import MODES

MOST = 64
"""How many pages of a mapping can be chosen."""
FOLDED = ("watch", "memory")
"""Rows that wait folded away, where nobody has said which controls are needed."""
CHOICES = ("thread", "mapping", "page", "value")
"""What may be chosen to begin with."""


class Actor:
    """Rows of controls for acts; ``boxes`` has the rows by name, ``buttons`` the buttons by act.

    ``tell`` is given the keys of the shapes that stand for what is chosen. ``first`` is what is chosen to begin with,
    by names of CHOICES; ``rows`` are those that are shown, ``folded`` those of them that are folded away.

    :raises Mistake: for an unknown choice.
    """

    def __init__(
        self,
        model: Model,
        do: Guard,
        tell: Callable[[list[str]], None] = lambda keys: None,
        first: Mapping[str, object] | None = None,
        folded: tuple[str, ...] = (),
        rows: Iterable[str] = ROWS,
    ) -> None:
        self.model = model
        self.do = do
        self.tell = tell
        self.rows = tuple(rows)
        self.buttons: dict[str, Button] = {}
        self._wanted: dict[tuple[str, object], object] = {}
        bytes_ = [(words.byte(byte), byte) for byte in BYTES]
        self.thread = plain(Dropdown, options=THREADS, description="Thread", tooltip="Who does it?")
        self.mapping = plain(Dropdown, description="Mapping", tooltip="Through which mapping?")
        self.page = plain(Dropdown, options=[0], description="Page", tooltip="On which page?")
        self.value = plain(Dropdown, options=bytes_, description="Byte", tooltip="Which byte is written?")
        self.fd = Dropdown(description="Descriptor", tooltip="Which userfaultfd?")
        self.source = plain(Dropdown, description="MOVE from", tooltip="From which mapping does MOVE take the page?")
        self.dontwake = _box("DONTWAKE", "What if nobody is woken yet?")
        self.wp = _box("WP", "And if it is write-protected at once?")
        sets = _mode_sets()
        self.modes = plain(Dropdown, options=sets, description="REGISTER as", tooltip="Registered in which modes?")
        self.advice = plain(Dropdown, options=ADVICE, description="advice", tooltip="Which advice does madvise give?")
        prots = ["r", "rw", "none"]
        self.prot = plain(Dropdown, options=prots, description="prot", tooltip="What does mprotect allow?")
        made = {row: [self._button(name) for name in acts.in_row(row)] for row in ROWS}
        who = (self.thread, self.mapping, self.page, self.value)
        self.boxes = {
            "touch": _row("Act", "touch", folded, *who, *made["touch"]),
            "answer": _row("Answer", "answer", folded, *made["answer"], self.source, self.dontwake, self.wp),
            "watch": _row("Watch", "watch", folded, *made["watch"], self.modes, self.fd),
            "memory": _row("Change", "memory", folded, *made["memory"], self.advice, self.prot),
        }
        self.refresh()
        self._start(first or {})
        self.mapping.observe(lambda change: self.do(self._count), "value")
        for box in (self.thread, self.mapping, self.page):
            box.observe(lambda change: self.tell(self.keys), "value")

    def _start(self, first: Mapping[str, object]) -> None:
        if not isinstance(first, Mapping):
            raise Mistake(f'choose: {quoted(first)} must be choices by name, as {{"thread": "t1"}}')
        for name, choice in first.items():
            box = getattr(self, name) if name in CHOICES else None
            if box is None:
                raise Mistake(f'choose: "{name}" is not a choice; the choices are {", ".join(CHOICES)}')
            there = [one[1] if isinstance(one, tuple) else one for one in box.options]
            if choice not in there:
                raise Mistake(f'choose: {name} "{choice}" must be one of {words.listed(map(str, there), "or")}')
            box.value = choice
        self._first = {name: getattr(self, name).value for name in self._chosen()}

    def _chosen(self) -> tuple[str, ...]:
        return (*CHOICES, "source", "dontwake", "wp", "modes", "advice", "prot")

    def reset(self) -> None:
        """Choose again what was chosen to begin with."""
        self.refresh()
        for name, value in self._first.items():
            getattr(self, name).value = value

    @property
    def choice(self) -> Choice:
        """All that is chosen."""
        names = ("thread", "mapping", "page", "value", "fd", "source", "modes", "advice", "prot")
        ticked = frozenset(str(box.description) for box in (self.dontwake, self.wp) if box.value)
        return Choice(ticked=ticked, **{name: getattr(self, name).value for name in names})

    @property
    def keys(self) -> list[str]:
        """The keys of the shapes that stand for what is chosen."""
        choice = self.choice
        return [f"lane {choice.thread}", words.page(choice.mapping, choice.one)]

    def _button(self, name: str) -> Button:
        text, asks = acts.button(name)
        button = plain(Button, description=text, tooltip=asks)
        button.on_click(lambda _: self.do(self._act, name))
        button.add_class(f"uffdsim-do-{'-'.join(name.replace('_', ' ').split())}")
        self.buttons[name] = button
        return button

    def _act(self, name: str) -> None:
        step = acts.step(self.model, name, self.choice)
        self.model.act(step.op, **step.given)

    def point(self, vma: str, page: int) -> None:
        """Choose a page of a mapping."""
        if vma in self.mapping.options:
            self.mapping.value = vma
            if page in self.page.options:
                self.page.value = page

    def refresh(self) -> None:
        """Offer what is there to act on."""
        state = self.model.state_after
        names = [key[1] for key, mapping in state.of_kind("mapping") if mapping.listed] or [""]
        self._offer(self.mapping, names, "watched")
        self._offer(self.source, names, "plain")
        opened = list(self.model.scenario.names.descriptors)
        self._offer(self.fd, [key[1] for key, _ in state.of_kind("fd")] or opened or [""])
        self.fd.layout.display = "" if len(self.fd.options) > 1 else "none"
        self._count()
        self.tell(self.keys)

    def _count(self) -> None:
        """Offer the pages of the mapping, or as many of them as one can look through."""
        mapping = self.model.scenario.mappings.get(self.mapping.value)
        self._offer(self.page, [*range(min(mapping.pages, MOST) if mapping else 1), ALL])

    def _offer(self, box: Dropdown, options: list, first: object = None) -> None:
        """Change what a box offers. What was chosen in it stays chosen, or is again once it is back, as after Undo."""
        if list(box.options) == options:
            return
        wanted = self._wanted.pop((box.description, box.value), box.value)
        box.options = options
        box.value = wanted if wanted in options else first if first in options else options[0]
        if wanted is not None and box.value != wanted:
            self._wanted[box.description, box.value] = wanted


def _box(text: str, asks: str) -> Checkbox:
    return plain(Checkbox, False, description=text, indent=False, tooltip=asks)


def _mode_sets() -> list[tuple[str, tuple[str, ...]]]:
    """Every set of modes that a range can be registered in, small ones first: WP and RWP share a bit of the entry."""
    sets = [modes for count in range(1, 4) for modes in combinations(MODES, count) if not {"WP", "RWP"} <= {*modes}]
    return [(" + ".join(modes), modes) for modes in sets]


def _row(title: str, name: str, folded: tuple[str, ...], *widgets: Widget) -> HBox:
    """A row that its title folds and unfolds."""
    fold = plain(ToggleButton, name not in folded, tooltip=f"Which controls are there to {title.lower()}?")
    row = plain(HBox, [fold, *widgets])

    def show(*_: object) -> None:
        fold.description = f"{title} {'▾' if fold.value else '▸'}"
        (row.remove_class if fold.value else row.add_class)("uffdsim-folded")

    fold.observe(show, "value")
    fold.add_class("uffdsim-fold")
    row.add_class("uffdsim-row")
    row.add_class(f"uffdsim-{name}")
    show()
    return row
