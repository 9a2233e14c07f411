"""Which functions of a real kernel ftrace saw run, beside those that the simulated one names, for the same steps.

Only what was traced can be shown: twelve scenarios on 6.12 and 6.1, some on the kernels of 2021 (see data/recordings).
What a compiler inlined has no line of its own on the real side; what nobody traced has none either.
"""

import json
from difflib import SequenceMatcher
from typing import NamedTuple

from uffdsim import kernels, library, words
from uffdsim.course.render import table_html, table_text
from uffdsim.scenario import ScenarioError
from uffdsim.trace import Event, Kind, Trace

INDENT = "\u00a0\u00a0\u00a0"
"""Spaces that HTML keeps, and at which no line breaks."""


class Row(NamedTuple):
    """One function: who entered it, how deep in others, its name as it was seen and as it is told ("" if not), why."""

    thread: str
    depth: int
    seen: str
    told: str
    text: str


class SideBySide:
    """A real kernel's functions and the simulated one's, in one table: ``rows``."""

    def __init__(self, folder: str, name: str, rows: list[Row]):
        self.folder, self.name, self.rows = folder, name, rows

    @property
    def header(self) -> tuple[str, ...]:
        return "thread", f"ftrace on {self.folder}", f"simulated linux-{self.folder}", "which does what"

    def _cells(self, indent: str) -> list[tuple[str, ...]]:
        return [(row.thread, row.seen and indent * row.depth + row.seen, row.told, row.text) for row in self.rows]

    def __repr__(self):
        return table_text(self.header, self._cells("  "))

    def _repr_html_(self):
        return table_html(self.header, self._cells(INDENT), f"{self.name}: from the first that waits to its return")


def recorded() -> dict[str, list[str]]:
    """The scenarios of which the functions were traced, by the folder of their kernel."""
    found: dict[str, list[str]] = {}
    for path in sorted((library.data() / "recordings").glob("*/*.functions.jsonl")):
        found.setdefault(path.parent.name, []).append(path.name.removesuffix(".functions.jsonl"))
    return found


def side_by_side(name: str, folder: str = "6.12") -> SideBySide:
    """What ftrace saw on a real kernel while a scenario ran, and what the simulated kernel says about it.

    :raises ScenarioError: if it was not traced there, naming what was.
    """
    known = recorded()
    if name not in known.get(folder, ()):
        there = f"on {folder} these were: {', '.join(known[folder])}" if folder in known else f"try {', '.join(known)}"
        raise ScenarioError(f'the functions of "{name}" were not traced on {folder}; {there}')
    trace = kernels.kernel(f"linux-{folder}").run(library.scenario(name))
    seen, told = _seen(folder, name), _told(trace)
    keys = [(entry["thread"], entry["function"]) for entry in seen], [(event.thread, event.function) for event in told]
    rows = []
    for tag, i, j, k, m in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [_row(trace, entry, event) for entry, event in zip(seen[i:j], told[k:m], strict=True)]
        else:
            rows += [_row(trace, entry, None) for entry in seen[i:j]]
            rows += [_row(trace, None, event) for event in told[k:m]]
    return SideBySide(folder, name, rows)


def _row(trace: Trace, entry: dict | None, event: Event | None) -> Row:
    thread = entry["thread"] if entry else event.thread if event else ""
    seen, depth = (entry["function"], entry["depth"]) if entry else ("", 0)
    return Row(thread, depth, seen, event.function if event else "", words.event(trace, event) if event else "")


def _seen(folder: str, name: str) -> list[dict]:
    path = library.data() / "recordings" / folder / f"{name}.functions.jsonl"
    entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [entry for entry in entries if entry["event"] == "enter"]


def _told(trace: Trace) -> list[Event]:
    """The functions entered from the first step that waits to the last that lets a thread finish."""
    first = next(found["step"] for found in trace.observations if found["status"] == "blocked")
    last = [found["step"] for found in trace.observations if "completed" in found][-1]
    return [event for event in trace.events if event.kind is Kind.CALL and first <= event.step <= last]
