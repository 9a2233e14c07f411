"""The cheat sheet says what the simulated kernel says, and fits on a page."""

import re
import sys
from pathlib import Path

import need
import pytest

ROOT = Path(__file__).parents[1]
SHEET = ROOT / "docs" / "cheat-sheet.html"


@pytest.fixture(scope="module")
def tool():
    sys.path.insert(0, str(ROOT / "tools"))
    import cheatsheet

    sys.path.remove(str(ROOT / "tools"))
    return cheatsheet


def test_it_says_what_the_simulated_kernel_says(tool):
    assert SHEET.read_text(encoding="utf-8") == tool.sheet(), "renew it: python tools/cheatsheet.py"


def test_nothing_is_left_to_be_filled_in(tool):
    assert not re.search(r"<!-- [A-Z]+ -->", tool.sheet())


def test_a_file_decides_which_mode_counts(tool):
    stage = tool.Stage("shmem", "MINOR", cached=True)
    assert stage.message() == "minor (4)"
    assert tool.Stage("shmem", "MINOR").message() == "—"


def test_its_program_runs(tool):
    code = re.search(r"<pre>(from uffdsim.*?)</pre>", SHEET.read_text(encoding="utf-8"), re.DOTALL).group(1)
    names = {}
    exec(code, names)
    assert names["t"].value == 65


def test_its_handler_survives(tool):
    from uffdsim.course import judge

    code = re.search(r"<pre>(def handler.*?)</pre>", SHEET.read_text(encoding="utf-8"), re.DOTALL).group(1)
    names = {}
    exec(code, names)
    trials = ["minor", "missing", "both", "filled meanwhile", "while the ground moves", "unmapped"]
    judged = judge(names["handler"], trials)
    assert judged, judged


def test_it_fits_on_one_page():
    chromium = need.chromium()
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"file://{SHEET}")
        printed = page.pdf(prefer_css_page_size=True)
        browser.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
