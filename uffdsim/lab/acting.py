"""The controls by which a person acts: who, on which page of which mapping, does what."""

from collections.abc import Callable

from ipywidgets import Button, Checkbox, Dropdown, HBox, Label

from uffdsim.grammar import ADVICE
from uffdsim.lab.handlers import COPIED
from uffdsim.lab.model import Model
from uffdsim.lab.settings import MODES

THREADS = ("main", "t1", "t2")
ALL = "all"
MOST = 64
"""So many pages of a mapping can be chosen."""

BYTES = [(f"{byte:#04x}", byte) for byte in (0x41, 0x42, 0x43, 0x44, 0x00, 0xFF)]

TOUCHES = {
    "load": ("Read", "Does a read of this page find it at once?"),
    "store": ("Write", "Does a write to this page go through, and who sees the byte?"),
    "kload": ("Kernel reads", "What if the kernel reads the page for the thread, as write(2) does?"),
}
ANSWERS = {
    "read_event": ("Read message", "What is the handler told?"),
    "continue": ("CONTINUE", "May what is in the cache be mapped?"),
    "copy": ("COPY", "What if the handler brings a page of its own?"),
    "zeropage": ("ZEROPAGE", "Would a page of zeros do?"),
    "poison": ("POISON", "What if the page is lost for ever?"),
    "move": ("MOVE", "Can a page be moved here instead of copied?"),
    "wake": ("WAKE", "Is waking a thread enough?"),
}
WATCHES = {
    "register": ("REGISTER", "What if it is registered once more, otherwise?"),
    "writeprotect": ("WRITEPROTECT", "Who writes to this page next?"),
    "unprotect": ("unprotect", "May the writer go on that had to wait?"),
    "unregister": ("UNREGISTER", "What of those that wait when nobody watches any more?"),
    "close": ("close", "What of those that wait when the handler dies?"),
}
MEMORY = {
    "madvise": ("madvise", "What does it do to the page, and who is told?"),
    "mprotect": ("mprotect", "Which comes first, the fault or the protection?"),
    "mlock": ("mlock", "Does locking touch the page?"),
    "munlock": ("munlock", "What remains of the lock?"),
    "munmap": ("munmap", "What if the mapping goes away?"),
    "mremap": ("mremap", "What if the mapping moves to other addresses?"),
    "punch": ("punch a hole", "What if the file loses the page?"),
    "fork": ("fork", "What does a child get?"),
}


class Actor:
    """Rows of controls for acts; ``boxes`` has the rows by name, ``buttons`` the buttons by op."""

    def __init__(self, model: Model, do: Callable):
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
        self.boxes = {
            "touch": _row("Act", "touch", self.thread, self.mapping, self.page, self.value, *self._made(TOUCHES)),
            "answer": _row("Answer", "answer", *self._made(ANSWERS), self.source, self.dontwake, self.wp),
            "watch": _row("Watch", "watch", *self._made(WATCHES), self.modes, self.fd),
            "memory": _row("Change", "memory", *self._made(MEMORY), self.advice, self.prot),
        }
        self.mapping.observe(lambda change: self.do(self._count), "value")

    def _made(self, table: dict) -> list[Button]:
        buttons = []
        for op, (text, asks) in table.items():
            button = Button(description=text, tooltip=asks)
            button.on_click(lambda _, op=op: self.do(self._act, op))
            button.add_class(f"uffdsim-do-{op.replace('_', '-')}")
            self.buttons[op] = button
            buttons.append(button)
        return buttons

    def _act(self, op: str):
        self.model.act("writeprotect" if op == "unprotect" else op, **self._keys(op))

    def _keys(self, op: str) -> dict:
        """What a step needs beside its op, from what the controls say."""
        keys: dict = {"thread": self.thread.value} if op in TOUCHES or op in MEMORY else {"fd": self.fd.value}
        if op in TOUCHES:
            keys |= {"vma": self.mapping.value, "page": self._page()}
        elif op == "punch":
            keys |= {"file": self._file(), **self._range()}
        elif op == "mremap":
            keys |= {"vma": self.mapping.value, "to": self._new_name()}
        elif op == "read_event":
            keys |= self._child()
        elif op not in ("fork", "close"):
            keys |= {"vma": self.mapping.value, **self._range()}
        return keys | self._special(op)

    def _special(self, op: str) -> dict:
        if op == "store":
            return {"value": self.value.value}
        if op == "copy":
            return {"value": COPIED, **self._mode(self.dontwake, self.wp)}
        if op == "continue":
            return self._mode(self.dontwake, self.wp)
        if op in ("zeropage", "poison", "unprotect"):
            return self._mode(self.dontwake)
        if op == "move":
            return {"from": self.source.value, "from_page": self._page(), **self._mode(self.dontwake)}
        return {
            "register": {"modes": self.modes.value},
            "writeprotect": {"mode": ["WP"]},
            "madvise": {"advice": self.advice.value},
            "mprotect": {"prot": self.prot.value},
        }.get(op, {})

    def _mode(self, *boxes: Checkbox) -> dict:
        mode = [box.description for box in boxes if box.value]
        return {"mode": mode} if mode else {}

    def _page(self) -> int:
        return 0 if self.page.value == ALL else self.page.value

    def _range(self) -> dict:
        return {} if self.page.value == ALL else {"page": self.page.value, "pages": 1}

    def _file(self) -> str:
        """The file that is mapped there.

        :raises ValueError: if there is none.
        """
        mapping = self.model.state.get(("mapping", self.mapping.value))
        file = mapping and self.model.state.get(("file", mapping.file))
        if not file or file.anonymous:
            raise ValueError(f"{self.mapping.value} maps no file, so there is none to punch a hole in.")
        return mapping.file

    def _new_name(self) -> str:
        first = self.mapping.value.partition(".")[0]
        taken = {step["to"] for step in self.model.acts if step.op == "mremap"}
        return next(name for n in range(2, len(taken) + 3) if (name := f"{first}.{n}") not in taken)

    def _child(self) -> dict:
        """A name for the descriptor that a message of a fork brings."""
        fork = any(w.event == "FORK" for _, c in self.model.state.of_kind("ctx") for w in c.events)
        taken = sum(1 for step in self.model.acts if step.op == "read_event" and "child" in step.given)
        return {"child": f"child.{taken + 1}"} if fork else {}

    def point(self, vma: str, page: int):
        """Choose a page of a mapping."""
        if vma in self.mapping.options:
            self.mapping.value = vma
            if page in self.page.options:
                self.page.value = page

    def refresh(self):
        """Offer what is there to act on."""
        state = self.model.state
        names = [key[1] for key, mapping in state.of_kind("mapping") if mapping.listed] or [""]
        _offer(self.mapping, names, "watched")
        _offer(self.source, names, "plain")
        opened = [step["id"] for step in self.model.scenario if step.op == "userfaultfd"]
        _offer(self.fd, [key[1] for key, _ in state.of_kind("fd")] or opened or [""])
        self.fd.layout.display = "" if len(self.fd.options) > 1 else "none"
        self._count()

    def _count(self):
        """Offer the pages of the mapping, or as many of them as one can look through."""
        mapping = self.model.state.get(("mapping", self.mapping.value))
        _offer(self.page, [*range(min(mapping.pages, MOST) if mapping else 1), ALL])


def _mode_sets() -> list[tuple[str, tuple[str, ...]]]:
    sets = [(mode,) for mode in MODES] + [("MISSING", "MINOR"), ("MISSING", "WP"), ("MINOR", "WP"), MODES]
    return [(" + ".join(modes), tuple(modes)) for modes in sets]


def _offer(box: Dropdown, options: list, first=None):
    if list(box.options) != options:
        value = box.value
        box.options = options
        box.value = value if value in options else first if first in options else options[0]


def _row(title: str, name: str, *widgets) -> HBox:
    row = HBox([Label(title), *widgets])
    row.add_class("uffdsim-row")
    row.add_class(f"uffdsim-{name}")
    return row
