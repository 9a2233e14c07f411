"""The judge: which trials a handler gets through, on which kernel, and why not."""

import os
import re

import need
import pytest
from handlers import Mended, naive, why

from uffdsim import kernels, words
from uffdsim.course.handle.judge import judge
from uffdsim.course.handle.trials import TRIALS
from uffdsim.kernel import VERSIONS
from uffdsim.trace import KernelError


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
            assert row.why.endswith(words.numbered(row.trace, row.event))
    assert sum(row.event is not None for row in judgement) >= 4


@pytest.mark.parametrize(
    ("trial", "says"),
    [
        ("filled meanwhile", "refused with EEXIST: something was there already, and .* wakes nobody"),
        ("vanished", "refused with EFAULT: there was no page to map"),
        ("while the ground moves", "refused with EAGAIN: the address space is changing until its event is read"),
        ("given back", "came to 0x41, and should have come to 0x00"),
        ("lost", "raised Mistake in line .*copy needs the byte to copy, and value is None"),
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

    assert "did only a part (EAGAIN after 8 KiB)" in why(chunk, "half there")


def test_a_handler_that_reads_the_count_gets_through():
    def chunk(event, u):
        page = 0
        while page < 4:
            done = u.copy(event.vma, page, pages=4 - page, value=event.data)
            page += done.pages or 1
        u.wake(event.vma, 0, pages=4)

    assert judge(chunk, "half there")


def test_a_mistyped_trial_is_told_the_right_one():
    with pytest.raises(KeyError, match="did you mean vanished"):
        judge(naive, "vanishd")


def test_judging_twice_says_the_same():
    assert repr(judge(naive)) == repr(judge(naive))


def test_what_a_kernel_does_not_have_is_left_out_and_said():
    judgement = judge(Mended, kernel="linux-5.11")
    assert judgement and "mean nothing on this kernel" in judgement.summary
    assert judgement["minor"].result == "– left out" and "REGISTER" in judgement["minor"].why


@pytest.mark.parametrize("kernel", VERSIONS)
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
    row = judge(naive, "filled meanwhile", kernel="linux")["filled meanwhile"]
    assert row.trace.events[row.event - 1].errno == "EEXIST"
    assert row.why.endswith(words.numbered(row.trace, row.event))


def test_the_judgement_reads_well_as_text_html_and_markdown():
    judgement = judge(naive, ["minor", "vanished"])
    lines = repr(judgement).splitlines()
    assert (lines[0], lines[-1]) == ("✓ ok  minor", "1 of 2 trials passed on linux-6.18.")
    assert judgement._repr_html_().count('<th scope="row"') == 2
    assert judgement.to_markdown().count("\n") == 3
