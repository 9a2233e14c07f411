"""Questions about a step: what may be asked, what is true, and which events are the reason."""

import doctest
import importlib
import pkgutil
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from uffdsim import library, questions
from uffdsim.course import Question
from uffdsim.course.problems.generator import Generator
from uffdsim.grammar import OPS, Op, Trait
from uffdsim.kernel import Simulated
from uffdsim.lab.questions import question
from uffdsim.questions import ASPECTS, Subject, aspect
from uffdsim.recording import Recorded
from uffdsim.scenario import Step
from uffdsim.trace import Kind

MINOR = library.scenario("01-hugetlb-minor-continue")


def asked(what, scenario, at, kernel="linux-6.18", **where):
    """The trace of a scenario, and all there is to say to one question about it."""
    trace = Simulated(kernel).run(scenario)
    return trace, aspect(what).ask(Subject(trace, at, **where))


# What is true, checked against what a real kernel answered.


def recordings():
    """Every recording: the kernel that it was made of, and its scenario."""
    paths = sorted((library.data() / "recordings").glob("*/*.jsonl"))
    return [(path.parent.name, path.stem) for path in paths if ".functions" not in path.name]


def both(folder, name):
    """What a scenario does on the simulated kernel, and what the real one answered."""
    scenario = library.scenario(name)
    return Simulated(f"linux-{folder}").run(scenario), Recorded(folder).run(scenario).observations


def ending(found):
    """How a recorded step ended, if it did not just succeed."""
    endings = {"blocked": "it waits", "oops": "the kernel dies"}
    return endings.get(found["status"]) or found.get("signal") or found.get("errno")


ANSWERS = {
    "ending": lambda found: ending(found) or "it goes on",
    "errno": lambda found: ending(found) or "success",
    "value": lambda found: ending(found) or f"0x{found['value']:02x}",
    "read": lambda found: ending(found) or found.get("event") or found["events"][0]["event"],
}


@pytest.mark.parametrize(("folder", "name"), recordings())
def test_truths_about_answers_are_what_a_real_kernel_answered(folder, name):
    trace, real = both(folder, name)
    for index, found in enumerate(real):
        subject = Subject(trace, index)
        for what, answer in ANSWERS.items():
            if aspect(what).fits(subject.step):
                assert aspect(what).truth(subject).partition(",")[0] == answer(found), (index, what)
        if aspect("woken").fits(subject.step):
            woken = aspect("woken").truth(subject)
            assert all(done["thread"] in woken for done in found.get("completed", ())), index


@pytest.mark.parametrize(("folder", "name"), recordings())
def test_truths_about_memory_are_what_a_real_kernel_reports_next(folder, name):
    trace, real = both(folder, name)
    for index, found in enumerate(real):
        if "vmas" not in found:
            continue
        for id, pages in found["vmas"].items():
            for page, shown in enumerate(pages):
                subject = Subject(trace, index - 1, id, page)
                entry, flags = aspect("entry").truth(subject), shown["vm_flags"]
                assert aspect("smaps").truth(subject) == SMAPS.get(flags, flags), (index, id, page)
                mapped = "writable" in entry or "read-only" in entry
                assert (mapped, "the file's page" in entry) == (shown["present"], shown["file"])
        for id, count in found["files"].items():
            step = next(i for i, step in enumerate(trace.scenario) if step.get("file") == id)
            vma = trace.scenario[step].get("id") or trace.scenario[step]["vma"]
            subject = Subject(trace, index - 1, vma)
            if subject.file == id:
                assert aspect("cached").truth(subject).split()[0] == str(count)


SMAPS = {"": "none of them", "unmapped": "not mapped any more"}


# Why.


def test_a_message_of_a_fault_comes_of_what_the_kernel_decided():
    trace, told = asked("message", MINOR, 8)
    assert told.truth == "PAGEFAULT, flags MINOR"
    assert [trace.events[n - 1].question for n in told.events] == ["cache?", "mode?"]


def test_a_message_of_an_event_comes_of_who_left_it():
    at = next(i for i, step in enumerate(library.scenario("30-event-remove")) if step.op == "madvise" and i > 15)
    trace, told = asked("message", library.scenario("30-event-remove"), at)
    assert told.truth == "REMOVE"
    (number,) = told.events
    assert any(change.key == ("ctx", "u") for change in trace.events[number - 1].changes)


def test_a_wake_leaves_a_message_where_who_is_woken_faults_again():
    trace, told = asked("message", library.scenario("06-wake-faults-again"), 10)
    assert told.truth == "PAGEFAULT, flags MINOR"
    assert {trace.events[n - 1].thread for n in told.events} == {"t1"}
    _, woken = asked("woken", library.scenario("06-wake-faults-again"), 10)
    assert woken.truth == "t1"


def test_a_refusal_comes_of_who_refused():
    trace, told = asked("errno", library.scenario("05-continue-errors"), 11)
    assert told.truth == "EEXIST"
    assert {trace.events[n - 1].errno for n in told.events} == {"EEXIST"}


def test_who_is_woken_comes_of_the_wakes():
    trace, told = asked("woken", library.scenario("08-two-threads-one-page"), -1 + len(
        library.scenario("08-two-threads-one-page")))  # fmt: skip
    assert {trace.events[number - 1].kind for number in told.events} == {Kind.WAKE}


def test_what_a_page_table_has_comes_of_what_last_changed_it():
    trace, told = asked("entry", MINOR, 12, vma="watched", page=0)
    (number,) = told.events
    assert trace.events[number - 1].step == 10, "CONTINUE mapped it"
    _, never = asked("entry", MINOR, 7, vma="watched", page=0)
    assert never.truth == "nothing" and never.reasons[0] == "So far nothing has made an entry for page 0 of watched."


def test_a_decision_is_its_own_reason():
    trace, told = asked("cache?", MINOR, 8)
    assert told.truth == "hit" and trace.events[told.events[0] - 1].question == "cache?"
    _, never = asked("cache?", MINOR, 12)
    assert never.truth == "it is never asked"


def test_a_touch_without_a_fault_says_that_the_kernel_was_not_asked():
    _, told = asked("value", MINOR, 12)
    assert told.truth == "0x41" and "the kernel is not asked" in told.reasons[0]


@given(st.randoms(use_true_random=False), st.sampled_from((1, 2, 3)))
@settings(max_examples=60)
def test_whatever_is_asked_about_any_program_has_an_answer_and_events_that_have_happened_by_then(rng, level):
    program = Generator(rng, level)
    list(program.acts())
    trace = program.trace
    for index in range(len(trace.observations)):
        subject = Subject(trace, index, "watched")
        for one in ASPECTS.values():
            if one.fits(subject.step) and not one.lacks(subject):
                told = one.ask(subject)
                assert told.asks.endswith("?") and told.truth
                assert told.events and all(0 < number <= trace.end(index) for number in told.events)
                assert len(told.reasons) >= len(told.events)
                assert len(set(told.usual)) == len(told.usual) > 0


# Whom it fits.


def fitting(step):
    return {name for name, one in ASPECTS.items() if one.fits(step)}


def test_what_may_be_asked_goes_by_what_an_op_is_like(monkeypatch):
    """An op that nobody has heard of is asked what others of its traits are."""
    memory = {"smaps", "entry", "cached"}
    for traits, fits in (
        (Trait.IOCTL | Trait.ANSWER | Trait.FILL, {"message", "errno", "done", "woken", "cache?"}),
        (Trait.TOUCH | Trait.WRITE, {"message", "ending", "cache?", "mode?"}),
        (Trait.TOUCH, {"message", "ending", "value", "cache?", "mode?"}),
        (Trait.TOUCH | Trait.KERNEL, {"message", "ending", "errno", "value", "cache?", "mode?"}),
        (Trait.MEMORY, {"message", "errno", "woken"}),
        (Trait.READ, {"read", "errno", "woken"}),
        (Trait.LOOK, set()),
    ):
        monkeypatch.setitem(OPS, "newly-made", Op("newly-made", traits, {}))
        assert fitting(Step("newly-made")) == fits | memory


def test_every_op_can_be_asked_about():
    for name, op in OPS.items():
        keys = {key: "x" for key, rule in op.keys.items() if rule.names or rule.defines}
        needed = {"backing": "shmem", "pages": 1, "value": 1, "modes": [], "advice": "REMOVE", "prot": "r"}
        keys |= {key: needed[key] for key, rule in op.keys.items() if rule.required and key in needed}
        keys = {key: value for key, value in keys.items() if (name, key) != ("mmap", "backing")}
        assert len(fitting(Step(name, **keys))) >= 3


def test_what_cannot_be_asked_is_told_what_can():
    with pytest.raises(ValueError, match='"mesage" cannot be asked; what can: message,.*did you mean message?'):
        aspect("mesage")
    assert 'of="watched"' in aspect("smaps").lacks(Subject(Simulated("linux-6.18").run(MINOR), 9))


# A lab asks as the course does.

BEFORE = library.scenario("01-hugetlb-minor-continue").first(6)


def outcome(scenario, kernel="linux-6.18"):
    """What a lab has of a scenario whose last step is its only act."""
    trace = Simulated(kernel).run(scenario)
    return SimpleNamespace(trace=trace, firsts=[len(trace.observations) - 1])


WRITE = ("store", {"vma": "plain", "page": 0, "value": 0x41})
READ = ("load", {"thread": "t1", "vma": "watched", "page": 0})
FILL = ("continue", {"fd": "u", "vma": "watched", "page": 0, "pages": 1})
TOLD = ("read_event", {"fd": "u"})


@pytest.mark.parametrize(
    ("acts", "names"),
    [
        ([WRITE], ["message", "ending"]),
        ([WRITE, READ], ["message", "ending"]),
        ([WRITE, READ, TOLD], ["read"]),
        ([WRITE, READ, FILL], ["errno", "woken"]),
        ([WRITE, FILL], ["errno"]),
    ],
)
def test_a_lab_has_the_words_truths_and_reasons_of_the_course(acts, names):
    scenario = BEFORE.then(*(Step(op, **keys) for op, keys in acts))
    found = question(outcome(scenario), 0)
    asked = [Question(name, scenario) for name in names]
    assert [part.truth for part in found.parts] == [one.truth for one in asked]
    assert [f"{found.about}. {part.asks}" for part in found.parts] == [one.prompt for one in asked]
    assert " ".join(found.reasons) == " ".join(dict.fromkeys(one.answer(0).why for one in asked))


def test_there_is_nothing_to_predict_about_a_look_and_about_what_is_left_out():
    assert question(outcome(BEFORE.then(Step("inspect"))), 0) is None
    assert question(SimpleNamespace(trace=None, firsts=[None]), 0) is None


def test_what_is_true_is_always_among_the_answers():
    died = outcome(library.scenario("38-mlock-then-close"), "linux-5.11-v5")
    (answer,) = question(died, 0).parts
    assert answer.truth == "the kernel dies" and answer.truth in answer.options
    alive = question(outcome(BEFORE.then(Step("close", fd="u")), "linux-5.11-v5"), 0)
    assert "the kernel dies" in alive.parts[0].options, "or its place among the answers would tell"


def test_the_examples_in_the_docstrings_are_true():
    modules = [questions.__name__, *(m.name for m in pkgutil.iter_modules(questions.__path__, "uffdsim.questions."))]
    tried = [doctest.testmod(importlib.import_module(name)) for name in modules]
    assert sum(result.failed for result in tried) == 0 < sum(result.attempted for result in tried)
