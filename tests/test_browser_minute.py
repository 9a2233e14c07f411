"""The first minute as somebody lives it who never opened a notebook: by clicks, by keys, by mistake, and by Play."""

import re

import browser
import pytest
from hands import first_minute
from pages import MINUTE, axe_complaints, becomes, press
from playwright.sync_api import expect

SECONDS = 20
"""What the first minute may take when it is played."""


@pytest.fixture
def minute(page):
    """The lab of the first notebook, beside JupyterLab's files, in a small window."""
    page.evaluate("jupyterapp.shell.expandLeft()")
    lab = browser.run(page, first_minute())
    yield lab
    assert not page.complaints
    expect(lab.locator(".uffdsim-error")).to_have_count(0)
    page.evaluate("jupyterapp.shell.collapseLeft()")


def thing(lab, key):
    """The shape that stands for something."""
    return lab.locator(f"[role=button][data-key='{key}']").first


def message(lab):
    return lab.locator("[role=button][data-key^='message ']").first


def offer(lab, who, text):
    """What is offered in the menu that is open."""
    group = lab.get_by_role("menu").get_by_role("group", name=who, exact=True)
    return group.get_by_role("menuitem", name=text, exact=True)


def now(lab):
    """What the guide says next."""
    return lab.locator(".uffdsim-do > div")


def test_it_takes_eight_clicks(minute, page):
    page.evaluate("window.clicks = 0; addEventListener('click', () => { clicks += 1; }, true)")
    expect(now(minute)).to_contain_text("Press Write.")
    press(minute, "Write")
    expect(now(minute)).to_contain_text("Click page 0 of watched, and let t1 Read.")
    thing(minute, "page 0 of watched").click()
    offer(minute, "t1", "Read").click()
    expect(now(minute)).to_contain_text("Press Read message.")
    press(minute, "Read message")
    expect(now(minute)).to_contain_text("Click page 0 of plain, and let main Write 0x42.")
    thing(minute, "page 0 of plain").click()
    offer(minute, "main", "Write 0x42").click()
    expect(now(minute)).to_contain_text("Click t1's message, and choose CONTINUE.")
    message(minute).click()
    offer(minute, "handler", "CONTINUE").click()
    expect(minute.locator(".uffdsim-reached")).to_contain_text("You have answered a page fault.")
    assert page.evaluate("clicks") == 8


def test_it_can_be_done_by_keys_alone(minute, page):
    keys = page.keyboard
    minute.get_by_role("button", name="Write", exact=True).press("Enter")
    expect(now(minute)).to_contain_text("let t1 Read")
    thing(minute, "page 0 of plain").focus()
    for name in ("cache: page 0 of F: 0x41", "page 0 of watched: none"):
        keys.press("ArrowDown")
        expect(page.locator(":focus")).to_have_attribute("aria-label", name)
    keys.press("Enter")
    expect(offer(minute, "main", "Read")).to_be_focused()
    keys.press("ArrowDown")
    expect(offer(minute, "t1", "Read")).to_be_focused()
    keys.press("Enter")
    expect(now(minute)).to_contain_text("Press Read message.")
    expect(thing(minute, "page 0 of watched")).to_be_focused()
    minute.get_by_role("button", name="Read message", exact=True).press("Enter")
    thing(minute, "page 0 of plain").focus()
    keys.press(" ")
    expect(offer(minute, "main", "Read")).to_be_focused()
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(offer(minute, "main", "Write 0x42")).to_be_focused()
    keys.press("Enter")
    expect(now(minute)).to_contain_text("Click t1's message")
    message(minute).press("Enter")
    expect(offer(minute, "handler", "CONTINUE")).to_be_focused()
    keys.press("Enter")
    expect(minute.locator(".uffdsim-reached")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('.uffdsim-lab') !== null")  # though the message is gone
    keys.press("PageUp")
    expect(minute.locator(".uffdsim-where b").first).to_have_text("63")


def test_a_menu_closes_and_the_focus_goes_back(minute, page):
    menu = minute.locator(".uffdsim-menu")
    for close in ("Escape", "Tab"):
        thing(minute, "page 1 of plain").press("Enter")
        expect(menu).to_be_visible()
        page.keyboard.press(close)
        expect(menu).to_be_hidden()
        expect(thing(minute, "page 1 of plain")).to_be_focused()
    thing(minute, "page 1 of plain").click()
    expect(menu).to_be_visible()
    minute.locator("p.uffdsim-event").click()
    expect(menu).to_be_hidden()
    assert browser.execute(page, "print(len(lab.model.acts))").strip() == "0"


def test_what_is_chosen_in_a_picture_is_chosen_in_the_rows_and_the_other_way_round(minute, page):
    expect(thing(minute, "page 0 of plain")).to_have_attribute("data-chosen", "")
    thing(minute, "page 2 of watched").click()
    page.keyboard.press("Escape")
    expect(minute.get_by_label("Mapping", exact=True)).to_have_value("watched")
    expect(minute.get_by_label("Page", exact=True)).to_have_value("2")
    expect(minute.locator("[data-part=tables] [data-chosen]")).to_have_attribute("data-key", "page 2 of watched")
    minute.get_by_label("Page", exact=True).select_option("1")
    expect(minute.locator("[data-part=tables] [data-chosen]")).to_have_attribute("data-key", "page 1 of watched")
    press(minute, "Read")
    minute.get_by_label("Thread", exact=True).select_option("t1")
    press(minute, "Read")
    lane = thing(minute, "lane main")
    expect(lane).to_have_attribute("aria-pressed", "false")
    lane.click()
    expect(minute.get_by_label("Thread", exact=True)).to_have_value("main")
    expect(lane).to_have_attribute("aria-pressed", "true")
    expect(thing(minute, "lane t1")).to_have_attribute("aria-pressed", "false")


def test_who_goes_astray_is_told_and_led_back(minute):
    notice = minute.locator(".uffdsim-do .uffdsim-notice")
    thing(minute, "page 0 of watched").click()
    offer(minute, "main", "Write 0x41").click()
    expect(notice).to_contain_text("That went to watched: Undo, and choose plain.")
    expect(now(minute)).to_contain_text("Press Write.")
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_have_count(0)
    minute.get_by_label("Mapping", exact=True).select_option("plain")
    press(minute, "Write")
    expect(now(minute)).to_contain_text("let t1 Read")
    thing(minute, "page 0 of watched").click()
    offer(minute, "main", "Read").click()
    expect(notice).to_contain_text("That was main: Undo, and choose t1.")
    press(minute, "Reset")
    expect(now(minute)).to_contain_text("Press Write.")
    expect(minute.get_by_label("Mapping", exact=True)).to_have_value("plain")
    press(minute, "Write")
    expect(now(minute)).to_contain_text("let t1 Read")


def test_who_sleeps_is_offered_nothing_and_it_says_why(minute):
    press(minute, "Write")
    thing(minute, "page 0 of watched").click()
    offer(minute, "t1", "Read").click()
    expect(now(minute)).to_contain_text("Press Read message.")
    thing(minute, "page 0 of plain").click()
    group = minute.get_by_role("menu").get_by_role("group", name="t1", exact=True)
    expect(group).to_contain_text("t1 is asleep in the kernel")
    expect(group.get_by_role("menuitem")).to_have_attribute("aria-disabled", "true")


def test_nothing_keeps_anybody_out_of_guides_and_menus(minute, page):
    press(minute, "Read message")
    expect(minute.locator(".uffdsim-means")).to_contain_text("EAGAIN: not now")
    thing(minute, "page 0 of watched").click()
    expect(minute.get_by_role("menu")).to_be_visible()
    assert axe_complaints(page) == []


def test_a_lab_that_only_shows_has_no_menus(page):
    lab = browser.run(page, MINUTE.replace("controls=CONTROLS", 'controls=["time"]'))
    expect(lab.locator("[data-can=go]").first).to_be_attached()
    expect(lab.locator("[data-can=menu], [data-can=choose]")).to_have_count(0)


# Play

PLAY = """() => {
    window.ticks = [];
    window.realInterval = setInterval;
    window.setInterval = (tick, pace) => (pace < 300 ? realInterval(tick, pace) : ticks.push([tick, pace]));
}"""
"""From now on, intervals that are slow enough to be seen pass when the test says so."""
STOP = "() => { window.setInterval = realInterval; }"


def test_play_begins_at_the_first_act_and_takes_twenty_seconds(page):
    lab = browser.run(page, first_minute().replace("guide=GUIDE, ", "acts=[line.act for line in GUIDE.lines], "))
    where = lab.locator(".uffdsim-where b").first
    page.evaluate(PLAY)
    try:
        ends = [int(end) for end in browser.execute(page, "print(*lab.model.outcome.ends)").split()]
        for begin in (len(ends), 0):
            if not begin:
                press(lab, "|◀")
            press(lab, "Play")
            expect(where).to_have_text(str(ends[0]))
            for end in ends[1:]:
                page.evaluate("ticks.at(-1)[0]()")
                expect(where).to_have_text(str(end))
            expect(lab.get_by_role("button", name="Play", exact=True)).to_have_attribute("aria-pressed", "false")
        assert page.evaluate("ticks[0][1]") * (len(ends) - 1) <= 1000 * SECONDS
        lab.get_by_label("How fast does it play?").select_option("by events")
        press(lab, "Play")
        page.evaluate("ticks.at(-1)[0]()")
        expect(where).to_have_text(str(ends[0] + 1))
    finally:
        page.evaluate(STOP)


def test_play_stops_at_a_question(page):
    code = first_minute().replace("guide=GUIDE, ", "acts=[line.act for line in GUIDE.lines], predict=True, ")
    lab = browser.run(page, code + "\nlab.stage.pace = 20\nlab")
    press(lab, "Play")
    expect(lab.locator(".uffdsim-question")).to_contain_text("main writes 0x41 to page 0 of plain")
    expect(lab.get_by_role("button", name="Play", exact=True)).to_have_attribute("aria-pressed", "false")
    press(lab, "Show me")
    expect(lab.locator(".uffdsim-question")).to_have_count(0)
    press(lab, "Play")
    expect(lab.locator(".uffdsim-question")).to_contain_text("t1 reads page 0 of watched")


def test_acts_are_marked_on_the_timeline_and_dragging_it_goes_through_time(page):
    lab = browser.run(page, MINUTE)
    expect(lab.locator(".uffdsim-ticks i")).to_have_count(5)
    line = lab.get_by_label("Event", exact=True)
    line.scroll_into_view_if_needed()
    box = line.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, y, steps=5)
    page.mouse.up()
    half = int(line.get_attribute("max")) // 2
    near = "|".join(str(half + by) for by in (-1, 0, 1))
    expect(lab.locator(".uffdsim-where b").first).to_have_text(re.compile(f"^({near})$"))


def test_watch_it_again_plays_from_the_first_act(minute, page):
    browser.execute(page, 'for line in GUIDE.lines: lab.order("act", dict(line.act))')
    minute.get_by_role("button", name="▶ Watch it again").click()
    expect(minute.locator(".uffdsim-where b").first).to_have_text("23")
    expect(minute.get_by_role("button", name="✓ Play")).to_be_visible()
    press(minute, "✓ Play")


CUT = """list => [list, ...list.querySelectorAll("li > div")].some(one =>
    one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight + 1)"""


def test_in_a_lecture_all_lines_can_be_read(minute, page):
    page.set_viewport_size({"width": 1920, "height": 1080})
    press(minute, "Lecture")
    guide = minute.locator(".uffdsim-guide")
    becomes(guide, f"list => !({CUT})(list)")
    press(minute, "Write")
    expect(now(minute)).to_contain_text("let t1 Read")
    becomes(guide, f"list => !({CUT})(list)")
    press(minute, "✓ Lecture")
    page.set_viewport_size({"width": 1280, "height": 720})
