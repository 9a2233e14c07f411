"""A lab says when nobody answers it, and says nothing of the kind when all is well: in JupyterLab and in Notebook."""

import os
import re
import shutil
import signal
from pathlib import Path

import browser
import nbformat
import need
import pytest
from pages import at_rest, axe_complaints, choose, deeds, press
from playwright.sync_api import expect

from uffdsim.lab.document import Document

LAB = "from uffdsim.lab import Lab\nlab = Lab(keep='alive')\nlab"
CALLS = """() => {
    const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
    window.calls = 0;
    kernel.anyMessage.connect((_, {msg, direction}) => {
        calls += direction === "send" && msg.content.data?.content?.do === "hello";
    });
}"""
"""Counts from now on how often a page calls a Python that does not answer."""
SOON = 2000
"""Milliseconds within which a lab has to say it."""


@pytest.fixture(scope="module", params=("JupyterLab", "Notebook"))
def app(request):
    return request.param


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    need.chromium()
    folder = tmp_path_factory.mktemp("notebooks")
    nbformat.write(browser.empty_notebook(LAB), folder / "alive.ipynb")
    return folder


@pytest.fixture(scope="module")
def served(folder, tmp_path_factory):
    with browser.jupyterlab(folder, tmp_path_factory.mktemp("jupyter")) as address:
        yield address


@pytest.fixture
def page(chromium, served, folder, app):
    shutil.rmtree(folder / ".uffdsim", ignore_errors=True)  # nobody has done anything here before
    nbformat.write(browser.empty_notebook(LAB), folder / "alive.ipynb")
    page = browser.notebook(chromium, served, "alive.ipynb", app=app)
    yield page
    browser.evaluate(page, "() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.context.close()


@pytest.fixture
def lab(page):
    browser.run_all(page)
    lab = page.locator(".uffdsim-lab").first
    press(lab, "Write")
    expect(deeds(lab)).to_have_count(1)
    at_rest(page)
    return lab


def said(lab):
    return lab.locator(".uffdsim-life")


def process(page):
    return int(browser.execute(page, "import os; print(os.getpid())"))


def assert_dead(lab, told):
    """It says so, soon; and what needs Python is out of reach, while time can still be looked at."""
    expect(said(lab)).to_contain_text(told, timeout=SOON)
    expect(said(lab)).to_contain_text("run its cell again; what you did is kept")
    assert lab.locator(".uffdsim-do-store").evaluate("button => Boolean(button.closest('[inert]'))")
    where = lab.locator(".uffdsim-where b")
    end = int(where.inner_text())
    press(lab, "◀ Back")
    expect(where).to_have_text(str(end - 1))
    press(lab, "▶|")
    expect(where).to_have_text(str(end))
    expect(lab.get_by_role("button", name="Undo")).to_have_attribute("aria-disabled", "true")


def close_jupyters_own_words(page):
    """Jupyter says so too, sooner or later, upon everything else; whenever it does, that is closed at once.

    The page does it: playwright's locator handlers leave a dialog that comes while they close another.
    """
    close = "setInterval(() => document.querySelector('.jp-Dialog button.jp-mod-accept')?.click(), 100)"
    page.add_init_script(close)
    page.evaluate(close)


def test_a_killed_kernel(lab, page):
    close_jupyters_own_words(page)
    os.kill(process(page), signal.SIGKILL)
    expect(said(lab)).to_contain_text("is gone", timeout=SOON)
    assert_dead(lab, "The kernel that this lab lived in is gone.")
    assert axe_complaints(page) == []


@pytest.mark.parametrize("how", ["restarted", "shut down"])
def test_a_kernel_that_is(how, lab, page):
    what = "session.kernel.restart()" if how == "restarted" else "shutdown()"
    browser.evaluate(page, f"() => {{ jupyterapp.shell.currentWidget.sessionContext.{what}; }}")
    assert_dead(lab, "The kernel that this lab lived in is gone.")
    if how == "restarted":
        browser.evaluate(page, browser.READY)
        expect(said(lab)).to_contain_text("is gone")
        browser.run_all(page)
        again = page.locator(".uffdsim-lab").first
        expect(said(again)).to_be_hidden()
        press(again, "Write")
        expect(deeds(again)).to_have_count(1)


def test_while_python_is_busy_nobody_is_frightened_and_what_was_done_is_done_later(lab, page):
    browser.evaluate(
        page,
        """async () => {
            const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
            window.busy = kernel.requestExecute({code: "import time; time.sleep(8)"}).done;
        }""",
    )
    page.wait_for_timeout(SOON)
    expect(said(lab)).to_be_hidden()
    press(lab, "Write")
    expect(said(lab)).to_contain_text("Python is busy with something else.", timeout=SOON + 500)
    press(lab, "Write")
    expect(deeds(lab)).to_have_count(3, timeout=20_000)
    expect(said(lab)).to_be_hidden()


def test_a_saved_notebook_is_opened_again(lab, page, served, app):
    """While its kernel runs, the lab is as it was; when it is gone, a picture stands for it and says what to do."""
    save = "() => jupyterapp.shell.currentWidget.context.save()"
    broken = page.get_by_text("Error displaying widget")
    browser.evaluate(page, save)
    browser.open_again(page, served, "alive.ipynb", app)
    expect(deeds(lab)).to_have_count(1)
    press(lab, "Write")
    expect(deeds(lab)).to_have_count(2)
    browser.evaluate(page, save)
    browser.evaluate(page, "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    browser.open_again(page, served, "alive.ipynb", app)
    still = page.locator("figure").filter(has_text="Run its cell to use the lab; what you did is kept")
    expect(still.locator("img")).to_be_visible()
    expect(still.locator("figcaption")).to_be_in_viewport(ratio=1)
    expect(lab).to_have_count(0)
    expect(broken).to_have_count(0)
    browser.run(page, LAB)
    expect(said(lab)).to_be_hidden()
    lab.locator(".uffdsim-offer").get_by_role("button", name="Take it up").click()
    expect(deeds(lab)).to_have_count(2)


def test_keys_are_the_labs_own(lab, page):
    """Not one of them is a command of the notebook's: no cell comes, goes, is cut or becomes text."""
    cells = "jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(cell => [cell.cell_type, cell.source])"
    before = page.evaluate(cells)
    where = lab.locator(".uffdsim-where b")
    end = where.inner_text()
    lab.get_by_role("button", name="◀ Back").focus()
    page.keyboard.press("Home")
    expect(where).to_have_text("0")
    page.keyboard.press("End")
    expect(where).to_have_text(end)
    for key in ("a", "b", "x", "m", "r", "o", "Shift+M", "Shift+L", "1", "d", "d", "c", "v", "y"):
        page.keyboard.press(key)
    page.keyboard.press("z")
    expect(deeds(lab)).to_have_count(0)
    page.keyboard.press("y")
    expect(deeds(lab)).to_have_count(1)
    assert page.evaluate(cells) == before
    choose(lab, "Mapping", "plain")
    lab.get_by_label("Mapping", exact=True).press("ArrowDown")
    expect(lab.get_by_label("Mapping", exact=True)).to_have_value(re.compile("watched"))


def test_a_server_that_hangs_comes_back_and_is_killed(chromium, folder, tmp_path_factory, app):
    """Labs of a page that get no answer call for it once, not each of them in answer to all calls of the others."""
    notebook = browser.empty_notebook(LAB)
    notebook.cells += [nbformat.v4.new_code_cell("Lab(keep='')") for _ in range(3)]
    nbformat.write(notebook, folder / "alive.ipynb")
    with browser.jupyter(folder, tmp_path_factory.mktemp("jupyter")) as (address, server):
        page = browser.notebook(chromium, address, "alive.ipynb", app=app)
        close_jupyters_own_words(page)
        browser.run_all(page)
        lab = page.locator(".uffdsim-lab").first
        press(lab, "Write")
        expect(deeds(lab)).to_have_count(1)
        at_rest(page)
        page.evaluate(CALLS)
        server.send_signal(signal.SIGSTOP)
        press(lab, "Write")
        expect(said(lab)).to_contain_text("Jupyter does not answer.", timeout=SOON)
        page.wait_for_timeout(2 * SOON)
        assert page.evaluate("calls") == 1
        server.send_signal(signal.SIGCONT)
        expect(said(lab)).to_be_hidden()
        press(lab, "Write")
        expect(deeds(lab)).to_have_count(3)
        at_rest(page)
        server.kill()
        assert_dead(lab, "Jupyter does not answer.")
        page.context.close()


def test_what_was_done_outlives_the_server_and_its_files(chromium, tmp_path, app):
    """As where a server is lent for some hours: the next has the same address, and none of the last one's files."""
    folders = [tmp_path / name for name in ("first", "first settings", "second", "second settings")]
    for folder in folders:
        folder.mkdir()
    for folder in folders[::2]:
        nbformat.write(browser.empty_notebook(LAB), folder / "alive.ipynb")
    with browser.jupyter(*folders[:2]) as (address, server):
        page = browser.notebook(chromium, address, "alive.ipynb", app=app)
        close_jupyters_own_words(page)
        browser.run_all(page)
        lab = page.locator(".uffdsim-lab").first
        press(lab, "Write")
        press(lab, "Write")
        expect(deeds(lab)).to_have_count(2)
        at_rest(page)
        server.kill()
        assert_dead(lab, "Jupyter does not answer.")
        with page.expect_download() as saved:
            said(lab).get_by_role("button", name="Save it as a file").click()
        assert len(Document.loads(Path(saved.value.path()).read_text()).acts) == 2
    with browser.jupyter(*folders[2:], port=int(address.rpartition(":")[2])):
        browser.open_again(page, address, "alive.ipynb", app)
        browser.run_all(page)
        offer = lab.locator(".uffdsim-offer")
        expect(offer).to_contain_text("Your work from last time is kept: 2 acts, ")
        expect(offer).to_contain_text(", in this browser")
        offer.get_by_role("button", name="Take it up").click()
        expect(deeds(lab)).to_have_count(2)
        press(lab, "Write")
        expect(deeds(lab)).to_have_count(3)
        at_rest(page)
        (place,) = page.evaluate("JSON.parse(localStorage.getItem('uffdsim alive'))")
        assert len(Document.loads(place["text"]).acts) == 3
        page.context.close()


LABS = 9


def test_every_lab_is_found_though_the_reader_scrolls_while_they_are_made(chromium, served, folder, app):
    notebook = browser.empty_notebook("from uffdsim.lab import Lab")
    notebook.cells += [nbformat.v4.new_code_cell("Lab(keep='')") for _ in range(LABS)]
    nbformat.write(notebook, folder / "many.ipynb")
    page = browser.notebook(chromium, served, "many.ipynb", app=app)
    page.evaluate("() => { window.ran = jupyterapp.commands.execute('notebook:run-all-cells'); }")
    page.mouse.move(640, 400)
    for step in (2000, -2000) * 10:
        page.mouse.wheel(0, step)
        page.wait_for_timeout(100)
    browser.evaluate(page, "() => window.ran")
    for number in range(1, LABS + 1):
        page.evaluate("number => jupyterapp.shell.currentWidget.content.scrollToItem(number, 'start')", number)
        lab = page.locator(f".jp-Cell[data-windowed-list-index='{number}'] .uffdsim-lab")
        expect(lab.locator(".widget-toggle-button").first).to_have_attribute("aria-pressed", re.compile("true|false"))
        lab.get_by_role("button", name="◀ Back").press("Home")
        expect(lab.locator(".uffdsim-where b")).to_have_text("0")
        press(lab, "Lecture")
        expect(lab).to_have_class(re.compile("uffdsim-lecture"))
        press(lab, "✓ Lecture")
    page.context.close()
