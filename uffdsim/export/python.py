"""Scenarios as Python: the calls of a ``Machine`` that add up to them."""

import json
import keyword

from uffdsim.export.names import Names
from uffdsim.grammar import OPS
from uffdsim.kernels import DEFAULT
from uffdsim.machine.values import fresh
from uffdsim.scenario import Scenario, Step

RESERVED = [*keyword.kwlist, "m", "Machine"]
RENAMED = {"continue": "continue_", "from": "from_"}
MAKES = {
    "file": "file", "mmap": "mapping", "mremap": "mapping", "userfaultfd": "descriptor", "read_event": "descriptor"
}  # fmt: skip
"""What kind of thing an op makes."""
FIRST = {"mprotect": ["prot"], "madvise": ["advice"], "load": ["page"], "kload": ["page"], "store": ["page", "value"]}
"""Keys that stand without their names."""


def to_python(scenario: Scenario, kernel: str = DEFAULT) -> str:
    """A program that makes the same scenario on a machine ``m``, step by step.

    >>> from uffdsim import Machine
    >>> m = Machine()
    >>> watched = m.mmap(m.file("hugetlb-2M", pages=2), "watched")
    >>> watched[0] = 65
    >>> print(to_python(m.scenario))
    from uffdsim import Machine
    <BLANKLINE>
    m = Machine("linux-6.18")
    F = m.file("hugetlb-2M", pages=2)
    watched = m.mmap(F, "watched")
    watched.store(0, 65)
    <BLANKLINE>
    print(m)
    <BLANKLINE>
    """
    given = [_text(kernel)]
    given += [f"{key}={_long(value)}" for key in ("name", "about") if (value := getattr(scenario, key))]
    machine = ", ".join(given) if len(given) == 1 else "\n" + "".join(f"    {word},\n" for word in given)
    writer = Writer()
    lines = [writer.line(step) for step in scenario]
    return "\n".join(["from uffdsim import Machine", "", f"m = Machine({machine})", *lines, "", "print(m)", ""])


class Writer:
    """Writes steps one after the other, and knows what the things of earlier ones are called."""

    def __init__(self):
        self.name = Names(RESERVED)
        self.ids: dict[str, list[str]] = {kind: [] for kind in MAKES.values()}

    def line(self, step: Step) -> str:
        """The next step."""
        keys = dict(step.given)
        owner, words = self._things(step.op, keys)
        made, id = self._made(step.op, keys)
        words += id
        words += _flags(keys)
        words += [_text(keys.pop(key, None)) for key in FIRST.get(step.op, ()) if key in keys or step.op == "store"]
        words += _range(step.op, keys)
        words += [f"{RENAMED.get(key, key)}={self._value(key, value)}" for key, value in keys.items()]
        call = f"{owner}.{RENAMED.get(step.op, step.op)}({', '.join(words)})"
        if made is None:
            return call
        return f"{made} = {call}" if step.op != "read_event" else f"{made} = {call}.child"

    def _things(self, op: str, keys: dict) -> tuple[str, list[str]]:
        """Whose call it is, and which thing stands first in it."""
        if "fd" in keys:
            owner = self.name("descriptor", keys.pop("fd"))
            return owner, [self.name("mapping", keys.pop("vma"))] if "vma" in keys else []
        if "vma" in keys:
            return self.name("mapping", keys.pop("vma")), []
        if op == "punch":
            return self.name("file", keys.pop("file")), []
        if "file" in keys:
            return "m", [self.name("file", keys.pop("file"))]
        return "m", [_text(keys.pop("backing"))] if "backing" in keys else []

    def _made(self, op: str, keys: dict) -> tuple[str | None, list[str]]:
        """What the thing that it makes is called, and how the call says so."""
        id = next((keys.pop(key) for key in ("id", "to", "child") if key in keys), None)
        if id is None:
            return None, []
        kind = MAKES[op]
        usual = fresh(kind, self.ids[kind])
        self.ids[kind].append(id)
        if id == usual and op != "read_event":
            return self.name(kind, id), []
        return self.name(kind, id), [f"id={_text(id)}" if op == "file" else _text(id)]

    def _value(self, key: str, value) -> str:
        if key == "from":
            return self.name("mapping", value)
        if key == "raw":
            return hex(value)
        if isinstance(value, tuple):
            return _text(value[0]) if len(value) == 1 else f"[{', '.join(map(_text, value))}]"
        return _text(value)


def _flags(keys: dict) -> list[str]:
    """The modes or features, one by one."""
    key = next((key for key in ("modes", "features") if key in keys), None)
    return [] if key is None else [_text(name) for name in keys.pop(key)] or ["[]"]


def _range(op: str, keys: dict) -> list[str]:
    """Its pages, as ``Machine`` takes them."""
    if "page" not in keys or "pages" not in OPS[op].keys:
        return []
    page, pages = keys.pop("page"), keys.pop("pages", ...)
    words = {"page": str(page)} | ({} if pages == 1 else {"pages": "..." if pages is ... else str(pages)})
    return [f"{key}={word}" for key, word in words.items()] if op == "register" else list(words.values())


def _long(text: str) -> str:
    """A text that may take several lines."""
    return "\n    ".join(_text(text[start : start + 100]) for start in range(0, len(text), 100))


def _text(value) -> str:
    """A value as Python writes it, with double quotes where that makes no difference."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and value.isprintable() else repr(value)
