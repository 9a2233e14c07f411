"""Practice: problems without end that rise with who solves them, and a score that a restart does not lose."""

import pytest

from uffdsim.course.problems.practice import ENOUGH, Practice
from uffdsim.course.progress import Progress

ASKED = ("flags", "errno", "value")


def right(problem):
    problem.answer(problem.task.truth)


def wrong(problem):
    problem.answer(next(choice for choice in problem.task.choices if choice != problem.task.truth))


@pytest.fixture
def practice(tmp_path):
    return Practice(Progress(tmp_path), kinds=ASKED)


def test_no_problem_comes_twice_whether_it_was_right_or_not(practice):
    names = []
    for answer in (right, wrong, right, wrong):
        problem = practice.next()
        names.append(problem.name)
        answer(problem)
    assert len(set(names)) == 4


def test_a_problem_that_was_not_answered_is_there_again(practice):
    assert practice.next().name == practice.next().name


def test_right_answers_lead_to_harder_problems_and_wrong_ones_do_not(practice):
    for _ in range(ENOUGH):
        wrong(practice.next())
    assert practice.level == 1
    for _ in range(ENOUGH):
        right(practice.next())
    assert practice.level == 2 and practice.next().level == 2
    for _ in range(3 * ENOUGH):
        right(practice.next())
    assert practice.level == 3


def test_a_second_try_does_not_count(practice):
    for _ in range(ENOUGH):
        problem = practice.next()
        wrong(problem)
        right(problem)
    assert practice.level == 1


def test_a_restart_loses_neither_score_nor_place(practice, tmp_path):
    for _ in range(ENOUGH + 1):
        right(practice.next())
    again = Practice(Progress(tmp_path), kinds=ASKED)
    assert repr(again) == repr(practice)
    assert again.next().name == practice.next().name


def test_who_has_the_same_seed_has_the_same_problems(tmp_path):
    ones = [Practice(Progress(tmp_path / name), seed=2021).next() for name in "ab"]
    assert repr(ones[0]) == repr(ones[1])
    assert Practice(Progress(tmp_path / "c"), seed=2022).next().name != ones[0].name


def test_it_says_how_far_one_is(practice):
    right(practice.next())
    wrong(practice.next())
    assert repr(practice).splitlines() == [
        "level 1: 1 right at first, of 2 problems",
        "3 more right at the first try, and you reach level 2.",
    ]


def test_a_kind_that_is_none_is_named():
    with pytest.raises(ValueError, match='no problems of kind "falgs".*did you mean flags'):
        Practice(kinds="falgs")
