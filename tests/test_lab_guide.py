"""A guide: what it ticks, what it says of everything else, and that this leads back, whatever somebody has done."""

import pytest
from hands import caption, first_minute, press, tell, text
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.lab import Guide, Lab, Line
from uffdsim.lab.acts import THREADS, Choice, in_row, step
from uffdsim.lab.model import Model
from uffdsim.lab.settings import BASE, Settings
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError
from uffdsim.uapi import MEANINGS, Errno

START = Settings.of(BASE)


def minute():
    """The lab of the first minute, as its notebook makes it."""
    known = {}
    exec(first_minute(), known)
    return known["lab"]


GUIDE = minute().screen.guide
LINES = GUIDE.lines


def do(model, *acts):
    for act in acts:
        keys = dict(act)
        model.act(keys.pop("op"), **keys)


def followed(lines):
    model = Model()
    do(model, *(line.act for line in LINES[:lines]))
    return model


def progress(model):
    return GUIDE.progress(model, START)


def test_who_follows_it_has_every_line_ticked_and_is_told_of_nothing_else():
    model = Model()
    for number, line in enumerate(LINES):
        assert progress(model) == (tuple(range(number)), "", "", 0)
        do(model, line.act)
    assert progress(model).done == len(LINES)


MISTAKES = [
    (0, {"op": "store", "vma": "watched", "value": 0x41}, "That went to watched: Undo, and choose plain."),
    (0, {"op": "load", "vma": "plain"}, "That was Read, not Write. No harm is done: go on with step 1."),
    (0, {"op": "load", "vma": "watched", "thread": "t1"}, "That was step 2, and step 1 comes first: Undo, and go on"),
    (1, {"op": "load", "vma": "watched"}, "That was main: Undo, and choose t1."),
    (1, {"op": "store", "vma": "plain", "value": 0x41}, "That was step 1 once more. No harm is done"),
    (1, {"op": "load", "vma": "plain", "page": 1}, "That was main and went to page 1 of plain, not t1 and page 0 of"),
    (3, {"op": "store", "vma": "plain", "value": 0x41}, "That was step 1 once more. No harm is done: go on"),
    (3, {"op": "store", "vma": "plain", "value": 0x43}, "That brought 0x43, not 0x42. No harm is done"),
    (3, LINES[4].act, "That was step 5, and step 4 comes first: Undo, and go on with step 4."),
    (4, {**LINES[4].act, "mode": ["DONTWAKE"]}, "That was with DONTWAKE: Undo, and choose CONTINUE without it."),
    (4, {"op": "continue", "fd": "u", "vma": "watched"}, "That went to all of watched: Undo, and choose page 0 of"),
    (4, {**LINES[4].act, "op": "poison"}, "That was POISON: Undo, and choose CONTINUE."),
]


@pytest.mark.parametrize(("lines", "act", "said"), MISTAKES)
def test_what_is_done_instead_is_not_ticked_and_it_says_how_to_get_back(lines, act, said):
    model = followed(lines)
    do(model, act)
    now = progress(model)
    assert now.done == lines
    assert now.astray.startswith(said)
    assert now.way == ("undo" if "Undo" in said else "")


def test_what_was_meant_but_came_out_otherwise_is_not_ticked():
    model = Model()
    do(model, {"op": "store", "vma": "watched", "value": 0x41}, *(line.act for line in LINES[:2]))
    now = progress(model)
    assert now.done == 1
    assert now.astray.startswith("t1 got 0x41, and should have waited: Undo 3 times, and go on with step 1.")


def test_a_setting_that_it_does_not_assume_is_taken_back_by_reset():
    model = Model()
    model.choose(modes=["MISSING"])
    now = progress(model)
    assert (now.way, now.astray) == ("reset", "From here, step 1 cannot come out as it should: Reset, and begin again.")


def test_a_setting_that_does_not_matter_to_it_may_be_chosen():
    model = Model()
    model.choose(pages=2, features=["THREAD_ID"])
    assert progress(model) == ((), "", "", 0)


def test_lines_that_are_mere_text_are_ticked_when_something_was_done():
    guide, model = Guide(["Read a page.", "And another one."]), Model()
    do(model, {"op": "load", "thread": "t1", "vma": "watched"})
    assert guide.progress(model, START).done == 1


def test_what_a_question_hides_is_not_ticked():
    model = Model()
    model.predicting(True)
    do(model, LINES[0].act)
    assert progress(model).done == 0
    model.answer({})
    assert progress(model).done == 1


def test_an_act_that_is_none_is_refused_when_the_guide_is_made():
    with pytest.raises(ScenarioError, match="dance"):
        Line("Dance.", {"op": "dance"})


# Whatever somebody does

CHOICES = st.builds(
    Choice,
    thread=st.sampled_from(THREADS),
    mapping=st.sampled_from(["plain", "watched"]),
    page=st.sampled_from([0, 1, "all"]),
    value=st.sampled_from([0x41, 0x42]),
    ticked=st.frozensets(st.sampled_from(["DONTWAKE", "WP"])),
)
NAMES = [name for row in ("touch", "answer", "watch", "memory") for name in in_row(row)]
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "modes": st.lists(st.sampled_from(["MISSING", "MINOR", "WP", "RWP"]), unique=True),
        "kernel": st.sampled_from(["linux-6.1", "linux-5.11"]),
        "handler": st.sampled_from(["CONTINUE", "WAKE only"]),
        "backing": st.sampled_from(["shmem", "anon"]),
    },
)
DEEDS = st.one_of(
    st.tuples(st.sampled_from(NAMES), CHOICES),
    st.tuples(st.just("line"), st.integers(0, len(LINES) - 1)),
    st.tuples(st.sampled_from(["undo", "redo", "back_act", "reset"]), st.none()),
    st.tuples(st.just("choose"), SETTINGS),
)


def wander(model, name, with_what):
    try:
        if name == "line":
            do(model, LINES[with_what].act)
        elif name == "choose":
            model.choose(**with_what)
        elif isinstance(with_what, Choice):
            act = step(model, name, with_what)
            model.act(act.op, **act.given)
        else:
            getattr(model, name)()
    except (ScenarioError, KernelError, ValueError) as refusal:
        assert str(refusal)


@given(st.lists(DEEDS, max_size=12))
def test_who_does_what_it_says_comes_to_its_end_from_wherever_they_are(deeds):
    model = Model()
    for deed in deeds:
        wander(model, *deed)
    for _ in range(3 * len(LINES)):
        now = progress(model)
        if now.done == len(LINES):
            break
        if now.way == "reset":
            model.reset(START)
        elif now.way == "undo":
            for _ in range(now.times):
                model.undo()
        else:
            model.go(model.end)
            do(model, LINES[now.done].act)
    assert progress(model).done == len(LINES)


# In a lab


@pytest.fixture
def lab():
    lab = minute()
    yield lab
    assert not lab.do.errors


def test_what_the_first_line_wants_is_chosen(lab):
    press(lab, "store")
    assert "✓ Press Write." in text(caption(lab))
    assert "▸ Click page 0 of watched, and let t1 Read." in text(caption(lab))


def test_a_mistake_is_told_where_the_guide_is_with_a_button_that_leads_back(lab):
    lab.acting.mapping.value = "watched"
    press(lab, "store")
    assert "▸ Press Write. main writes 0x41 through plain" in text(caption(lab))
    assert "That went to watched: Undo, and choose plain. Undo" in text(caption(lab))
    assert "That went to watched: Undo, and choose plain." in lab.stage.now["frame"]["say"]
    tell(lab, "undo", **{"with": [1]})
    assert "That went to watched" not in text(caption(lab))
    assert not lab.model.acts


def test_in_the_end_it_says_what_has_been_reached_and_what_to_try_next(lab):
    do(lab.model, *(line.act for line in LINES))
    assert "✓ You have answered a page fault." in text(caption(lab))
    assert GUIDE.next in text(caption(lab))
    assert "What was done" in text(caption(lab))


def test_reset_brings_back_all_that_its_lines_assume(lab):
    before = lab.acting.choice
    do(lab.model, *(line.act for line in LINES))
    lab.acting.thread.value, lab.acting.page.value, lab.acting.value.value = "t2", 1, 0x44
    lab.acting.mapping.value, lab.acting.dontwake.value = "watched", True
    lab.model.choose(modes=["WP"], handler="COPY")
    lab.order("reset")
    assert (lab.acting.choice, lab.model.settings, lab.model.acts) == (before, START, ())


def test_without_a_guide_reset_keeps_what_was_chosen():
    lab = Lab(keep="")
    lab.acting.mapping.value = "plain"
    lab.model.choose(modes=["WP"])
    lab.order("reset")
    assert (lab.acting.mapping.value, lab.model.settings.modes) == ("plain", ("WP",))


def test_who_looks_back_is_told_that_acts_would_come_before_the_rest(lab):
    do(lab.model, *(line.act for line in LINES[:3]))
    assert "You are looking back" not in caption(lab)
    lab.order("back_act")
    assert "You are looking back: what you do now would come before the rest." in text(caption(lab))


@pytest.mark.parametrize(
    ("choose", "complaint"),
    [
        ({"colour": "red"}, '"colour" is not a choice; the choices are thread, mapping, page, value'),
        ({"mapping": "nowhere"}, 'mapping "nowhere" must be one of plain or watched'),
    ],
)
def test_a_choice_that_cannot_be_says_why(choose, complaint):
    with pytest.raises(ValueError, match=complaint):
        Lab(choose=choose, keep="")


# What an errno means


def test_every_errno_has_a_meaning():
    assert {error.name for error in Errno} <= MEANINGS.keys()


def test_what_an_errno_means_is_said_where_it_appears(lab):
    press(lab, "read_event")
    assert f"EAGAIN: {MEANINGS['EAGAIN']}." in text(caption(lab))
