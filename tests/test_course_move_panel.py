"""The panel: two ways to move a machine side by side, what differs, and the result."""

import re

import browser
import nbformat
import need
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from uffdsim.course.move.panel import ASKS, CONTROLS, NAMES, Panel
from uffdsim.course.move.setting import Setting
from uffdsim.errors import Mistake
from uffdsim.migration.figures import PICTURES

SMALL = Setting(memory="16M")


@pytest.fixture
def panel():
    panel = Panel(SMALL)
    yield panel
    assert not panel.do.errors


def marked(panel):
    return {what for what in CONTROLS if "≠" in panel.heads[what].value}


def image(panel):
    return re.search(r"base64,([\w+/=]+)", panel.live.html)[1]


def test_what_differs_is_marked_by_a_sign_and_at_both_controls(panel):
    assert marked(panel) == {"way", "answer"}
    for what in CONTROLS:
        for name in NAMES:
            assert ("uffdsim-other" in panel.boxes[name, what]._dom_classes) == (what in ("way", "answer"))


def test_a_choice_is_shown_at_once(panel):
    before, said = image(panel), panel.drawn().sentence
    panel.boxes["first", "way"].value = "stop and copy"
    assert image(panel) != before and panel.drawn().sentence != said
    assert panel.settings["first"].way == "stop and copy" and panel.settings["second"].way == "both"
    panel.boxes["first", "way"].value = "both"
    panel.boxes["first", "answer"].value = "CONTINUE"
    assert marked(panel) == set()
    assert all(row[3] == "" for row in panel.rows())


@pytest.mark.parametrize("picture", PICTURES)
def test_every_picture_has_its_question_its_sentence_and_its_table(panel, picture):
    panel.picture.value = picture
    shown = panel.live.html
    assert ASKS[picture] in shown and panel.drawn().sentence in shown
    assert all(f">{cell}<" in shown for cell in panel.drawn().rows[1] if cell)
    assert shown.count("<table") == 2


def test_every_control_has_a_name_and_a_question(panel):
    for (name, what), box in panel.boxes.items():
        assert name in box.description and box.tooltip.endswith("?")
        assert CONTROLS[what][2] in panel.heads[what].value.replace("&#x27;", "'")
    assert len(panel.picture.tooltips) == len(PICTURES)


def test_a_machine_too_large_to_wait_for_is_refused_in_a_sentence_and_the_choice_taken_back():
    panel = Panel(Setting(memory="64G", page="2M"))
    before = image(panel)
    panel.boxes["second", "page"].value = "4K"
    assert "take larger pages here" in panel.live.html
    assert panel.boxes["second", "page"].value == "2M" and image(panel) == before
    assert not panel.do.errors


def test_bad_input_is_told_what_would_be_right():
    with pytest.raises(Mistake, match="there is no picture 'memory': take downtime"):
        Panel(picture="memory")
    with pytest.raises(Mistake, match="which take seconds to simulate"):
        Panel(Setting(memory="64G"))


def test_a_mistake_of_its_own_is_shown_above_what_there_was(panel, monkeypatch):
    before = panel.live.html
    monkeypatch.setattr(Panel, "shown", lambda self: 1 / 0)
    panel.boxes["first", "vcpus"].value = 2
    assert panel.live.html.endswith(before) and "ZeroDivisionError" in panel.live.html
    panel.do.errors.clear()


def test_who_only_reads_has_the_choices_the_picture_and_the_numbers(panel):
    still = panel._repr_mimebundle_()["text/html"]
    assert "Run its cell" in still and '<img alt="' in still and "post-copy" in still and "CONTINUE" in still
    assert "downtime" in repr(panel)


# In a browser.

CODE = """
from uffdsim.course.move import Setting
from uffdsim.course.move.panel import Panel
Panel(Setting(memory="16M"))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A notebook that has shown a panel."""
    need.chromium()
    folder, settings = tmp_path_factory.mktemp("notebook"), tmp_path_factory.mktemp("settings")
    nbformat.write(browser.empty_notebook(CODE), folder / "panel.ipynb")
    with browser.jupyterlab(folder, settings) as address, browser.browser() as chromium:
        page = browser.notebook(chromium, address, "panel.ipynb")
        browser.evaluate(page, "() => jupyterapp.commands.execute('notebook:run-all-cells')")
        page.locator(".uffdsim-move img").wait_for()
        yield page


def test_a_person_chooses_and_sees_what_comes_of_it(page):
    panel, before = page.locator(".uffdsim-move"), page.locator(".uffdsim-move img").get_attribute("alt")
    panel.get_by_label("Way, first").select_option("stop and copy")
    expect(panel.locator("img")).not_to_have_attribute("alt", before)
    expect(panel.locator("figcaption")).to_contain_text("first: 54.5 ms")
    panel.get_by_label("Way, second").select_option("stop and copy")
    expect(panel.get_by_text("≠ Way")).to_have_count(0)
    expect(panel.get_by_text("≠ Answer")).to_be_visible()


def test_a_table_that_was_opened_stays_open_when_something_is_chosen(page):
    panel = page.locator(".uffdsim-move")
    panel.get_by_text("Both in numbers").click()
    panel.get_by_role("button", name="Latency").click()
    expect(panel.locator("figcaption")).to_contain_text("How long faults take")
    expect(panel.get_by_role("rowheader", name="until every page is there")).to_be_visible()


def test_axe_has_nothing_to_say_in_either_theme(page):
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        dress = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
        browser.evaluate(page, dress, theme)
        page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        page.wait_for_timeout(500)
        found = Axe().run(page, ".jp-Cell-outputArea").response
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]] == []
        assert any(one["id"] == "color-contrast" for one in found["passes"])
