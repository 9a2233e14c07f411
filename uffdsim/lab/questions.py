"""What a lab asks before an act is seen: the aspects of its step that go together, asked as everybody else does."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from uffdsim import words
from uffdsim.lab.outcome import Outcome

if TYPE_CHECKING:
    from uffdsim.questions import Asked

TOGETHER = (("message", "ending"), ("read",), ("errno", "woken"))
"""Aspects that are asked together; the first of these that all fit a step are."""


class Part(NamedTuple):
    """One thing to say: what is asked, what may be said, and what is true."""

    asks: str
    options: tuple[str, ...]
    truth: str


class Question(NamedTuple):
    """What will come of an act: the act in words, what is asked about it, and why it is so."""

    act: int
    about: str
    parts: tuple[Part, ...]
    reasons: tuple[str, ...]

    def verdict(self, said: Mapping[str, str]) -> tuple["Said", ...]:
        """What was said of each part, beside the truth."""
        return tuple(Said(part, said.get(part.asks, "")) for part in self.parts)


class Said(NamedTuple):
    """A part of a question, and what somebody said; "" for nothing."""

    part: Part
    said: str

    @property
    def right(self) -> bool:
        return self.said == self.part.truth


def question(outcome: Outcome, act: int) -> Question | None:
    """What to ask before an act is seen; None for one that is not carried out, or of which there is nothing to ask."""
    from uffdsim.questions import ASPECTS, Subject  # most labs never ask

    index = outcome.firsts[act]
    if index is None:
        return None
    subject = Subject(outcome.trace, index)
    names = next((names for names in TOGETHER if all(ASPECTS[name].fits(subject.step) for name in names)), ())
    asked = [ASPECTS[name].ask(subject) for name in names]
    parts = tuple(part for part in map(_part, asked) if len(part.options) > 1)
    reasons = dict.fromkeys(reason for one in asked for reason in one.reasons)
    return Question(act, words.step(subject.step), parts, tuple(reasons)) if parts else None


def _part(asked: "Asked") -> Part:
    """What is asked, with the truth among the answers even where it is not a usual one."""
    return Part(asked.asks, tuple(dict.fromkeys((*asked.usual, asked.truth))), asked.truth)
