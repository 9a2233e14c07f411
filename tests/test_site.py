"""The site: lessons that read, step and answer as plain files, where no kernel, no server and no network is."""

import gzip
import re

import browser
import executed
import need
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from uffdsim.course.lessons.minute import MINUTE
from uffdsim.lab import Lab
from uffdsim.pictures import draw

NAMES = executed.notebooks.names()
MOST = 2_000_000
"""Bytes of a page with all it needs, compressed."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    executed.website.build([], folder, lite=False)
    return folder


@pytest.fixture(scope="module")
def chromium():
    need.chromium()
    with browser.browser() as chromium:
        yield chromium


@pytest.fixture
def visit(chromium, folder):
    """Opens a lesson's page; whatever it asks of anybody, or complains of, fails the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True, bypass_csp=True)
    complaints = []

    def visit(name):
        if name in NAMES and not (folder / f"{name}.html").exists():
            executed.website.write(executed.lesson.Lesson(name, executed.notebook(name)), folder, False, {})
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda one: one.url.startswith(("file:", "data:", "blob:")) or complaints.append(one.url))
        page.goto((folder / f"{name}.html").as_uri())
        return page

    yield visit
    context.close()
    assert not complaints


def labs(page):
    return page.locator(".site-lab:has(.uffdsim-picture)")


def press(lab, name):
    lab.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_is_a_page_whose_labs_live_and_axe_has_nothing_to_say(visit, folder, name):
    page = visit(name)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    expect(labs(page)).to_have_count(page.locator(".site-lab").count())
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        browser.settle(page)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
    files = [folder / file for file in (f"{name}.html", f"{name}.js", "uffdsim.js", "uffdsim.css")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files if file.exists()) < MOST


def test_a_lesson_says_first_that_it_has_been_run_and_its_picture_is_on_the_papers_colour(visit):
    page = visit("00-start-here")
    expect(page.locator("main > :first-child")).to_contain_text("every cell has run")
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        image = page.locator("main img:visible").first
        expect(image).to_have_attribute("src", f"first-minute-{theme}.svg")
        assert image.evaluate("one => one.complete && one.naturalWidth > 0")


@pytest.mark.parametrize("name", NAMES)
def test_no_line_of_code_is_cut_and_its_output_looks_otherwise(visit, name):
    page = visit(name)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    code = page.locator(".site-code pre")
    assert not code.evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"
    )
    printed = page.locator(".site-output > pre")
    if printed.count():
        paper = "one => getComputedStyle(one).backgroundColor"
        assert code.first.evaluate(paper) != printed.first.evaluate(paper)


def test_questions_stand_apart_and_what_follows_stands_below_the_text(visit):
    page = visit("00-start-here")
    first, second = (one.bounding_box() for one in page.locator(".site-ask").all()[:2])
    assert second["y"] >= first["y"] + first["height"] + 10
    seen = page.locator("summary", has_text="What happens, step by step").bounding_box()
    assert seen["x"] == page.locator("h1").bounding_box()["x"]


def test_on_a_phone_the_header_leaves_the_screen_to_the_lesson(visit):
    page = visit("09-minor-or-a-protection")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.locator("header").bounding_box()["height"] < 844 / 5
    page.evaluate("scrollTo(0, 1000)")
    expect(page.locator("header")).not_to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_first_page_leads_to_every_lesson_and_shows_the_first_minute(visit, folder):
    page = visit("index")
    links = page.locator(".site-lessons a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert links == [f"{name}.html" for name in NAMES]
    assert page.locator("img:visible").evaluate("one => one.complete && one.naturalWidth > 0")
    assert Axe().run(page).response["violations"] == []


def test_every_link_leads_to_a_page_that_is_there(folder):
    lessons = {f"{name}.html" for name in NAMES}
    for path in folder.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="(?!https?:|data:)([^"#?]+)', path.read_text(encoding="utf-8")):
            assert link in lessons or (path.parent / link).exists(), f"{path.name}: {link}"


def test_a_lab_steps_by_mouse_and_keys_and_shows_what_a_live_one_shows(visit):
    lab = labs(visit("00-start-here")).first
    live = Lab(acts=MINUTE, keep="")

    def shows(at, second="sequence"):
        for part, name in (("tables", "tables"), ("second", second)):
            picture = draw(name, live.model.trace, at)
            where = lab.locator(f'[data-part="{part}"] .uffdsim-picture')
            expect(where).to_have_attribute("aria-label", picture.sentence)

    ends = live.model.outcome.ends
    shows(ends[0])
    press(lab, "▶▶")
    shows(ends[1])
    press(lab, "Next ▶")
    shows(ends[1] + 1)
    lab.press("ArrowLeft")
    shows(ends[1])
    lab.press("End")
    shows(live.model.end)
    lab.press("3")
    shows(live.model.end, "decision")
    lab.get_by_role("slider", name="Event").fill("40")
    shows(40, "decision")
    lab.locator("summary", has_text="The same in words").click()
    expect(lab.locator(".uffdsim-words table").first).to_be_visible()


def test_a_setting_that_the_lesson_asks_to_try_is_tried(visit):
    lab = labs(visit("00-start-here")).last
    press(lab, "modes MISSING")
    lab.press("End")
    live = Lab(acts=MINUTE, modes=["MISSING"], keep="")
    picture = draw("tables", live.model.trace)
    expect(lab.locator('[data-part="tables"] .uffdsim-picture')).to_have_attribute(
        "aria-label", re.compile(f"^{re.escape(picture.sentence)}")
    )
    expect(lab.locator('[data-part="caption"]')).to_contain_text("EEXIST")
    expect(lab.get_by_role("button", name="modes MISSING")).to_have_attribute("aria-pressed", "true")


def test_a_question_is_answered_with_its_reason(visit):
    page = visit("02-missing-or-minor")
    ask = page.locator("form.site-ask").first
    said = ask.get_by_role("status")
    for choice in ask.get_by_role("radio").all():
        choice.check()
        press(ask, "That is my answer")
        expect(said).to_contain_text(re.compile("Not so|Right"))
        expect(said.locator("summary")).to_have_count(2)
    assert "Event" in said.inner_text()


def test_a_prediction_in_a_lab_says_of_each_part_whether_it_was_right(visit):
    ask = visit("00-start-here").locator("form.site-ask").first
    ask.get_by_label("no message").check()
    ask.get_by_label("it waits").check()
    press(ask, "That is my answer")
    said = ask.get_by_role("status").get_by_role("listitem")
    expect(said).to_have_text(
        ["✓ Which message is left for the handler? no message", "✗ What happens to main? it goes on"]
    )
