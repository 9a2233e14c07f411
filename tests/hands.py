"""Hands for the tests of labs without a browser: what a person does to the widgets, and what they read."""

import re
from html import unescape
from pathlib import Path


def minute(lab):
    """Do what the first notebook does, by its widgets."""
    lab.acting.mapping.value = "plain"
    press(lab, "store")
    lab.acting.thread.value, lab.acting.mapping.value = "t1", "watched"
    press(lab, "load")
    press(lab, "read_event")
    press(lab, "continue")


def press(lab, op):
    """Press the button of an act, and make sure that it did something."""
    before = len(lab.model.acts)
    lab.acting.buttons[op].click()
    assert not lab.do.errors
    return len(lab.model.acts) - before


def tell(lab, what, **more):
    """Send what a page sends."""
    lab.stage._handle_custom_msg({"do": what, **more}, [])


def caption(lab):
    """The card beside the pictures, as HTML."""
    return lab.stage.now["frame"]["caption"]


def picture(lab, place):
    """The picture that a page is to draw at a place, as it is sent; None if there is none."""
    return lab.stage.now["frame"]["pictures"].get(place)


def widgets(widget):
    """A widget and all that are in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from widgets(child)


def text(html):
    """What can be read of HTML."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def first_minute():
    """The code of the lab of the first notebook that has a guide, as its source has it; nothing is kept."""
    source = (Path(__file__).parents[1] / "notebooks/src/00-start-here.md").read_text(encoding="utf-8")
    code = re.search(r"```python hidden\n(# The first minute\..*?)```", source, re.DOTALL)[1]
    return code.replace('keep="00-first-minute"', 'keep=""').replace("\nLab(", "\nlab = Lab(") + "lab\n"
