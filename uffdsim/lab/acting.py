"""The controls by which a person acts: who, on which page of which mapping, does what."""

from ipywidgets import Button, Checkbox, Dropdown, HBox, Label, Widget

from uffdsim import words
from uffdsim.errors import Mistake
from uffdsim.grammar import ADVICE, OPS, Op, Trait
from uffdsim.lab.guard import Guard
from uffdsim.lab.handlers import COPIED
from uffdsim.lab.model import Model
from uffdsim.lab.settings import MODES

THREADS = ("main", "t1", "t2")
ALL = "all"
MOST = 64
"""So many pages of a mapping can be chosen."""

BYTES = [(words.byte(byte), byte) for byte in (0x41, 0x42, 0x43, 0x44, 0x00, 0xFF)]

BUTTONS = {
    "load": ("Read", "Does a read of this page find it at once?"),
    "store": ("Write", "Does a write to this page go through, and who sees the byte?"),
    "kload": ("Kernel reads", "What if the kernel reads the page for the thread, as write(2) does?"),
    "read_event": ("Read message", "What is the handler told?"),
    "continue": ("CONTINUE", "May what is in the cache be mapped?"),
    "copy": ("COPY", "What if the handler brings a page of its own?"),
    "zeropage": ("ZEROPAGE", "Would a page of zeros do?"),
    "poison": ("POISON", "What if the page is lost for ever?"),
    "move": ("MOVE", "Can a page be moved here instead of copied?"),
    "wake": ("WAKE", "Is waking a thread enough?"),
    "register": ("REGISTER", "What if it is registered once more, otherwise?"),
    "writeprotect": ("WRITEPROTECT", "Who writes to this page next?"),
    "unregister": ("UNREGISTER", "What of those that wait when nobody watches any more?"),
    "close": ("close", "What of those that wait when the handler dies?"),
    "madvise": ("madvise", "What does it do to the page, and who is told?"),
    "mprotect": ("mprotect", "Which comes first, the fault or the protection?"),
    "mlock": ("mlock", "Does locking touch the page?"),
    "munlock": ("munlock", "What remains of the lock?"),
    "munmap": ("munmap", "What if the mapping goes away?"),
    "mremap": ("mremap", "What if the mapping moves to other addresses?"),
    "punch": ("punch a hole", "What if the file loses the page?"),
    "fork": ("fork", "What does a child get?"),
}
"""What the button of an op says, and the question that it answers; in this order. An op that is not here has a button
of its own name, in the row of its traits."""
UNPROTECT = ("unprotect", "May the writer go on that had to wait?")
"""WRITEPROTECT once more, to lift what it has put on."""


def offered(row: Trait, but: Trait | None = None) -> list[str]:
    """The ops that have any of these traits and none of the others, in the order of their buttons."""
    found = [op.name for op in OPS.values() if row & op.traits and not (but and but & op.traits)]
    known = list(BUTTONS)
    return sorted(found, key=lambda name: known.index(name) if name in BUTTONS else len(known))


class Actor:
    """Rows of controls for acts; ``boxes`` has the rows by name, ``buttons`` the buttons by op."""

    def __init__(self, model: Model, do: Guard) -> None:
        self.model = model
        self.do = do
        self.buttons: dict[str, Button] = {}
        self.thread = Dropdown(options=THREADS, description="Thread", tooltip="Who does it?")
        self.mapping = Dropdown(description="Mapping", tooltip="Through which mapping?")
        self.page = Dropdown(options=[0], description="Page", tooltip="On which page?")
        self.value = Dropdown(options=BYTES, description="Byte", tooltip="Which byte is written?")
        self.fd = Dropdown(description="Descriptor", tooltip="Which userfaultfd?")
        self.source = Dropdown(description="MOVE from", tooltip="From which mapping does MOVE take the page?")
        self.dontwake = Checkbox(False, description="DONTWAKE", indent=False, tooltip="What if nobody is woken yet?")
        self.wp = Checkbox(False, description="WP", indent=False, tooltip="And if it is write-protected at once?")
        self.modes = Dropdown(options=_mode_sets(), description="REGISTER as", tooltip="Registered in which modes?")
        self.advice = Dropdown(options=ADVICE, description="advice", tooltip="Which advice does madvise give?")
        self.prot = Dropdown(options=["r", "rw", "none"], description="prot", tooltip="What does mprotect allow?")
        touches, answers = self._made(offered(Trait.TOUCH)), self._made(offered(Trait.READ | Trait.ANSWER, Trait.WATCH))
        watches, changes = self._made(offered(Trait.WATCH)), self._made(offered(Trait.MEMORY))
        self.boxes = {
            "touch": _row("Act", "touch", self.thread, self.mapping, self.page, self.value, *touches),
            "answer": _row("Answer", "answer", *answers, self.source, self.dontwake, self.wp),
            "watch": _row("Watch", "watch", *watches, self.modes, self.fd),
            "memory": _row("Change", "memory", *changes, self.advice, self.prot),
        }
        self.mapping.observe(lambda change: self.do(self._count), "value")

    def _made(self, ops: list[str]) -> list[Button]:
        found = []
        for op in ops:
            found.append(self._button(op, *BUTTONS.get(op, (op, f"What comes of {op}?"))))
            if op == "writeprotect":
                found.append(self._button("unprotect", *UNPROTECT))
        return found

    def _button(self, name: str, text: str, asks: str) -> Button:
        button = Button(description=text, tooltip=asks)
        button.on_click(lambda _: self.do(self._act, name))
        button.add_class(f"uffdsim-do-{name.replace('_', '-')}")
        self.buttons[name] = button
        return button

    def _act(self, name: str) -> None:
        op = OPS["writeprotect" if name == "unprotect" else name]
        ticked = {box.description for box in (self.dontwake, self.wp) if box.value}
        modes = {"writeprotect": {"WP"}, "unprotect": ticked - {"WP"}}.get(name, ticked)
        said = {key: self._value(op, key, modes) for key in op.keys}
        keys = {key: value for key, value in said.items() if value is not None}
        who = {} if "fd" in keys else {"thread": self.thread.value}
        self.model.act(op.name, **keys, **who)

    def _value(self, op: Op, key: str, modes: set[str]) -> object:
        """What the controls say for a key of an op; None for what they leave to the kernel, or say nothing of."""
        page = self.page.value
        match key:
            case "page" if Trait.TOUCH in op.traits:
                return self._one()
            case "page":
                return None if page == ALL else page
            case "pages":
                return None if page == ALL else 1
            case "from_page":
                return self._one()
            case "value":
                return self.value.value if Trait.WRITE in op.traits else COPIED
            case "mode":
                return [mode for mode in op.modes if mode in modes] or None
            case "file":
                return self._file()
            case "to":
                return self._new_name()
            case "child":
                return self._child()
        boxes = {
            "vma": self.mapping,
            "fd": self.fd,
            "from": self.source,
            "modes": self.modes,
            "advice": self.advice,
            "prot": self.prot,
        }
        return boxes[key].value if key in boxes else None

    def _one(self) -> int:
        return 0 if self.page.value == ALL else self.page.value

    def _file(self) -> str:
        """The file that is mapped there.

        :raises Mistake: if there is none.
        """
        scenario = self.model.scenario
        mapping = scenario.mappings.get(self.mapping.value)
        if mapping and mapping.file in scenario.files:
            return str(mapping.file)
        raise Mistake(f"{self.mapping.value} maps no file, so there is none to punch a hole in.")

    def _new_name(self) -> str:
        """A name for a mapping that is moved: its first one, and a number."""
        names, mapping = self.model.scenario.names, self.mapping.value
        first = names.first_name(mapping) if mapping in names.mappings else mapping
        taken = {*names.mappings, *(step.get("to") for step in self.model.acts)}
        return next(name for n in range(2, len(taken) + 3) if (name := f"{first}.{n}") not in taken)

    def _child(self) -> str | None:
        """A name for the descriptor that a message of a fork brings, where there is such a message."""
        fork = any(wait.event == "FORK" for _, ctx in self.model.state_after.of_kind("ctx") for wait in ctx.events)
        taken = sum("child" in step.given for step in self.model.acts)
        return f"child.{taken + 1}" if fork else None

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
        _offer(self.mapping, names, "watched")
        _offer(self.source, names, "plain")
        opened = list(self.model.scenario.names.descriptors)
        _offer(self.fd, [key[1] for key, _ in state.of_kind("fd")] or opened or [""])
        self.fd.layout.display = "" if len(self.fd.options) > 1 else "none"
        self._count()

    def _count(self) -> None:
        """Offer the pages of the mapping, or as many of them as one can look through."""
        mapping = self.model.scenario.mappings.get(self.mapping.value)
        _offer(self.page, [*range(min(mapping.pages, MOST) if mapping else 1), ALL])


def _mode_sets() -> list[tuple[str, tuple[str, ...]]]:
    sets = [(mode,) for mode in MODES] + [("MISSING", "MINOR"), ("MISSING", "WP"), ("MINOR", "WP"), MODES]
    return [(" + ".join(modes), tuple(modes)) for modes in sets]


def _offer(box: Dropdown, options: list, first: object = None) -> None:
    if list(box.options) != options:
        value = box.value
        box.options = options
        box.value = value if value in options else first if first in options else options[0]


def _row(title: str, name: str, *widgets: Widget) -> HBox:
    row = HBox([Label(title), *widgets])
    row.add_class("uffdsim-row")
    row.add_class(f"uffdsim-{name}")
    return row
