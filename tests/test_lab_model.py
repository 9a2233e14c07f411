"""What a person can do in a lab, without the widgets."""

import pytest

from uffdsim import kernels
from uffdsim.kernel.session import Session
from uffdsim.lab.document import Document
from uffdsim.lab.handlers import HANDLERS
from uffdsim.lab.model import Model
from uffdsim.lab.settings import BACKINGS, BASE, Settings
from uffdsim.library import scenario, scenarios
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError, State

WRITE = ("store", {"vma": "plain", "page": 0, "value": 0x41})
READ = ("load", {"thread": "t1", "vma": "watched", "page": 0})
TOLD = ("read_event", {"fd": "u"})
CONTINUE = ("continue", {"fd": "u", "vma": "watched", "page": 0, "pages": 1})
MINUTE = (WRITE, READ, TOLD, CONTINUE)


def a_model(*acts, **choices):
    model = Model(Document.of(BASE, **choices))
    for op, keys in acts:
        model.act(op, **keys)
    return model


def answers(model):
    """What each act answered in the end, in a word."""
    seen = model.trace.observations
    found = [seen[n] for n in model.outcome.firsts if n is not None]
    return [answer.get("value", answer.get("errno") or answer["status"]) for answer in found]


def test_the_first_minute():
    model = a_model(*MINUTE)
    assert answers(model) == [0x41, "blocked", "done", "done"]
    assert model.trace.observations[-1]["completed"] == [{"step": 7, "thread": "t1", "value": 0x41}]
    assert model.threads_asleep == []


def test_an_act_is_seen_to_its_end():
    model = a_model(*MINUTE)
    assert model.at == len(model.trace.events)


def test_a_sleeping_thread_is_said_to_sleep_and_nothing_is_changed():
    model = a_model(WRITE, READ)
    before = model.document, model.at
    with pytest.raises(ScenarioError, match="t1 is asleep"):
        model.act("load", thread="t1", vma="plain", page=0)
    assert (model.document, model.at) == before
    assert len(model.scenario) == len(model.trace.observations)


def test_what_nobody_can_name_is_refused_and_nothing_is_changed():
    model = a_model(WRITE)
    before = model.document
    with pytest.raises(ScenarioError, match='no mapping "nowhere"'):
        model.act("load", vma="nowhere")
    assert model.document == before


@pytest.mark.parametrize("beside", [{}, {"kernel": "linux-6.1"}])
def test_one_more_act_is_all_that_is_carried_out_for_it(monkeypatch, beside):
    model = a_model(*MINUTE)
    model.beside(**beside)
    done, step = [], Session.step
    monkeypatch.setattr(Session, "step", lambda self, one: (done.append(one), step(self, one))[1])
    model.act("store", vma="plain", page=1, value=1)
    assert len(done) == 1 + bool(beside)


def test_undo_and_redo():
    model = a_model(*MINUTE)
    end = model.document
    for count in (3, 2, 1, 0):
        model.undo()
        assert len(model.acts) == count
        assert model.at == len(model.trace.events)
    model.undo()
    for _ in MINUTE:
        model.redo()
    assert model.document == end


def test_a_new_act_ends_what_could_be_redone():
    model = a_model(*MINUTE)
    model.undo()
    model.act(*WRITE[:1], **WRITE[1])
    assert not model.redoable


def test_reset_keeps_what_was_chosen_and_can_be_undone():
    model = a_model(*MINUTE)
    model.choose(modes=["MISSING", "MINOR"], handler="COPY")
    settings = model.settings
    model.reset()
    assert (model.acts, model.settings) == ((), settings)
    model.undo()
    assert len(model.acts) == 4


def test_another_mode_runs_the_same_acts_again_and_says_what_differs():
    model = a_model(*MINUTE)
    model.choose(modes=["MISSING"])
    assert [act.op for act in model.acts] == ["store", "load", "read_event", "continue"]
    assert answers(model) == [0x41, 0x41, "EAGAIN", "EEXIST"]
    assert any("EAGAIN" in line for line in model.differences())


def test_answers_that_are_not_known_yet_do_not_differ():
    model = a_model(*MINUTE)
    model.choose(modes=["MISSING"])
    model.go(model.outcome.ends[1] + 2)
    assert model.came_of(1).told == "still under way"
    assert model.differences() == []
    model.next_act()
    assert model.differences() == ["t1 reads page 0 of watched → 0x41; before, waits"]


def test_a_refusal_says_why():
    model = a_model(*MINUTE, MINUTE[-1])
    told, why, _ = model.came_of(4)
    assert (told, why) == ("EEXIST", "page 0 of watched is mapped already")


def test_what_differs_is_told_from_how_it_was_when_the_last_act_was_done():
    model = a_model(*MINUTE)
    model.choose(modes=[])
    model.choose(modes=["MISSING"])
    assert model.before.settings.modes == ("MINOR",)
    model.choose(modes=["MINOR"])
    assert model.against is None


def test_what_an_act_has_answered_is_what_is_known_by_then():
    model = a_model(*MINUTE)
    assert model.came_of(1).told == "0x41"
    model.go(model.outcome.ends[2])
    assert model.came_of(1).told == "waits"


def test_a_changed_setting_leaves_the_cursor_in_the_act_it_was_in():
    model = a_model(*MINUTE)
    model.go(model.outcome.ends[2])
    model.choose(modes=["MISSING"])
    assert model.at == model.outcome.ends[2]
    model.go(model.outcome.ends[1] + 2)
    model.choose(modes=["MINOR"])
    assert model.at == model.outcome.ends[1] + 2


def test_an_act_that_cannot_be_any_more_is_left_out_with_a_note_and_comes_back():
    model = a_model(WRITE, modes=[])
    model.choose(modes=["MISSING"])
    model.act("load", thread="t1", vma="watched", page=0)
    model.act("load", thread="t1", vma="watched", page=0)
    model.choose(modes=["MINOR"])
    assert "t1 is asleep" in model.notice
    assert len(model.acts) == 3
    model.choose(modes=["MISSING"])
    assert answers(model) == [0x41] * 3


def test_to_act_in_the_past_changes_what_comes_after():
    model = a_model(WRITE, READ, TOLD, CONTINUE)
    model.go(model.outcome.ends[3])
    model.act("store", vma="plain", page=0, value=0x42)
    assert [act.op for act in model.acts] == ["store", "load", "read_event", "store", "continue"]
    assert model.at == model.outcome.ends[4] < len(model.trace.events)
    assert model.trace.observations[-1]["completed"][0]["value"] == 0x42


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_handler_comes_to_an_end(handler):
    model = a_model(WRITE, handler=handler)
    model.act(READ[0], **READ[1])
    asleep = {"by hand", "never", "COPY", "ZEROPAGE", "WAKE only"}
    assert model.threads_asleep == (["t1"] if handler in asleep else [])


def test_the_handler_that_only_wakes_gives_up_aloud():
    model = a_model(WRITE, READ, handler="WAKE only")
    assert "gives up" in model.notice


def test_the_handler_that_writes_first_gives_the_reader_what_it_wrote():
    model = a_model(WRITE, READ, handler="write, then CONTINUE")
    assert model.trace.observations[-1]["completed"][0]["value"] == 0x57


def test_a_refused_registration_is_shown_with_its_reason():
    model = a_model(kernel="linux-5.11")
    (refusal,) = model.refusals
    assert refusal.startswith("handler calls REGISTER on watched (MINOR) → EINVAL: ")


def test_a_feature_that_the_kernel_lacks_is_refused_by_the_api():
    model = a_model(kernel="linux-6.1", features=["MOVE"])
    assert any(refusal.startswith("handler asks u for its API (MOVE) → EINVAL: ") for refusal in model.refusals)


def test_two_settings_side_by_side_share_the_cursor():
    model = a_model(*MINUTE)
    model.beside(kernel="linux-5.11-v5")
    model.go(model.outcome.ends[2])
    other, there = model.against
    assert (other.kernel, there) == ("linux-5.11-v5", other.ends[2])
    model.beside()
    assert model.against is None


def test_a_recording_that_has_no_such_scenario_says_so():
    model = a_model(*MINUTE, kernel="recorded-6.1")
    assert model.outcome.kernel == "linux-6.1"
    assert "there is no recording" in model.real[1]


def test_a_real_kernel_is_asked_when_what_happens_changes_and_never_by_looking(monkeypatch):
    model = Model(Document.of(scenario("01-hugetlb-minor-continue"), kernel="recorded-6.1"))
    asked, kernel = [], kernels.kernel
    monkeypatch.setattr(kernels, "kernel", lambda name: (asked.append(name), kernel(name))[1])
    for look in (model.back, model.next, model.back_act, lambda: model.real, lambda: model.predicting(False)):
        look()
    assert asked == []
    model.undo()
    model.act("fork")
    assert asked == ["recorded-6.1"]


def test_a_recording_answers_a_scenario_that_it_has():
    model = Model(Document.of(scenario("01-hugetlb-minor-continue"), kernel="recorded-6.1"))
    comparison, refusal = model.real
    assert refusal == ""
    assert comparison.parting is None


def test_no_such_kernel():
    with pytest.raises(KernelError, match="the kernels are"):
        a_model().choose(kernel="linux-7")


# Time


def test_time_goes_both_ways():
    model = a_model(*MINUTE)
    model.go(0)
    model.back()
    seen = []
    while model.at < len(model.trace.events):
        model.next()
        seen.append(model.event)
    assert seen == model.trace.events
    model.back()
    assert model.event == model.trace.events[-2]


def test_a_step_back_takes_back_what_one_event_changed_and_no_more(monkeypatch):
    model = a_model(*MINUTE)
    assert model.state is model.trace.state(model.end)
    moved = []
    for name in ("replay", "undo"):
        move = getattr(State, name)
        monkeypatch.setattr(State, name, lambda self, one, move=move: (moved.append(one), move(self, one)))
    while model.at:
        changes = model.event.changes
        model.back()
        assert model.state is not None
        assert moved == changes[::-1]
        moved.clear()


def test_time_goes_by_acts():
    model = a_model(*MINUTE)
    model.go(0)
    stops = []
    while model.at < len(model.trace.events):
        model.next_act()
        stops.append(model.at)
    assert stops == model.outcome.ends
    model.back_act()
    assert model.at == model.outcome.ends[-2]


def test_there_is_no_event_after_the_last():
    model = a_model()
    with pytest.raises(ValueError, match="There is no event 99"):
        model.go(99)


# Predictions


def test_what_comes_is_hidden_until_it_was_said():
    model = a_model(WRITE)
    model.predicting(True)
    start = model.at
    model.act(READ[0], **READ[1])
    assert model.at == start and model.hides
    with pytest.raises(ValueError, match="First say"):
        model.go(start + 1)
    message, ending = model.question.parts
    assert (message.truth, ending.truth) == ("PAGEFAULT, flags MINOR", "it waits")
    model.answer({message.asks: message.truth, ending.asks: "it goes on"})
    assert (model.right, model.asked) == (1, 2)
    assert not model.hides and model.at == len(model.trace.events)
    assert any(reason.startswith("Event ") for reason in model.reasons)


@pytest.mark.parametrize(
    ("acts", "truths"),
    [
        ([WRITE], ["no message", "it goes on"]),
        ([WRITE, READ, TOLD], ["PAGEFAULT, flags MINOR"]),
        ([WRITE, TOLD], ["EAGAIN"]),
        ([WRITE, READ, TOLD, CONTINUE], ["success", "t1"]),
        (
            [WRITE, READ, ("copy", {"fd": "u", "vma": "watched", "page": 0, "pages": 1, "value": 1})],
            ["EEXIST", "nobody"],
        ),
        ([READ], ["no message", "it goes on"]),
        ([WRITE, READ, ("madvise", {"vma": "plain", "advice": "DONTNEED"})], ["success", "nobody"]),
    ],
)
def test_the_truth_about_what_comes(acts, truths):
    *before, last = acts
    model = a_model(*before)
    model.predicting(True)
    model.act(last[0], **last[1])
    assert [part.truth for part in model.question.parts] == truths


def test_an_old_kernel_that_dies_is_among_the_answers():
    model = a_model(("mlock", {"vma": "watched"}), kernel="linux-5.11-v5")
    model.predicting(True)
    model.act("close", fd="u")
    assert "the kernel dies" in model.question.parts[0].options


# Documents


def test_a_line_of_text_brings_the_work_to_another_lab():
    model = a_model(*MINUTE, handler="by hand", pages=2)
    line = model.document.dumps()
    assert "\n" not in line
    other = Model()
    other.load(Document.loads(line))
    assert other.document == model.document
    assert other.trace.observations == model.trace.observations


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_makes_a_lab_that_changes_nothing_of_it(name):
    original = scenario(name)
    model = Model(Document.of(original))
    assert model.scenario.steps == original.steps


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not a line from a lab"),
        ("[]", "neither a line from a lab"),
        ('{"format": "uffdsim-lab/1", "base": [], "acts": 3, "settings": {}}', '"acts" must be a list'),
        ('{"format": "uffdsim-lab/1", "base": [], "acts": [{"op": "dance"}], "settings": {}}', "act 0: .*dance"),
        ('{"format": "uffdsim-lab/1", "base": [], "acts": [], "settings": {"pages": 99}}', "pages: 99"),
        ('{"format": "uffdsim-lab/1", "base": [], "acts": [], "settings": {"colour": 1}}', "settings"),
        ('{"format": "uffdsim-lab/1", "base": [], "acts": [], "settings": {}, "x": 1}', '"x" is not a key'),
    ],
)
def test_a_text_that_is_no_work_says_what_is_wrong_with_it(text, complaint):
    with pytest.raises(ScenarioError, match=complaint):
        Document.loads(text)


@pytest.mark.parametrize("backing", BACKINGS)
@pytest.mark.parametrize("sharing", ["shared", "private"])
def test_settings_are_read_as_they_were_written(backing, sharing):
    settings = Settings.of(BASE).changed(backing=backing, sharing=sharing, pages=2, modes=["MISSING"])
    steps = settings.applied(BASE)
    assert Settings.of(steps) == settings
    assert settings.applied(steps) == steps


def test_who_stands_at_the_end_comes_back_to_it_when_an_act_was_left_out_meanwhile():
    model = Model()
    model.act("load", thread="t1", vma="watched", page=0)
    model.act("truncate", file="F", pages=0)
    end = model.at
    model.choose(backing="anon")  # which has no file
    assert model.outcome.firsts[-1] is None
    model.choose(backing="hugetlb-2M")
    assert model.at == end == model.end
