"""Scenarios as Python: the calls of a ``Machine`` that add up to them."""

import builtins
import json
import keyword
from typing import Any

from uffdsim import kernels
from uffdsim.export.line import Line, joined, lines
from uffdsim.export.names import Names
from uffdsim.grammar import OPS, Trait
from uffdsim.machine import Descriptor, File, Machine, Mapping
from uffdsim.machine.values import LETTERS, fresh
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.words import unmodelled

RESERVED = [*keyword.kwlist, *dir(builtins), "m", "Machine"]
RENAMED = {"continue": "continue_", "from": "from_"}
OWNERS = {"descriptor": Descriptor, "mapping": Mapping, "file": File, "machine": Machine}
"""Whose calls there are, by the kind of thing."""
FIRST = {"mprotect": ["prot"], "madvise": ["advice"], "load": ["page"], "kload": ["page"], "store": ["page", "value"]}
FIRST |= {"kstore": ["page", "value"], "pwrite": ["page", "value"], "truncate": ["pages"], "read_events": ["count"]}
"""Keys that stand without their names."""
BY_NAME = ("file", "read_events")
"""Ops of which the id of what they make does not stand without its name."""


def to_python(scenario: Scenario, kernel: str = kernels.DEFAULT) -> str:
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

    :raises ScenarioError: for a step that a machine has no call for.
    """
    return joined(python_lines(scenario, kernel))


def python_lines(scenario: Scenario, kernel: str = kernels.DEFAULT) -> list[Line]:
    """The same line by line, each with its step.

    :raises ScenarioError: for a step that a machine has no call for.
    """
    given = [_text(kernel)]
    given += [f"{key}={_long(value)}" for key in ("name", "about") if (value := getattr(scenario, key))]
    machine = ", ".join(given) if len(given) == 1 else "\n" + "".join(f"    {word},\n" for word in given)
    writer = Writer()
    steps = [Line(writer.line(index, step), index) for index, step in enumerate(scenario)]
    return [*lines(f"from uffdsim import Machine\n\nm = Machine({machine})"), *steps, *lines("\nprint(m)")]


class Writer:
    """Writes steps one after the other, and knows what the things of earlier ones are called."""

    def __init__(self) -> None:
        self.name = Names(RESERVED)
        self.ids: dict[str, list[str]] = {kind: [] for kind in LETTERS}

    def line(self, index: int, step: Step) -> str:
        """The next step.

        :raises ScenarioError: if a machine has no call for it.
        """
        keys = dict(step.given)
        rules = OPS[step.op].keys.items()
        key, kind = next(((key, rule.names) for key, rule in rules if rule.names and rule.required), ("", "machine"))
        call = RENAMED.get(step.op, step.op)
        if not hasattr(OWNERS[kind], call):
            raise ScenarioError(unmodelled(index, step, "export to Python"))
        owner = self.name(kind, keys.pop(key)) if key else "m"
        words = self._things(keys)
        made, id = self._made(step, keys)
        words += id
        words += _flags(keys)
        first = [key for key in FIRST.get(step.op, ()) if key in keys or "value" in keys]
        words += [_text(keys.pop(key, None)) for key in first]
        words += _range(step.op, keys)
        words += [f"{RENAMED.get(key, key)}={self._value(key, value)}" for key, value in keys.items()]
        line = f"{owner}.{call}({', '.join(words)})"
        if made is None:
            return line
        return f"{made} = {line}" if Trait.READ not in step.traits else f"{made} = {line}.child"

    def _things(self, keys: dict) -> list[str]:
        """What stands first in a call: the thing that it is about, or what memory is made of."""
        for key, kind in (("vma", "mapping"), ("file", "file")):
            if key in keys:
                return [self.name(kind, keys.pop(key))]
        return [_text(keys.pop("backing"))] if "backing" in keys else []

    def _made(self, step: Step, keys: dict) -> tuple[str | None, list[str]]:
        """What the thing that it makes is called, and how the call says so."""
        rules = OPS[step.op].keys.items()
        key, kind = next(((key, rule.defines) for key, rule in rules if rule.defines and key in keys), ("", ""))
        if not key:
            return None, []
        id = keys[key]
        usual = fresh(kind, self.ids[kind])
        self.ids[kind].append(id)
        if id == usual and Trait.READ not in step.traits:
            del keys[key]
        elif step.op not in BY_NAME:
            return self.name(kind, id), [_text(keys.pop(key))]
        return self.name(kind, id), []

    def _value(self, key: str, value: Any) -> str:
        if key in ("from", "over"):
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
    page, pages = keys.pop("page"), 1 if "bytes" in keys else keys.pop("pages", ...)
    words = {"page": str(page)} | ({} if pages == 1 else {"pages": "..." if pages is ... else str(pages)})
    return [f"{key}={word}" for key, word in words.items()] if op == "register" else list(words.values())


def _long(text: str) -> str:
    """A text that may take several lines."""
    return "\n    ".join(_text(text[start : start + 100]) for start in range(0, len(text), 100))


def _text(value: object) -> str:
    """A value as Python writes it, with double quotes where that makes no difference."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and value.isprintable() else repr(value)
