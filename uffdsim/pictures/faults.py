"""Faults in a trace: the events of one, and how it answered the questions on its way."""

from typing import NamedTuple

from uffdsim.pictures.moment import Moment
from uffdsim.scenario import Scenario
from uffdsim.trace import Event, Kind

BEGINS = "handle_mm_fault"
ASKS = "handle_userfault"
"""The kernel functions with which a fault begins, once its address is known to be good, and with which it asks."""


class Fault(NamedTuple):
    """One fault: whose, what for, of which kind of memory ("anon", "shmem" or "hugetlb-…"), and its answers.

    ``answers`` are by question: the answer, and the number of the event. "minor?" and "missing?" are what is asked
    of the mode when the page cache has the page, and when it has not.
    """

    thread: str
    text: str
    backing: str
    answers: dict[str, tuple[str, int]]


def last_fault(moment: Moment) -> Fault | None:
    """The fault that a moment is in, or that was last before it."""
    events = moment.events
    first = next((n for n in range(moment.at, 0, -1) if _begins(events[n - 1])), None)
    if first is None:
        return None
    begin = events[first - 1]
    touch = next((e for e in reversed(events[:first]) if e.thread == begin.thread and e.kind == Kind.TOUCH), begin)
    step = moment.trace.scenario[touch.step]
    backing = backing_of(moment.trace.scenario, step.given.get("vma") or step.given.get("id", ""))
    text = begin.text if begin.function == BEGINS else touch.text
    return Fault(begin.thread, f"{begin.thread}: {text}", backing, _answers(events, first))


def backing_of(scenario: Scenario, mapping: str) -> str:
    """What kind of memory a mapping has."""
    backings = {step["id"]: step["backing"] for step in scenario if step.op == "file"}
    for step in scenario:
        if step.op == "mremap" and step["to"] == mapping:
            mapping = step["vma"]
    for step in scenario:
        if step.op == "mmap" and step["id"] == mapping:
            backing = step["backing"] or backings[step["file"]]
            if backing == "anon" and step["sharing"] == "shared":
                return "shmem"
            return backing.removeprefix("anon-")
    return "anon"


def _begins(event: Event) -> bool:
    return event.function == BEGINS and event.kind == Kind.CALL or event.question in ("vma?", "allowed?")


def _answers(events: list[Event], first: int) -> dict[str, tuple[str, int]]:
    begin = events[first - 1]
    answers = {}
    if begin.question != "vma?":
        answers["vma?"] = "there", first
        if begin.question != "allowed?":
            answers["allowed?"] = "yes", first
    for number in range(first, len(events) + 1):
        event = events[number - 1]
        if event.thread != begin.thread:
            continue
        if number > first and (_begins(event) or event.kind == Kind.ANSWER):
            break
        _note(answers, event, number)
        if event.kind == Kind.SLEEP:
            break
    return answers


def _note(answers: dict[str, tuple[str, int]], event: Event, number: int):
    if event.question == "mode?":
        hit = answers.get("cache?", ("",))[0] == "hit"
        answers["minor?" if hit else "missing?"] = event.answer, number
    elif event.question == "file?":
        answers["cache?"] = event.answer, number
    elif event.question:
        answers[event.question] = event.answer, number
    elif event.function == ASKS and event.kind != Kind.CALL:
        answers.setdefault("gate?", ("asked", number))
