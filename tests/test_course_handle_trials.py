"""Trials: what counts as an answer, and that nothing else gets through."""

from itertools import combinations

import pytest

from uffdsim.course.handle.bugs import BUGS
from uffdsim.course.handle.diagnosis import diagnosis, told
from uffdsim.course.handle.runner import run
from uffdsim.course.handle.trials import TRIALS

CALLS = {
    "nothing": lambda event, u: None,
    "continue": lambda event, u: u.continue_(event.vma, event.page),
    "copy": lambda event, u: u.copy(event.vma, event.page, value=event.data),
    "copy zeros": lambda event, u: u.copy(event.vma, event.page, value=0),
    "zeropage": lambda event, u: u.zeropage(event.vma, event.page),
    "poison": lambda event, u: u.poison(event.vma, event.page),
    "protect": lambda event, u: u.writeprotect(event.vma, event.page, mode="WP"),
    "unprotect": lambda event, u: u.writeprotect(event.vma, event.page),
    "wake": lambda event, u: u.wake(event.vma, event.page),
    "load": lambda event, u: u.load(event.vma, event.page),
    "store elsewhere": lambda event, u: u.store("plain", event.page, event.data),
    "later": lambda event, u: u.later(event),
    "unregister": lambda event, u: u.unregister(event.vma, event.page),
    "close": lambda event, u: u.close(),
}
"""Every call there is, made for each message, whatever it says."""

ANSWERS = {
    "minor": ["continue"],
    "missing": ["copy", "store elsewhere + wake", "store elsewhere + continue"],
    "both": ["continue + copy", "store elsewhere + continue"],
    "two threads": ["continue"],
    "write": ["continue"],
    "private": ["continue", "copy"],
    "zeros on huge pages": ["copy", "copy zeros", "store elsewhere + wake", "store elsewhere + continue"],
    "filled meanwhile": ["continue", "wake"],
    "vanished": ["copy", "store elsewhere + continue"],
    "half there": ["copy", "store elsewhere + wake", "store elsewhere + continue"],
    "while the ground moves": ["copy + wake", "store elsewhere + wake"],
    "given back": ["copy + copy zeros", "copy + zeropage"],
    "unmapped": ["wake"],
    "moved": ["continue"],
    "forked": ["continue"],
    "protected": ["unprotect"],
    "lost": ["poison"],
    "woken too early": ["continue"],
}
"""What has to be called at least in each trial: one of these, or two together."""


def making(*names):
    """A stupid handler: it makes these calls for every message, and goes on after every error."""

    def handler(event, u):
        for name in names:
            try:
                CALLS[name](event, u)
            except Exception:
                pass

    return handler


def why(trial, *names):
    """Why a stupid handler does not get through; None if it does."""
    ran = run(making(*names), TRIALS[trial])
    return diagnosis(ran, told(ran))


@pytest.mark.parametrize("trial", TRIALS)
def test_only_what_answers_gets_through(trial):
    ways = [*((name,) for name in CALLS), *combinations(CALLS, 2), tuple(CALLS)]
    through = [set(names) for names in ways if why(trial, *names) is None]
    answers = [set(answer.split(" + ")) for answer in ANSWERS[trial]]
    assert all(any(answer <= names for answer in answers) for names in through)
    refused = {"unregister"} if trial == "unmapped" else set()  # nothing is left there to be unregistered
    assert not any(({"close", "unregister"} - refused) & names for names in through)


@pytest.mark.parametrize("name", BUGS)
def test_no_bug_is_mended_by_letting_go(name):
    for last in ("close", "unregister"):
        found = [why(trial, "continue", "copy", "wake", last) for trial in BUGS[name].trials]
        assert any(found), last


@pytest.mark.parametrize(
    ("last", "says"),
    [
        ("close", "closed the descriptor that it was given: nothing is watched any more"),
        ("unregister", "unregistered what it has to watch: nobody is asked about it any more"),
    ],
)
def test_letting_go_is_called_the_mistake_that_it_is(last, says):
    found = why("minor", "continue", last)
    assert says in found.why and f"In step {found.step}, “" in found.why and found.event


def test_a_child_may_be_let_go():
    def handler(event, u):
        if event.kind == "FORK":
            event.child.unregister("watched", 0)
            assert event.child.close()
        elif event.minor:
            u.continue_(event.vma, event.page)

    ran = run(handler, TRIALS["forked"])
    assert diagnosis(ran, told(ran)) is None
