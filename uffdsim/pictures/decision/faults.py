"""Faults in a trace: the events of one, and how it answered the questions on its way."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.grammar import Trait
from uffdsim.pictures.moment import Moment
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
    first = next((n for n in range(moment.at, 0, -1) if _begins(moment.events[n - 1])), None)
    if first is None:
        return None
    begin, scenario = moment.events[first - 1], moment.trace.scenario
    step = scenario[begin.of]
    told = words.step(step) if Trait.TOUCH in step.traits else words.told(moment.trace, begin)
    mapping = scenario.mappings.get(step.get("vma") or step.get("id") or "")
    return Fault(begin.thread, told, mapping.backing if mapping else "anon", _answers(moment.events, first))


def _begins(event: Event) -> bool:
    return event.function == BEGINS and event.kind == Kind.CALL or event.question in ("vma?", "allowed?")


def _answers(events: list[Event], first: int) -> dict[str, tuple[str, int]]:
    begin = events[first - 1]
    answers: dict[str, tuple[str, int]] = {}
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


def _note(answers: dict[str, tuple[str, int]], event: Event, number: int) -> None:
    if event.question == "mode?":
        hit = answers.get("cache?", ("",))[0] == "hit"
        answers["minor?" if hit else "missing?"] = event.answer, number
    elif event.question == "file?":
        answers["cache?"] = event.answer, number
    elif event.question:
        answers[event.question] = event.answer, number
    elif event.function == ASKS and event.kind != Kind.CALL:
        answers.setdefault("gate?", ("asked", number))
