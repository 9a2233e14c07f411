"""Goals: what the end of a scenario should look like, as facts that can be told, compared and looked up in a trace."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.course.build.submission import Submission
from uffdsim.questions import Subject
from uffdsim.questions.memory import NOTHING, Entry
from uffdsim.trace import Trace

ENTRY = Entry()


class Fact(NamedTuple):
    """One thing that is so at the end: about what, how it is, and the number of the event that made it so."""

    about: str
    how: str
    event: int | None = None
    otherwise: str = "not there"
    """How it is at an end that knows nothing of it."""

    def __str__(self):
        return f"{self.about}: {self.how}"


def facts(trace: Trace) -> list[Fact]:
    """Everything about the end of a trace that a goal may ask for."""
    state = trace.state()
    mappings = [mapping for _, mapping in state.of_kind("mapping")]
    found = [_entry(trace, mapping.id, page) for mapping in mappings for page in range(mapping.pages)]
    found += [_cached(trace, id) for (_, id), file in state.of_kind("file") if not file.anonymous]
    found += [Fact(nap.thread, "asleep", nap.begin, otherwise="awake") for nap in trace.asleep()]
    for (_, id), context in state.of_kind("ctx"):
        unread = [words.kind(dict(wait.message)) for wait in (*context.pending, *context.events)]
        found.append(Fact(f"what is left to read of {id}", "; ".join(unread) or NOTHING))
    return found


def goal(start: Trace, end: Trace) -> list[Fact]:
    """What is so at the end of one trace, and not at the end of another."""
    before = {fact.about: fact.how for fact in facts(start)}
    return [fact for fact in facts(end) if before.get(fact.about, fact.otherwise) != fact.how]


def check(work: Submission, wanted: list[Fact]):
    """Make sure that a goal is reached.

    :raises NotYet: naming the first fact that is different, and what made it so.
    """
    there = {fact.about: fact for fact in facts(work.trace)}
    for fact in wanted:
        mine = there.get(fact.about) or Fact(fact.about, fact.otherwise)
        work.want(mine.how == fact.how, f"{fact.about} is {mine.how}, and should be {fact.how}", event=mine.event)


def _entry(trace: Trace, mapping: str, page: int) -> Fact:
    subject = Subject(trace, len(trace.observations) - 1, mapping, page)
    return Fact(f"the page table entry of {words.page(mapping, page)}", ENTRY.truth(subject), ENTRY.changed(subject))


def _cached(trace: Trace, file: str) -> Fact:
    pages = [str(page) for start, end, _ in trace.state()["cache", file] for page in range(start, end)]
    some = f"page{'s' if len(pages) > 1 else ''} {words.listed(pages)}" if pages else NOTHING
    return Fact(f"what the page cache has of {file}", some)
