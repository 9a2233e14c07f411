"""JupyterLite: the notebooks with their labs, questions and handlers, run by a browser that reaches nobody else."""

import functools
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import browser
import need
import pytest
from executed import lite
from pages import press
from playwright.sync_api import expect
from test_browser_minute import message, offer, thing

pytestmark = pytest.mark.timeout(300)  # the first one makes the site, and waits until Python has come to the browser

JUDGED = """
from uffdsim.course import judge
def handler(event, u):
    if event.missing:
        u.copy(event.vma, event.page, value=event.data)
    if event.minor:
        u.continue_(event.vma, event.page)
print(judge(handler, ["minor", "filled meanwhile"]).summary)
"""
CHECKED = """
from uffdsim.course import task
there = task("there-not-here")
m = there.machine()
plain = m.mappings["plain"]
plain[1] = 7
plain.madvise("DONTNEED", 1)
print(there.check(m))
"""
PLOTTED = """
from uffdsim.library import scenario
from uffdsim import kernels
print(type(kernels.kernel("linux-6.18").run(scenario("01-hugetlb-minor-continue")).plot(54)).__name__)
"""
LIVE = """
from uffdsim import kernels
from uffdsim.library import scenario
try:
    kernels.kernel("linux").run(scenario("01-hugetlb-minor-continue"))
except Exception as error:
    print(type(error).__name__, error)
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of the site, its JupyterLite made so that it never asks anybody."""
    folder = tmp_path_factory.mktemp("site")
    try:
        lite.build(folder / "lite", offline=True)
    except RuntimeError as error:
        need.need(False, f"needs npm's and PyPI's packages for browsers: {error}")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def page(site):
    """The first notebook, run; whatever it asks of others fails the tests."""
    need.chromium()
    asked = []
    with browser.browser() as chromium:
        page = browser.notebook(chromium, site, "00-start-here.ipynb", app="JupyterLite")
        page.context.on("request", lambda one: asked.append(one.url))
        browser.run_all(page)
        yield page
    own = (site, "data:", "blob:", "attachment:")  # the last is what a page says until it has found a picture
    assert asked and not [url for url in asked if not url.startswith(own)]
    assert not [url for url in asked if "/pypi/" in url]  # nothing is installed: all came with pyodide, at once


def test_the_first_minute_comes_to_a_resolved_fault(page):
    lab = page.locator(".uffdsim-lab").first
    press(lab, "Write")
    thing(lab, "page 0 of watched").click()
    offer(lab, "t1", "Read").click()
    press(lab, "Read message")
    thing(lab, "page 0 of plain").click()
    offer(lab, "main", "Write 0x42").click()
    message(lab).click()
    offer(lab, "handler", "CONTINUE").click()
    expect(lab.locator(".uffdsim-reached")).to_contain_text("You have answered a page fault.")


def test_a_handler_is_judged_and_an_exercise_checked(page):
    assert "1 of 2" in browser.execute(page, JUDGED)
    assert "Done" in browser.execute(page, CHECKED)


def test_a_plot_needs_no_matplotlib_and_what_a_browser_cannot_do_says_so(page):
    assert browser.execute(page, PLOTTED).strip() == "Picture"
    assert "Linux" in browser.execute(page, LIVE)


def test_the_work_is_there_after_a_reload(page):
    page.wait_for_timeout(1000)  # what is written goes to the browser's own store a moment later
    page.reload()
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext")
    browser.evaluate(page, browser.READY, most=browser.PYTHON)
    browser.run_all(page)
    lab = page.locator(".uffdsim-lab").first
    press(lab, "Take it up")
    expect(lab.locator(".uffdsim-reached")).to_contain_text("You have answered a page fault.")
