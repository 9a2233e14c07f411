"""Acts that a person may choose: which there are, what they are called, and the step that a choice makes of each."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.errors import Mistake
from uffdsim.grammar import OPS, Op, Trait
from uffdsim.kernel.versions import VERSIONS
from uffdsim.lab.handlers import COPIED
from uffdsim.lab.watch import Watch
from uffdsim.scenario import Step
from uffdsim.uapi import PageIs

THREADS = ("main", "t1", "t2")
ALL = "all"
BYTES = (0x41, 0x42, 0x43, 0x44, 0x00, 0xFF)
BUTTONS = {
    "load": ("Read", "Does a read of this page find it at once?"),
    "store": ("Write", "Does a write to this page go through, and who sees the byte?"),
    "read_event": ("Read message", "What is the handler told?"),
    "continue": ("CONTINUE", "May what is in the cache be mapped?"),
    "copy": ("COPY", "What if the handler brings a page of its own?"),
    "zeropage": ("ZEROPAGE", "Would a page of zeros do?"),
    "poison": ("POISON", "What if the page is lost for ever?"),
    "move": ("MOVE", "Can a page be moved here instead of copied?"),
    "wake": ("WAKE", "Is waking a thread enough?"),
    "register": ("REGISTER", "What if it is registered again, differently?"),
    "writeprotect": ("WRITEPROTECT", "Who writes to this page next?"),
    "unprotect": ("unprotect", "May the writer that had to wait go on?"),
    "rwprotect": ("RWPROTECT", "Who touches this page next, even just to read it?"),
    "back in reach": ("back in reach", "May whoever touched the page go on?"),
    "set_mode": ("RWP_ASYNC on", "What if touches are let through, and the kernel only remembers them?"),
    "ask again": ("RWP_ASYNC off", "Who has to wait again from now on?"),
    "poll": ("poll", "Is there a message to read?"),
    "read_events": ("Read all", "Which messages are there, read all at once?"),
    "pagemap_scan": ("PAGEMAP_SCAN", "Which pages were written, or touched at all, without anybody having to wait?"),
    "unregister": ("UNREGISTER", "What happens to waiting threads when nobody watches any more?"),
    "close": ("close", "What happens to waiting threads when the handler dies?"),
    "madvise": ("madvise", "What does it do to the page, and who is told?"),
    "mprotect": ("mprotect", "Which comes first, the fault or the protection?"),
    "mlock": ("mlock", "Does locking touch the page?"),
    "munlock": ("munlock", "What remains of the lock?"),
    "munmap": ("munmap", "What if the mapping goes away?"),
    "mremap": ("mremap", "What if the mapping moves to other addresses?"),
    "punch": ("punch a hole", "What if the file loses the page?"),
    "truncate": ("truncate", "What if the file ends before this page?"),
    "allocate": ("allocate", "What if the file gets the page before anybody touches it?"),
    "pwrite": ("pwrite", "What if the byte goes into the file, and through no mapping?"),
    "kload": ("Kernel reads", "What if the kernel reads the page for the thread, as write(2) does?"),
    "kstore": ("Kernel writes", "What if the kernel writes to the page for the thread, as read(2) does?"),
    "fork": ("fork", "What does a child get?"),
}
"""What the button of an act says, and the question that it answers; in this order. An op that is not here has a button
of its own name, in the row of its traits."""
TAKEN_BACK = {"unprotect": "writeprotect", "back in reach": "rwprotect", "ask again": "set_mode"}
"""Acts that are an op once more, to take back what it has done."""
PROTECTION = {"writeprotect": "WP", "rwprotect": "RWP"}
"""The mode with which an op protects; without it, it takes the protection back."""
ROWS = {
    "touch": (Trait.TOUCH, Trait.KERNEL),
    "answer": (Trait.READ | Trait.ANSWER, Trait.WATCH | Trait.ASKS),
    "watch": (Trait.WATCH | Trait.ASKS, None),
    "memory": (Trait.MEMORY | Trait.KERNEL, None),
}
"""The rows of acts: those with any of the first traits, and none of the others. What a system call does to memory, or
has the kernel do with it, is in the last one."""
MOST_MESSAGES = 16
"""As many are read at once, if they are there."""
SCANNED = ("WRITTEN", "PRESENT", "ACCESSED")
"""What PAGEMAP_SCAN should tell about pages, as far as the kernel knows it."""


class Choice(NamedTuple):
    """All that is chosen to act with: who, where, which byte; ``ticked`` are modes of answers, ``modes`` those of
    REGISTER, ``source`` the mapping from which MOVE takes the page."""

    thread: str = "main"
    mapping: str = "watched"
    page: int | str = 0
    value: int = 0x41
    fd: str = "u"
    source: str = "plain"
    ticked: frozenset[str] = frozenset()
    modes: tuple[str, ...] = ("MISSING",)
    advice: str = "DONTNEED"
    prot: str = "r"

    @property
    def one(self) -> int:
        """The page, for what is done to a single one."""
        return 0 if self.page == ALL else int(self.page)


def in_row(row: str) -> list[str]:
    """The names of the acts of a row, in the order of their buttons."""
    wanted, but = ROWS[row]
    found = [op.name for op in OPS.values() if wanted & op.traits and not (but and but & op.traits)]
    found += [name for name, op in TAKEN_BACK.items() if op in found]
    order = list(BUTTONS)
    return sorted(found, key=lambda name: order.index(name) if name in BUTTONS else len(order))


def button(name: str) -> tuple[str, str]:
    """What the button of an act says, and the question that it answers."""
    return BUTTONS.get(name, (name, f"What does {name} do?"))


def op_of(name: str) -> Op:
    """The op that an act is."""
    return OPS[TAKEN_BACK.get(name, name)]


def step(watch: Watch, name: str, choice: Choice) -> Step:
    """The step that an act is, as it is chosen now.

    :raises Mistake: if there is nothing to do it to.
    """
    op = op_of(name)
    said = {key: _value(watch, op, key, _meant(name, choice)) for key in op.keys}
    said |= {"enable" if name == op.name else "disable": ["RWP_ASYNC"]} if "enable" in op.keys else {}
    keys = {key: value for key, value in said.items() if value is not None}
    return Step(op.name, **keys, **({} if "fd" in keys else {"thread": choice.thread}))


def _meant(name: str, choice: Choice) -> Choice:
    """A choice as an act takes it: what protects, protects and no more; what takes that back, does so."""
    mode = PROTECTION.get(op_of(name).name)
    if mode is None:
        return choice
    return choice._replace(ticked=choice.ticked - {mode} if name in TAKEN_BACK else frozenset({mode}))


def _value(watch: Watch, op: Op, key: str, choice: Choice) -> object:
    """What a choice says for a key of an op; None for what it leaves to the kernel, or says nothing of."""
    match key:
        case "page" if Trait.TOUCH in op.traits:
            return choice.one
        case "page" if choice.page == ALL:
            return None
        case "page":
            return choice.one + (_offset(watch, choice.mapping) if "file" in op.keys else 0)
        case "pages" if "page" not in op.keys:
            return choice.one + _offset(watch, choice.mapping)
        case "pages":
            return None if choice.page == ALL else 1
        case "from_page":
            return choice.one
        case "value":
            return _byte(op, choice)
        case "mode":
            return [mode for mode in op.modes if mode in choice.ticked] or None
        case "count":
            return MOST_MESSAGES
        case "returns":
            return [name for name in SCANNED if PageIs[name] & VERSIONS[watch.outcome.kernel].scans]
        case "vma":
            return choice.mapping
        case "from":
            return choice.source
        case "fd" | "modes" | "advice" | "prot":
            return getattr(choice, key)
        case "file":
            return _file(watch, choice.mapping)
        case "to":
            return _new_name(watch, choice.mapping)
        case "child":
            return _child(watch)
    return None


def _byte(op: Op, choice: Choice) -> int:
    """The byte that is written; what a handler fills a page with is always the same."""
    return COPIED if Trait.FILL in op.traits else choice.value


def _offset(watch: Watch, mapping: str) -> int:
    """The page of its file with which a mapping begins."""
    found = watch.scenario.mappings.get(mapping)
    return found.offset if found else 0


def _file(watch: Watch, mapping: str) -> str:
    found = watch.scenario.mappings.get(mapping)
    if found and found.file in watch.scenario.files:
        return str(found.file)
    raise Mistake(f"{mapping} maps no file, so there is nothing to do that to.")


def _new_name(watch: Watch, mapping: str) -> str:
    """A name for a mapping that is moved: its first one, and a number."""
    names = watch.scenario.names
    first = names.first_name(mapping) if mapping in names.mappings else mapping
    taken = {*names.mappings, *(act.get("to") for act in watch.outcome.acts)}
    return next(name for n in range(2, len(taken) + 3) if (name := f"{first}.{n}") not in taken)


def _child(watch: Watch) -> str | None:
    """A name for the descriptor that a message of a fork brings, where there is such a message."""
    fork = any(wait.event == "FORK" for _, ctx in watch.state.of_kind("ctx") for wait in ctx.events)
    taken = sum("child" in act.given for act in watch.outcome.acts)
    return f"child.{taken + 1}" if fork else None


def called(name: str, choice: Choice) -> str:
    """An act with what it is done with: ``Write 0x41``, ``COPY 0x43``, ``CONTINUE (DONTWAKE)``, ``REGISTER WP``."""
    op, text = op_of(name), button(name)[0]
    if "value" in op.keys:
        text += f" {words.byte(_byte(op, choice))}"
    for key in ("advice", "prot"):
        text += f" {getattr(choice, key)}" if key in op.keys else ""
    text += f" {' + '.join(choice.modes)}" if "modes" in op.keys else ""
    if "from" in op.keys:
        text += f" from {choice.source}"
    ticked = [mode for mode in op.modes if mode in choice.ticked] if Trait.ANSWER in op.traits else []
    return text + (f" ({', '.join(ticked)})" if ticked else "")
