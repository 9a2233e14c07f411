"""What a step may say: every op of the scenario format with its keys, what each key takes, and what the op is like.

A key's ``check`` returns the value, or raises ``Wrong`` with what would be right. An op's *traits* are what everybody
else goes by: who wants all touches, or all that fill page tables, asks for the trait, and names no op.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Flag, IntFlag, auto
from functools import cached_property
from typing import Any

from uffdsim import uapi
from uffdsim.errors import quoted
from uffdsim.limits import unasked

BETWEEN = re.compile(r"[-_ ]")
NAME = re.compile(r"[A-Za-z0-9_.-]{1,31}\Z")
U64 = (1 << 64) - 1
FAR = 1 << 28
"""Pages are counted up to this: more than any address space has room for, once they are huge."""

BACKINGS = ("hugetlb-2M", "hugetlb-1G", "shmem")
ADVICE = ("DONTNEED", "REMOVE", "POPULATE_READ", "POPULATE_WRITE", "FREE", "DONTFORK")


class Wrong(ValueError):
    """A value that its key does not take; the message says what it takes."""


@dataclass(frozen=True)
class Key:
    """One key of an op: how its value is checked, and what it is when left out."""

    check: Callable[[Any], Any]
    default: Any = None
    required: bool = False
    defines: str = ""
    """The kind of thing (file, mapping or descriptor) that the value gives a name to."""
    names: str = ""
    """The kind of thing that the value must be the name of."""


def name(value: object) -> str:
    if not isinstance(value, str) or not NAME.match(value):
        raise Wrong("must be 1 to 31 letters, digits, '_', '.' or '-'")
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Wrong("must be a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Wrong("must be a string without halves of characters") from None
    return value


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def integer(low: int, high: int) -> Callable[[object], int]:
    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(f"must be an integer from {low} to {high}")
        return value

    return check


NEAR = 0.7
"""How much of two words must be alike for one to be a slip of the other: ``laod`` is near ``load``, ``pwrite`` is not
near ``writeprotect``."""


def meant(value: object, choices: Iterable[str]) -> str:
    """A question to who mistyped one of the choices: ``"; did you mean …?"``, or ``""`` where none is near.

    Near is a slip of the fingers, other capitals or separators, and some whole words of a choice: ``6.18``.
    """
    from difflib import get_close_matches

    given = quoted(value).strip('"').lower()
    near = {choice.lower(): choice for choice in choices}
    bare = {BETWEEN.sub("", low): low for low in near}
    part = re.compile(rf"(^|[-_]){re.escape(given)}([-_]|$)")
    found = [bare[same] for same in [BETWEEN.sub("", given)] if same in bare]
    found = found or [low for low in near if given and part.search(low)] or get_close_matches(given, near, 1, NEAR)
    return f"; did you mean {near[found[0]]}?" if found else ""


def hint(value: object, choices: Iterable[str]) -> str:
    """What may help whoever gave a word that is none of the choices: where to read on, or what they may have meant."""
    return unasked(quoted(value).strip('"')) or meant(value, choices)


def choice(*values: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or value not in values:
            raise Wrong(f"must be one of {', '.join(values)}{hint(value, values)}")
        return value

    return check


class Flags:
    """Takes a list of names of an IntFlag of uapi, ``kind``."""

    def __init__(self, kind: type[IntFlag]):
        self.kind = kind
        self.members = tuple(kind.__members__)

    def __call__(self, value: object) -> tuple[str, ...]:
        named = value if isinstance(value, list | tuple) else [value]
        unknown = [name for name in named if name not in self.members]
        if unknown or named is not value:
            raise Wrong(f"must be a list with any of {', '.join(self.members)}{hint(named[0], self.members)}")
        return tuple(named)


def new(kind: str, required: bool = True) -> Key:
    return Key(name, required=required, defines=kind)


def old(kind: str, required: bool = True) -> Key:
    return Key(name, required=required, names=kind)


COUNT = integer(0, FAR)
PAGE = Key(COUNT, 0)
PAGES = Key(COUNT)
SKEW = Key(integer(-FAR, FAR), 0)
RAW = Key(integer(0, U64), 0)
BYTE = integer(0, 255)

BYTES = Key(integer(0, FAR << 30))
OFFSET = Key(integer(0, (1 << 30) - 1), 0)
USER = Key(choice("root", "nobody"), "root")

SOME = {"page": PAGE, "pages": PAGES, "skew": SKEW, "bytes": BYTES}
"""A range of pages: how long it is, is said in pages or in bytes."""
RANGE = {"vma": old("mapping"), **SOME}
TOUCH = {"vma": old("mapping"), "page": PAGE, "offset": OFFSET}
FD = {"fd": old("descriptor")}
FD_RANGE = {**FD, **RANGE}


def flags(kind: type[IntFlag], required: bool = False) -> Key:
    return Key(Flags(kind), None if required else (), required)


def with_modes(modes: type[IntFlag], **keys: Key) -> dict[str, Key]:
    return {**FD_RANGE, **keys, "mode": flags(modes), "raw": RAW}


class Trait(Flag):
    """What an op is like, for everybody who treats several ops alike."""

    SETS_UP = auto()
    """It makes or arranges what later steps work on."""
    TOUCH = auto()
    """A thread reads or writes one byte of a page."""
    WRITE = auto()
    """A touch that writes."""
    KERNEL = auto()
    """A touch by the kernel on the thread's behalf: it is answered with an errno, and not with a signal."""
    MEMORY = auto()
    """It changes what is mapped, what may be done to it, or which pages are there."""
    IOCTL = auto()
    """An ioctl of a userfaultfd."""
    ANSWER = auto()
    """A handler answers a fault with it: it puts something into the page table, lifts a protection, or wakes."""
    FILL = auto()
    """It puts pages or markers into a page table, and writes back how many bytes it did."""
    WATCH = auto()
    """It changes of which faults a userfaultfd is told: what it watches, and for what."""
    READ = auto()
    """It takes messages out of a userfaultfd."""
    LOOK = auto()
    """It only looks: the kernel changes nothing for it, and is not even asked by the program that is looked at."""
    ASKS = auto()
    """A program asks how things are."""
    TAKES = auto()
    """It takes pages away, or the right to touch them."""
    WAITS = auto()
    """It may put its thread to sleep: until a fault of its own is answered, or its event is read."""


@dataclass(frozen=True)
class Op:
    """One op: its keys, in the order in which they are written, and its traits."""

    name: str
    traits: Trait
    keys: Mapping[str, Key]
    tells: str = ""
    """The event that goes with it, to whoever asked for that: ``UNMAP``."""

    @property
    def is_range(self) -> bool:
        """Whether it is about a range of pages of a mapping."""
        return "vma" in self.keys and "pages" in self.keys

    @cached_property
    def is_on_descriptor(self) -> bool:
        """Whether it opens a userfaultfd, asks something of one, or closes it."""
        return any("descriptor" in (key.defines, key.names) for key in self.keys.values())

    @cached_property
    def naming(self) -> tuple[tuple[str, Key], ...]:
        """Those of its keys that name something or give it its name."""
        return tuple((name, key) for name, key in self.keys.items() if key.names or key.defines)

    @property
    def modes(self) -> tuple[str, ...]:
        """The names of the modes that it may be given."""
        key = self.keys.get("mode") or self.keys.get("modes")
        return key.check.members if key and isinstance(key.check, Flags) else ()


T = Trait
_TOUCH = T.TOUCH | T.WAITS
_TAKES = T.MEMORY | T.TAKES
_FILL = T.IOCTL | T.ANSWER | T.FILL
_OPS = (
    Op(
        "file",
        T.SETS_UP,
        {"id": new("file"), "backing": Key(choice(*BACKINGS), required=True), "pages": Key(COUNT, required=True)},
    ),
    Op(
        "mmap",
        T.SETS_UP | T.WAITS,
        {
            "id": new("mapping"),
            "file": old("file", required=False),
            "backing": Key(choice("anon", "anon-hugetlb-2M")),
            "offset": PAGE,
            "pages": PAGES,
            "sharing": Key(choice("shared", "private")),
            "prot": Key(choice("rw", "r", "none"), "rw"),
            "locked": Key(boolean, False),
            "over": old("mapping", required=False),
            "over_page": PAGE,
        },
    ),
    Op("munmap", _TAKES | T.WAITS, RANGE, tells="UNMAP"),
    Op("mremap", _TAKES | T.WAITS, {"vma": old("mapping"), "to": new("mapping")}, tells="REMAP"),
    Op("mprotect", _TAKES, {**RANGE, "prot": Key(choice("rw", "r", "none"), required=True)}),
    Op("mlock", T.MEMORY | T.WAITS, RANGE),
    Op("munlock", T.MEMORY, RANGE),
    Op("madvise", _TAKES | T.WAITS, {**RANGE, "advice": Key(choice(*ADVICE), required=True)}, tells="REMOVE"),
    Op("punch", _TAKES, {"file": old("file"), **SOME}),
    Op("load", _TOUCH, TOUCH),
    Op("store", _TOUCH | T.WRITE, {**TOUCH, "value": Key(BYTE, required=True)}),
    Op("kload", _TOUCH | T.KERNEL, TOUCH),
    Op("kstore", _TOUCH | T.WRITE | T.KERNEL, {**TOUCH, "value": Key(BYTE, required=True)}),
    Op("pwrite", T.MEMORY, {"file": old("file"), "page": PAGE, "offset": OFFSET, "value": Key(BYTE, required=True)}),
    Op("truncate", _TAKES, {"file": old("file"), "pages": Key(COUNT, required=True)}),
    Op("allocate", T.MEMORY, {"file": old("file"), **SOME}),
    Op(
        "pagemap_scan",
        T.ASKS,
        {
            **RANGE,
            **{mask: flags(uapi.PageIs) for mask in ("mask", "inverted", "anyof", "returns")},
            "flags": flags(uapi.ScanFlag),
            "max_pages": Key(COUNT, 0),
        },
    ),
    Op("fork", T.MEMORY | T.WAITS, {}, tells="FORK"),
    Op("inspect", T.LOOK, {}),
    Op(
        "userfaultfd",
        T.SETS_UP,
        {
            "id": new("descriptor"),
            "user_mode_only": Key(boolean, False),
            "blocking": Key(boolean, False),
            "device": Key(boolean, False),
            "user": USER,
        },
    ),
    Op(
        "api",
        T.SETS_UP | T.IOCTL,
        {
            **FD,
            "features": flags(uapi.Feature),
            "raw": RAW,
            "api": Key(integer(0, U64), uapi.UFFD_API),
            "user": USER,
        },
    ),
    Op(
        "register",
        T.SETS_UP | T.IOCTL | T.WATCH,
        {**FD_RANGE, "modes": flags(uapi.Mode, required=True), "raw": RAW},
    ),
    Op("unregister", T.IOCTL | T.WATCH, FD_RANGE),
    Op("wake", T.IOCTL | T.ANSWER, FD_RANGE),
    Op("copy", _FILL, with_modes(uapi.CopyMode, value=Key(BYTE, required=True))),
    Op("zeropage", _FILL, with_modes(uapi.ZeropageMode)),
    Op("poison", _FILL, with_modes(uapi.PoisonMode)),
    Op("continue", _FILL, with_modes(uapi.ContinueMode)),
    Op("writeprotect", T.IOCTL | T.ANSWER | T.WATCH, with_modes(uapi.WriteprotectMode)),
    Op("move", _FILL, {**with_modes(uapi.MoveMode), "from": old("mapping"), "from_page": PAGE}),
    Op("rwprotect", T.IOCTL | T.ANSWER | T.WATCH, with_modes(uapi.RwprotectMode)),
    Op("set_mode", T.IOCTL | T.WATCH, {**FD, "enable": flags(uapi.Feature), "disable": flags(uapi.Feature)}),
    Op("read_event", T.READ | T.WAITS, {**FD, "child": new("descriptor", required=False)}),
    Op(
        "read_events",
        T.READ | T.WAITS,
        {
            **FD,
            "count": Key(integer(0, 16), 1),
            "size": Key(integer(0, 16 * uapi.MESSAGE)),
            "child": new("descriptor", required=False),
        },
    ),
    Op("poll", T.ASKS, FD),
    Op("close", T.WATCH, FD),
)

OPS: dict[str, Op] = {op.name: op for op in _OPS}
"""Every op by name, in the order of the format."""

COMMON = {"thread": Key(name), "note": Key(text)}
"""Keys that every step may have."""


APART = (("pages", "bytes"), ("count", "size"))
"""Keys of which a step may have one: they say the same thing in two ways."""


def ops(traits: Trait) -> tuple[str, ...]:
    """The names of the ops that have all of these traits."""
    return tuple(op.name for op in OPS.values() if traits in op.traits)
