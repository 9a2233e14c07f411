"""Handlers that people write: what they are given, what they may call, and what the judge says of them."""

import os
import re

import need
import pytest

from uffdsim import kernels
from uffdsim.course.bugs import BUGS, bug
from uffdsim.course.judge import judge
from uffdsim.course.trial import TRIALS
from uffdsim.trace import KernelError


def naive(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
    elif event.missing:
        u.copy(event.vma, event.page, value=event.data)
    elif event.wp:
        u.writeprotect(event.vma, event.page)


class Mended:
    """A handler that gets through everything."""

    def __init__(self):
        self.gone = set()

    def __call__(self, event, u):
        if event.kind == "REMOVE":
            self.gone |= {(event.vma, event.page + n) for n in range(event.pages)}
        if event.kind == "PAGEFAULT":
            answer = self.fill(event, u)
            if answer.errno == "EAGAIN":
                u.later(event)
            elif not answer:
                u.wake(event.vma, event.page)

    def fill(self, event, u):
        if event.wp:
            return u.writeprotect(event.vma, event.page)
        if event.minor:
            return u.continue_(event.vma, event.page)
        if (event.vma, event.page) in self.gone:
            return u.copy(event.vma, event.page, value=0)
        if event.data is None:
            return u.poison(event.vma, event.page)
        return u.copy(event.vma, event.page, value=event.data)


def why(handler, trial, **keys):
    row = judge(handler, trial, **keys)[trial]
    assert row.result == "✗ no"
    return row.why


def test_there_is_a_way_through_every_trial():
    judgement = judge(Mended)
    assert judgement and [row.trial for row in judgement] == list(TRIALS)
    assert {row.result for row in judgement} == {"✓ ok"}


def test_doing_nothing_passes_no_trial_but_those_where_nothing_waits():
    judgement = judge(lambda event, u: None)
    assert {row.trial for row in judgement if row.result == "✓ ok"} <= {"given back"} and not judgement


def test_a_plain_handler_fails_where_something_moves_and_each_reason_names_its_event():
    judgement = judge(naive)
    moving = {"while the ground moves", "given back", "unmapped"}
    assert set(judgement.failed) == {"filled meanwhile", "vanished", "lost"} | moving
    for row in judgement:
        if row.event is not None:
            assert f"vent {row.event} (" in row.why and row.trace.events[row.event - 1].text in row.why


@pytest.mark.parametrize(
    ("trial", "says"),
    [
        ("filled meanwhile", "refused with EEXIST: something was there already, and .* wakes nobody"),
        ("vanished", "refused with EFAULT: there was no page to map"),
        ("while the ground moves", "refused with EAGAIN: the address space is changing until its event is read"),
        ("given back", "came to 0x41, and should have come to 0x00"),
        ("lost", "raised ValueError in line .*copy needs the byte to copy, and value is None"),
    ],
)
def test_the_reason_says_what_was_misunderstood(trial, says):
    assert re.search(says, why(naive, trial))


def test_a_lost_wake_up_is_called_one():
    def asleep(event, u):
        u.continue_(event.vma, event.page, mode="DONTWAKE")

    assert "had the mode DONTWAKE, and no wake came after it: a lost wake-up" in why(asleep, "minor")


def test_who_was_never_answered_is_named():
    assert "t1 still sleeps in step 7" in why(lambda event, u: None, "minor")
    assert "nothing was done about it" in why(lambda event, u: None, "minor")


def test_a_part_that_was_done_is_no_success():
    def chunk(event, u):
        u.copy(event.vma, 0, pages=4, value=event.data)

    assert "did only a part (EAGAIN, 8192 bytes done)" in why(chunk, "half there")


def test_a_handler_that_reads_the_count_gets_through():
    def chunk(event, u):
        page = 0
        while page < 4:
            done = u.copy(event.vma, page, pages=4 - page, value=event.data)
            page += done.pages or 1
        u.wake(event.vma, 0, pages=4)

    assert judge(chunk, "half there")


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
        (forever, "carried out 100000 instructions of Python about one message, and would go on"),
        (calling, "made 24 calls about one message, and would go on; the last one, copy: EEXIST"),
        (swallowing, "made 24 calls about one message"),
        (waking, "who is woken and finds what it found before faults again; put the page there first"),
        (delaying, "put <PAGEFAULT MINOR at page 0 of watched> off 5 times, and nothing new came in between"),
    ],
)
def test_no_handler_runs_for_ever(handler, says):
    assert says in why(handler, "minor")


def test_spinning_on_eagain_is_told_what_to_read_first():
    def hot(event, u):
        while u.copy(event.vma, event.page, value=event.data).errno == "EAGAIN":
            pass

    assert "t2's REMOVE is still unread" in why(hot, "while the ground moves")


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


def test_a_mistyped_trial_is_told_the_right_one():
    with pytest.raises(KeyError, match="did you mean vanished"):
        judge(naive, "vanishd")


def test_judging_twice_says_the_same():
    assert repr(judge(naive)) == repr(judge(naive))


def test_what_a_kernel_does_not_have_is_left_out_and_said():
    judgement = judge(Mended, kernel="linux-5.11")
    assert judgement and "mean nothing on this kernel" in judgement.summary
    assert judgement["minor"].result == "– left out" and "REGISTER" in judgement["minor"].why


@pytest.mark.parametrize("kernel", ["linux-6.12", "linux-6.1", "linux-5.11-v5", "linux-5.11-v6"])
def test_the_mended_handler_gets_through_on_every_kernel(kernel):
    assert judge(Mended, kernel=kernel)


def test_a_kernel_that_runs_nothing_here_is_told_as_an_error():
    with pytest.raises(KernelError):
        judge(Mended, "minor", kernel="recorded-6.18")


def live():
    need.userfaultfd()
    need.compiler()
    need.huge_pages(8)
    kernel = kernels.kernel("linux")
    need.need(not kernel.refusal(), kernel.refusal())
    return os.uname().release


def test_the_live_kernel_judges_as_the_simulated_one():
    live()
    real, simulated = judge(naive, kernel="linux"), judge(naive)
    assert [row[:2] for row in real if row.result != "– left out"] == [
        row[:2] for row in simulated if real[row.trial].result != "– left out"
    ]
    assert judge(Mended, kernel="linux")


def test_the_live_kernels_refusals_are_explained_by_the_simulated_one():
    live()
    assert "Event" in why(naive, "filled meanwhile", kernel="linux")


def test_the_judgement_reads_well_as_text_html_and_markdown():
    judgement = judge(naive, ["minor", "vanished"])
    lines = repr(judgement).splitlines()
    assert (lines[0], lines[-1]) == ("✓ ok  minor", "1 of 2 trials passed on linux-6.18.")
    assert judgement._repr_html_().count('<th scope="row"') == 2
    assert judgement.to_markdown().count("\n") == 3


MENDED = {
    "one answer for all": naive,
    "zeros are cheap": naive,
    "every message is a fault": naive,
    "wake and forget": naive,
}


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_one_and_can_be_mended(name):
    one = bug(name)
    assert not one.judge(one.handler), "it fails none of its trials"
    assert one.judge(MENDED.get(name, Mended)), "no way through its trials"
    assert one.judge(lambda event, u: None).failed
    assert one.source.startswith(("def ", "class ")) and len(one.source.splitlines()) < 16
    assert one.source in repr(one) and len(one.story) < 500


def test_a_mistyped_bug_is_told_the_right_one():
    with pytest.raises(KeyError, match="did you mean hot again"):
        bug("hot agan")
