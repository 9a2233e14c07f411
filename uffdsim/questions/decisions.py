"""What the kernel asks itself on the way to an answer."""

from uffdsim.grammar import Trait
from uffdsim.questions.aspect import Aspect
from uffdsim.questions.subject import Subject
from uffdsim.scenario import Step

NEVER = "it is never asked"


class Decision(Aspect):
    """How the kernel answers a question of its own, the first time that it asks it in a step."""

    def __init__(self, name: str, traits: Trait, asks: str, usual: tuple[str, ...]):
        self.name, self._traits, self._asks, self._usual = name, traits, asks, usual

    def fits(self, step: Step) -> bool:
        return bool(self._traits & step.traits)

    def asks(self, subject: Subject) -> str:
        return self._asks

    def truth(self, subject: Subject) -> str:
        number = self._first(subject)
        return NEVER if number is None else subject.trace.events[number - 1].answer

    def reasons(self, subject: Subject) -> list[int]:
        number = self._first(subject)
        return subject.reasons() if number is None else [number]

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return (*self._usual, NEVER)

    def _first(self, subject: Subject) -> int | None:
        """The number of the event at which it is decided."""
        own = subject.trace.of(subject.index, subject.end)
        return next((number for number, event in own if event.question == self.name), None)


CACHE = Decision(
    "cache?",
    Trait.TOUCH | Trait.FILL,
    "The kernel looks into the page cache. What does it find?",
    ("hit", "miss"),
)
MODE = Decision(
    "mode?",
    Trait.TOUCH,
    "Which mode of the registration decides?",
    ("MISSING", "MINOR", "none"),
)
