"""An aspect: one thing that may be asked about a step, with the answer that a trace gives, and the reason."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from uffdsim import words
from uffdsim.grammar import Trait
from uffdsim.questions.subject import Subject
from uffdsim.scenario import Step

DIES, WAITS = "the kernel dies", "it waits"
SILENT = "No fault: the page table allows it, and the kernel is not asked."


class Asked(NamedTuple):
    """What is asked about a step, what is often answered, what is true, and the events that made it so, by their
    numbers and as sentences."""

    asks: str
    usual: tuple[str, ...]
    truth: str
    events: tuple[int, ...]
    reasons: tuple[str, ...]


class Aspect(ABC):
    """One thing that may be asked about a step."""

    name: str

    @abstractmethod
    def fits(self, step: Step) -> bool:
        """Whether it can be asked about a step."""

    def lacks(self, subject: Subject) -> str:
        """What has to be there for it and is not, in words; "" if nothing is missing."""
        return ""

    @abstractmethod
    def asks(self, subject: Subject) -> str:
        """The question."""

    @abstractmethod
    def truth(self, subject: Subject) -> str:
        """The answer that the trace gives."""

    def reasons(self, subject: Subject) -> list[int]:
        """The numbers of the events that made it so; there is always one."""
        return subject.reasons()

    @abstractmethod
    def usual(self, subject: Subject) -> tuple[str, ...]:
        """Answers that are often true, in the order in which they are offered."""

    def ask(self, subject: Subject) -> Asked:
        """All there is to say about one step."""
        events = tuple(self.reasons(subject))
        told = tuple(words.numbered(subject.trace, number) for number in events)
        reasons = tuple(filter(None, (self.first(subject), *told)))
        return Asked(self.asks(subject), self.usual(subject), self.truth(subject), events, reasons)

    def first(self, subject: Subject) -> str:
        """What has to be said before the events; "" if nothing."""
        during = subject.trace.during(subject.index)
        silent = Trait.TOUCH in subject.step.traits and not any(event.function for _, event in during)
        return SILENT if silent else ""
