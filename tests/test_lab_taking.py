"""What is taken away from a lab: as text, as a file, as a picture."""

import json

import pytest
from hands import caption, minute, tell, text
from hypothesis import given, settings
from hypothesis import strategies as st

from uffdsim import kernels
from uffdsim.lab import Lab
from uffdsim.lab.document import Document
from uffdsim.lab.keep import Keep
from uffdsim.lab.taking import ALL, FORMS
from uffdsim.library import scenario, scenarios
from uffdsim.linux.real import Real
from uffdsim.pictures import draw, svg
from uffdsim.trace import KernelError


@pytest.fixture
def lab():
    """A lab whose panel is open; ``lab.sent`` is what the page is told."""
    lab = Lab(keep="")
    minute(lab)
    lab.sent = []
    lab.taking.send = lab.sent.append
    tell(lab, "take")
    yield lab
    assert not lab.do.errors


@pytest.mark.parametrize("form", FORMS)
def test_what_is_copied_is_what_the_box_shows_and_what_is_saved(lab, form):
    lab.taking.form.value = form
    lab.taking.buttons["copy"].click()
    lab.taking.buttons["save"].click()
    copied, saved = lab.sent
    assert copied == {"copy": lab.taking.text.value} and saved["text"] == lab.taking.text.value
    assert saved["save"].startswith(("lab.", "scenario."))


def test_a_program_in_python_asks_the_kernel_that_was_chosen(lab):
    lab.model.choose(kernel="linux-6.1")
    lab.taking.form.value = "Python"
    assert 'Machine("linux-6.1")' in lab.taking.text.value


@pytest.mark.parametrize("name", ["decision", "sequence", "log", "flags", "walk"])
@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_that_is_chosen_is_saved_as_it_is_at_this_place(lab, name, kind):
    tell(lab, "second", **{"with": [name]})
    lab.model.go(50)
    lab.taking.which.value = name
    lab.taking.buttons[kind].click()
    (saved,) = lab.sent
    assert saved["save"] == f"{name}.{kind}"
    shown = lab.pictures()["second"]
    assert saved["text"] == svg(shown, "uffdsim")
    assert draw(name, lab.model.trace, 50).sentence in shown.sentence


def test_all_that_are_shown_are_saved_as_one(lab):
    tell(lab, "second", **{"with": ["walk"]})
    lab.taking.buttons["svg"].click()
    (saved,) = lab.sent
    assert all(one.sentence in saved["text"] for one in lab.pictures().values())


def test_only_pictures_that_are_shown_can_be_chosen(lab):
    assert lab.taking.which.options == (ALL, "tables", "sequence")
    lab.taking.which.value = "sequence"
    tell(lab, "second", **{"with": ["walk"]})
    assert lab.taking.which.options == (ALL, "tables", "walk") and lab.taking.which.value == ALL
    tell(lab, "second", **{"with": ["C"]})
    assert lab.taking.which.options == (ALL, "tables")
    lab.model.beside(kernel="linux-5.11-v5")
    assert lab.taking.which.options == (ALL, "tables", "tables beside it")


# Pasted


class Asked(Real):
    """A real kernel that cannot be asked here; ``asked`` is how often it was."""

    asked = 0

    def __init__(self, name):
        self.name = name

    def run(self, scenario):
        self.asked += 1
        raise KernelError("this machine may not open a userfaultfd")


@pytest.fixture(params=["linux", "box-7.3", "box:/boot/vmlinuz"])
def real(request, monkeypatch):
    """A real kernel: the reader's own, or one in a box."""
    real = Asked(request.param)
    monkeypatch.setattr(kernels, "_linux", lambda: real)
    monkeypatch.setattr(kernels, "_box", lambda *_: real)
    return real


def paste(lab, line):
    lab.taking.paste.value = line
    lab.taking.buttons["load"].click()


def test_a_line_from_a_real_kernel_asks_one_only_when_it_is_told_to(lab, real):
    line = Document.of(scenario("01-hugetlb-minor-continue"), kernel=real.name).dumps()
    paste(lab, line)
    assert len(lab.model.acts) == 11 and lab.model.settings.kernel.startswith("linux-")
    lab.order("undo")
    lab.order("redo")
    assert real.asked == 0 and f"a real kernel, {real.name}. Nothing runs on one here" in text(caption(lab))
    tell(lab, "ask_real")
    assert real.asked == 1 and lab.model.settings.kernel == real.name and "may not open" in text(caption(lab))
    assert "Nothing runs" not in caption(lab)


def test_what_a_lab_on_a_real_kernel_is_brought_does_not_run_there_either(lab, real):
    lab.model.choose(kernel=real.name)
    asked = real.asked
    paste(lab, Document.of(scenario("36-move"), kernel=real.name).dumps())
    assert real.asked == asked and f"Ask {real.name}" in caption(lab)


def test_kept_work_from_a_real_kernel_does_not_run_there_unasked(real, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Keep("mine").keep(Document.of(scenario("36-move"), kernel=real.name))
    lab = Lab(keep="mine")
    lab.resume.take.click()
    assert real.asked == 0 and len(lab.model.acts) > 3 and f"Ask {real.name}" in caption(lab)


VALUES = [None, True, 0, -1, 1, 17, 1.5, 10**30, "", "x", "linux-9.9", "MINOR", [], {}, ["MINOR"], [3], [[]], {"a": 1}]
CHANGES = st.lists(st.tuples(st.randoms(use_true_random=False), st.sampled_from(VALUES)), min_size=1, max_size=3)


def damaged(data, changes):
    """Data in which some values are others, or gone."""
    for random, value in changes:
        there, key = data, random.choice(list(data))
        while isinstance(there[key], dict | list) and there[key] and random.random() < 0.8:
            there = there[key]
            key = random.choice(list(there) if isinstance(there, dict) else range(len(there)))
        if random.random() < 0.2:
            del there[key]
        else:
            there[key] = value
        if not data:
            break
    return data


@settings(max_examples=60)
@given(st.sampled_from(scenarios()), CHANGES)
def test_a_line_is_taken_up_whole_or_refused_with_a_sentence_and_nothing_changes(name, changes):
    lab = Lab(keep="", controls=["take", "kernel", "modes"], pictures=["flags"])
    lab.model.act("store", vma="plain", value=1)
    before = lab.model.document
    paste(lab, json.dumps(damaged(json.loads(Document.of(scenario(name)).dumps()), changes)))
    assert not lab.do.errors
    assert not lab.do.notice or lab.model.document == before
    for order in ("undo", "redo", "first", "end"):
        lab.order(order)
    assert not lab.do.errors


@pytest.mark.parametrize("name, pages", [("found-08-nothing-there", 0), ("found-12-populate-then-continue", 31)])
def test_pages_that_nobody_could_choose_are_shown_as_they_are(lab, name, pages):
    assert Lab(scenario(name), keep="").choosing.boxes["pages"].value == pages
    paste(lab, Document.of(scenario(name)).dumps())
    assert lab.choosing.boxes["pages"].value == lab.model.settings.pages == pages
    lab.model.choose(pages=4)
    assert lab.choosing.boxes["pages"].value == lab.model.settings.pages == 4


def test_a_line_that_names_no_kernel_is_refused_with_the_kernels_there_are(lab):
    before = lab.model.document
    paste(lab, Document().dumps().replace("linux-6.18", "linux-6.81"))
    assert 'there is no kernel "linux-6.81"; the kernels are linux-7.3' in text(caption(lab))
    assert lab.model.document == before and lab.choosing.boxes["kernel"].value == "linux-6.18"
