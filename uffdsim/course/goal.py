"""Goals: what the end of a scenario is to look like, as facts that can be told, compared and looked up in a trace."""

from typing import NamedTuple

from uffdsim.course import words
from uffdsim.course.asked import Asked
from uffdsim.course.aspects import aspect
from uffdsim.course.work import Work
from uffdsim.trace import Trace

AWAKE = "does not sleep"


class Fact(NamedTuple):
    """One thing that is so at the end: about what, how it is, and the number of the event that made it so."""

    about: str
    how: str
    event: int | None = None

    def __str__(self):
        return f"{self.about}: {self.how}"


def facts(trace: Trace) -> list[Fact]:
    """Everything about the end of a trace that a goal may ask for."""
    work = Work(trace)
    state = work.state()
    found = [fact for (_, id), mapping in state.of_kind("mapping") for fact in _pages(trace, id, mapping.pages)]
    found += [_cached(trace, id) for (_, id), file in state.of_kind("file") if not file.anonymous]
    found += [Fact(f"thread {name}", "sleeps") for name in work.asleep()]
    for (_, id), context in state.of_kind("ctx"):
        unread = [words.message(dict(wait.message)) for wait in (*context.pending, *context.events)]
        found.append(Fact(f"unread messages of {id}", ", ".join(unread) or "none"))
    return found


def goal(start: Trace, end: Trace) -> list[Fact]:
    """What is so at the end of one trace, and not at the end of another."""
    before = {fact.about: fact.how for fact in facts(start)}
    return [fact for fact in facts(end) if before.get(fact.about, AWAKE) != fact.how]


def check(work: Work, wanted: list[Fact]):
    """Make sure that a goal is reached.

    :raises NotYet: naming the first fact that is otherwise, and what made it so.
    """
    there = {fact.about: fact for fact in facts(work.trace)}
    for fact in wanted:
        mine = there.get(fact.about) or Fact(fact.about, AWAKE if fact.about.startswith("thread") else "is not there")
        work.want(mine.how == fact.how, f"{fact.about} is to be: {fact.how}. Now: {mine.how}", event=mine.event)


def _pages(trace: Trace, id: str, pages: int) -> list[Fact]:
    index = len(trace.observations) - 1
    found = []
    for page in range(pages):
        asked = Asked(trace, index, id, page)
        found.append(_fact(f"page table, page {page} of {id}", "entry", asked))
    return found


def _cached(trace: Trace, file: str) -> Fact:
    state = trace.cursor().state
    pages = [str(page) for start, end, _ in state["cache", file] for page in range(start, end)]
    return Fact(f"page cache of {file}", f"pages {', '.join(pages)}" if pages else "no pages")


def _fact(about: str, name: str, asked: Asked) -> Fact:
    one = aspect(name)
    return Fact(about, one.truth(asked), one.reasons(asked)[-1])
