"""Nothing in what lessons show keeps anybody out, on white paper and in a dark theme, as axe sees it.

The lessons in LESSONS have every kind of thing that a lesson shows: labs, questions and verdicts, tables, exercises,
problems, figures, and a kernel that dies.
"""

import json
from pathlib import Path

import browser
import need
import pytest
from axe_playwright_python.sync_playwright import Axe

LESSONS = ("00-start-here", "02-missing-or-minor", "04-answers", "07-the-bit-that-was-taken", "11-problems")
THEMES = ("JupyterLab Light", "JupyterLab Dark")
RUN = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
DRESS = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
OUTPUTS = ".jp-Cell-outputArea"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab that draws all cells of a notebook, also those that are out of sight."""
    need.chromium()
    folder, settings = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    for name in LESSONS:
        path = browser.ROOT / "notebooks" / f"{name}.ipynb"
        (folder / path.name).write_bytes(path.read_bytes())
    tracker = Path(settings, "lab/@jupyterlab/notebook-extension/tracker.jupyterlab-settings")
    tracker.parent.mkdir(parents=True)
    tracker.write_text(json.dumps({"windowingMode": "none"}))
    with browser.jupyterlab(folder, settings) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    with browser.browser() as chromium:
        yield chromium


@pytest.mark.parametrize("name", LESSONS)
def test_axe_has_nothing_to_say_of_what_a_lesson_shows(chromium, address, name):
    page = browser.notebook(chromium, address, f"{name}.ipynb")
    browser.evaluate(page, RUN)
    page.locator(f".uffdsim-lab .uffdsim-stage svg, {OUTPUTS} .uffdsim-ask [role=radiogroup]").first.wait_for()
    browser.settle(page)
    page.locator(f"{OUTPUTS} details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    browser.settle(page)
    for theme in THEMES:
        browser.evaluate(page, DRESS, theme)
        page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        browser.settle(page)
        found = Axe().run(page, OUTPUTS).response
        complaints = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert (theme, complaints) == (theme, [])
        assert any(one["id"] == "color-contrast" for one in found["passes"])
    page.context.close()


def test_axe_would_say_so(chromium):
    page = chromium.new_page()
    page.set_content(f"<div class={OUTPUTS[1:]}><p style='color:#ccc;background:#fff'>pale</p></div>")
    assert [one["id"] for one in Axe().run(page, OUTPUTS).response["violations"]] == ["color-contrast"]
    page.close()
