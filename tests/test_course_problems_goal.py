"""Goals: what is so at the end of one scenario and not of another, and which event made it so."""

import pytest

from uffdsim.course.build.submission import NotYet, Submission
from uffdsim.course.problems.goal import check, facts, goal
from uffdsim.kernel import Simulated
from uffdsim.library import scenario

MINOR = scenario("01-hugetlb-minor-continue")


def run(steps):
    return Simulated("linux-6.18").run(MINOR.first(steps))


def told(found):
    return [str(fact) for fact in found]


def test_a_goal_is_what_has_changed():
    assert told(goal(run(6), run(9))) == [
        "the page table entry of page 0 of plain: the file's page, writable",
        "what the page cache has of F: page 0",
        "t1: asleep",
        "what is left to read of u: PAGEFAULT, flags MINOR",
    ]
    assert goal(run(6), run(6)) == []


def test_a_fact_has_the_event_that_made_it_so_if_any_did():
    trace = run(9)
    events = {fact.about: fact.event for fact in facts(trace)}
    assert trace.events[events["the page table entry of page 0 of plain"] - 1].step == 6
    assert events["the page table entry of page 0 of watched"] is None, "nobody has touched it"
    assert trace.events[events["t1"] - 1].thread == "t1"


def test_who_is_not_there_yet_is_told_the_first_thing_that_is_otherwise():
    wanted = goal(run(6), run(9))
    check(Submission(run(9)), wanted)
    with pytest.raises(NotYet, match="t1 is awake, and should be asleep"):
        check(Submission(run(8)), wanted)
    with pytest.raises(NotYet, match="the page table entry of page 0 of plain is nothing, and should be the"):
        check(Submission(run(6)), wanted)
