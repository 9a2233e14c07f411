import pytest

from uffdsim import library
from uffdsim.course import Progress, Question
from uffdsim.course.view import FIRST_CHOOSE, Ask


@pytest.fixture
def ask(tmp_path):
    """A question on a minor fault, as a widget."""
    return Ask(Question("message", library.scenario("01-hugetlb-minor-continue"), at=8), Progress(tmp_path))


def test_nothing_is_told_before_an_answer(ask):
    assert "Right" not in ask.live.html and ask.choice.value is None
    ask.say.click()
    assert FIRST_CHOOSE in ask.live.html


def test_an_answer_is_judged_kept_and_explained(ask):
    ask.choice.value = "PAGEFAULT, flags MINOR"
    ask.say.click()
    assert "Right" in ask.live.html and "in the page cache" in ask.live.html
    assert ask.question.keep.score("question") == (1, 1)


def test_a_mistake_of_ours_is_on_the_screen(ask, monkeypatch):
    monkeypatch.setattr(ask.question, "answer", lambda choice: 1 / 0)
    ask.choice.value = "no message"
    ask.say.click()
    assert "ZeroDivisionError" in ask.live.html and ask.do.errors
