"""Who is woken by a step."""

from uffdsim import words
from uffdsim.grammar import Trait
from uffdsim.questions.aspect import Aspect
from uffdsim.questions.subject import Subject
from uffdsim.scenario import Step

NOBODY = "nobody"


class Woken(Aspect):
    """Which of the threads that sleep are woken; they may fall asleep again at once."""

    name = "woken"

    def fits(self, step: Step) -> bool:
        return not step.traits & (Trait.TOUCH | Trait.LOOK)

    def asks(self, subject: Subject) -> str:
        return "Who is woken?"

    def truth(self, subject: Subject) -> str:
        woken = {wake.thread for wake in subject.trace.wakes(subject.index)}
        names = [name for name in subject.sleepers if name in woken]
        return words.listed(names) if names else NOBODY

    def reasons(self, subject: Subject) -> list[int]:
        return [wake.number for wake in subject.trace.wakes(subject.index)] or subject.reasons()

    def usual(self, subject: Subject) -> tuple[str, ...]:
        names = subject.sleepers
        return (NOBODY, *names, *([words.listed(names)] if len(names) > 1 else []))
