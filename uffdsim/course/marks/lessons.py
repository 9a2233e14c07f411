"""Lessons: what they ask of their readers, in the order in which they do, as the notebooks themselves tell.

>>> asked()["exercise", "there-not-here"]
Asked(lesson='01', label='01 exercise there-not-here', about='')
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path
from typing import NamedTuple

from uffdsim import handout
from uffdsim.course.progress import KINDS

Key = tuple[str, str]
"""The kind of work, and its name."""
CARD = re.compile(r'data-work="([^"]*)"')
PROMPT = re.compile(r"^(\S.*)\n  a\) ", re.MULTILINE)
TITLE = re.compile(r"^# (.*)$", re.MULTILINE)
PROBLEMS = "11"
"""The lesson whose work is another for everybody: problems without end, which it cannot tell."""
OTHER = "other"
"""In place of a lesson, for what no lesson asks."""


class Asked(NamedTuple):
    """Where a piece of work is asked for: the number of the lesson, what it is called there, and what is asked."""

    lesson: str
    label: str
    about: str = ""


@cache
def asked() -> dict[Key, Asked]:
    """All that the lessons ask, in their order; what several ask belongs to the first."""
    found: dict[Key, Asked] = {}
    for path in handout.lessons():
        lesson, count = path.name[:2], Counter[str]()
        for (kind, name), about in _work(path):
            if kind in KINDS and kind != "problem" and (kind, name) not in found:
                count[kind] += 1
                called = f"{count[kind]}: {name.rpartition('-')[0]}" if kind == "question" else name
                found[kind, name] = Asked(lesson, f"{lesson} {kind} {called}", about)
    return found


@cache
def titles() -> dict[str, str]:
    """The titles of the lessons, by number."""
    return {path.name[:2]: TITLE.search("\n".join(_prose(path)))[1] for path in handout.lessons()}  # type: ignore[index]


def place(key: Key) -> Asked:
    """Where a piece of work belongs, whoever asked for it."""
    kind, name = key
    lesson = PROBLEMS if kind == "problem" else OTHER
    return asked().get(key) or Asked(lesson, f"{lesson} {kind} {name}")


def _work(path: Path) -> Iterator[tuple[Key, str]]:
    """What stands on the cards of a notebook, each with what it asks."""
    for cell in _cells(path):
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            prompt = PROMPT.search("".join(data.get("text/plain", "")))
            for card in CARD.findall("".join(data.get("text/html", ""))):
                for kind, name in json.loads(unescape(card)):
                    yield (kind, name), prompt[1] if prompt else ""


def _prose(path: Path) -> Iterator[str]:
    return ("".join(cell["source"]) for cell in _cells(path) if cell["cell_type"] == "markdown")


def _cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]
