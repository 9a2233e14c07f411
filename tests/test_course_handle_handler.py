"""Handlers that people write: of which forms they may be, what they may call, and that none runs for ever."""

import pytest
from handlers import why

from uffdsim.course.handle.calls import Calls
from uffdsim.course.handle.handler import alike
from uffdsim.course.handle.judge import judge
from uffdsim.machine import Machine


def forever(event, u):
    while True:
        pass


def calling(event, u):
    while True:
        u.copy(event.vma, event.page, value=1)


def swallowing(event, u):
    while True:
        try:
            u.wake(event.vma, event.page)
        except Exception:
            pass


def waking(event, u):
    u.wake(event.vma, event.page)


def delaying(event, u):
    u.later(event)


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (forever, "carried out 100,000 instructions of Python about one message, and would go on"),
        (calling, "made 24 calls about one message, and would go on; the last one was “handler calls COPY on "),
        (swallowing, "made 24 calls about one message"),
        (waking, "who is woken and finds what it found before faults again; put the page there first"),
        (delaying, "put <PAGEFAULT, flags MINOR, at page 0 of watched> off 5 times, and nothing new came in between"),
    ],
)
def test_no_handler_runs_for_ever(handler, says):
    assert says in why(handler, "minor")


def test_spinning_on_eagain_is_told_what_to_read_first():
    def hot(event, u):
        while u.copy(event.vma, event.page, value=event.data).errno == "EAGAIN":
            pass

    assert "the last one was “handler calls COPY" in why(hot, "while the ground moves")
    assert "→ EAGAIN: " in why(hot, "while the ground moves")


def test_who_touches_what_it_watches_waits_for_itself():
    assert "waits for itself for ever" in why(lambda event, u: u.load(event.vma, event.page), "minor")


def test_an_exception_is_told_with_its_line():
    def broken(event, u):
        return event.vma + 1

    assert "raised TypeError in line" in why(broken, "minor") and "return event.vma + 1" in why(broken, "minor")


def test_a_call_that_cannot_be_is_told_why():
    assert 'there is no mapping "wached"' in why(lambda event, u: u.wake("wached", 0), "minor")
    assert "is about none: look at event.kind first" in why(lambda event, u: u.wake(event.vma, 0), "forked")


def test_a_handler_may_be_a_generator():
    def handler(u):
        while True:
            event = yield
            u.continue_(event.vma, event.page)

    assert judge(handler, ["minor", "two threads"])


def test_a_class_is_made_anew_for_each_trial():
    class Once:
        def __init__(self):
            self.first = True

        def __call__(self, event, u):
            assert self.first
            self.first = False
            u.continue_(event.vma, event.page)

    assert judge(Once, ["minor", "private"])


@pytest.mark.parametrize(("handler", "says"), [(3, "is a function"), (lambda event: 0, "must take two things")])
def test_what_is_no_handler_is_told_what_one_is(handler, says):
    with pytest.raises(TypeError, match=says):
        judge(handler, "minor")


def test_a_call_that_there_is_none_of_is_told_the_answers_there_are():
    with pytest.raises(AttributeError, match="no 'resolve'; the answers are continue_, copy, zeropage, poison, write"):
        Calls(Machine()).resolve("watched", 0)
    with pytest.raises(AttributeError, match="did you mean zeropage"):
        Calls(Machine()).zero_page("watched", 0)


def test_a_copied_handler_is_like_the_one_it_was_copied_from():
    def one(event, u):
        u.copy(event.vma, event.page, value=1)

    def same(event, u):
        u.copy(event.vma, event.page, value=1)

    def other(event, u):
        u.copy(event.vma, event.page, value=2)

    assert alike(one, same) and not alike(one, other)
