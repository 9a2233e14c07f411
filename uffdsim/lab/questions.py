"""Questions about what comes next, answered by the trace: the truth and the kernel's own reason for it."""

from collections.abc import Mapping
from typing import NamedTuple

from uffdsim import words
from uffdsim.grammar import Trait
from uffdsim.kernel.versions import VERSIONS
from uffdsim.lab.outcome import Outcome
from uffdsim.scenario import Step
from uffdsim.trace import Event, Kind, State

FLAGS = tuple(words.flags(bits) for bits in (0, 1, 3, 4, 5))
"""The flags that a PAGEFAULT message may have."""
DIES = "the kernel dies"
WAITS = "it waits"
ERRNOS = ("EAGAIN", "EBUSY", "EEXIST", "EFAULT", "EINVAL", "ENOENT")
REASONS = 5
TELLING = (Kind.OOPS, Kind.SLEEP, Kind.WAKE, Kind.MESSAGE)


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
    """What to ask before an act is seen; None for one that is not carried out."""
    index = outcome.firsts[act]
    if index is None:
        return None
    trace = outcome.trace
    step, found = outcome.scenario[index], trace.observations[index]
    start, end = trace.begin(index), trace.end(index)
    sleepers, events = [nap.thread for nap in trace.asleep(start)], trace.events[start:end]
    dies = (DIES,) if VERSIONS[outcome.kernel].bugs or found["status"] == "oops" else ()
    if Trait.TOUCH in step.traits:
        parts = _of_touch(step, found, trace.state(end), dies)
    elif Trait.READ in step.traits:
        parts = _of_read(found, dies)
    else:
        parts = _of_call(step, found, sleepers, events, dies)
    return Question(act, words.step(step), parts, _reasons(events))


def _of_touch(step: Step, found: dict, after: State, dies: tuple[str, ...]) -> tuple[Part, ...]:
    waits = (wait for _, ctx in after.of_kind("ctx") for wait in ctx.pending if wait.thread == step.thread)
    told = next((dict(wait.message) for wait in waits), None)
    flags = words.flags(told["flags"]) if told else "no message"
    options = ("no message", *FLAGS)
    message = Part("Is there a message, and with which flags?", options, flags)
    endings = ("it goes on", WAITS, *(("EFAULT",) if Trait.KERNEL in step.traits else ("SIGBUS", "SIGSEGV")), *dies)
    return message, _part(f"What does {step.thread} do?", endings, _ending(found))


def _of_read(found: dict, dies: tuple[str, ...]) -> tuple[Part, ...]:
    truth = found.get("errno") or found.get("event") or _ending(found)
    kinds = ("PAGEFAULT", "FORK", "REMAP", "REMOVE", "UNMAP", "EAGAIN", *dies)
    flags = words.flags(found["flags"]) if "flags" in found else "none"
    return (
        _part("What is there to read?", kinds, truth),
        _part("Which flags does it carry?", ("none", *FLAGS), flags),
    )


def _of_call(step: Step, found: dict, sleepers: list[str], events: list[Event], dies: tuple[str, ...]):
    waits = () if "fd" in step or step.op == "userfaultfd" else (WAITS,)
    options = ("success", *waits, *ERRNOS, *dies)
    parts = (
        _part(
            f"What does {words.call(step.op, step.traits)} answer?",
            options,
            found.get("errno") or _ending(found, "success"),
        ),
    )
    if sleepers:
        woken = [event.target for event in events if event.kind is Kind.WAKE]
        truth = " and ".join(name for name in sleepers if name in woken) or "nobody"
        both = (" and ".join(sleepers),) if len(sleepers) > 1 else ()
        parts += (_part("Who is woken?", ("nobody", *sleepers, *both), truth),)
    return parts


def _part(asks: str, options: tuple[str, ...], truth: str) -> Part:
    return Part(asks, options if truth in options else (*options, truth), truth)


def _ending(found: dict, done: str = "it goes on") -> str:
    if found["status"] == "oops":
        return DIES
    if found["status"] == "blocked":
        return WAITS
    return found.get("signal") or found.get("errno") or done


def _reasons(events: list[Event]) -> tuple[str, ...]:
    """What the kernel decided on the way, the last things it decided last."""
    told = [event for event in events if event.function and (event.question or event.kind in TELLING)]
    told = told or [event for event in events if event.kind is Kind.DO] or [e for e in events if e.text][-1:]
    return tuple(f"{event.function}: {event.text}" if event.function else event.text for event in told[-REASONS:])
