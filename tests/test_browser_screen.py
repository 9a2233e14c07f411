"""What is on the screen of a lab, and for whom; and what is taken away from it: in a real browser."""

import json
import re

import browser
import pytest
from pages import LAB, MINUTE, at_rest, axe_complaints, becomes, choose, deeds, press
from playwright.sync_api import expect

EVERYTHING = """
from uffdsim.lab import Lab
lab = Lab(keep="", modes=["MISSING", "MINOR", "WP"], features=["EVENT_REMOVE"], acts=[
    {"op": "store", "vma": "plain", "value": 65},
    {"op": "load", "thread": "t1", "vma": "watched"},
    {"op": "load", "thread": "t2", "vma": "watched", "page": 2},
    {"op": "read_event", "fd": "u"},
    {"op": "poison", "fd": "u", "vma": "watched", "page": 1, "pages": 1},
    {"op": "writeprotect", "fd": "u", "vma": "watched", "page": 3, "pages": 1, "mode": ["WP"]},
    {"op": "madvise", "vma": "watched", "page": 0, "pages": 1, "advice": "DONTNEED"},
])
lab
"""


LINE = 26
SMALLEST = """lab => Math.min(...[...lab.querySelectorAll("[data-part]:not([hidden]) > svg text")].map(text => {
    const svg = text.ownerSVGElement;
    return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
}))"""
"""How large the smallest words in the pictures of a lab are, in CSS pixels."""
WATCH = f"""lab => {{
    window.smallest = Infinity;
    const look = () => {{
        if (!lab.isConnected) return;
        window.smallest = Math.min(smallest, ({SMALLEST})(lab));
        requestAnimationFrame(look);
    }};
    look();
}}"""
"""How small words become from now on, if only for one frame."""
LEGIBLE = f"(lab, least) => ({SMALLEST})(lab) >= least"
FILLS = "lab => lab.scrollHeight <= lab.clientHeight && lab.clientHeight <= innerHeight"
"""Whether nothing of a lab that fills the screen has to be scrolled to."""
FITS = """(lab, beneath) => {
    const room = lab.closest(".jp-WindowedPanel-outer").getBoundingClientRect();
    const {height, left, right} = lab.getBoundingClientRect();
    const wide = [...lab.querySelectorAll("*")].filter(e => e.scrollWidth > lab.clientWidth);
    return height <= room.height + beneath && left >= room.left && right <= room.right && !wide.length;
}"""
"""Whether a lab is on the page at once, but for so many pixels; and nothing in it is too wide."""


@pytest.mark.parametrize(
    ("width", "height", "files"), [(1280, 720, "away"), (1920, 1080, "away"), (1280, 720, "beside it")]
)
def test_the_lab_fits_the_page(page, width, height, files):
    """All of it is seen at once, but for a line; beside JupyterLab's files in a small window, where the flags' picture
    is high, but for three. So is a lecture. And no word in a picture is too small to be read."""
    page.set_viewport_size({"width": width, "height": height})
    lab = browser.run(page, EVERYTHING)
    if files == "beside it":
        page.evaluate("jupyterapp.shell.expandLeft()")
        expect(page.locator(".jp-FileBrowser")).to_be_visible()
    lab.evaluate("lab => lab.scrollIntoView()")
    beneath = LINE * (3 if files == "beside it" else 1)
    becomes(lab, LEGIBLE, 11)  # Python has heard how much room there is
    lab.evaluate(WATCH)
    second = lab.locator("[data-part=second] svg")
    for name in ("decision", "walk", "flags", "log", "sequence"):
        before = second.get_attribute("aria-label")
        choose(lab, "Show", name)
        expect(second).not_to_have_attribute("aria-label", before)
        becomes(lab, FITS, beneath)
    press(lab, "Predict")
    press(lab, "Read message")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    becomes(lab, FITS, beneath)
    press(lab, "✓ Predict")
    press(lab, "Lecture")
    expect(lab).to_have_class(re.compile("uffdsim-lecture"))
    becomes(lab, FILLS)
    becomes(lab, LEGIBLE, 24 if height >= 1080 else 16)
    press(lab, "✓ Lecture")
    expect(lab).not_to_have_class(re.compile("uffdsim-lecture"))
    choose(lab, "Beside it", "on linux-6.1")
    expect(lab.locator("[data-part=beside] svg")).to_be_visible()
    if files == "away":
        becomes(lab, FITS, beneath)
    assert page.evaluate("smallest") >= 11  # in none of all the frames
    page.evaluate("jupyterapp.shell.collapseLeft()")
    page.set_viewport_size({"width": 1280, "height": 720})


def test_a_page_at_rest_says_nothing_whatever_its_size(page):
    """What a lab shows goes by the room that it has, and takes room: one must not answer the other for ever."""
    lab = browser.run(page, MINUTE)
    for other in ("nothing", "on linux-6.1"):
        choose(lab, "Beside it", other)
        for width in (1280, 1080, 860):
            page.set_viewport_size({"width": width, "height": 720})
            at_rest(page)
    page.set_viewport_size({"width": 1280, "height": 720})


IN_SIGHT = """card => {
    const [box, screen] = [card, card.closest(".uffdsim-lab")].map(one => one.getBoundingClientRect());
    const time = card.parentElement.querySelector("[data-part=clock]").getBoundingClientRect();
    return box.top >= screen.top && box.bottom <= time.top + 1 && time.bottom <= screen.top + innerHeight;
}"""


TALL = "from uffdsim.lab import Lab\nLab('87-the-kernel-writes', keep='')"
CURRENT_IN_SIGHT = """list => {
    const [box, one] = [list, list.querySelector("[aria-current]")].map(one => one.getBoundingClientRect());
    return one.top >= box.top - 1 && one.bottom <= box.bottom + 1;
}"""


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
@pytest.mark.parametrize("code", [EVERYTHING, TALL], ids=["on two kernels", "of many threads"])
def test_in_a_lecture_the_words_stay_in_sight_and_time_in_reach(page, code, width, height):
    page.set_viewport_size({"width": width, "height": height})
    lab = browser.run(page, code)
    if code == EVERYTHING:
        choose(lab, "Beside it", "on linux-6.1")
    press(lab, "Lecture")
    expect(lab).to_have_class(re.compile("uffdsim-lecture"))
    card = lab.locator("[data-part=caption]")
    for far in (0, 150, 300):
        lab.evaluate("(lab, far) => { lab.scrollTop = far; }", far)
        becomes(card, IN_SIGHT)
        if code == TALL:
            becomes(card.locator("ol"), CURRENT_IN_SIGHT)
    page.set_viewport_size({"width": 1280, "height": 720})
    press(lab, "✓ Lecture")


ABREAST = """
from ipywidgets import HBox
from uffdsim.lab import Lab
HBox([Lab(keep=""), Lab(keep="")])
"""
SHARED = """output => {
    const [one, other] = [...output.querySelectorAll(".uffdsim-lab")].map(lab => lab.getBoundingClientRect().width);
    return Math.min(one, other) > 450 && Math.abs(one - other) < 2;
}"""


def test_two_labs_abreast_share_the_page(page):
    browser.run(page, ABREAST)
    expect(page.locator(".uffdsim-lab")).to_have_count(2)
    becomes(page.locator(".jp-OutputArea").first, SHARED)


MANY = """
from uffdsim.lab import Lab
lab = Lab(keep="", acts=[{"op": "store", "vma": "plain", "page": n % 4, "value": n} for n in range(25)])
lab
"""
GUIDED = """
from uffdsim.lab import Lab
line = "Write the byte once more, and look whether it comes into the page cache of F, where the others see it"
lab = Lab(keep="", guide=[f"{line}, for time {n}." for n in range(8)])
lab
"""
SEEN = """lab => {
    const within = (inner, outer) => inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const box = one => one.getBoundingClientRect();
    const card = box(lab.querySelector("[data-part=caption]"));
    const now = [...lab.querySelectorAll("[aria-current]")];
    return now.length > 0 && within(box(lab.querySelector(".uffdsim-where")), card)
        && now.every(one => within(box(one), card) && within(box(one), box(one.closest(".uffdsim-deeds"))));
}"""
"""Whether the event that is looked at, what was done at it, and what is to be done next are all in sight."""


def test_of_much_that_was_done_the_last_is_in_sight_and_so_is_what_came_of_it(page):
    lab = browser.run(page, MANY)
    where = lab.locator(".uffdsim-where b")
    for key in ("PageUp", "PageUp", "ArrowLeft", "Home", "End"):
        before = where.inner_text()
        lab.get_by_role("button", name="Next ▶").press(key)
        expect(where).not_to_have_text(before)
        if key != "Home":
            becomes(lab, SEEN)
    for width in (1000, 1280):
        page.set_viewport_size({"width": width, "height": 720})
        becomes(lab, SEEN)


def test_what_a_guide_says_next_is_in_sight_all_the_time(page):
    lab = browser.run(page, GUIDED)
    page.evaluate("jupyterapp.shell.expandLeft()")
    for done in range(7):
        expect(lab.locator(".uffdsim-do")).to_contain_text(f"for time {done}.")
        becomes(lab, FITS, 0)
        becomes(lab, SEEN)
        press(lab, "Write")
    page.evaluate("jupyterapp.shell.collapseLeft()")


OVERLAPS = """lab => {
    const seen = [...lab.querySelectorAll(":is(button, select, input, label, .widget-label)")].filter(
        control => control.checkVisibility() && control.closest(".uffdsim-row, .uffdsim-settings"));
    const boxes = seen.map(control => [control, control.getBoundingClientRect()]);
    return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([other, b]) =>
        !one.contains(other) && !other.contains(one) &&
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    ).map(([other]) => `${one.outerHTML.slice(0, 80)} over ${other.outerHTML.slice(0, 80)}`));
}"""


@pytest.mark.parametrize("width", [1280, 1150, 1030, 700])
def test_in_a_narrow_window_controls_go_on_in_the_next_line(lab, page, width):
    page.set_viewport_size({"width": width, "height": 720})
    press(lab, "Take away ▾")
    press(lab, "0 features ▾")
    becomes(lab, f"lab => !({OVERLAPS})(lab).length")
    page.set_viewport_size({"width": 1280, "height": 720})


def test_a_lecture_fills_the_screen_with_large_type(lab, page):
    small = lab.locator("[data-part=caption] .uffdsim-event").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    press(lab, "Lecture")
    expect(lab).to_have_class(re.compile("uffdsim-lecture"))
    large = lab.locator("[data-part=caption] .uffdsim-event").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert large >= 1.5 * small
    expect(lab.get_by_role("button", name="munmap")).to_be_hidden()
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("l")
    expect(lab).not_to_have_class(re.compile("uffdsim-lecture"))
    expect(lab.get_by_role("button", name="munmap")).to_be_visible()


def test_the_pictures_are_told_in_words_too(page):
    lab = browser.run(page, MINUTE)
    lab.get_by_text("The same in words").press("Enter")
    expect(lab.get_by_role("cell", name="t1 reads")).to_have_count(0)
    expect(lab.get_by_role("cell", name="0x41").first).to_be_visible()
    press(lab, "◀◀")
    press(lab, "◀◀")
    expect(lab.get_by_role("cell", name="t1 reads").first).to_be_visible()
    lab.get_by_text("The same in words").press("Enter")
    expect(lab.get_by_role("cell", name="0x41")).to_have_count(0)
    assert axe_complaints(page) == []


def test_every_control_is_reached_by_tab_and_says_its_name(lab, page):
    press(lab, "Take away ▾")
    press(lab, "0 features ▾")
    expect(lab.get_by_label("Text", exact=True)).to_be_visible()
    expect(lab.get_by_role("button", name="EVENT_FORK", exact=True)).to_be_visible()
    at_rest(page)
    controls = "button:enabled, select, input, textarea, summary, [tabindex='0']"
    lab.locator(controls).first.focus()
    page.evaluate("window.reached = new Set()")
    for _ in range(140):
        page.evaluate("reached.add(document.activeElement)")
        page.keyboard.press("Tab")
    left_out = "all => all.filter(e => e.checkVisibility() && !reached.has(e)).map(e => e.outerHTML.slice(0, 300))"
    assert lab.locator(controls).evaluate_all(left_out) == []


def test_nothing_keeps_anybody_out(lab, page):
    assert axe_complaints(page) == []
    press(lab, "Take away ▾")
    press(lab, "0 features ▾")
    press(lab, "Predict")
    press(lab, "Write")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    assert axe_complaints(page) == []
    press(lab, "Show me")
    choose(lab, "Beside it", "on linux-5.11-v5")
    press(lab, "Lecture")
    assert axe_complaints(page) == []
    press(lab, "✓ Lecture")


def test_an_error_in_a_callback_is_seen(page):
    lab = browser.run(page, LAB.replace("lab\n", "") + "\nlab.model.undo = lambda: 1 / 0\nlab.model.act('fork')\nlab")
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("z")
    expect(lab.get_by_role("alert")).to_contain_text("ZeroDivisionError: division by zero")


def test_the_work_is_taken_away_and_brought_again(lab, page):
    choose(lab, "Mapping", "plain")
    press(lab, "Write")
    press(lab, "Take away ▾")
    text = lab.get_by_label("Text", exact=True)
    expect(text).to_have_value(re.compile("uffdsim-lab/1"))
    line = text.input_value()
    for form, holds in [
        ("scenario in JSON", '"uffdsim-scenario/1"'),
        ("Python", "import Machine"),
        ("C", "int main("),
        ("one line, for another lab", '"uffdsim-lab/1"'),
    ]:
        choose(lab, "As", form)
        expect(text).to_have_value(re.compile(re.escape(holds)))
    with page.expect_download() as saved:
        press(lab, "Save")
    assert json.loads(saved.value.path().read_text())["format"] == "uffdsim-lab/1"
    for name, magic in [("Picture as SVG", b"<svg"), ("Picture as PNG", b"\x89PNG")]:
        with page.expect_download() as saved:
            press(lab, name)
        assert saved.value.path().read_bytes().startswith(magic)
    press(lab, "Reset")
    expect(deeds(lab)).to_have_count(0)
    lab.get_by_label("Paste", exact=True).fill(line)
    press(lab, "Take it up")
    expect(deeds(lab)).to_have_text(["main writes 0x41 to page 0 of plain → done"])


def test_work_of_a_lost_session_is_offered_again(page):
    code = "from uffdsim.lab import Lab\nLab(keep='lost')"
    lab = browser.run(page, code)
    press(lab, "Write")
    expect(deeds(lab)).to_have_count(1)
    lab = browser.run(page, code)
    expect(deeds(lab)).to_have_count(0)
    expect(lab.get_by_text("Your work from last time is kept: 1 act")).to_be_visible()
    lab.locator(".uffdsim-offer").get_by_role("button", name="Take it up").click()
    expect(deeds(lab)).to_have_count(1)
    expect(lab.locator(".uffdsim-offer")).to_be_hidden()
