"""Slides: all that a notebook shows, piece by piece, with nothing fetched from anywhere."""

import base64
import importlib.util
import os
import re
from pathlib import Path

import nbformat
import need
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("slides", ROOT / "tools" / "slides.py")
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def cell(made, slide_type="-", **metadata):
    made.metadata = {"slideshow": {"slide_type": slide_type}, **metadata}
    return made


@pytest.fixture
def notebook(tmp_path):
    """Two slides: a heading; then a prediction, the code, and its result."""
    printed = new_output("stream", name="stdout", text="it waits <for you>\n")
    cells = [
        cell(new_markdown_cell("# A lesson"), "slide"),
        cell(new_markdown_cell("## Predict"), "slide"),
        cell(new_code_cell("m.wait()", outputs=[printed])),
        cell(new_code_cell("much = 1", outputs=[]), tags=["hide-input"]),
    ]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_code_is_shown_before_what_came_of_it_so_that_a_room_can_predict(notebook):
    made = tool.slides(notebook)
    assert re.findall(r'<(section|div class="\w+")>', made) == [
        "section",
        'div class="prose"',
        "section",
        'div class="prose"',
        'div class="code"',
        'div class="output"',
    ]
    assert "it waits &lt;for you&gt;" in made and "<title>A lesson</title>" in made


def test_code_that_a_notebook_folds_away_is_on_no_slide(notebook):
    assert "much" not in tool.slides(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_slides_show_every_output_and_fetch_nothing(path):
    made = tool.slides(path)
    outputs = sum(len(one.get("outputs", ())) for one in nbformat.read(path, as_version=4).cells)
    assert made.count('<div class="output">') == outputs
    assert not re.search(r"<(?:script|img|link|iframe|image)\b[^>]*\b(?:src|href)=[\"'](?!data:|#)", made)
    assert not re.search(r"url\([\"']?(?!data:|#)|@import", made)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_links_lead_to_slides_and_to_files_that_are_there(path):
    made = {ROOT / "build" / "slides" / f"{one.stem}.html" for one in NOTEBOOKS}
    for link in re.findall(r'href="(?!https?:|data:)([^"#?]+)', tool.slides(path)):
        to = Path(os.path.normpath(ROOT / "build" / "slides" / link))
        assert to in made or to.exists(), link


def test_keys_go_on_piece_by_piece_and_slide_by_slide(notebook, tmp_path):
    chromium = need.chromium()
    sync_api = pytest.importorskip("playwright.sync_api")
    (tmp_path / "slides.html").write_text(tool.slides(notebook), encoding="utf-8")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"file://{tmp_path}/slides.html")

        def seen():
            kinds = ("prose", "code", "output")
            return [kind for kind in kinds if page.locator(f"section.here > .{kind}:visible").count()]

        assert "A lesson" in page.locator("section h1:visible").inner_text()
        page.keyboard.press("PageDown")
        assert seen() == ["prose"]
        page.keyboard.press("ArrowRight")
        assert seen() == ["prose", "code"]
        page.keyboard.press("Space")
        assert seen() == ["prose", "code", "output"]
        page.keyboard.press("ArrowRight")
        assert "slide 2 of 2" in page.locator("#where").inner_text()
        page.keyboard.press("ArrowLeft")
        assert seen() == ["prose", "code"]
        page.reload()
        assert seen() == ["prose", "code"], "a reload keeps the place"
        page.keyboard.press("PageUp")
        page.keyboard.press("PageUp")
        assert "slide 1 of 2" in page.locator("#where").inner_text()
        page.locator("#next").click()
        assert "slide 2 of 2" in page.locator("#where").inner_text()
        browser.close()
    assert not errors


def test_an_image_that_is_attached_to_a_cell_is_on_its_slide():
    (first, *_) = nbformat.read(ROOT / "notebooks" / "00-start-here.ipynb", as_version=4).cells
    data = first.attachments["first-minute.webp"]["image/webp"]
    assert base64.b64decode(data) == (ROOT / "docs" / "first-minute.webp").read_bytes()
    assert f'src="data:image/webp;base64,{data}"' in tool.prose(first) and "attachment:" not in tool.prose(first)
