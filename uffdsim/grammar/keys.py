"""Keys of steps: how the value of each is checked, and what it is when left out.

A check returns the value, or raises ``Wrong`` with what would be right.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

from uffdsim.errors import quoted
from uffdsim.limits import unasked

BETWEEN = re.compile(r"[-_ ]")
NAME = re.compile(r"[A-Za-z0-9_.-]{1,31}\Z")
U64 = (1 << 64) - 1
FAR = 1 << 28
"""Pages are counted up to this: more than any address space has room for, once they are huge."""


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
    """A question to somebody who mistyped one of the choices: ``"; did you mean …?"``, or ``""`` where none is near.

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
    """What may help whoever gave a word that is no choice: where to read on, or what they may have meant."""
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


def flags(kind: type[IntFlag], required: bool = False) -> Key:
    return Key(Flags(kind), None if required else (), required)
