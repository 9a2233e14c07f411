"""Aspects: what may be asked about a step. Each knows how a trace answers (``truths``), and why (``reasons``).

All look at the moment when the step is observed: its thread may wait then.
"""

from collections.abc import Callable
from typing import NamedTuple

from uffdsim.course import reasons, truths, words
from uffdsim.course.asked import Asked, sleepers
from uffdsim.grammar import meant
from uffdsim.scenario import Step

MEMORY = ("munmap", "mremap", "mprotect", "mlock", "munlock", "madvise", "punch", "fork")


class Aspect(NamedTuple):
    """One thing that may be asked of a step."""

    name: str
    fits: Callable[[Step], bool]
    """Whether it can be asked of a step."""
    asks: Callable[[Asked], str]
    truth: Callable[[Asked], str]
    reasons: Callable[[Asked], list[int]]
    usual: Callable[[Asked], tuple[str, ...]]
    """Answers that are often true, in the order in which they are offered."""
    needs: str = ""
    """What has to be there: a ``mapping`` for its page, or a ``file`` for its cache; or ""."""


def _of(*ops: str):
    return lambda step: step.op in ops


def _always(*answers: str):
    return lambda asked: answers


def _subsets(asked: Asked) -> tuple[str, ...]:
    """Nobody, each sleeper alone, and all of them."""
    names = sleepers(asked.state(before=True))
    return (truths.NOBODY, *names, *([" and ".join(names)] if len(names) > 1 else []))


def _messages(asked: Asked) -> tuple[str, ...]:
    """The faults for a touch; for what changes the address space, the event that goes with it."""
    own = _TELLS.get(asked.step.op)
    return (words.NO_MESSAGE, *([own] if own else []), *_FAULTS, *(event for event in _EVENTS if event != own))


_FILLS = ("copy", "zeropage", "continue", "poison", "move")
_EVENTS = ("REMOVE", "UNMAP", "REMAP", "FORK")
_FAULTS = tuple(f"PAGEFAULT, flags {words.flags(bits)}" for bits in (0, 1, 4, 5, 3))
_TELLS = {"madvise": "REMOVE", "munmap": "UNMAP", "mremap": "REMAP", "fork": "FORK"}
_ERRNOS = ("EEXIST", "EFAULT", "EINVAL", "ENOENT", "EAGAIN", "EBUSY")

_ALL = (
    Aspect(
        "message",
        _of(*words.TOUCHES, *MEMORY, "wake"),
        lambda asked: "Which message is left for the handler?",
        truths.message,
        reasons.of_message,
        _messages,
    ),
    Aspect(
        "read",
        _of("read_event"),
        lambda asked: "What does the handler read?",
        truths.read,
        reasons.last_told,
        _always("EAGAIN", *_FAULTS, *_EVENTS),
    ),
    Aspect(
        "ending",
        _of(*words.TOUCHES),
        lambda asked: f"What becomes of {asked.step.thread}?",
        truths.ending,
        reasons.decisions,
        _always(truths.GOES_ON, truths.WAITS, "SIGBUS", "SIGSEGV"),
    ),
    Aspect(
        "errno",
        lambda step: step.op not in ("load", "store", "inspect"),
        lambda asked: f"What does {words.call(asked.step)} answer?",
        truths.errno,
        reasons.last_told,
        _always(truths.SUCCESS, *_ERRNOS, truths.WAITS),
    ),
    Aspect(
        "done",
        _of(*_FILLS),
        lambda asked: f"How many pages does {words.call(asked.step)} say it has done?",
        truths.done,
        reasons.last_told,
        _always("0 pages", "1 page", "2 pages", "3 pages", "4 pages"),
    ),
    Aspect(
        "woken",
        lambda step: step.op not in ("load", "store", "kload", "inspect"),
        lambda asked: "Who is woken?",
        truths.woken,
        reasons.wakes,
        _subsets,
    ),
    Aspect(
        "value",
        _of(*words.TOUCHES),
        lambda asked: f"Which byte does {asked.step.thread} get?",
        truths.value,
        reasons.decisions,
        _always("0x00", truths.WAITS, "SIGBUS"),
    ),
    Aspect(
        "smaps",
        lambda step: True,
        lambda asked: f"Which of lo, um, uw and ui does smaps then show for {asked.where}?",
        truths.smaps,
        reasons.last_change("vmas"),
        _always("none of them", "lo", "um", "ui", "um ui", "uw"),
        "mapping",
    ),
    Aspect(
        "entry",
        lambda step: True,
        lambda asked: f"What does the page table then have for {asked.where}?",
        truths.entry,
        reasons.last_change("ptes"),
        _always(truths.NOTHING, "the file's page, to be written", "the file's page, to be read only"),
        "mapping",
    ),
    Aspect(
        "cached",
        lambda step: True,
        lambda asked: f"How much of {asked.file} is then in the page cache?",
        truths.cached,
        reasons.last_change("cache"),
        _always("0 pages", "1 page", "2 pages"),
        "file",
    ),
    Aspect(
        "cache?",
        _of(*words.TOUCHES, *_FILLS),
        lambda asked: "The kernel looks into the page cache. What does it find?",
        truths.decision("cache?"),
        reasons.decisions,
        _always("hit", "miss", truths.NEVER),
    ),
    Aspect(
        "mode?",
        _of(*words.TOUCHES),
        lambda asked: "Which mode of the registration does the kernel go by?",
        truths.decision("mode?"),
        reasons.decisions,
        _always("MISSING", "MINOR", "none", truths.NEVER),
    ),
)

ASPECTS: dict[str, Aspect] = {aspect.name: aspect for aspect in _ALL}
"""Everything that may be asked, by name."""


def lacks(one: Aspect, asked: Asked) -> str:
    """What an aspect needs and does not find, in words; "" if nothing is missing."""
    if one.needs == "mapping" and asked.mapping is None:
        return f'there is no mapping "{asked.vma}" yet: say which by of="watched", page=0'
    if one.needs == "file" and asked.file is None:
        return f'"{asked.vma}" is no mapping of a file: say by of="watched" whose file is meant'
    return ""


def aspect(name: str) -> Aspect:
    """The aspect of that name.

    :raises ValueError: if there is none.
    """
    if name not in ASPECTS:
        raise ValueError(f'"{name}" cannot be asked; what can: {", ".join(ASPECTS)}{meant(name, ASPECTS)}')
    return ASPECTS[name]
