"""Time, predictions and what-ifs in a lab, in a real browser."""

import re

import browser
from pages import MINUTE, STEP, at_rest, choose, deeds, press
from playwright.sync_api import expect


def test_time_by_mouse_and_by_keyboard(page):
    lab = browser.run(page, MINUTE)
    where = lab.locator(".uffdsim-where b")
    end = int(where.inner_text())
    begin = int(browser.execute(page, "print(lab.model.outcome.ends[0])"))
    ways = [
        ("◀ Back", "ArrowLeft", end - 1),
        ("Next ▶", "ArrowRight", end),
        ("|◀", "Home", 0),
        ("▶|", "End", end),
        ("|◀", "Home", 0),
        ("▶▶", "PageDown", begin),
        ("◀◀", "PageUp", 0),
    ]
    for name, _, at in ways:
        press(lab, name)
        expect(where).to_have_text(str(at))
    press(lab, "▶|")
    expect(where).to_have_text(str(end))
    for _, key, at in ways:
        page.keyboard.press(key)
        expect(where).to_have_text(str(at))
    line = lab.get_by_label("Event", exact=True)
    line.fill("30")
    expect(where).to_have_text("30")
    for key, at in [("ArrowLeft", 29), ("ArrowRight", 30), ("Home", 0), ("End", end)]:
        line.press(key)
        expect(where).to_have_text(str(at))
        expect(line).to_have_attribute("aria-valuetext", f"event {at} of {end}")
    expect(lab.locator(".uffdsim-ticks i")).to_have_count(5)  # what is set up, and the four acts
    line.fill("30")
    lab.locator("[data-part=second] text[data-event='29']").first.click()
    expect(where).to_have_text("29")
    lab.locator("[data-part=tables] [data-key='page 2 of plain']").first.click()
    expect(lab.get_by_label("Mapping", exact=True)).to_have_value("plain")
    expect(lab.get_by_label("Page", exact=True)).to_have_value("2")
    deeds(lab).nth(1).click()
    expect(where).not_to_have_text("29")
    lab.get_by_role("button", name="Reset").click()
    expect(deeds(lab)).to_have_count(0)
    lab.get_by_role("button", name="Undo").click()
    expect(deeds(lab)).to_have_count(4)
    page.keyboard.press("y")
    expect(deeds(lab)).to_have_count(0)
    page.keyboard.press("z")
    expect(deeds(lab)).to_have_count(4)


def test_nothing_that_is_done_fast_is_lost_or_overtaken(page):
    lab = browser.run(page, MINUTE)
    where = lab.locator(".uffdsim-where b")
    end = int(where.inner_text())
    for _ in range(10):
        press(lab, "|◀")
        press(lab, "▶|")
        page.keyboard.press("ArrowLeft")
        press(lab, "◀ Back")
        page.keyboard.press("ArrowLeft")
        expect(where).to_have_text(str(end - 3))


def test_play_goes_on_by_itself_and_stops(page):
    lab = browser.run(page, MINUTE + "lab.stage.pace = 20\nlab")
    where = lab.locator(".uffdsim-where b")
    end = where.inner_text()
    page.wait_for_timeout(STEP)
    expect(where).to_have_text(end)
    press(lab, "|◀")
    press(lab, "Play")
    expect(where).to_have_text(end, timeout=20_000)
    expect(lab.get_by_role("button", name="Play", exact=True)).to_have_attribute("aria-pressed", "false")
    press(lab, "|◀")
    page.keyboard.press("k")
    expect(where).not_to_have_text("0")
    press(lab, "✓ Play")
    expect(lab.get_by_role("button", name="Play", exact=True)).to_have_attribute("aria-pressed", "false")
    stopped = where.inner_text()
    page.wait_for_timeout(STEP)
    assert where.inner_text() == stopped


def test_nothing_moves_when_time_goes_on(page):
    lab = browser.run(page, MINUTE)
    press(lab, "|◀")
    at_rest(page)  # it is drawn for the room that there is
    boxes = set()
    for at in range(1, 12):
        press(lab, "Next ▶")
        expect(lab.locator(".uffdsim-where b")).to_have_text(str(at))
        boxes.add(
            lab.evaluate(
                """lab => ["[data-part=tables] svg", "[data-part=second] svg", ".uffdsim-time"].map(part => {
                    const box = lab.querySelector(part).getBoundingClientRect();
                    return [box.x, box.y, box.width, box.height].join();
                }).join(" ")"""
            )
        )
    assert len(boxes) == 1


def test_a_what_if_runs_the_same_acts_at_once_and_marks_what_differs(page):
    lab = browser.run(page, MINUTE)
    press(lab, "◀◀")
    press(lab, "◀◀")
    expect(deeds(lab).nth(1)).to_have_text("t1 reads page 0 of watched → waits")
    press(lab, "MISSING")
    press(lab, "✓ MINOR")
    expect(deeds(lab).nth(1)).to_have_text("t1 reads page 0 of watched → ≠ 0x41")
    said = lab.locator("[data-part=caption] .uffdsim-differs")
    expect(said).to_contain_text("t1 reads page 0 of watched → 0x41; before, waits")
    expect(lab.locator("[data-part=tables] [class*=differs]").first).to_be_visible()


def test_two_kernels_side_by_side_share_one_cursor(page):
    lab = browser.run(page, MINUTE)
    choose(lab, "Beside it", "on linux-5.11")
    pictures = lab.locator("[data-part=tables] svg, [data-part=beside] svg")
    expect(pictures).to_have_count(2)
    before = pictures.nth(1).get_attribute("aria-label")
    press(lab, "◀◀")
    expect(pictures.nth(1)).not_to_have_attribute("aria-label", before)
    expect(lab.locator("h4:visible")).to_have_text([re.compile("linux-6.18"), re.compile("linux-5.11")])


def test_a_prediction_by_mouse_and_by_keyboard(lab, page):
    press(lab, "Predict")
    press(lab, "Write")
    expect(lab.get_by_text("What happens to main?")).to_be_visible()
    expect(deeds(lab).last).to_have_text("main writes 0x41 to page 0 of watched")
    lab.get_by_role("button", name="no message", exact=True).click()
    expect(lab.get_by_role("button", name="✓ no message")).to_have_attribute("aria-pressed", "true")
    lab.get_by_role("button", name="SIGBUS", exact=True).focus()
    page.keyboard.press("Enter")
    said = lab.locator(".uffdsim-verdict")
    expect(said).to_contain_text("✓ Which message is left for the handler? no message")
    expect(said).to_contain_text("✗ What happens to main? it goes on, not SIGBUS")
    expect(said).to_contain_text("1 of 2 answered correctly so far.")
    looks = said.locator("ul li").evaluate_all("all => all.map(one => getComputedStyle(one).backgroundColor)")
    assert len(set(looks)) == 2
    press(lab, "Read")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    lab.get_by_role("button", name="Show me").click()
    expect(said).to_contain_text("– What happens to main?")
    expect(said).to_contain_text("1 of 2 answered correctly so far.")  # it is no answer
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("p")
    expect(lab.get_by_role("button", name="Predict", exact=True)).to_have_attribute("aria-pressed", "false")
