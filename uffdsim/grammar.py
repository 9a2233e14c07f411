"""What a step may say: every op of the scenario format with its keys, and what each key takes.

A key's ``check`` returns the value, or raises ``Wrong`` with what would be right.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from uffdsim import uapi

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

    check: Callable[[object], object]
    default: object = None
    required: bool = False
    defines: str = ""
    """The kind of thing (file, mapping or descriptor) that the value gives a name to."""
    names: str = ""
    """The kind of thing that the value must be the name of."""


def name(value):
    if not isinstance(value, str) or not NAME.match(value):
        raise Wrong("must be 1 to 31 letters, digits, '_', '.' or '-'")
    return value


def text(value):
    if not isinstance(value, str):
        raise Wrong("must be a string")
    return value


def boolean(value):
    if not isinstance(value, bool):
        raise Wrong("must be true or false")
    return value


def integer(low: int, high: int):
    def check(value):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Wrong(f"must be an integer from {low} to {high}")
        return value

    return check


def meant(value, choices) -> str:
    """A question to who mistyped one of the choices: ``"; did you mean …?"``, or ``""`` where none is near."""
    from difflib import get_close_matches

    given = str(value).lower()
    near = {choice.lower(): choice for choice in choices}
    found = [low for low in near if given and given in low] or get_close_matches(given, near, 1, 0.5)
    return f"; did you mean {near[found[0]]}?" if found else ""


def choice(*values: str):
    def check(value):
        if not isinstance(value, str) or value not in values:
            raise Wrong(f"must be one of {', '.join(values)}{meant(value, values)}")
        return value

    return check


def flags(kind):
    """A list of the names of an IntFlag of uapi."""
    members = tuple(member.name for member in kind)

    def check(value):
        unknown = [v for v in value if v not in members] if isinstance(value, list | tuple) else [value]
        if unknown:
            raise Wrong(f"must be a list with any of {', '.join(members)}{meant(unknown[0], members)}")
        return tuple(value)

    check.kind = kind
    return check


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

RANGE = {"vma": old("mapping"), "page": PAGE, "pages": PAGES}
TOUCH = {"vma": old("mapping"), "page": PAGE, "offset": Key(integer(0, (1 << 30) - 1), 0)}
FD_RANGE = {"fd": old("descriptor"), **RANGE, "skew": SKEW}


def fill(modes, **keys: Key) -> dict[str, Key]:
    return {**FD_RANGE, **keys, "mode": Key(flags(modes), ()), "raw": RAW}


OPS: dict[str, dict[str, Key]] = {
    "file": {"id": new("file"), "backing": Key(choice(*BACKINGS), required=True), "pages": Key(COUNT, required=True)},
    "mmap": {
        "id": new("mapping"),
        "file": old("file", required=False),
        "backing": Key(choice("anon", "anon-hugetlb-2M")),
        "offset": PAGE,
        "pages": PAGES,
        "sharing": Key(choice("shared", "private")),
        "prot": Key(choice("rw", "r", "none"), "rw"),
        "locked": Key(boolean, False),
    },
    "munmap": RANGE,
    "mremap": {"vma": old("mapping"), "to": new("mapping")},
    "mprotect": {**RANGE, "prot": Key(choice("rw", "r", "none"), required=True)},
    "mlock": RANGE,
    "munlock": RANGE,
    "madvise": {**RANGE, "advice": Key(choice(*ADVICE), required=True)},
    "punch": {"file": old("file"), "page": PAGE, "pages": PAGES},
    "load": TOUCH,
    "store": {**TOUCH, "value": Key(BYTE, required=True)},
    "kload": TOUCH,
    "fork": {},
    "inspect": {},
    "userfaultfd": {"id": new("descriptor"), "user_mode_only": Key(boolean, False)},
    "api": {
        "fd": old("descriptor"),
        "features": Key(flags(uapi.Feature), ()),
        "raw": RAW,
        "api": Key(integer(0, U64), uapi.UFFD_API),
    },
    "register": {**FD_RANGE, "modes": Key(flags(uapi.Mode), required=True), "raw": RAW},
    "unregister": FD_RANGE,
    "wake": FD_RANGE,
    "copy": fill(uapi.CopyMode, value=Key(BYTE, required=True)),
    "zeropage": fill(uapi.ZeropageMode),
    "poison": fill(uapi.PoisonMode),
    "continue": fill(uapi.ContinueMode),
    "writeprotect": fill(uapi.WriteprotectMode),
    "move": {**fill(uapi.MoveMode), "from": old("mapping"), "from_page": PAGE},
    "read_event": {"fd": old("descriptor"), "child": new("descriptor", required=False)},
    "close": {"fd": old("descriptor")},
}
"""Every op and its keys, in the order in which they are written."""

COMMON = {"thread": Key(name), "note": Key(text)}
"""Keys that every step may have."""
