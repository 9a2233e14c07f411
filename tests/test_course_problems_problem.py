"""Problems made from seeds: always the same, always solvable, with one right answer, short, and harder by level."""

import json
from hashlib import sha256
from itertools import product

import need
import pytest
from handlers import MENDED, Mended
from hypothesis import given, settings
from hypothesis import strategies as st

from uffdsim import kernels, library
from uffdsim.course.build.exercise import Exercise
from uffdsim.course.handle.bugs import BUGS, Bug
from uffdsim.course.handle.trials import TRIALS
from uffdsim.course.predict.question import Question
from uffdsim.course.problems.generator import LONGEST
from uffdsim.course.problems.goal import facts
from uffdsim.course.problems.problem import ASKS, KINDS, LEVELS, Problem
from uffdsim.course.progress import Progress
from uffdsim.kernel import Simulated

SEEDS = st.integers(0, 1_000_000)
LEVEL = st.sampled_from(LEVELS)


def problems(kinds=KINDS):
    return st.builds(Problem.make, st.sampled_from(kinds), SEEDS, LEVEL)


@given(st.sampled_from(KINDS), SEEDS, LEVEL)
@settings(max_examples=40)
def test_a_seed_makes_the_same_problem_every_time(kind, seed, level):
    one, other = Problem.make(kind, seed, level), Problem.make(kind, seed, level)
    assert repr(one) == repr(other) and one.name == f"{kind}/{level}/{seed}"


def digest(problem):
    """A problem's steps, or the bug that is to be mended, in eight letters."""
    task = problem.task
    scenario = getattr(task, "solution", None) or getattr(task, "scenario", None)
    told = [step.to_json() for step in scenario] if scenario else [task.name, *task.trials]
    return sha256(json.dumps(told).encode()).hexdigest()[:8]


def test_seeds_make_what_they_made_when_lessons_named_them():
    """A change here changes every problem that anybody has written down."""
    made = {kind: [digest(Problem.make(kind, 3, level)) for level in LEVELS] for kind in KINDS}
    assert made == MADE


MADE = {
    "flags": ["501720b9", "eaeeea66", "43c2bd62"],
    "errno": ["b6943569", "1b256b92", "1829fc31"],
    "woken": ["cf6c0da6", "e1da63d9", "33742cbb"],
    "value": ["fe3f1fd7", "223f20b9", "9c8e7d63"],
    "smaps": ["6594d2fb", "bfee5e2c", "c3a4a8be"],
    "mend": ["ef51a636", "8a5f6e1a", "666afb1a"],
    "build": ["4117be3b", "8b9526ce", "cac4202a"],
}


@given(problems(tuple(ASKS)))
@settings(max_examples=80)
def test_exactly_one_answer_is_right_and_every_other_is_told_why_not(problem):
    question = problem.task
    verdicts = [problem.answer(choice) for choice in question.choices]
    assert [bool(v) for v in verdicts].count(True) == 1
    assert 3 <= len(set(question.choices)) == len(question.choices) <= 4
    assert any(v.mistake for v in verdicts), "no wrong answer that somebody could have a reason for"
    assert all(v.why and v.events for v in verdicts)


@given(problems(tuple(ASKS)))
@settings(max_examples=40)
def test_the_answer_is_what_running_it_again_shows(problem):
    question = problem.task
    trace = Simulated(question.kernel).run(question.scenario)
    assert trace.observations == question.trace.observations
    found = trace.observations[-1]
    right = next(choice for choice in question.choices if question.answer(choice))
    if problem.kind == "errno" and found["status"] == "done":
        assert right == (found["errno"] or "success")
    if problem.kind == "value" and "value" in found:
        assert right == f"0x{found['value']:02x}"


@given(problems(tuple(ASKS)))
@settings(max_examples=40)
def test_a_question_is_short_enough_to_be_solved_by_a_person(problem):
    assert len(problem.task.scenario) <= 6 + LONGEST + 4
    assert len(problem.task.prompt) < 160
    assert all(len(line) < 100 for told in problem.task.story for line in told.split("\n"))


@given(st.builds(Problem.make, st.just("build"), SEEDS, LEVEL))
@settings(max_examples=40)
def test_what_is_to_be_built_can_be_built_and_is_not_there_yet(problem):
    assert problem.answer(problem.task.solution)
    assert not problem.answer(problem.machine()) and not problem.answer(None)
    lone = problem.task.start.then({"op": "inspect"})
    result = problem.answer(lone)
    assert not result and " and should be " in result.why
    assert 2 <= len(problem.task.wanted) <= 6


@pytest.mark.parametrize("seed", range(6))
def test_what_is_built_half_is_told_the_first_fact_that_is_wanting_and_what_made_it_so(seed):
    problem = Problem.make("build", seed)
    half = problem.task.solution.first(len(problem.task.solution) - 1)
    result = problem.answer(half)
    (fact,) = wanting(problem, half)
    names = {step.thread for step in half}
    about = fact.about if fact.about in names else f"{fact.about[:1].upper()}{fact.about[1:]}"
    assert not result and result.why.startswith(f"{about} is ") and f", and should be {fact.how}." in result.why
    assert result.event is None or f" Event {result.event}, " in result.why


def wanting(problem, scenario):
    """The first fact that is wanted and not so at the end of a scenario."""
    there = {str(fact) for fact in facts(Simulated(problem.task.kernel).run(scenario))}
    return [fact for fact in problem.task.wanted if str(fact) not in there][:1]


@given(st.builds(Problem.make, st.just("mend"), SEEDS, LEVEL))
@settings(max_examples=30)
def test_what_is_to_be_mended_is_broken_and_can_be_mended(problem):
    assert not problem.answer(problem.task.handler)
    if problem.task.name not in MENDED:
        assert problem.answer(Mended)
    assert set(problem.task.trials) <= set(TRIALS)


def test_every_kind_is_of_its_own_class():
    classes = {kind: type(Problem.make(kind, 5).task) for kind in KINDS}
    assert all(issubclass(classes[kind], Question) for kind in ASKS)
    assert issubclass(classes["build"], Exercise) and classes["mend"] is Bug


def test_a_real_kernel_gives_the_same_answers():
    need.userfaultfd()
    need.compiler()
    need.huge_pages(8)
    linux = kernels.kernel("linux")
    need.need(not linux.refusal(), linux.refusal())
    compared = 0
    for kind, seed in product((*ASKS, "build"), range(8)):
        problem = Problem.make(kind, seed, 1 + seed % 3)
        scenario = problem.task.solution if kind == "build" else problem.task.scenario
        if kind == "build" or problem.task.kernel == "linux-6.18":
            simulated = Simulated("linux-6.18").run(scenario)
            assert linux.run(scenario).observations == simulated.observations, problem.name
            compared += 1
    assert compared > 30


def test_no_answer_is_right_most_of_the_time():
    for kind in ASKS:
        right = [Problem.make(kind, seed, 2).task.truth for seed in range(20)]
        assert max(right.count(answer) for answer in right) <= 13 and len(set(right)) >= 3, (kind, right)


def test_all_bugs_come_up():
    assert {Problem.make("mend", seed).task.name for seed in range(150)} == set(BUGS)


def test_harder_levels_have_longer_stories():
    def steps(level):
        return sum(len(Problem.make("flags", seed, level).task.scenario) for seed in range(15))

    assert steps(1) < steps(2) < steps(3)


def test_answers_are_kept_under_the_problems_name(tmp_path):
    built = library.scenario("01-hugetlb-minor-continue")
    for kind, said in {"flags": "a", "mend": lambda event, u: None, "build": built}.items():
        problem = Problem.make(kind, 1)
        problem.keep = Progress(tmp_path)
        problem.answer(said)
    assert {name for _, name in Progress(tmp_path).entries} == {"flags/1/1", "mend/1/1", "build/1/1"}


@pytest.mark.parametrize(
    ("keys", "says"),
    [({"kind": "flag"}, "did you mean flags"), ({"kind": "flags", "level": 9}, "no level 9; there are 1, 2, 3")],
)
def test_a_problem_that_there_is_not_says_which_there_are(keys, says):
    with pytest.raises(ValueError, match=says):
        Problem.make(seed=1, **keys)


def test_only_what_is_to_be_built_has_a_machine():
    with pytest.raises(TypeError, match="has nothing to build"):
        Problem.make("flags", 1).machine()


@given(problems())
@settings(max_examples=40)
def test_every_problem_reads_well_unanswered(problem):
    assert problem.name in repr(problem) and problem.name in problem._repr_html_()
    assert "The right answer is" not in problem._repr_html_()
