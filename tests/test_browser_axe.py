"""Nothing in what lessons show keeps anybody out, on white paper and in a dark theme, as axe sees it."""

import browser
import need
import pytest
from pages import LESSONS, OUTPUTS, axe_complaints, copy_lessons

THEMES = ("JupyterLab Light", "JupyterLab Dark")
RUN = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
DRESS = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A JupyterLab that draws all cells of a notebook, also those that are out of sight."""
    need.chromium()
    folder, settings = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    copy_lessons(folder)
    browser.configure(settings, {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}})
    with browser.jupyterlab(folder, settings) as address:
        yield address


@pytest.mark.parametrize("name", [path.name for path in LESSONS])
def test_axe_has_nothing_to_say_of_what_a_lesson_shows(chromium, address, name):
    page = browser.notebook(chromium, address, name)
    browser.evaluate(page, RUN)
    page.locator(f".uffdsim-lab .uffdsim-stage svg, {OUTPUTS} .uffdsim-ask [role=radiogroup]").first.wait_for()
    browser.settle(page)
    page.locator(f"{OUTPUTS} details:not([open]) > summary").evaluate_all("all => all.forEach(one => one.click())")
    browser.settle(page)
    for theme in THEMES:
        browser.evaluate(page, DRESS, theme)
        page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)
        browser.settle(page)
        assert (theme, axe_complaints(page)) == (theme, [])
    page.context.close()


def test_axe_would_say_so(chromium):
    page = chromium.new_page()
    page.set_content(f"<div class={OUTPUTS[1:]}><p style='color:#ccc;background:#fff'>pale</p></div>")
    assert ["color-contrast" in one for one in axe_complaints(page)] == [True]
    page.close()
