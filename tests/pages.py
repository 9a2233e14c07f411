"""Pages for the tests of what people see: a JupyterLab, a browser, an empty notebook with a lab in it; and hands."""

import browser
import nbformat
import need
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

LAB = "from uffdsim.lab import CONTROLS, Lab\nlab = Lab(keep='', controls=CONTROLS)\nlab"
MINUTE = """
from uffdsim.lab import CONTROLS, Lab
lab = Lab(keep="", controls=CONTROLS, acts=[
    {"op": "store", "vma": "plain", "value": 65},
    {"op": "load", "thread": "t1", "vma": "watched"},
    {"op": "read_event", "fd": "u"},
    {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1},
])
lab
"""
STEP = 150
"""Milliseconds within which a click is seen; many times what it takes."""


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """A JupyterLab on a folder with the notebooks and an empty one."""
    need.chromium()
    folder, settings = tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")
    for path in (browser.ROOT / "notebooks").glob("*.ipynb"):
        (folder / path.name).write_bytes(path.read_bytes())
    nbformat.write(browser.empty_notebook(), folder / "empty.ipynb")
    with browser.jupyterlab(folder, settings) as address:
        yield address


@pytest.fixture(scope="module")
def chromium():
    with browser.browser() as chromium:
        yield chromium


@pytest.fixture(scope="module")
def page(chromium, address):
    """An empty notebook; whatever the browser complains of fails the test."""
    page = browser.notebook(chromium, address, "empty.ipynb")
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    return page


@pytest.fixture
def lab(page):
    """A fresh lab. At the end, no callback has failed, in the browser or in Python."""
    lab = browser.run(page, LAB)
    yield lab
    assert not page.complaints
    expect(lab.locator(".uffdsim-error")).to_have_count(0)


def press(lab, name):
    lab.get_by_role("button", name=name, exact=True).click()


def choose(lab, name, option):
    lab.get_by_label(name, exact=True).select_option(option)


def deeds(lab):
    return lab.locator(".uffdsim-deeds li")


def axe_complaints(page):
    results = Axe().run(page, ".jp-Cell-outputArea")
    return [f"{v['impact']}: {v['id']}: {v['nodes'][0]['html']}" for v in results.response["violations"]]
