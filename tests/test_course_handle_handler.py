"""Handlers that people write: of which forms they may be, what they may call, and that none runs for ever."""

import contextlib
import os
import re
import signal
import sys
import time
import types

import pytest
from handlers import why

from uffdsim.course.handle import rehearsal
from uffdsim.course.handle.calls import Calls
from uffdsim.course.handle.form import alike
from uffdsim.course.handle.handler import Printed, called
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
        (waking, "a thread that is woken and finds nothing changed faults again; put the page there first"),
        (delaying, "put <PAGEFAULT, flags MINOR, at page 0 of watched> off 5 times, and nothing new came in between"),
    ],
)
def test_no_handler_runs_for_ever(handler, says):
    assert says in why(handler, "minor")


def beyond_every_except(event, u):
    while True:
        try:
            while True:
                try:
                    u.wake(event.vma, event.page)
                except:  # noqa: E722
                    pass
        finally:
            continue  # noqa: B012


def never_swallowing(event, u):
    with contextlib.suppress(BaseException):
        while True:
            pass


class NeverMade:
    def __init__(self):
        while True:
            try:
                pass
            except:  # noqa: E722
                pass

    def __call__(self, event, u):
        pass


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (beyond_every_except, "it made 24 calls about one message"),
        (never_swallowing, "carried out 100,000 instructions"),
        (NeverMade, "The handler's __init__: it carried out 100,000 instructions"),
    ],
)
def test_no_except_keeps_a_handler_going(handler, says, monkeypatch):
    monkeypatch.delattr(os, "fork")  # as on Windows
    assert says in why(handler, "minor")


def sleeping(event, u):
    while True:
        try:
            time.sleep(1000)
        except:  # noqa: E722
            pass


def in_c(event, u):
    sum(range(10**13))


class Dozing:
    def __init__(self):
        time.sleep(1000)

    def __call__(self, event, u):
        pass


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (
            sleeping,
            "In “minor”, the handler, given <PAGEFAULT, flags MINOR, at page 0 of watched>, does not come back: ",
        ),
        (in_c, "does not come back: it was stopped after 0.2 seconds."),
        (Dozing, "In “minor”, the handler's __init__ does not come back: it was stopped after 0.2 seconds."),
        (lambda event, u: os._exit(0), "ends the whole process, with exit status 0."),
        (lambda event, u: os.kill(os.getpid(), signal.SIGSEGV), "ends the whole process, by SIGSEGV."),
    ],
)
def test_a_handler_that_does_not_come_back_is_told_and_the_others_trials_go_on(handler, says, monkeypatch):
    monkeypatch.setattr(rehearsal, "SECONDS", 0.2)
    judgement = judge(handler, ["minor", "both"])
    assert says in judgement["minor"].why and "In “both”, " in judgement["both"].why


def test_ctrl_c_ends_a_handler_that_swallows_everything():
    def swallowing(event, u):
        while True:
            try:
                signal.raise_signal(signal.SIGINT)
            except:  # noqa: E722
                pass

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            called(swallowing, None, types.SimpleNamespace(), Printed())
        with pytest.raises(KeyboardInterrupt):
            judge(swallowing, "minor")
    finally:
        signal.signal(signal.SIGINT, before)
    assert judge(lambda event, u: u.continue_(event.vma, event.page), "minor")


def asynchronous():
    async def handler(event, u):
        pass

    return handler


def yielding(event, u):
    yield u.continue_(event.vma, event.page)


class Needy:
    def __init__(self, something):
        pass

    def __call__(self, event, u):
        pass


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (asynchronous(), "handler is async, and nobody awaits it here: leave async out, def handler"),
        (yielding, "yielding has a yield in it, so a call of it does nothing"),
        (Needy, "each trial makes a new Needy, so its __init__ takes nothing"),
        (object, "object cannot be called: give it def __call__"),
    ],
)
def test_a_form_that_is_nearly_a_handlers_is_told_what_is_wrong_with_it(handler, says):
    with pytest.raises(TypeError, match=says):
        judge(handler, "minor")


def ending(u):
    return
    yield


class Failing:
    def __init__(self):
        self.n = 1 // 0

    def __call__(self, event, u):
        pass


class Unsayable(Exception):
    def __str__(self):
        while True:
            pass


def unsayable(event, u):
    raise Unsayable


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        (lambda event, u: sys.exit(1), "it raised SystemExit in line .*: sys.exit would end the program"),
        (lambda event, u: next(iter([])), "it raised StopIteration in line .*: an iterator had nothing left"),
        (ending, "the generator has ended, but messages still come: let it loop for ever"),
        (lambda event, u: asynchronous()(event, u), "gave back a coroutine, which nobody awaits, and has done nothing"),
        (lambda event, u: (u.wake(event.vma, n) for n in [0]), "gave back a generator, which nobody runs"),
        (Failing, "The handler's __init__: it raised ZeroDivisionError in line"),
        (unsayable, "it carried out 100,000 instructions"),
    ],
)
def test_what_ends_a_handler_is_called_the_mistake_that_it_is(handler, says):
    assert re.search(says, why(handler, "minor"))


def test_exit_does_not_end_the_kernel_of_a_notebook(monkeypatch):
    class Shell:
        def ask_exit(self):
            pytest.fail("the kernel ends")

    shell = Shell()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert "sys.exit would end the program" in why(lambda event, u: shell.ask_exit(), "minor")
    assert shell.ask_exit.__func__ is Shell.ask_exit


def test_what_a_handler_prints_is_shown_with_its_trial(capsys):
    def handler(event, u):
        print("page", event.page)
        u.continue_(event.vma, event.page)

    judgement = judge(handler, ["minor", "both"])
    assert judgement["minor"].printed == "page 0\n" and judgement["both"].printed == "page 0\npage 1\n"
    assert "It printed:\n      page 0\n" in repr(judgement)
    assert "It printed:<br>page 0<br>page 1</td>" in judgement._repr_html_()
    assert capsys.readouterr().out == ""


def test_of_much_that_is_printed_the_beginning_is_kept():
    def handler(event, u):
        for _ in range(1000):
            print("x" * 1000)

    printed = judge(handler, "minor")["minor"].printed
    assert len(printed) < 2010 and printed.startswith("xxx") and printed.endswith("…")


def test_what_a_handler_leaves_elsewhere_is_left_once():
    seen = []
    judge(lambda event, u: seen.append(event.page), "minor")
    assert seen == [0]


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
        Calls(Machine(), "u").resolve("watched", 0)
    with pytest.raises(AttributeError, match="did you mean zeropage"):
        Calls(Machine(), "u").zero_page("watched", 0)


def test_a_copied_handler_is_like_the_one_it_was_copied_from():
    def one(event, u):
        u.copy(event.vma, event.page, value=1)

    def same(event, u):
        u.copy(event.vma, event.page, value=1)

    def other(event, u):
        u.copy(event.vma, event.page, value=2)

    assert alike(one, same) and not alike(one, other)
