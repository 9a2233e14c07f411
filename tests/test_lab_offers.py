"""What a picture offers where it is clicked: to whom, on what, and why not."""

import browser
import need
import pytest
from hands import tell
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.grammar import OPS, Trait
from uffdsim.kernels import kernel
from uffdsim.lab import Lab
from uffdsim.lab.acts import BUTTONS, ROWS, TAKEN_BACK, Choice, button, in_row
from uffdsim.lab.model import Model
from uffdsim.lab.offers import LANES, PLACES, offers
from uffdsim.lab.stage import HERE
from uffdsim.library import scenario, scenarios
from uffdsim.pictures import NAMES, draw
from uffdsim.pictures.painters.frames import Frames
from uffdsim.pictures.painters.page import SOURCE
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError

LATER = Scenario(
    [
        {"op": "file", "id": "F", "backing": "shmem", "pages": 4},
        {"op": "mmap", "id": "watched", "file": "F", "offset": 2},
    ]
)
WRITE = ("store", {"vma": "plain", "value": 0x41})
READ = ("load", {"thread": "t1", "vma": "watched"})
TOLD = ("read_event", {"fd": "u"})
TOUCHES = ["Read", "Write 0x41", "Write 0x42"]


def a_model(*acts):
    model = Model()
    for op, keys in acts:
        model.act(op, **keys)
    return model


def seen(model, key, rows=("touch", "answer"), **choice):
    """What is offered, by who can do it: texts, or why nothing."""
    found = offers(model, key, Choice(**choice), rows)
    return {group.who: group.why_not or [offer.text for offer in group.offers] for group in found.groups}


def message(model):
    """The key of the message there is."""
    return f"message {model.trace.asleep()[0].begin}"


def test_a_page_that_nobody_watches_is_read_and_written_by_every_thread():
    everybody = seen(a_model(), "page 0 of plain")
    assert everybody == dict.fromkeys(["main", "t1", "t2"], TOUCHES)


def test_who_is_chosen_comes_first():
    assert list(seen(a_model(), "page 0 of plain", thread="t2")) == ["t2", "main", "t1"]


def test_a_page_that_is_watched_is_answered_by_the_handler():
    found = seen(a_model(WRITE), "page 0 of watched")
    assert found["handler"] == ["CONTINUE", "COPY 0x43", "ZEROPAGE", "POISON", "MOVE from plain", "WAKE"]


def test_of_a_thread_that_sleeps_it_says_that():
    assert "asleep" in seen(a_model(WRITE, READ), "page 0 of plain")["t1"]


def test_before_a_thread_fell_asleep_it_can_act():
    model = a_model(WRITE, READ)
    model.back_act()
    assert "Read" in seen(model, "page 0 of plain")["t1"]


def test_what_is_offered_can_wait_for_a_question():
    model = a_model(WRITE)
    model.predicting(True)
    model.act("load", vma="plain")
    assert set(seen(model, "page 0 of plain").values()) == {"First say what will happen."}


def test_a_dead_kernel_does_nothing():
    model = Lab(scenario("38-mlock-then-close"), kernel="linux-5.11-v5", keep="").model
    model.go(model.end)
    offered = [seen(model, f"page 0 of {name}") for name in model.scenario.mappings]
    assert {why for found in offered for why in found.values()} == {"the kernel is dead, and does nothing any more"}


def test_a_page_of_the_cache_is_reached_through_every_mapping_that_has_it():
    found = seen(a_model(), "cache: page 1 of F", ("touch", "memory"))
    doors = ("plain", "watched")
    assert found["main"][:4] == [f"{what} through {door}" for door in doors for what in ("Read", "Write 0x41")]
    assert found["main"][4:] == ["punch a hole", "truncate", "allocate", "pwrite 0x41"]


def test_a_page_of_a_mapping_that_begins_later_in_its_file_is_that_of_the_file():
    model = Lab(LATER, keep="").model
    found = offers(model, "page 1 of watched", Choice(page=1, value=0x42), ["memory"])
    steps = {offer.step.op: dict(offer.step.given) for group in found.groups for offer in group.offers}
    of_the_file = {op: keys for op, keys in steps.items() if keys.pop("file", "") and keys.pop("thread")}
    assert of_the_file == {
        "punch": {"page": 3, "pages": 1},
        "allocate": {"page": 3, "pages": 1},
        "truncate": {"pages": 3},
        "pwrite": {"page": 3, "value": 0x42},
    }


def test_an_op_has_a_button_in_one_row():
    acts = [name for row in ROWS for name in in_row(row)]
    for op in OPS.values():
        if not op.traits & (Trait.SETS_UP | Trait.LOOK):
            assert acts.count(op.name) == 1, op.name


def test_what_the_kernel_does_for_a_thread_is_among_the_system_calls():
    found = seen(a_model(), "page 0 of plain", ["memory"], thread="t1")
    assert list(found) == ["t1"] and {"Kernel reads", "Kernel writes 0x41", "madvise DONTNEED"} <= set(found["t1"])


def test_a_message_is_read_and_then_answered():
    model = a_model(WRITE, READ)
    assert seen(model, message(model))["handler"][:2] == ["Read message", "CONTINUE"]
    model.act("read_event", fd="u")
    assert seen(model, message(model))["handler"][0] == "CONTINUE"


def test_an_answer_to_a_message_goes_to_its_page_whatever_is_chosen():
    model = a_model(WRITE, READ)
    (group,) = offers(model, message(model), Choice(mapping="plain", page=3), ["answer"]).groups
    answer = next(offer.step for offer in group.offers if offer.text == "CONTINUE")
    assert dict(answer.given) == {"fd": "u", "vma": "watched", "page": 0, "pages": 1}


def test_a_userfaultfd_is_read_and_closed():
    assert seen(a_model(), "userfaultfd u", ROWS)["handler"] == [
        "Read message", "RWP_ASYNC on", "RWP_ASYNC off", "poll", "Read all", "close"
    ]  # fmt: skip


def test_only_what_a_lab_is_about_is_offered():
    assert seen(a_model(WRITE), "page 0 of watched", ()) == {}
    assert list(seen(a_model(WRITE), "page 0 of watched", ["answer"])) == ["handler"]


def test_ticked_modes_go_with_answers():
    assert "CONTINUE (DONTWAKE)" in seen(a_model(), "page 0 of watched", ticked=frozenset(["DONTWAKE"]))["handler"]


def test_every_act_but_fork_is_offered_somewhere():
    model = a_model(WRITE, READ)
    keys = ["page 0 of watched", "cache: page 0 of F", "userfaultfd u", message(model)]
    steps = {
        offer.step.op for key in keys for group in offers(model, key, Choice(), ROWS).groups for offer in group.offers
    }
    assert {name for row in ROWS for name in in_row(row)} - TAKEN_BACK.keys() - steps == {"fork"}


def test_buttons_are_named_once_for_each_act():
    assert {name for row in ROWS for name in in_row(row)} == set(BUTTONS)
    assert all(button(name)[1].endswith("?") for name in BUTTONS)


@given(st.sampled_from(scenarios()), st.data())
def test_whatever_is_offered_can_be_done(name, data):
    lab = Lab(scenario(name), keep="")
    model = lab.model
    model.go(data.draw(st.integers(0, model.end)))
    key = data.draw(st.sampled_from(sorted({shape.key for shape in draw("tables", model.trace, model.at).shapes})))
    done = [offer for group in offers(model, key, lab.acting.choice, ROWS).groups for offer in group.offers]
    if done:
        act = data.draw(st.sampled_from(done)).step
        try:
            model.act(act.op, **act.given)
        except (ScenarioError, KernelError) as refusal:
            assert "asleep" not in str(refusal) and "dead" not in str(refusal)
        else:
            assert act in model.acts


# In a lab


@pytest.fixture
def lab(monkeypatch):
    lab = Lab(keep="", choose={"mapping": "plain", "thread": "t1"})
    sent = lab.sent = []
    monkeypatch.setattr(lab.stage, "send", sent.append)
    yield lab
    assert not lab.do.errors


def test_a_click_on_a_page_chooses_it_and_brings_what_can_be_done_there(lab):
    before = lab.stage.now
    tell(lab, "offers", key="page 2 of watched")
    ((told),) = (message["offers"] for message in lab.sent)
    assert told["key"] == "page 2 of watched"
    assert [group["who"] for group in told["groups"]] == ["t1", "main", "t2", "handler"]
    assert (lab.acting.mapping.value, lab.acting.page.value) == ("watched", 2)
    assert lab.stage.chosen == ["lane t1", "page 2 of watched"]
    assert lab.stage.now is before  # the pictures stay as they are


def test_what_is_offered_is_done_when_it_comes_back(lab):
    tell(lab, "offers", key="page 0 of plain")
    ((text, act),) = [one for one in lab.sent[0]["offers"]["groups"][0]["offers"] if one[0] == "Write 0x42"]
    tell(lab, "act", **{"with": [act]})
    assert lab.model.acts[-1].to_json() == act
    assert act == {"op": "store", "vma": "plain", "page": 0, "value": 0x42, "thread": "t1"}


def test_a_click_on_a_lane_chooses_its_thread(lab):
    tell(lab, "point", key="lane t2")
    assert lab.acting.thread.value == "t2"
    assert lab.stage.chosen[0] == "lane t2"


def test_a_click_in_the_cache_stays_with_the_chosen_mapping(lab):
    tell(lab, "offers", key="cache: page 3 of F")
    assert (lab.acting.mapping.value, lab.acting.page.value) == ("plain", 3)


def test_a_click_on_a_message_chooses_its_page(lab):
    lab.model.act("store", vma="plain", value=0x41)
    lab.model.act("load", thread="t2", vma="watched", page=0)
    lab.acting.page.value = 2
    tell(lab, "offers", key=message(lab.model))
    assert (lab.acting.mapping.value, lab.acting.page.value) == ("watched", 0)


def test_a_lab_that_only_shows_offers_nothing():
    assert Lab(controls=["time"], keep="").stage.offered == []


def test_where_nobody_says_which_controls_are_needed_what_pictures_offer_is_folded_away():
    rows = Lab(keep="").acting.boxes
    assert [name for name, row in rows.items() if "uffdsim-folded" in row._dom_classes] == ["watch", "memory"]
    rows = Lab(controls=["memory"], keep="").acting.boxes
    assert not any("uffdsim-folded" in row._dom_classes for row in rows.values())


def test_a_row_is_folded_and_unfolded_by_its_title():
    row = Lab(keep="").acting.boxes["memory"]
    title = row.children[0]
    assert title.description == "Change ▸"
    title.value = True
    assert title.description == "Change ▾" and "uffdsim-folded" not in row._dom_classes


@pytest.fixture(scope="module")
def page():
    """A page that can paint, and nothing else."""
    need.chromium()
    with browser.browser() as chromium:
        page = chromium.new_page()
        menu = (HERE / "menu.js").read_text(encoding="utf-8")
        page.set_content(f"<div id=host></div><script>{SOURCE}{menu} let painter, reach;</script>")
        yield page


NAMELESS = """([data, patterns]) => {
    painter = new Painter(host);
    reach = new Reach(painter, patterns);
    return unfolded(data).flatMap((picture) => {
        painter.paint(picture);
        reach.mark([]);
        const buttons = [...painter.svg.querySelectorAll("[role=button]")];
        return buttons.filter((one) => !one.getAttribute("aria-label").trim()).map((one) => one.outerHTML);
    });
}"""


@pytest.mark.parametrize("name", scenarios())
def test_every_shape_that_can_be_used_has_a_name(page, name):
    trace = kernel("linux-6.18").run(scenario(name))
    frames = Frames()
    for picture in NAMES:
        for at in (0, len(trace.events) // 2, len(trace.events)):
            frames.add(draw(picture, trace, at))
    assert page.evaluate(NAMELESS, [frames.json(), [LANES, PLACES]]) == []


def test_every_line_of_a_log_is_reached_and_says_what_it_tells(page):
    trace = kernel("linux-6.18").run(scenario("01-hugetlb-minor-continue"))
    frames = Frames()
    for at in (20, 21):
        frames.add(draw("log", trace, at))
    assert page.evaluate(NAMELESS, [frames.json(), []]) == []
    labels = page.evaluate("reach.ids.map((id) => painter.elements.get(id).getAttribute('aria-label'))")
    assert len(labels) > 5 and all(label.split()[0].isdigit() and " " in label for label in labels)
