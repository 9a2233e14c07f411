"""Questions: what may be asked, that running finds the one right answer, and that the kernel gives the reason."""

from itertools import islice

import pytest

from uffdsim import library, words
from uffdsim.course.predict.question import Question
from uffdsim.course.progress import Progress
from uffdsim.errors import Told
from uffdsim.machine import Machine
from uffdsim.questions import ASPECTS
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError

MINOR = library.scenario("01-hugetlb-minor-continue")


@pytest.fixture
def minor():
    return Question("message", MINOR, at=8)


def test_the_right_answer_is_what_the_kernel_does_and_not_what_somebody_wrote_down():
    for kernel, right in (("linux-6.18", "PAGEFAULT, flags MINOR"), ("linux-5.11", "no message")):
        q = Question("message", MINOR, at=8, kernel=kernel)
        assert q.answer(right).right
        assert [choice for choice in q.choices if q.answer(choice).right] == [right]


def test_the_reason_is_the_kernels_with_the_number_of_its_event(minor):
    verdict = minor.answer("PAGEFAULT, flags MINOR")
    cache, mode = (minor.trace.events[number - 1] for number in verdict.events)
    assert (cache.question, cache.answer, cache.of) == ("cache?", "hit", 8)
    assert (mode.question, mode.answer, mode.of) == ("mode?", "MINOR", 8)
    assert verdict.why == " ".join(words.numbered(minor.trace, number) for number in verdict.events)


def test_a_wrong_answer_says_where_it_would_be_right(minor):
    verdict = minor.answer("no message")
    assert not verdict
    assert "“no message” would be right if watched were registered MISSING." in str(verdict)
    other = Scenario([{"op": "register", "fd": "u", "vma": "watched", "modes": ["MISSING"]} if s.op == "register" else s
                      for s in MINOR.steps[:9]])  # fmt: skip
    assert Question("message", other).answer("no message").right


def test_what_comes_next_is_neither_run_nor_told(minor):
    assert len(minor.scenario) == 9
    text, html = repr(minor), minor._repr_html_()
    for told in (text, html):
        assert "Not answered yet." in told
        assert "handle_userfault" not in told.partition("<summary>The answer, and why")[0]
        assert "The right answer is" not in told
    assert "6. main writes 0x41 to page 0 of plain → done\n" in text


def test_who_only_reads_may_unfold_the_answer_and_nobody_sees_it_before(minor):
    html = minor._repr_html_()
    before, _, answer = html.partition("<summary>The answer, and why</summary>")
    assert before.endswith('<details style="margin:0 0 6px">')
    assert "“PAGEFAULT, flags MINOR”" in answer and "Event 48" in answer


def test_an_answer_that_was_asked_for_is_neither_right_nor_kept(minor, tmp_path):
    minor.keep = Progress(tmp_path)
    verdict = minor.give_up()
    assert not verdict and str(verdict).startswith("The answer is “PAGEFAULT, flags MINOR”. Event ")
    assert "Not so" not in minor._repr_html_() and not minor.keep.entries


def test_the_story_says_who_waits_and_who_was_woken_as_the_machine_does():
    question = Question("value", MINOR, at=12)
    machine = Machine.replay(question.scenario)
    assert "8. t1 reads page 0 of watched → waits\n" in repr(question)
    assert "\n     t1 was woken: reads page 0 of watched → 0x41\n" in repr(question)
    told = [line.strip() for line in repr(machine).splitlines()]
    assert "t1 was woken: reads page 0 of watched → 0x41" in told


def test_an_answered_question_shows_the_verdict(minor):
    minor.answer("c")
    assert "Right" in repr(minor) and "Right" in minor._repr_html_()
    assert "Not answered yet." not in repr(minor)


@pytest.mark.parametrize("said", ["PAGEFAULT, flags MINOR", "c", 2])
def test_an_answer_may_be_said_in_words_by_its_letter_or_by_its_number(minor, said):
    assert minor.answer(said).said == "PAGEFAULT, flags MINOR"


@pytest.mark.parametrize("said", ["perhaps", "e", 4, -1, None, True])
def test_what_is_no_answer_is_told_the_answers(minor, said):
    with pytest.raises(ValueError, match="not one of the answers; they are 'no message'"):
        minor.answer(said)


def test_the_place_of_an_answer_tells_nothing():
    orders = {Question("message", MINOR, at=at).choices[0] for at in (6, 8, 12, 13)}
    assert orders == {"no message"}


def test_a_touch_without_a_fault_says_that_the_kernel_was_not_asked():
    verdict = Question("value", MINOR, at=12).answer("0x41")
    assert verdict.right and "the kernel is not asked" in verdict.why


def test_a_question_without_a_choice_is_none():
    with pytest.raises(ValueError, match="the only answer is nobody"):
        Question("woken", MINOR, at=5)


def test_own_wrong_answers_come_with_their_reason():
    q = Question("woken", MINOR, at=10, wrong={"the handler": "the handler was never asleep"})
    assert "The handler was never asleep." in str(q.answer("the handler"))
    with pytest.raises(ValueError, match='"t1" is given as a wrong answer, and it is what happens'):
        Question("woken", MINOR, at=10, wrong={"t1": "it is not"})


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ({"what": "mesage", "at": 8}, '"mesage" cannot be asked; what can: message,.*did you mean message?'),
        ({"what": "value", "at": 9}, '"value" cannot be asked about step 9, read_event'),
        ({"what": "smaps", "at": 9}, 'there is no mapping "" yet: say which with of="watched"'),
        ({"what": "value", "at": 99}, "there is no step 99; the scenario has steps 0 to 16"),
    ],
)
def test_a_question_that_cannot_be_asked_says_which_can(keys, says):
    with pytest.raises(ValueError, match=says):
        Question(scenario=MINOR, **keys)


def test_only_a_simulated_kernel_can_be_asked_why():
    with pytest.raises(KernelError, match="only a simulated kernel says why"):
        Question("message", MINOR, at=8, kernel="recorded-6.18")


def test_the_kernel_is_named_wherever_the_question_is():
    assert "on linux-5.11-v5" in repr(Question("message", MINOR, at=8, kernel="linux-5.11-v5"))


def every_question(names):
    for name in names:
        scenario = library.scenario(name)
        maps = [step["id"] for step in scenario if step.op == "mmap"] or ["none"]
        for at, step in enumerate(scenario):
            for what, aspect in ASPECTS.items():
                if aspect.fits(step) and at > 2:
                    yield what, scenario, at, step.get("vma") or maps[0]


def test_whatever_is_asked_has_one_right_answer_and_a_reason_before_its_end():
    """Every fifteenth of all questions that the library's scenarios allow: each aspect comes up many times."""
    asked = 0
    for what, scenario, at, of in islice(every_question(library.scenarios()), 0, None, 15):
        try:
            q = Question(what, scenario, at, of=of)
        except ValueError as error:
            assert "cannot be asked" in str(error)
            continue
        asked += 1
        verdicts = [q.answer(choice) for choice in q.choices]
        assert [v.right for v in verdicts].count(True) == 1, (scenario.name, at, what)
        assert len(set(q.choices)) == len(q.choices) >= 2
        assert verdicts[0].events and max(verdicts[0].events) <= len(q.trace.events)
        assert len(q.prompt) < 200
    assert asked > 250


WRONG = {
    "is not a scenario: give one": {"scenario": 3},
    "there is nothing to ask about: the scenario has no steps": {"scenario": Machine()},
    'at must be the number of a step, and is "8"': {"at": "8"},
    "at must be the number of a step, and is 8.0": {"at": 8.0},
    'page and choices must be numbers, and are "0" and 4': {"page": "0"},
    'page and choices must be numbers, and are null and "3"': {"choices": "3"},
    "wrong must be answers with their reasons": {"wrong": ["0x41"]},
    "there is no kernel 6.18": {"kernel": 6.18},
}


@pytest.mark.parametrize("told, given", WRONG.items(), ids=range(len(WRONG)))
def test_what_a_question_does_not_take_is_told_with_what_it_would(told, given):
    with pytest.raises(Told, match=told):
        Question("message", **{"scenario": MINOR, "at": 8, **given})


def test_a_question_takes_the_name_of_a_scenario():
    by_name = Question("message", "01-hugetlb-minor-continue", at=8)
    assert by_name.name == Question("message", MINOR, at=8).name
