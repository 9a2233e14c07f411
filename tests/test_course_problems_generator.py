"""Programs made up at random: such as somebody might write, and as every kernel may be asked."""

from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from uffdsim import kernels
from uffdsim.course.predict.question import Question
from uffdsim.course.problems.generator import LONGEST, Generator
from uffdsim.grammar import Trait
from uffdsim.kernel import Simulated
from uffdsim.questions import ASPECTS
from uffdsim.scenario import Scenario

LEVEL = st.sampled_from((1, 2, 3))


@st.composite
def programs(draw):
    """A program, written by whatever chance would have it."""
    program = Generator(draw(st.randoms(use_true_random=False)), draw(LEVEL))
    list(program.acts())
    return program


@given(programs())
@settings(max_examples=60)
def test_a_program_is_a_scenario_that_answers_the_same_when_it_is_run_again(program):
    again = Scenario.from_json(program.scenario.to_json())
    assert Simulated(program.kernel).run(again).observations == program.trace.observations


@given(programs())
@settings(max_examples=60)
def test_a_program_is_short_and_sets_up_what_it_uses_first(program):
    acts = len(program.scenario) - program.set_up
    assert acts <= LONGEST + 2 * (program.level - 1)
    assert all(Trait.SETS_UP in step.traits for step in program.scenario.steps[: program.set_up])
    assert program.level == 3 or program.kernel == kernels.DEFAULT


@given(programs())
@settings(max_examples=60)
def test_nobody_who_sleeps_is_given_another_step(program):
    trace = program.trace
    for index, step in enumerate(program.scenario):
        assert step.thread not in {nap.thread for nap in trace.asleep(trace.begin(index))}


@given(programs(), st.sampled_from([one for one in ASPECTS.values() if one.name not in ("done", "cached")]))
@settings(max_examples=60, deadline=None)
def test_whatever_is_asked_about_its_end_has_one_right_answer(program, one):
    fitting = [index for index, step in enumerate(program.scenario) if one.fits(step)]
    assume(fitting)
    try:
        question = Question(one.name, program.scenario, fitting[-1], kernel=program.kernel, of="watched")
    except ValueError as error:
        assert "cannot be asked" in str(error)
        reject()
    verdicts = [question.answer(choice) for choice in question.choices]
    assert [verdict.right for verdict in verdicts].count(True) == 1
    assert all(verdict.events for verdict in verdicts)
