"""Submissions: what a check may ask of what was built."""

import pytest

from uffdsim.course.build.submission import NotYet, Submission
from uffdsim.kernel import Simulated
from uffdsim.library import scenario


@pytest.fixture(scope="module")
def work():
    return Submission(Simulated("linux-6.18").run(scenario("01-hugetlb-minor-continue")))


def test_steps_are_found_by_what_they_say_and_by_what_their_defaults_say(work):
    assert work.steps("load", "store", vma="watched") == [8, 12, 13]
    assert work.steps("load", thread="t1") == [8] and work.steps("load", offset=0) == [8, 12, 14]
    assert work.steps("register", modes="MINOR") == [5] and not work.steps("register", modes=["MINOR", "WP"])
    assert not work.steps("load", nonsense=1)


def test_what_was_answered_at_once_and_in_the_end(work):
    assert work.observed(8)["status"] == "blocked" and work.observed(99) == {}
    assert (work.answer(8)["value"], work.answer(8)["woken_in"]) == (0x41, 10)
    blocked = Submission(Simulated("linux-6.18").run(work.scenario.first(9)))
    assert blocked.answer(8) == {} and blocked.asleep() == ["t1"]


def test_what_there_is_after_a_step_is_not_what_there_is_in_the_end(work):
    assert (work.asleep(after=8), work.asleep()) == (["t1"], [])
    assert work.entry("watched", 0, after=9) is None and work.entry("watched", 0, after=10).kind == "file"
    assert work.entry("nowhere") is None
    assert work.state(5)["cache", "F"].total() == 0 and work.state(6)["cache", "F"].total() == 1


def test_what_the_kernel_decided_has_the_number_of_its_event(work):
    answer, number = work.decided(8, "cache?")
    assert answer == "hit" and work.trace.events[number - 1].question == "cache?"
    assert work.decided(12, "cache?") is None


def test_what_is_wanting_names_the_event_that_decided_its_step(work):
    work.want(True, "never said")
    with pytest.raises(NotYet, match="it waits") as wanting:
        work.want(False, "it waits", step=8)
    assert work.trace.events[wanting.value.event - 1].answer == "MINOR"
    with pytest.raises(NotYet, match="do it") as wanting:
        work.the("poison", "do it")
    assert wanting.value.step is wanting.value.event is None


def test_a_refused_step_is_not_ok():
    work = Submission(Simulated("linux-6.18").run(scenario("05-continue-errors")))
    work.ok(10)
    with pytest.raises(NotYet, match="refused with EEXIST") as wanting:
        work.ok(11)
    assert work.trace.events[wanting.value.event - 1].errno == "EEXIST"
