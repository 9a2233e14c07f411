"""Exercises: checked on the trace of what was built, with the step and the event where it goes wrong."""

import json

import pytest

from uffdsim import library, words
from uffdsim.course.build.exercise import Exercise, Result
from uffdsim.course.build.tasks import TASKS
from uffdsim.course.progress import Progress
from uffdsim.errors import Told
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, Step

START = Scenario(
    [
        Step("file", id="F", backing="hugetlb-2M", pages=2),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
        Step("userfaultfd", id="u"),
        Step("api", fd="u"),
    ]
)


def check(work):
    registered = work.the("register", "nobody watches yet: register watched", vma="watched")
    work.ok(registered)
    touch = work.the("load", "let t1 read page 0 of watched", vma="watched", page=0, thread="t1")
    work.want(work.observed(touch)["status"] == "blocked", "nobody has to wait here", step=touch)
    work.want(work.answer(touch).get("value") == 0x41, "it ends with another byte", step=touch)


@pytest.fixture
def exercise():
    hints = ("Register.", "Store.", "Continue.")
    return Exercise("wait", "Let t1 wait for the byte 0x41.", check, hints=hints, start=START)


def built(exercise, *calls):
    m = exercise.machine()
    names = {"m": m} | m.mappings | m.descriptors
    for call in calls:
        exec(call, names)
    return m


RIGHT = (
    'u.register(watched, "MINOR")',
    "plain[0] = 0x41",
    'watched.load(0, thread="t1")',
    "u.continue_(watched, 0)",
)


def test_what_does_as_asked_passes(exercise):
    result = exercise.check(built(exercise, *RIGHT))
    assert result and result.passed and "4 steps, checked on linux-6.18" in result.why


def test_a_machine_a_scenario_its_json_and_a_list_of_steps_are_all_answers(exercise):
    scenario = built(exercise, *RIGHT).scenario
    data = scenario.to_json()
    for answer in (scenario, data, data["steps"], json.dumps(data), {"steps": data["steps"]}, scenario.dumps()):
        assert exercise.check(answer).passed


def test_another_way_to_the_same_end_passes_too(exercise):
    other = ('u.register(watched, "MISSING")', 'watched.load(0, thread="t1")', "u.copy(watched, 0, value=0x41)")
    assert exercise.check(built(exercise, *other))


def test_the_reason_names_the_step_and_the_event_where_it_went_wrong(exercise):
    m = built(exercise, 'u.register(watched, "MISSING")', "plain[0] = 1", *RIGHT[2:3])
    result = exercise.check(m)
    assert not result and result.step == 7
    assert "Step 7, “t1 reads page 0 of watched”: nobody has to wait here." in result.why
    assert result.why.endswith(words.numbered(m.trace, result.event))
    assert m.trace.events[result.event - 1].question == "mode?"


def test_a_refused_step_is_told_with_the_kernels_reason(exercise):
    refused = 'm.call("register", fd=u, vma=watched, modes=["MINOR"], raw=64)'
    m = built(exercise, refused)
    result = exercise.check(m)
    assert "refused with EINVAL" in result.why and result.step == 5
    assert m.trace.events[result.event - 1].errno == "EINVAL"


@pytest.mark.parametrize(
    ("wanting", "told"),
    [
        ("watched has no entry", "watched has no entry."),
        ("t1 has to wait", "t1 has to wait."),
        ("nobody waits", "Nobody waits."),
    ],
)
def test_names_keep_their_letters_where_a_sentence_begins_with_them(wanting, told):
    def check(work):
        work.want(work.steps("load", thread="t2"), wanting)

    one = Exercise("names", "Let t1 wait.", check, start=START)
    assert one.check(START.then({"op": "load", "vma": "watched", "thread": "t1"})).why == told


@pytest.mark.parametrize("nothing", [None, "", [], {}, Scenario(), Machine(), START], ids=repr)
def test_nothing_is_no_answer(exercise, nothing):
    result = exercise.check(nothing)
    assert not result and "nothing to check" in result.why


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("{", "not JSON"),
        (3, "3 (int) is not a scenario: give one, its name, its JSON, its steps, or a machine"),
        ([{"op": "lod"}], "did you mean load"),
        ([{"op": "inspect"}] * 6, "must begin with the 5 steps of the exercise"),
    ],
)
def test_what_cannot_be_run_is_a_reason_and_no_exception(exercise, answer, says):
    assert says in exercise.check(answer).why


def test_hints_come_one_by_one_before_any_answer(exercise):
    assert [exercise.hint() for _ in range(4)] == [
        "Hint 1 of 3: Register.",
        "Hint 2 of 3: Store.",
        "Hint 3 of 3: Continue.",
        "Hint 3 of 3: Continue.",
    ]
    html = exercise._repr_html_()
    assert html.index("Hint 1 of 3") < html.index("Hint 2 of 3") < html.index("Hint 3 of 3")
    assert html.count("<details") == 3 and "<details open" not in html
    assert html.count("</details></details></details>") == 1


def test_an_unchecked_exercise_says_so_and_tells_no_hint(exercise):
    assert "Not checked yet" in repr(exercise) and "Register." not in repr(exercise)


def test_results_are_kept(exercise, tmp_path):
    exercise.keep = Progress(tmp_path)
    exercise.check(built(exercise, *RIGHT[:1]))
    exercise.check(built(exercise, *RIGHT))
    entry = Progress(tmp_path).entries["exercise", "wait"]
    assert (entry.tries, entry.first, entry.done) == (2, False, True)


def test_a_cell_that_nobody_has_touched_is_no_try(exercise, tmp_path):
    exercise.keep = Progress(tmp_path)
    for nothing in (None, exercise.machine()):
        assert not exercise.check(nothing)
    assert not Progress(tmp_path).entries


def test_an_answer_is_run_on_the_exercises_kernel_and_not_on_the_students(exercise):
    m = Machine.replay(built(exercise, *RIGHT).scenario, "linux-5.11")
    assert exercise.check(m).passed


@pytest.mark.parametrize("name", TASKS)
def test_no_exercise_of_the_lessons_passes_for_nothing(name):
    one = TASKS[name]
    inspected = one.start.then({"op": "inspect"})
    for nothing in (None, Machine(), one.start, one.machine(), inspected):
        result = one.check(nothing)
        assert not result and len(result.why) > 10


@pytest.mark.parametrize("name", TASKS)
def test_every_exercise_of_the_lessons_can_be_begun_and_says_what_it_wants(name):
    one = TASKS[name]
    assert not one.machine().blocked and 20 < len(one.task) < 500
    assert one.check(library.scenario("01-hugetlb-minor-continue")).why


def test_a_check_that_fails_itself_is_said_and_counts_for_nothing(tmp_path):
    keep = Progress(tmp_path)
    exercise = Exercise("x", "Do something.", lambda work: work.nothing, keep=keep)
    result = exercise.check("36-move")
    assert not result and "The check of this exercise has itself failed" in repr(result)
    assert "AttributeError: 'Submission' object has no attribute 'nothing'" in repr(result)
    assert not keep.entries


def test_what_an_exercise_does_not_take_is_told_with_what_it_would():
    with pytest.raises(Told, match="check must be a function, as def check"):
        Exercise("x", "Do something.", None)
    with pytest.raises(Told, match="3 .* is not a scenario"):
        Exercise("x", "Do something.", print, start=3)
    assert Exercise("x", "Do something.", print, hints="Look closer.").hint() == "Hint 1 of 1: Look closer."
    assert len(Exercise("x", "Do something.", print, start="36-move").start) > 3


def test_a_result_has_a_sign_beside_its_colour_and_an_untouched_exercise_is_not_wrong(exercise):
    assert "✓" in Result(True, "")._repr_html_() and "✗" in Result(False, "Register.")._repr_html_()
    untouched = exercise.check(exercise.machine())._repr_html_()
    assert "✗" not in untouched and "Not yet" in untouched and "?" in untouched
