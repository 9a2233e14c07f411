"""Challenges: the handlers that lessons begin with, and the trials that they should get through in the end."""

from uffdsim.course.handle.bugs import Bug


def _minor_only(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)


def _one_answer(event, u):
    u.continue_(event.vma, event.page)


def _two_answers(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data)


ten = Bug(
    "ten of ten",
    "Ten situations from real programs, and a handler that knows one answer.",
    _minor_only,
    (
        *("minor", "missing", "both", "two threads", "write", "zeros on huge pages"),
        *("filled meanwhile", "vanished", "half there", "woken too early"),
    ),
)
"""Lesson 4."""
writes = Bug(
    "told of a write",
    "A page was write-protected, and the handler does not know it.",
    _one_answer,
    ("minor", "missing", "protected"),
)
"""Lesson 5."""
survivor = Bug(
    "a handler that survives",
    "Memory is given back, unmapped, moved and forked while faults are answered.",
    _two_answers,
    ("while the ground moves", "given back", "unmapped", "moved", "forked"),
)
"""Lesson 6."""
CHALLENGES = {one.name: one for one in (ten, writes, survivor)}
"""All of them, by name."""
