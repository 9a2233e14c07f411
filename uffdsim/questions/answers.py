"""What a step answers: how its thread ends, which error it gets, how much was done, and which byte was read."""

from uffdsim import words
from uffdsim.grammar import Trait
from uffdsim.questions.aspect import DIES, WAITS, Aspect
from uffdsim.questions.subject import Subject
from uffdsim.scenario import Step

GOES_ON, SUCCESS = "it goes on", "success"
ERRNOS = ("EEXIST", "EFAULT", "EINVAL", "ENOENT", "EAGAIN", "EBUSY")


class Ending(Aspect):
    """What happens to the thread of a touch."""

    name = "ending"

    def fits(self, step: Step) -> bool:
        return Trait.TOUCH in step.traits

    def asks(self, subject: Subject) -> str:
        return f"What happens to {subject.step.thread}?"

    def truth(self, subject: Subject) -> str:
        return _ending(subject) or GOES_ON

    def usual(self, subject: Subject) -> tuple[str, ...]:
        refused = ("EFAULT",) if Trait.KERNEL in subject.step.traits else ("SIGBUS", "SIGSEGV")
        return (GOES_ON, WAITS, *refused, *((DIES,) if subject.may_die else ()))


class Errno(Aspect):
    """Whether a call succeeds, and with which error it is refused."""

    name = "errno"

    def fits(self, step: Step) -> bool:
        return Trait.LOOK not in step.traits and (Trait.TOUCH not in step.traits or Trait.KERNEL in step.traits)

    def asks(self, subject: Subject) -> str:
        return f"What does {words.call(subject.step.op, subject.step.traits)} answer?"

    def truth(self, subject: Subject) -> str:
        return _ending(subject) or SUCCESS

    def usual(self, subject: Subject) -> tuple[str, ...]:
        may_wait = subject.step.traits & (Trait.MEMORY | Trait.TOUCH) or subject.observation["status"] == "blocked"
        waits = (WAITS,) if may_wait else ()
        return (SUCCESS, *ERRNOS, *waits, *((DIES,) if subject.may_die else ()))


class Done(Aspect):
    """How many pages a fill says it has done."""

    name = "done"

    def fits(self, step: Step) -> bool:
        return Trait.FILL in step.traits

    def asks(self, subject: Subject) -> str:
        return f"How many pages does {words.call(subject.step.op, subject.step.traits)} say it has done?"

    def truth(self, subject: Subject) -> str:
        done = subject.observation.get("done", 0)
        size = subject.trace.scenario.mappings[subject.step["vma"]].page_size
        return f"a negative number ({done})" if done < 0 else words.count(done // size, "page")

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return tuple(words.count(number, "page") for number in range(5))


class Value(Aspect):
    """Which byte a read gets."""

    name = "value"

    def fits(self, step: Step) -> bool:
        return Trait.TOUCH in step.traits and Trait.WRITE not in step.traits

    def asks(self, subject: Subject) -> str:
        return f"Which byte does {subject.step.thread} get?"

    def truth(self, subject: Subject) -> str:
        found = subject.observation
        return words.byte(found["value"]) if found.get("value") is not None else _ending(subject)

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return (words.byte(0), WAITS, "SIGBUS")


def _ending(subject: Subject) -> str:
    """Why a step does not just succeed; "" if it does."""
    found = subject.observation
    if found["status"] != "done":
        return WAITS if found["status"] == "blocked" else DIES
    return found.get("signal") or found.get("errno") or ""
