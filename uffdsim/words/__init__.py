"""The one voice: places, bytes, counts, steps, answers, messages and events as words.

One thing has one name wherever it is met: a byte is 0x41, a page ``page 0 of watched``, and a thread ``t1``.

``terms`` has what all of them are made of; ``steps`` tells what is done, ``answers`` what a kernel says to it,
``outcomes`` how it ended and why, and ``proc`` what /proc shows.
"""

from uffdsim.library import derived
from uffdsim.terms import byte, count, listed, page, pages, place, scattered, sentence, size, stopped
from uffdsim.words.answers import NO_MESSAGE, answer, fault, features, flags, ioctls, kind, message, result
from uffdsim.words.outcomes import event, explained, numbered, outcome, told, why, woken
from uffdsim.words.proc import report
from uffdsim.words.steps import call, deed, short, step, unmodelled, verb, where

__all__ = [
    "NO_MESSAGE", "answer", "byte", "call", "count", "deed", "event", "explained", "fault", "features", "flags",
    "ioctls", "kernel", "kind", "listed", "message", "numbered", "outcome", "page", "pages", "place", "report",
    "result", "scattered", "sentence", "short", "size", "step", "stopped", "told", "unmodelled", "verb", "where",
    "why", "woken",
]  # fmt: skip


def kernel(name: str) -> str:
    """A kernel's name, with a warning where it needs one: ``linux-6.8 (derived, not checked against a real one)``."""
    return f"{name} (derived, not checked against a real one)" if derived(name) else name
