"""The widgets of a lab, without a browser: what each does to the model, and what is then to be seen."""

from html.parser import HTMLParser

import pytest
from hands import caption, minute, picture, press, tell, text, widgets
from ipywidgets import Button, Checkbox, Dropdown, Textarea, ToggleButton
from ipywidgets.widgets.widget_int import BoundedIntText

from uffdsim import words
from uffdsim.errors import Told
from uffdsim.grammar import OPS, Op, Trait
from uffdsim.lab import CONTROLS, Lab
from uffdsim.lab.acts import TAKEN_BACK
from uffdsim.library import scenario, scenarios
from uffdsim.machine import Machine
from uffdsim.pictures import NAMES, draw
from uffdsim.scenario import Scenario


@pytest.fixture
def lab(tmp_path, monkeypatch):
    """A lab with a folder of its own; whatever goes wrong in a callback fails the test."""
    monkeypatch.chdir(tmp_path)
    lab = Lab()
    yield lab
    assert not lab.do.errors


def test_the_first_minute(lab):
    minute(lab)
    assert [act.op for act in lab.model.acts] == ["store", "load", "read_event", "continue"]
    assert "t1 reads page 0 of watched → 0x41" in text(caption(lab))


def read(lab):
    """The card, as it is read."""
    return text(caption(lab)).replace(" : ", ": ")


@pytest.mark.parametrize("name", ["01-hugetlb-minor-continue", "05-continue-errors", "06-wake-faults-again", "36-move"])
def test_the_card_the_log_and_a_machine_tell_one_story(name):
    story = scenario(name)
    lab, machine = Lab(story, keep=""), Machine.replay(story)
    printed = " ".join(repr(machine).split())
    for index in range(len(story)):
        lab.model.go(lab.model.trace.end(index))
        told = words.explained(lab.model.trace, index)
        assert all(" ".join(line.split()) in printed for line in told)
        assert all(" ".join(line.split()) in read(lab) for line in told)
        assert text(lab.stage.now["frame"]["say"]).startswith(f"Event {lab.model.at}. {told[0]}")
        if Trait.LOOK not in story[index].traits:
            log = draw("log", lab.model.trace, lab.model.at).sentence
            begun = draw("log", lab.model.trace, lab.model.trace.of(index)[0][0]).sentence
            assert words.step(story[index]) in begun
            assert words.told(lab.model.trace, lab.model.event) in log


def test_a_refusal_is_explained_where_it_appears(lab):
    minute(lab)
    press(lab, "continue")
    press(lab, "store")
    refused = "handler calls CONTINUE on page 0 of watched → EEXIST: page 0 of watched is mapped already"
    for order in ("end", "back_act"):
        lab.order(order)
        assert read(lab).count(refused) == 1


def test_an_answer_that_wakes_nobody_says_who_waits(lab):
    lab.acting.mapping.value = "plain"
    press(lab, "store")
    lab.acting.thread.value, lab.acting.mapping.value = "t1", "watched"
    press(lab, "load")
    lab.acting.dontwake.value = True
    press(lab, "continue")
    assert "t1 sleeps on: DONTWAKE" in read(lab)
    lab.acting.page.value = 1
    press(lab, "wake")
    assert "nobody waits in u for page 1 of watched; t1 waits for page 0 of watched" in read(lab)
    lab.acting.page.value = 0
    press(lab, "wake")
    assert "t1 was woken: reads page 0 of watched → 0x41" in read(lab)
    press(lab, "wake")
    assert "→ success: nobody waits in u for page 0 of watched" in read(lab)


def test_a_thread_that_is_woken_in_vain_is_told_of_where_it_was_woken(lab):
    lab.acting.mapping.value = "plain"
    press(lab, "store")
    lab.acting.thread.value, lab.acting.mapping.value = "t1", "watched"
    press(lab, "load")
    press(lab, "wake")
    assert "t1 was woken, faulted again" in read(lab)


def test_a_lab_leaves_a_story_the_modes_that_it_has(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    story = scenario("96-read-write-protect-shared")
    assert Lab(story, kernel="linux-7.3").model.scenario.steps == story.steps


def test_what_inspect_reports_is_in_the_card():
    lab = Lab(scenario("01-hugetlb-minor-continue").first(8), keep="")
    assert "watched 0–1" in read(lab) and "F has 1 page in the page cache" in read(lab)


def test_every_picture_is_well_formed(lab):
    minute(lab)
    for name in NAMES:
        lab.order("second", name)
        assert not lab.do.errors
        assert picture(lab, "tables")["shapes"] and (name == "tables" or picture(lab, "second")["name"] == name)


def test_every_control_has_a_name_and_the_question_it_answers(lab):
    kinds = Button | ToggleButton | Dropdown | Checkbox | BoundedIntText | Textarea
    controls = [widget for widget in widgets(lab) if isinstance(widget, kinds)]
    assert len(controls) > 50
    for widget in controls:
        assert widget.description or widget.placeholder, widget
        assert "?" in widget.tooltip, widget.description


ACTS = [*"""
    load store kload read_event continue copy zeropage poison move wake register unregister writeprotect close
    madvise mprotect mlock munlock munmap mremap punch fork kstore rwprotect set_mode poll pagemap_scan truncate
    allocate pwrite read_events
""".split(), *TAKEN_BACK]  # fmt: skip


def test_a_new_op_has_a_button_in_the_row_of_its_traits(monkeypatch):
    monkeypatch.setitem(OPS, "poke", Op("poke", Trait.TOUCH, OPS["load"].keys))
    lab = Lab(keep="")
    assert lab.acting.buttons["poke"] in lab.acting.boxes["touch"].children
    assert lab.acting.buttons["poke"].description == "poke"


@pytest.mark.parametrize("op", ACTS)
def test_every_act_can_be_done_and_undone(lab, op):
    lab.acting.page.value = 1
    before = lab.model.document, picture(lab, "tables"), lab.acting.choice
    assert press(lab, op) == 1
    assert lab.model.acts[-1].op == TAKEN_BACK.get(op, op)
    lab.order("undo")
    assert (lab.model.document, picture(lab, "tables"), lab.acting.choice) == before


def test_all_messages_are_read_at_once(lab):
    for thread, page in (("t1", 0), ("t2", 1)):
        lab.model.act("store", vma="plain", page=page, value=1)
        lab.model.act("load", vma="watched", page=page, thread=thread)
    press(lab, "read_events")
    read = lab.model.trace.observations[-1]["events"]
    assert [(one["event"], one["page"]) for one in read] == [("PAGEFAULT", 0), ("PAGEFAULT", 1)]
    press(lab, "read_events")
    assert lab.model.trace.observations[-1]["errno"] == "EAGAIN"


def test_the_kernel_writes_the_byte_that_is_chosen(lab):
    lab.acting.mapping.value, lab.acting.value.value = "plain", 0x42
    press(lab, "kstore")
    assert dict(lab.model.acts[-1].given) == {"thread": "main", "vma": "plain", "page": 0, "value": 0x42}
    assert lab.model.trace.observations[-1]["value"] == 0x42


def test_a_range_may_be_the_whole_mapping(lab):
    lab.acting.page.value = "all"
    press(lab, "munmap")
    assert dict(lab.model.acts[-1].given) == {"thread": "main", "vma": "watched"}


def test_protection_is_put_on_and_taken_off(lab):
    press(lab, "writeprotect")
    assert lab.model.acts[-1]["mode"] == ("WP",)
    press(lab, "unprotect")
    assert lab.model.acts[-1]["mode"] == ()


def test_a_page_is_put_out_of_reach_and_back(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = Lab(kernel="linux-7.3", backing="shmem", modes=["MINOR"], features=["RWP"])
    lab.choosing.toggles["RWP"].value = True
    assert lab.model.settings.modes == ("MINOR", "RWP")
    press(lab, "store")  # through the watched mapping: a hole, which nobody watches
    press(lab, "rwprotect")
    lab.acting.thread.value = "t1"
    press(lab, "load")
    assert lab.model.threads_asleep == ["t1"]
    press(lab, "back in reach")
    assert "t1 was woken: reads page 0 of watched → 0x41" in read(lab)
    press(lab, "rwprotect")
    press(lab, "set_mode")
    press(lab, "load")
    assert lab.model.threads_asleep == []
    press(lab, "pagemap_scan")
    assert "ACCESSED" in read(lab)
    press(lab, "ask again")
    assert lab.model.acts[-1].to_json() == {"op": "set_mode", "fd": "u", "disable": ["RWP_ASYNC"]}
    assert not lab.do.errors


def test_a_kernel_that_does_not_know_rwp_refuses_it(lab):
    lab.choosing.toggles["RWP"].value = True
    assert "this kernel has no mode RWP" in text(caption(lab))
    press(lab, "rwprotect")
    press(lab, "pagemap_scan")
    assert lab.model.acts[-1]["returns"] == ("WRITTEN", "PRESENT")


def test_a_handler_that_goes_by_the_flags_ends_every_wait():
    rwp, wp = ("MISSING", "MINOR", "RWP"), ("MISSING", "MINOR", "WP")
    for modes, protect in [(rwp, "rwprotect"), (wp, "writeprotect")]:
        lab = Lab(kernel="linux-7.3", modes=modes, features=["RWP"], handler="by the flags", keep="")
        lab.acting.mapping.value = "plain"
        press(lab, "store")
        lab.acting.mapping.value = "watched"
        for act in ("load", protect, "store"):
            press(lab, act)
        lab.acting.page.value = 1
        press(lab, "store")
        told = [answer["flags"] for answer in lab.model.trace.observations if answer.get("event") == "PAGEFAULT"]
        assert len(told) == 3 and not lab.model.threads_asleep and not lab.notice


def test_a_click_on_a_page_chooses_it(lab):
    tell(lab, "point", key="page 2 of plain")
    assert (lab.acting.mapping.value, lab.acting.page.value) == ("plain", 2)


def test_the_options_of_an_answer(lab):
    lab.acting.dontwake.value = lab.acting.wp.value = True
    press(lab, "copy")
    assert lab.model.acts[-1]["mode"] == ("DONTWAKE", "WP")


def test_a_fork_brings_a_descriptor_that_can_be_chosen(lab):
    lab.choosing.features["EVENT_FORK"].value = True
    lab.acting.thread.value = "t1"
    press(lab, "fork")
    press(lab, "read_event")
    assert lab.acting.fd.options == ("u", "child.1")


@pytest.mark.parametrize(
    ("name", "value"),
    [("kernel", "linux-6.1"), ("backing", "shmem"), ("pages", 2), ("sharing", "private"), ("handler", "COPY")],
)
def test_each_setting_runs_the_acts_again(lab, name, value):
    minute(lab)
    lab.choosing.boxes[name].value = value
    assert getattr(lab.model.settings, name) == value
    assert len(lab.model.acts) == 4
    assert lab.model.before is not None


def test_modes_say_in_words_whether_they_are_on(lab):
    lab.choosing.toggles["MISSING"].value = True
    assert lab.model.settings.modes == ("MISSING", "MINOR")
    assert lab.choosing.toggles["MISSING"].description == "✓ MISSING"


def test_features_that_the_kernel_lacks_are_marked(lab):
    lab.choosing.boxes["kernel"].value = "linux-6.1"
    lab.choosing.unfold.value = True
    assert lab.choosing.features["MOVE"].description == "MOVE ∉"
    lab.choosing.features["MOVE"].value = True
    assert lab.choosing.unfold.description == "1 feature ▴"
    assert "handler asks u for its API (MOVE) → EINVAL: " in text(caption(lab))


def test_a_what_if_is_marked_in_the_pictures_and_in_words(lab):
    minute(lab)
    lab.order("back_act")
    lab.order("back_act")
    lab.choosing.toggles["MISSING"].value = True
    lab.choosing.toggles["MINOR"].value = False
    assert "Differs from modes MINOR" in text(caption(lab))
    assert "≠" in caption(lab) and "differs" in str(picture(lab, "tables")["shapes"])


def test_the_pictures_are_told_in_words_to_who_asks(lab):
    minute(lab)
    assert "page 0 0x41" not in text(caption(lab))
    tell(lab, "words", **{"with": [True]})
    assert "page 0 0x41" in text(caption(lab)) and "<table>" in caption(lab)


def test_side_by_side(lab):
    minute(lab)
    lab.choosing.boxes["beside"].value = "on linux-5.11"
    assert "linux-5.11 · hugetlb-2M · MINOR" in lab.stage.now["titles"]["beside"]
    assert "Beside it: kernel linux-5.11" in text(caption(lab))
    lab.choosing.boxes["beside"].value = "nothing"
    assert picture(lab, "beside") is None


def test_time(lab):
    minute(lab)
    end = lab.model.at
    for name, at in [("back", end - 1), ("next", end), ("first", 0), ("end", end)]:
        lab.order(name)
        assert lab.model.at == lab.stage.now["at"] == at
    tell(lab, "go", at=7)
    assert lab.model.at == 7
    assert "Event 7 of" in text(caption(lab))


def test_a_place_that_the_page_has_shown_is_not_sent_again(lab):
    minute(lab)
    before = lab.stage.now
    tell(lab, "go", at=9, seq=1, shown=True)
    assert lab.model.at == 9 and lab.stage.now is before
    tell(lab, "go", at=8, seq=2, shown=False)
    assert lab.model.at == lab.stage.now["at"] == 8 and lab.stage.now["kept"]


def test_a_page_that_has_gone_too_far_is_brought_back(lab):
    minute(lab)
    lab.order("first")
    lab.order("predict")
    tell(lab, "go", at=9, seq=1, shown=True)  # it had not heard that what comes next is hidden
    assert lab.model.at == lab.stage.now["at"] == 0 and lab.stage.now["seq"] == 1


def test_a_page_is_told_of_the_places_around(lab, monkeypatch):
    minute(lab)
    sent = []
    monkeypatch.setattr(lab.stage, "send", sent.append)
    tell(lab, "film", at=[3, 4, 10_000], version=lab.projector.film.version)
    (message,) = sent
    assert [frame["at"] for frame in message["film"]["frames"]] == [3, 4]
    assert "Event 4 of" in text(message["film"]["frames"][1]["caption"])
    press(lab, "load")
    tell(lab, "film", at=[3], version=message["film"]["version"])
    assert len(sent) == 1


def test_pictures_are_drawn_for_the_room_that_a_page_tells_of(lab):
    """How wide a picture is beside another is known before there is another: no word is too small for a moment."""
    tell(lab, "room", **{"with": [751, 604]})
    assert picture(lab, "tables")["width"] == 740
    before = lab.stage.now
    tell(lab, "room", **{"with": [755, 610]})
    assert lab.stage.now is before  # it makes no difference
    lab.choosing.boxes["beside"].value = "on linux-5.11"
    assert picture(lab, "tables")["width"] == picture(lab, "beside")["width"] == 600
    lab.order("lecture")
    assert picture(lab, "tables")["width"] == 520


def test_what_a_page_asks_by_itself_takes_no_notice_back(lab):
    lab.order("redo")
    assert "There is nothing to redo." in text(caption(lab))
    tell(lab, "hello")
    tell(lab, "room", **{"with": [520, 520]})
    assert "There is nothing to redo." in text(caption(lab))


def test_clicks_and_keys_say_what_buttons_say(lab):
    minute(lab)
    tell(lab, "go", at=9)
    assert lab.model.at == 9
    tell(lab, "back")
    assert lab.model.at == 8
    tell(lab, "undo")
    assert len(lab.model.acts) == 3


def test_a_lab_for_predicting_begins_before_the_acts_that_it_was_given():
    touch = {"op": "load", "vma": "watched", "page": 0, "thread": "t1"}
    lab = Lab(acts=[touch], predict=True, keep="")
    assert lab.model.hides and not lab.model.threads_asleep
    lab.order("next_act")
    assert lab.model.question.act == 0


def test_without_acts_given_it_begins_before_those_of_the_scenario():
    lab = Lab(scenario("38-mlock-then-close"), predict=True, keep="")
    assert lab.model.at == lab.model.outcome.ends[0]


def last_shown(picture):
    """The last event that is anywhere in a picture."""
    place = {"rect": 8, "text": 12, "line": 6}
    return max(shape[place[shape[0]]] or 0 for shape in picture["shapes"] if len(shape) > place[shape[0]])


def test_a_prediction(lab):
    lab.acting.mapping.value = "plain"
    press(lab, "store")
    lab.order("predict")
    lab.acting.thread.value, lab.acting.mapping.value = "t1", "watched"
    press(lab, "load")
    assert "What happens to t1?" in text(caption(lab))
    assert last_shown(picture(lab, "second")) == lab.model.at < len(lab.model.trace.events)
    message, flags = "Which message is left for the handler?", "PAGEFAULT, flags MINOR"
    for part, option in [(message, flags), ("What happens to t1?", "SIGBUS")]:
        tell(lab, "say", **{"with": [part, option]})
    said = text(caption(lab))
    assert f"✓ {message} {flags}" in said
    assert "✗ What happens to t1? it waits , not SIGBUS" in said
    assert "1 of 2 answered correctly" in said
    assert last_shown(picture(lab, "second")) == lab.model.at == len(lab.model.trace.events)


def test_a_question_must_be_answered_before_anything_else_is_done(lab):
    lab.order("predict")
    press(lab, "store")
    assert press(lab, "load") == 0
    assert "First say what will happen." in text(caption(lab))


def test_lecture_mode_is_a_switch(lab):
    lab.order("lecture")
    assert "uffdsim-lecture" in lab._dom_classes
    lab.order("lecture")
    assert "uffdsim-lecture" not in lab._dom_classes


def test_what_a_person_does_wrong_is_told_in_a_sentence(lab):
    lab.acting.thread.value = "t1"
    lab.acting.mapping.value = "plain"
    press(lab, "store")
    lab.acting.mapping.value = "watched"
    press(lab, "load")
    assert press(lab, "load") == 0
    assert "t1 is asleep in the kernel" in text(caption(lab))


def test_what_the_lab_does_wrong_is_shown_and_kept(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = Lab()

    def broken(*args, **keys):
        raise RuntimeError("a bug in the lab")

    monkeypatch.setattr(lab.model, "act", broken)
    lab.acting.buttons["load"].click()
    assert [str(error) for error in lab.do.errors] == ["a bug in the lab"]
    assert "RuntimeError: a bug in the lab" in text(lab.stage.above)


def test_a_picture_that_fails_is_shown_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = Lab()
    monkeypatch.setattr(lab.screen, "pictures", lambda: 1 / 0)
    lab.acting.buttons["load"].click()
    assert "ZeroDivisionError" in text(lab.stage.above)


def test_what_is_done_in_python_is_seen_at_once(lab):
    lab.model.act("store", vma="plain", value=0x41)
    assert "main writes 0x41 to page 0 of plain → done" in text(caption(lab))
    assert lab.stage.now["frame"]["say"].startswith(f"Event {lab.model.at}. main writes 0x41 to page 0 of plain → done")


def test_a_mapping_of_a_million_pages_can_be_acted_on():
    big = [{"op": "mmap", "id": "big", "backing": "anon", "pages": 1 << 20}]
    lab = Lab(Scenario(big), keep="")
    assert len(lab.acting.page.options) == 65
    assert press(lab, "store") == 1


# To begin with


def test_a_small_lab_has_only_what_its_questions_need():
    lab = Lab(controls=["touch", "modes"], pictures=["tables"], pages=1, backing="shmem", keep="")
    shown = {widget.description for widget in widgets(lab) if isinstance(widget, Button | ToggleButton | Dropdown)}
    assert {"Read", "Write", "✓ MINOR"} <= shown
    assert not {"CONTINUE", "Kernel", "Next ▶"} & shown
    assert (lab.model.settings.pages, lab.model.settings.backing, picture(lab, "second")) == (1, "shmem", None)


def test_a_lab_of_a_scenario():
    lab = Lab(scenario=scenario("01-hugetlb-minor-continue"), keep="")
    assert lab.model.scenario.steps == scenario("01-hugetlb-minor-continue").steps


def test_a_lab_with_acts():
    lab = Lab(acts=[{"op": "store", "vma": "plain", "value": 1}], keep="")
    assert [act.op for act in lab.model.acts] == ["store"]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"controls": ["wheel"]}, '"wheel" is no control; there are'),
        ({"pictures": ["portrait"]}, '"portrait" is no picture'),
        ({"handler": "sleep"}, 'handler: "sleep" must be one of'),
        ({"pages": 0}, "pages: 0 must be a number"),
        ({"acts": [{"op": "dance"}]}, "act 0: "),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_lab_that_cannot_be_says_why(keys, complaint):
    with pytest.raises((ValueError, TypeError), match=complaint):
        Lab(keep="", **keys)


def test_every_call_makes_fresh_widgets():
    first, second = Lab(keep=""), Lab(keep="")
    first.acting.buttons["store"].click()
    assert (len(first.model.acts), len(second.model.acts)) == (1, 0)


def test_every_group_of_controls_can_stand_alone():
    for name in CONTROLS:
        lab = Lab(controls=[name], keep="")
        assert not lab.do.errors


# Stills


class Figure(HTMLParser):
    """What a still consists of."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_a_still_is_a_picture_with_words(lab):
    minute(lab)
    tags = Figure(lab.still()).tags
    (image,) = (attrs for tag, attrs in tags if tag == "img")
    assert "page 0 0x41" in image["alt"]
    assert image["src"].startswith("data:image/svg+xml;base64,")


def test_a_still_is_the_same_every_time():
    assert Lab(keep="").still() == Lab(keep="").still()


def test_what_a_lab_says_of_itself_is_a_sentence(lab):
    minute(lab)
    assert str(lab).startswith("A lab on linux-6.18: 4 pages of hugetlb-2M, registered MINOR, 4 acts")
    bundle = lab._repr_mimebundle_()
    assert bundle["text/plain"] == str(lab)
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.parametrize("name", scenarios())
def test_every_scenario_can_be_looked_at_from_every_side(name):
    lab = Lab(scenario(name), keep="")
    for at in range(0, lab.model.end + 1, max(1, lab.model.end // 7)):
        tell(lab, "go", at=at)
    for name in NAMES:
        lab.order("second", name)
    lab.choosing.boxes["kernel"].value = "linux-5.11-v5"
    lab.choosing.boxes["beside"].value = "on linux-6.1"
    assert not lab.do.errors
    assert all(picture(lab, place)["shapes"] for place in ("tables", "beside", "second"))


def test_a_kernel_that_dies_looks_like_one():
    lab = Lab(scenario("38-mlock-then-close"), kernel="linux-5.11-v5", keep="")
    assert "kernel BUG at fs/userfaultfd.c:872!" in read(lab) and "when it died of these steps" in read(lab)
    assert "Nothing runs any more. Every thread has stopped" in text(lab.stage.now["frame"]["say"])
    assert lab.stage.now["frame"]["dead"]
    lab.order("back")
    assert "kernel BUG" not in read(lab) and not lab.stage.now["frame"]["dead"]
    lab.model.choose(kernel="linux-6.18")
    lab.order("end")
    assert "kernel BUG" not in read(lab) and not lab.stage.now["frame"]["dead"]


def test_where_no_death_was_recorded_the_console_says_so(monkeypatch):
    monkeypatch.setattr("uffdsim.recording.console", lambda trace: None)
    lab = Lab(scenario("38-mlock-then-close"), kernel="linux-5.11-v5", keep="")
    assert "No such death was recorded." in read(lab) and "RIP: userfaultfd_release" in read(lab)


# What a lab is given.


MEANT = {
    "name": lambda story: "36-move",
    "machine": Machine.replay,
    "steps": list,
    "text": Scenario.dumps,
    "data": Scenario.to_json,
    "lab": lambda story: Lab(story, keep=""),
}


@pytest.mark.parametrize("meant", MEANT.values(), ids=MEANT)
def test_a_lab_takes_whatever_has_a_scenario(meant):
    story = scenario("36-move")
    assert Lab(meant(story), keep="").model.scenario.steps == story.steps


def test_a_lab_of_a_machine_has_its_kernel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    machine = Machine.replay(scenario("36-move"), "linux-6.12")
    assert Lab(machine).model.settings.kernel == "linux-6.12"
    assert Lab(machine, kernel="linux-6.1").model.settings.kernel == "linux-6.1"
    assert Lab(Machine()).model.acts == ()


def test_one_is_as_good_as_a_list_of_one(lab):
    one = Lab(modes="MISSING", guide="Read page 0.", acts={"op": "load", "vma": "plain"}, controls="time", keep="")
    assert one.model.settings.modes == ("MISSING",) and len(one.model.acts) == 1
    assert [line.says for line in one.screen.guide.lines] == ["Read page 0."]


WRONG = {
    "is not a scenario: give one, its name": {"scenario": 3},
    '"mode" is not a setting; .* did you mean modes?': {"mode": "MINOR"},
    "modes: 3 must be one of MISSING, MINOR, WP": {"modes": 3},
    r"modes: \[1\] must be one of": {"modes": [[1]]},
    "there is no kernel 6.18; .* did you mean linux-6.18": {"kernel": 6.18},
    r'backing: \["shmem"\] must be one of': {"backing": ["shmem"]},
    "handler: .* must be one of by hand": {"handler": print},
    'pages: "4" must be a number from 1 to 16': {"pages": "4"},
    "pages: a very long number must be a number": {"pages": 10**5000},
    'acts: "store" must be steps': {"acts": "store"},
    "3 is no control; there are kernel": {"controls": 3},
    '"table" is no picture; .* did you mean tables?': {"pictures": "table"},
    "guide: 3 must be a line": {"guide": 3},
    'choose: "t1" must be choices by name': {"choose": "t1"},
    'choose: thread "3" must be one of': {"choose": {"thread": 3}},
    "keep: 3 must be a name for a file": {"keep": 3},
}


@pytest.mark.parametrize("told, given", WRONG.items(), ids=range(len(WRONG)))
def test_what_a_lab_does_not_take_is_told_with_what_it_would(told, given):
    with pytest.raises(Told, match=told):
        Lab(**{"keep": "", **given})


def test_every_class_of_a_control_is_one_word_or_a_page_would_refuse_it():
    for widget in widgets(Lab(keep="")):
        assert all(name and " " not in name for name in getattr(widget, "_dom_classes", ()))
