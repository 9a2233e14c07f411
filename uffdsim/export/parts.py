"""Parts that C programs are made of, beside their steps: the files in helpers/, in this order.

In them, a line with one of these marks is for the exporter:

====================  ================================================================================
``//: NAMES``         begins a part, for programs that use one of these names
``//: NAMES ? WORDS`` the same, for those of them that have all these traits: ``threads``, ``no-threads``
``//? WORDS``         ends a line that is for programs with all these traits
``//# WORD``          stands where lines of the program's own go
====================  ================================================================================

A part uses only what stands above it.
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILES = ("constants", "tables", "answers", "threads", "ioctls", "events", "inspect")
OWN = "//# "
WORD = re.compile(r"[A-Za-z_]\w*")
NO_CODE = re.compile(r'/\*.*?\*/|"(?:\\.|[^"\\])*"', re.DOTALL)


class Part(NamedTuple):
    """Some lines for programs that use one of its names, and have all its traits."""

    names: frozenset[str]
    traits: frozenset[str]
    lines: list[str]


@cache
def source() -> str:
    """The text of all files, but for what stands above the first part of each."""
    folder = Path(__file__).with_name("helpers")
    texts = ((folder / f"{name}.c").read_text(encoding="utf-8") for name in FILES)
    return "\n".join(text[text.index("//: ") :] for text in texts)


@cache
def parts() -> list[Part]:
    """All parts, in the order in which they must stand."""
    found = []
    for line in source().split("\n"):
        if line.startswith("//: "):
            names, _, traits = line.removeprefix("//: ").partition(" ? ")
            found.append(Part(frozenset(names.split()), frozenset(traits.split()), []))
        else:
            found[-1].lines.append(line)
    return found


def reserved() -> set[str]:
    """What a program must not name a thing of its own after.

    That are functions, types, constants and variables of the parts, and what stands beside lines of its own.
    """
    code = NO_CODE.sub("", source())
    variables = re.findall(r"^static [^(\n]*?(\w+)(?: =|;)", code, re.MULTILINE)
    named = frozenset().union(*(part.names for part in parts()))
    shared = (part.lines for part in parts() if any(OWN in line for line in part.lines))
    beside = words("\n".join(line.partition("//")[0] for lines in shared for line in lines))
    return {*named, *variables, *beside, *re.findall(r"\w+(?=\(|\[\] =)|\w+_t\b|\b[A-Z]\w+", code)}


def words(code: str) -> set[str]:
    """The identifiers in some C, those in comments and texts left out."""
    return set(WORD.findall(NO_CODE.sub("", code)))


def chosen(code: str, traits: set[str], own: dict[str, list[str]]) -> tuple[list[str], str]:
    """What a program needs beside its own code.

    :param traits: what the program has.
    :param own: its own lines, to stand where the parts want them.
    :returns: the headers, and the parts that it uses.
    """
    used, texts, headers = words(code), [], set()
    for part in reversed(parts()):
        if part.names & used and part.traits <= traits:
            lines = [one for line in part.lines for one in _lines(line, traits, own)]
            includes = {line for line in lines if line.startswith("#include")}
            headers |= includes
            text = "\n".join(line for line in lines if line not in includes).strip("\n")
            used |= words(text)
            texts.append(text)
    return sorted(headers), "\n\n".join(filter(None, reversed(texts)))


def _lines(line: str, traits: set[str], own: dict[str, list[str]]) -> list[str]:
    if line.startswith(OWN):
        return own[line.removeprefix(OWN)]
    text, _, wanted = line.partition(" //? ")
    return [text] if traits.issuperset(wanted.split()) else []
