"""What stands around pictures can be read: each text on each ground that it stands on, in both themes."""

import re

import pytest

from uffdsim.course import render
from uffdsim.course.predict.view import CSS
from uffdsim.lab.stage import Stage
from uffdsim.pictures.painters.palette import COLOURS, colour, css

GROUNDS = ("paper", "quiet", "note", "bad", "good", "differs", "hover")
TEXTS = {
    "ink": (*GROUNDS, "now"),
    "muted": ("paper", "quiet", "note"),
    "link": ("paper", "note"),
    "left": ("paper", "note"),
    "on-blue": ("blue", "link"),
    "on-console": ("console",),
}
"""Which text stands on which ground."""


def luminance(colour):
    """As WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["white paper", "dark"])
def test_every_text_can_be_read_on_every_ground_that_it_stands_on(theme):
    poor = {
        (text, ground): round(contrast(COLOURS[text][theme], COLOURS[ground][theme]), 2)
        for text, grounds in TEXTS.items()
        for ground in grounds
        if contrast(COLOURS[text][theme], COLOURS[ground][theme]) < 4.5
    }
    assert poor == {}


def test_the_lab_and_the_course_use_no_colour_that_there_is_not():
    named = set(re.findall(r"--uffdsim-([a-z-]+):", css()))
    for sheet in (str(Stage._css), CSS):
        assert "var(--uffdsim-" in sheet
        assert set(re.findall(r"var\(--uffdsim-([a-z-]+)", sheet)) <= named


def test_what_is_kept_in_a_notebook_has_a_colour_without_our_stylesheet_too():
    assert colour("ink") == "var(--uffdsim-ink,var(--jp-content-font-color1,#111111))"
    shown = render.card("right", "Title", render.paragraphs("say `this`"), render.table_html("ab", ["cd"], "about"))
    colours = re.findall(r"(?:color|background|border[a-z-]*):([^;\"]*)", shown)
    assert colours and all("var(--uffdsim-" in one or one in ("inherit", "collapse", "8px", "3px") for one in colours)
