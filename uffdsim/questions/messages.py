"""What a handler is told: the message that a step leaves, and the one that it reads."""

from uffdsim import words
from uffdsim.grammar import OPS, Trait
from uffdsim.questions.aspect import DIES, WAITS, Aspect
from uffdsim.questions.subject import Subject
from uffdsim.scenario import Step
from uffdsim.trace import Kind, Nap
from uffdsim.uapi import Feature

FAULTS = tuple(words.kind({"event": "PAGEFAULT", "flags": bits}) for bits in (0, 1, 4, 5, 3))
RWP_FAULTS = tuple(words.kind({"event": "PAGEFAULT", "flags": bits}) for bits in (8, 9))
EVENTS = ("REMOVE", "UNMAP", "REMAP", "FORK")


class Message(Aspect):
    """Which message a step leaves to be read: of a fault, or of the event that the step is."""

    name = "message"

    def fits(self, step: Step) -> bool:
        return bool(step.traits & (Trait.TOUCH | Trait.MEMORY | Trait.ANSWER))

    def asks(self, subject: Subject) -> str:
        return "Which message is left for the handler?"

    def truth(self, subject: Subject) -> str:
        if subject.dies:
            return DIES
        new = {nap.thread for nap in _new(subject)}
        left = [words.kind(dict(wait.message)) for wait in subject.waits() if wait.thread in new]
        return " and ".join(left) or words.NO_MESSAGE

    def reasons(self, subject: Subject) -> list[int]:
        """Why user space is asked about a fault; how it hears about an event; or why there is nothing to tell."""
        trace, found = subject.trace, set()
        for nap in _new(subject):
            decided = [n for n in trace.reasons(nap.step, subject.end) if trace.events[n - 1].decides]
            queued = [n for n, event in trace.of(nap.step, nap.begin) if any(c.key[0] == "ctx" for c in event.changes)]
            found.update(decided or queued[-1:] or [nap.begin])
        return sorted(found) or subject.reasons()

    def usual(self, subject: Subject) -> tuple[str, ...]:
        own = OPS[subject.step.op].tells
        others = tuple(event for event in EVENTS if event != own) if Trait.MEMORY in subject.step.traits else ()
        return (words.NO_MESSAGE, *([own] if own else []), *_faults(subject), *others)


class Read(Aspect):
    """Which message a handler reads."""

    name = "read"

    def fits(self, step: Step) -> bool:
        return Trait.READ in step.traits

    def asks(self, subject: Subject) -> str:
        return "What does the handler read?"

    def truth(self, subject: Subject) -> str:
        found = subject.observation
        if found["status"] == "blocked":
            return WAITS
        read = found.get("events") or ([found] if "event" in found else [])
        return " and ".join(map(words.kind, read)) or found.get("errno") or DIES

    def reasons(self, subject: Subject) -> list[int]:
        read = [number for number, event in subject.trace.during(subject.index) if event.kind is Kind.MESSAGE]
        return read or subject.reasons()

    def usual(self, subject: Subject) -> tuple[str, ...]:
        waits = (WAITS,) if subject.observation["status"] == "blocked" else ()
        return ("EAGAIN", *waits, *_faults(subject), *EVENTS, *((DIES,) if subject.may_die else ()))


def _faults(subject: Subject) -> tuple[str, ...]:
    """The messages of faults that a kernel has."""
    return FAULTS + (RWP_FAULTS if subject.version.features & Feature.RWP else ())


def _new(subject: Subject) -> list[Nap]:
    """Who fell asleep in the step, and sleeps."""
    return [nap for nap in subject.trace.asleep(subject.end) if nap.begin > subject.begin]
