"""The view of a question: without a browser, and then in one, by mouse, by keyboard, and as axe sees it."""

import re
import sys
from types import SimpleNamespace

import browser
import nbformat
import need
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from uffdsim import library
from uffdsim.course import render
from uffdsim.course.predict.question import Question
from uffdsim.course.predict.view import FIRST_CHOOSE, Ask
from uffdsim.course.problems.problem import Problem
from uffdsim.course.progress import Progress

MINOR = library.scenario("01-hugetlb-minor-continue")
RIGHT = "PAGEFAULT, flags MINOR"


@pytest.fixture
def ask(tmp_path):
    ask = Ask(Question("message", MINOR, at=8), Progress(tmp_path))
    yield ask
    assert not ask.do.errors


def say(ask, choice):
    """What the page tells when the button is pressed."""
    ask.live._handle_custom_msg({"say": ask.choice.options.index(choice) if choice else -1}, [])


def test_nothing_is_chosen_and_nothing_told_to_begin_with(ask):
    assert ask.choice.value is None and ask.choice.options == ask.question.choices
    assert "Not answered yet." in ask.live.html
    before = ask.about.value
    assert "handle_userfault" not in before and "The right answer is" not in before


def test_an_answer_is_told_with_the_kernels_reason_and_shows_what_came_next(ask):
    say(ask, RIGHT)
    assert "✓" in ask.live.html and f"Event {ask.question.verdict.events[-1]}, t1 in " in ask.live.html
    assert "What it looks like after that" in ask.live.html and "What happened, event by event" in ask.live.html


def test_a_wrong_answer_may_be_followed_by_another(ask):
    say(ask, "no message")
    assert "✗" in ask.live.html and "would be right if watched were registered MISSING" in ask.live.html
    say(ask, RIGHT)
    assert "✓" in ask.live.html and "✗" not in ask.live.html


def test_the_answer_may_be_asked_for_and_that_is_no_try(ask):
    ask.live._handle_custom_msg({"show": True}, [])
    assert "The answer" in ask.live.html and RIGHT in ask.live.html and "✗" not in ask.live.html
    assert not ask.kept.entries


def test_who_has_not_chosen_is_asked_to(ask):
    say(ask, None)
    assert FIRST_CHOOSE in ask.live.html and ask.question.verdict is None


def test_answers_are_kept_and_remembered(ask, tmp_path):
    say(ask, RIGHT)
    again = Ask(Question("message", MINOR, at=8), Progress(tmp_path))
    assert "You have answered this before, and you were right." in again.live.html and again.question.verdict is None


def test_results_that_only_the_browser_has_are_offered_by_one_question_and_taken_up(ask, tmp_path):
    other = Progress(tmp_path / "other")
    other.path.parent.mkdir()
    other.record("exercise", "shifted", True)
    others = [{"session": "x", "when": 1, "text": text} for text in ("nonsense", other.export())]
    second = Ask(Question("value", MINOR, at=8), ask.kept)
    for one in (ask, second):
        one.live._handle_custom_msg({"do": "shelved", "others": others}, [])
    again = Ask(ask.question, ask.kept)  # its cell was run once more
    offers = ["results of another session" in one.live.html for one in (ask, second, again)]
    assert offers == [True, False, True]
    say(ask, RIGHT)
    assert Progress(tmp_path).entries.keys() == {("question", ask.question.name)}
    assert ask.live.kept["text"] == ask.kept.export()
    ask.live._handle_custom_msg({"do": "bring"}, [])
    assert ("exercise", "shifted") in Progress(tmp_path).entries
    assert "results of another session" not in ask.live.html


def test_an_error_of_the_views_own_is_on_the_screen(tmp_path):
    ask = Ask(Question("message", MINOR, at=8), Progress(tmp_path))
    ask.question.answer = lambda choice: 1 / 0
    say(ask, RIGHT)
    assert "ZeroDivisionError" in ask.live.html and 'role="alert"' in ask.live.html and ask.do.errors


def test_a_problems_question_is_kept_as_the_problem(tmp_path):
    problem = Problem.make("flags", 1)
    problem.keep = Progress(tmp_path)
    ask = Ask(problem.task, title=problem.title)
    say(ask, ask.choice.options[0])
    assert set(Progress(tmp_path).entries) == {("problem", "flags/1/1")}
    assert "Problem flags/1/1" in ask.about.value


WORDS = {"text/plain", "text/html"}


def test_where_nothing_runs_the_words_stand_for_the_widget(monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)  # another test may have needed it
    bundle = Question("message", MINOR, at=8)._repr_mimebundle_()
    assert set(bundle) == WORDS
    assert "Not answered yet." in bundle["text/html"] and "Run the notebook" in bundle["text/html"]


def test_a_notebook_shows_a_widget_where_there_are_choices_and_words_where_there_are_none(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(render, "sys", SimpleNamespace(modules={"ipykernel": None}))
    for thing in (Question("message", MINOR, at=8), Problem.make("flags", 1)):
        assert set(thing._repr_mimebundle_()) > WORDS
    for kind in ("mend", "build"):
        assert set(Problem.make(kind, 1)._repr_mimebundle_()) == WORDS


def test_without_widgets_a_notebook_shows_the_words(monkeypatch):
    monkeypatch.setattr(render, "sys", SimpleNamespace(modules={"ipykernel": None}))
    monkeypatch.setitem(sys.modules, "uffdsim.course.predict.view", None)
    assert set(Question("message", MINOR, at=8)._repr_mimebundle_()) == WORDS


# In a browser.


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook that asks one question."""
    need.chromium()
    folder, settings = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    code = (
        "from uffdsim.course import Question\nfrom uffdsim.library import scenario\n"
        "Question('message', scenario('01-hugetlb-minor-continue'), at=8)"
    )
    nbformat.write(browser.empty_notebook(code), folder / "ask.ipynb")
    with browser.jupyterlab(folder, settings) as address, browser.browser() as chromium:
        page = browser.notebook(chromium, address, "ask.ipynb", height=1000)
        page.complaints = []
        page.folder = folder
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield page
        assert not page.complaints


@pytest.fixture
def shown(page):
    return asked_anew(page)


def asked_anew(page):
    """The question, after its cell has been run once more."""
    page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
    shown = page.locator(".uffdsim-ask")
    expect(shown.get_by_role("radiogroup")).to_be_visible(timeout=30_000)
    expect(shown).to_have_count(1)
    return shown


def test_a_person_clicks_an_answer_and_is_told_why(shown):
    shown.get_by_label(RIGHT, exact=True).check()
    shown.get_by_role("button", name="That is my answer").click()
    expect(shown.get_by_role("status")).to_contain_text(re.compile(r"Event \d+, t1 in "))
    shown.get_by_text("What it looks like after that").click()
    expect(shown.get_by_role("status").locator("svg")).to_be_visible()


def test_a_person_answers_by_keyboard_alone(shown, page):
    shown.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(shown.get_by_label(RIGHT, exact=True)).to_be_checked()
    expect(shown.get_by_label(RIGHT, exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(shown.get_by_role("button", name="That is my answer")).to_be_focused()
    page.keyboard.press("Enter")
    expect(shown.get_by_role("status")).to_contain_text("✓")


def test_enter_on_a_choice_says_it(shown, page):
    shown.get_by_label("no message", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(shown.get_by_role("status")).to_contain_text("would be right if watched were registered MISSING")


def test_a_person_asks_for_the_answer(shown):
    shown.get_by_role("button", name="Show me").click()
    expect(shown.get_by_role("status")).to_contain_text("The answer")


def test_the_same_place_of_the_page_tells_every_verdict(shown):
    """What reads the page aloud listens to one element; it must not be replaced."""
    shown.get_by_role("status").evaluate("element => { element.mark = 1 }")
    for choice in ("no message", RIGHT):
        shown.get_by_label(choice, exact=True).check()
        shown.get_by_role("button", name="That is my answer").click()
        expect(shown.get_by_role("status")).to_contain_text("✓" if choice == RIGHT else "✗")
    assert shown.get_by_role("status").evaluate("element => element.mark") == 1


def test_axe_has_nothing_to_say_before_and_after_an_answer(shown, page):
    for answer in (None, "no message", RIGHT):
        if answer:
            shown.get_by_label(answer, exact=True).check()
            shown.get_by_role("button", name="That is my answer").click()
            expect(shown.get_by_role("status")).to_contain_text("✓" if answer == RIGHT else "✗")
        for summary in shown.locator("summary").all():
            if summary.evaluate("element => !element.parentElement.open"):
                summary.click()
        found = Axe().run(page, ".jp-Cell-outputArea").response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []


def test_the_answer_lies_beside_the_notebook(shown, page):
    shown.get_by_label(RIGHT, exact=True).check()
    shown.get_by_role("button", name="That is my answer").click()
    expect(shown.get_by_role("status")).to_contain_text("✓")
    ((kind, name),) = Progress(page.folder).entries
    assert kind == "question" and name.startswith("message-")


def test_results_outlive_their_file_in_the_browser(shown, page):
    shown.get_by_label(RIGHT, exact=True).check()
    shown.get_by_role("button", name="That is my answer").click()
    expect(shown.get_by_role("status")).to_contain_text("✓")
    kept = Progress(page.folder)
    before = kept.entries
    kept.path.unlink()
    browser.evaluate(page, "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    browser.evaluate(page, browser.READY)
    status = asked_anew(page).get_by_role("status")
    expect(status).to_contain_text("This browser has kept results of another session")
    assert Axe().run(page, ".jp-Cell-outputArea").response["violations"] == []
    status.get_by_role("button", name="Take them up").click()
    expect(status).to_contain_text("You have answered this before, and you were right.")
    expect(status).not_to_contain_text("another session")
    assert kept.entries == before


def test_the_name_of_a_question_cannot_become_part_of_the_page(tmp_path):
    named = Question("message", MINOR, at=8, name='"><script>alert(1)</script>')
    shown = Ask(named, Progress(tmp_path))
    shown.say(0)
    shown.refresh()
    assert "<script" not in shown.about.value + shown.live.html + named._repr_html_()


def test_the_pictures_of_a_problem_have_classes_that_a_style_sheet_can_name():
    html = Ask(Problem.make("flags", seed=3).task).about.value
    assert 'class="flags_1_3-before"' in html and ".flags_1_3-before " in html
