"""Wrong answers: where each is said to be right, it is."""

from itertools import chain, product, repeat

import pytest

from uffdsim import kernels, library
from uffdsim.course.predict.question import Question
from uffdsim.course.predict.variants import variants
from uffdsim.questions import Subject, aspect
from uffdsim.trace import KernelError

MINOR = "01-hugetlb-minor-continue"
ASKED = [
    *product(["message", "value", "ending"], [MINOR], [8]),
    *product(["errno", "woken", "done"], ["05-continue-errors"], [11, 13]),
    *product(["woken", "message"], ["07-dontwake-then-wake", "06-wake-faults-again"], [9, 10]),
    *product(["smaps"], ["37-smaps-flags", "60-feature-and-missing"], [6, 8]),
    *product(["entry", "message"], ["14-private-hugetlb"], [7, 8]),
]


def asked():
    """All of these questions that there are."""
    for what, name, at in ASKED:
        try:
            yield Question(what, library.scenario(name), at, of="watched")
        except ValueError as error:
            assert "ask" in str(error)


def test_a_wrong_answer_is_right_in_the_variant_that_it_names():
    checked = 0
    for question in asked():
        step = len(question.scenario) - 1
        found = {one.condition: one for one in variants(question.scenario, step, question.kernel)}
        for wrong, mistake in question.mistakes.items():
            if mistake:
                variant = found[mistake.removeprefix(f"“{wrong}” would be right ").removesuffix(". ")]
                trace = kernels.kernel(variant.kernel).run(variant.scenario)
                one = aspect(question.name.rpartition("-")[0])
                assert one.truth(Subject(trace, variant.index, "watched", 0)) == wrong, (question.name, mistake)
                checked += 1
    assert checked > 20


def test_own_wrong_answers_come_first_and_with_their_reason():
    q = Question("woken", library.scenario(MINOR), at=10, wrong={"the handler": "the handler was never asleep"})
    assert next(iter(q.mistakes.items())) == ("the handler", "The handler was never asleep. ")


def test_a_right_answer_cannot_be_given_as_a_wrong_one():
    with pytest.raises(ValueError, match='"t1" is given as a wrong answer, and it is what happens'):
        Question("woken", library.scenario(MINOR), at=10, wrong={"t1": "it is not"})


def test_what_no_kernel_can_run_is_no_distractor(monkeypatch):
    class Refuses:
        def run(self, scenario):
            raise KernelError("not here")

    asked = chain([kernels.kernel("linux-6.18")], repeat(Refuses()))  # for the question itself, and for its variants
    monkeypatch.setattr(kernels, "kernel", lambda name: next(asked))
    assert not any(Question("message", library.scenario(MINOR), at=8).mistakes.values())
