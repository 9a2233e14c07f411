"""What is taken away from a lab: as text, as a file, as a picture."""

import pytest
from hands import minute, tell

from uffdsim.lab import Lab
from uffdsim.lab.taking import ALL, FORMS
from uffdsim.pictures import draw, svg


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
