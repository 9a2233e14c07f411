"""What people see and do, in a real JupyterLab and a real browser."""

import json
import re
from random import Random

import browser
import nbformat
import need
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

LAB = "from uffdsim.lab import Lab\nlab = Lab(keep='')\nlab"
MINUTE = """
from uffdsim.lab import Lab
lab = Lab(keep="", acts=[
    {"op": "store", "vma": "plain", "value": 65},
    {"op": "load", "thread": "t1", "vma": "watched"},
    {"op": "read_event", "fd": "u"},
    {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1},
])
lab
"""
STEP = 150
"""Milliseconds within which a click is seen; many times what it takes."""


@pytest.fixture(scope="module")
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


def test_a_person_clicks_their_way_to_a_resolved_fault(lab):
    choose(lab, "Mapping", "plain")
    press(lab, "Write")
    expect(deeds(lab)).to_have_text(["main writes 0x41 to plain[0]: done"])
    choose(lab, "Mapping", "watched")
    choose(lab, "Thread", "t1")
    press(lab, "Read")
    expect(deeds(lab).last).to_have_text("t1 reads watched[0]: waits")
    expect(lab.locator("[data-part=tables] svg")).to_have_attribute("aria-label", re.compile("t1"))
    press(lab, "Read message")
    expect(deeds(lab).last).to_contain_text("PAGEFAULT, flags MINOR, watched[0]")
    choose(lab, "Thread", "main")
    choose(lab, "Mapping", "plain")
    choose(lab, "Byte", "0x42")
    press(lab, "Write")
    choose(lab, "Mapping", "watched")
    press(lab, "CONTINUE")
    expect(deeds(lab)).to_have_text(
        [
            "main writes 0x41 to plain[0]: done",
            "t1 reads watched[0]: 0x42",
            re.compile("PAGEFAULT"),
            "main writes 0x42 to plain[0]: done",
            "handler calls CONTINUE on watched[0]: success",
        ]
    )


def test_the_first_notebook_reads_well_before_it_is_run_and_works_when_it_is(chromium, address):
    page = browser.notebook(chromium, address, "00-start-here.ipynb")
    still = page.locator("figure img").first
    expect(still).to_be_visible()
    assert len(still.get_attribute("alt")) > 80
    assert still.evaluate("image => image.complete && image.naturalWidth > 0")
    browser.run_all(page)
    lab = page.locator(".uffdsim-lab").first
    todo = lab.locator(".uffdsim-guide li")
    for number, (thread, mapping, byte, button) in enumerate(
        [
            ("main", "plain", "0x41", "Write"),
            ("t1", "watched", "0x41", "Read"),
            ("t1", "watched", "0x41", "Read message"),
            ("main", "plain", "0x42", "Write"),
            ("main", "watched", "0x42", "CONTINUE"),
        ]
    ):
        expect(todo.nth(number)).to_contain_text("▸")
        choose(lab, "Thread", thread)
        choose(lab, "Mapping", mapping)
        choose(lab, "Byte", byte)
        press(lab, button)
        expect(todo.nth(number)).to_contain_text("✓")
    expect(lab.get_by_text("t1 reads watched[0]: 0x42").last).to_be_visible()
    page.get_by_role("button", name="What can this machine do?").click()
    expect(page.get_by_text("Python 3.11 or later")).to_be_visible()
    expect(page.locator(".uffdsim-error")).to_have_count(0)
    assert axe_complaints(page) == []
    page.context.close()


def test_the_score_of_problems_survives_a_restart(chromium, address):
    page = browser.notebook(chromium, address, "09-problems.ipynb")
    score = page.get_by_text(re.compile(r"level 1: \d right at first"))
    run_all = "jupyterapp.commands.execute('notebook:run-all-cells')"
    page.evaluate(run_all)
    problem = page.locator(".uffdsim-ask").first
    asked = problem.inner_text()
    problem.get_by_role("radio").nth(0).check()
    problem.get_by_role("button").click()
    expect(problem.get_by_role("status")).to_contain_text("event")
    page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    page.evaluate(browser.READY)
    page.evaluate(run_all)
    expect(score).to_contain_text("of 1 problem")
    assert page.locator(".uffdsim-ask").first.inner_text() != asked
    page.context.close()


ACTS = {
    "Read": "main reads watched[0]",
    "Write": "main writes 0x41 to watched[0]",
    "Kernel reads": "main lets the kernel read watched[0]",
    "Read message": "handler reads a message of u",
    "CONTINUE": "handler calls CONTINUE on watched[0]",
    "COPY": "handler calls COPY on watched[0] (0x43)",
    "ZEROPAGE": "handler calls ZEROPAGE on watched[0]",
    "POISON": "handler calls POISON on watched[0]",
    "MOVE": "handler calls MOVE on watched[0] (from plain[0])",
    "WAKE": "handler calls WAKE on watched[0]",
    "REGISTER": "handler calls REGISTER on watched[0] (MISSING)",
    "WRITEPROTECT": "handler calls WRITEPROTECT on watched[0] (WP)",
    "unprotect": "handler calls WRITEPROTECT on watched[0]",
    "UNREGISTER": "handler calls UNREGISTER on watched[0]",
    "close": "handler calls close on u",
    "madvise": "main calls madvise on watched[0] (DONTNEED)",
    "mprotect": "main calls mprotect on watched[0] (r)",
    "mlock": "main calls mlock on watched[0]",
    "munlock": "main calls munlock on watched[0]",
    "munmap": "main calls munmap on watched[0]",
    "mremap": "main calls mremap on watched (to watched.2)",
    "punch a hole": "main calls punch on F[0]",
    "fork": "main calls fork",
}


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_every_act_can_be_done_and_undone_by(how, lab, page):
    before = lab.locator("[data-part=tables]").inner_html()
    for name, deed in ACTS.items():
        button = lab.get_by_role("button", name=name, exact=True)
        if how == "mouse":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")
        expect(deeds(lab)).to_have_text([re.compile(re.escape(f"{deed}: "))])
        if how == "mouse":
            press(lab, "Undo")
        else:
            page.keyboard.press("z")
        expect(deeds(lab)).to_have_count(0)
        assert lab.locator("[data-part=tables]").inner_html() == before, name


CHOICES = {
    "Kernel": ("linux-6.1", "kernel linux-6.18"),
    "Memory": ("shmem", "backing hugetlb-2M"),
    "Watched is": ("private", "sharing shared"),
    "Handler": ("COPY", "handler by hand"),
}


def test_every_setting_by_mouse_and_by_keyboard(lab, page):
    said = lab.locator(".uffdsim-differs")
    for name, (option, was) in CHOICES.items():
        box = lab.get_by_label(name, exact=True)
        first = box.input_value()
        box.select_option(option)
        expect(said).to_contain_text(f" with {was}")
        box.select_option(first)
        expect(said).to_have_count(0)
        box.focus()
        page.keyboard.press("ArrowDown")
        expect(said).to_contain_text(f" with {was}")
        page.keyboard.press("ArrowUp")
        expect(said).to_have_count(0)
    pages = lab.get_by_label("Pages", exact=True)
    pages.fill("2")
    pages.press("Enter")
    expect(said).to_contain_text("with pages 4")
    pages.fill("4")
    pages.press("Enter")
    for mode, begin in [("MISSING", "click"), ("MINOR", "key"), ("WP", "key"), ("WP", "click")]:
        toggle = lab.get_by_role("button", name=re.compile(rf"^(✓ )?{mode}$"))
        was = toggle.get_attribute("aria-pressed")
        toggle.click() if begin == "click" else toggle.press("Enter")
        now = "false" if was == "true" else "true"
        expect(toggle).to_have_attribute("aria-pressed", now)
        expect(toggle).to_have_text(f"✓ {mode}" if now == "true" else mode)


def test_features_are_asked_for_and_refused(lab):
    choose(lab, "Kernel", "linux-6.1")
    press(lab, "no features ▾")
    press(lab, "MOVE ∉")
    expect(lab.locator(".uffdsim-notice").first).to_contain_text(re.compile("API of u .MOVE. is refused: .*EINVAL"))
    press(lab, "✓ MOVE ∉")
    expect(lab.locator(".uffdsim-notice")).to_have_count(0)


def test_the_options_of_acts_by_keyboard(lab, page):
    for name in ("DONTWAKE", "WP"):
        box = lab.get_by_label(name, exact=True)
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    press(lab, "COPY")
    expect(deeds(lab)).to_contain_text("COPY on watched[0] (DONTWAKE WP, 0x43)")
    for name, times, button, deed in [
        ("Thread", 1, "Read", "t1 reads watched[1]"),
        ("Page", 0, "mlock", "t1 calls mlock on watched[1]"),
        ("Byte", 1, "Write", "t1 writes 0x42 to watched[1]"),
        ("REGISTER as", 3, "REGISTER", "REGISTER on watched[1] (MISSING MINOR)"),
        ("MOVE from", 1, "MOVE", "MOVE on watched[1]"),
        ("advice", 1, "madvise", "madvise on watched[1] (REMOVE)"),
        ("prot", 1, "mprotect", "mprotect on watched[1] (rw)"),
        ("Mapping", -1, "Read", "t1 reads plain[1]"),
    ]:
        if name == "Thread":
            choose(lab, "Page", "1")
        lab.get_by_label(name, exact=True).focus()
        for _ in range(abs(times)):
            page.keyboard.press("ArrowDown" if times > 0 else "ArrowUp")
        press(lab, button)
        expect(deeds(lab).last).to_contain_text(deed)


def test_time_by_mouse_and_by_keyboard(page):
    lab = browser.run(page, MINUTE)
    where = lab.locator(".uffdsim-where b")
    end = int(where.inner_text())
    lab.get_by_label("Event", exact=True).focus()
    ways = [
        ("◀ Back", "ArrowLeft", end - 1),
        ("Next ▶", "ArrowRight", end),
        ("|◀", "Home", 0),
        ("▶|", "End", end),
        ("|◀", "Home", 0),
        ("▶▶", "PageDown", 23),
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
    box = lab.get_by_label("Event", exact=True)
    box.fill("30")
    box.press("Enter")
    expect(where).to_have_text("30")
    lab.locator("[data-part=second] text[data-event='29']").first.click()
    expect(where).to_have_text("29")
    lab.locator("[data-part=tables] [data-key='entry plain 2']").first.click()
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


def test_a_what_if_runs_the_same_acts_at_once_and_marks_what_differs(page):
    lab = browser.run(page, MINUTE)
    press(lab, "◀◀")
    press(lab, "◀◀")
    expect(deeds(lab).nth(1)).to_have_text("t1 reads watched[0]: waits")
    press(lab, "MISSING")
    press(lab, "✓ MINOR")
    expect(deeds(lab).nth(1)).to_have_text("t1 reads watched[0]: ≠ 0x41")
    expect(lab.locator(".uffdsim-differs")).to_contain_text("t1 reads watched[0]: 0x41, not waits")
    expect(lab.locator("[data-part=tables] [class*=differs]").first).to_be_visible()


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


def test_two_kernels_side_by_side_share_one_cursor(page):
    lab = browser.run(page, MINUTE)
    choose(lab, "Beside it", "on linux-5.11")
    pictures = lab.locator("[data-part=tables] svg, [data-part=beside] svg")
    expect(pictures).to_have_count(2)
    before = pictures.nth(1).inner_html()
    press(lab, "◀◀")
    expect(pictures.nth(1)).not_to_have_attribute("aria-label", before)
    expect(lab.locator("h4")).to_have_text([re.compile("linux-6.18"), re.compile("linux-5.11")])


def test_a_prediction_by_mouse_and_by_keyboard(lab, page):
    press(lab, "Predict")
    press(lab, "Write")
    expect(lab.get_by_text("What does main do?")).to_be_visible()
    expect(deeds(lab).last).to_have_text("main writes 0x41 to watched[0]")
    lab.get_by_role("button", name="no message", exact=True).click()
    expect(lab.get_by_role("button", name="✓ no message")).to_have_attribute("aria-pressed", "true")
    lab.get_by_role("button", name="SIGBUS", exact=True).focus()
    page.keyboard.press("Enter")
    said = lab.locator(".uffdsim-verdict")
    expect(said).to_contain_text("✓ Is there a message, and with which flags? no message")
    expect(said).to_contain_text("✗ What does main do? it goes on, not SIGBUS")
    expect(said).to_contain_text("1 of 2 said rightly so far.")
    press(lab, "Read")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    lab.get_by_role("button", name="Show me").click()
    expect(said).to_contain_text("1 of 4")
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("p")
    expect(lab.get_by_role("button", name="Predict", exact=True)).to_have_attribute("aria-pressed", "false")


def test_a_lecture_fills_the_screen_with_large_type(lab, page):
    small = lab.locator(".uffdsim-event").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    press(lab, "Lecture")
    expect(lab).to_have_class(re.compile("uffdsim-lecture"))
    large = lab.locator(".uffdsim-event").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert large >= 1.5 * small
    expect(lab.get_by_role("button", name="munmap")).to_be_hidden()
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("l")
    expect(lab).not_to_have_class(re.compile("uffdsim-lecture"))
    expect(lab.get_by_role("button", name="munmap")).to_be_visible()


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
    expect(deeds(lab)).to_have_text(["main writes 0x41 to plain[0]: done"])


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


def test_an_error_in_a_callback_is_seen(page):
    lab = browser.run(page, LAB.replace("lab\n", "") + "\nlab.model.undo = lambda: 1 / 0\nlab.model.act('fork')\nlab")
    lab.get_by_role("button", name="Reset").focus()
    page.keyboard.press("z")
    expect(lab.get_by_role("alert")).to_contain_text("ZeroDivisionError: division by zero")


def test_every_control_is_reached_by_tab_and_says_its_name(lab, page):
    press(lab, "Take away ▾")
    press(lab, "no features ▾")
    controls = "button:enabled, select, input, textarea, summary, [tabindex='0']"
    lab.locator(controls).first.focus()
    reached = set()
    for _ in range(140):
        reached.add(page.evaluate("document.activeElement.outerHTML.slice(0, 300)"))
        page.keyboard.press("Tab")
    wanted = lab.locator(controls).evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 300))"
    )
    assert not set(wanted) - reached


def axe_complaints(page):
    results = Axe().run(page, ".jp-Cell-outputArea")
    return [f"{v['impact']}: {v['id']}: {v['nodes'][0]['html']}" for v in results.response["violations"]]


def test_nothing_keeps_anybody_out(lab, page):
    assert axe_complaints(page) == []
    press(lab, "Take away ▾")
    press(lab, "no features ▾")
    press(lab, "Predict")
    press(lab, "Write")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    assert axe_complaints(page) == []
    press(lab, "Show me")
    choose(lab, "Beside it", "on linux-5.11-v5")
    press(lab, "Lecture")
    assert axe_complaints(page) == []
    press(lab, "✓ Lecture")


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


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_the_whole_lab_is_seen_without_scrolling(page, width, height):
    page.set_viewport_size({"width": width, "height": height})
    lab = browser.run(page, EVERYTHING)
    lab.evaluate("lab => lab.scrollIntoView()")
    room = page.locator(".jp-WindowedPanel-outer").first.bounding_box()

    def fits():
        """Whether all of the lab is on the page at once; and nothing in it is too wide."""
        box = lab.bounding_box()
        assert box["height"] <= room["height"]
        assert box["x"] >= room["x"] and box["x"] + box["width"] <= room["x"] + room["width"]
        wide = "lab => [...lab.querySelectorAll('*')].filter(e => e.scrollWidth > lab.clientWidth).length"
        assert lab.evaluate(wide) == 0

    second = lab.locator("[data-part=second] svg")
    for name in ("decision", "walk", "flags", "log", "sequence"):
        before = second.get_attribute("aria-label")
        choose(lab, "Show", name)
        expect(second).not_to_have_attribute("aria-label", before)
        fits()
    press(lab, "Predict")
    press(lab, "Read message")
    expect(lab.locator(".uffdsim-question")).to_be_visible()
    fits()
    press(lab, "✓ Predict")
    choose(lab, "Beside it", "on linux-6.1")
    expect(lab.locator("[data-part=beside] svg")).to_be_visible()
    fits()
    press(lab, "Lecture")
    expect(lab).to_have_class(re.compile("uffdsim-lecture"))
    assert lab.evaluate("lab => lab.scrollHeight <= lab.clientHeight && lab.clientHeight <= innerHeight")
    press(lab, "✓ Lecture")
    page.set_viewport_size({"width": 1280, "height": 720})


CLICK = """async (dice) => {
    const lab = document.querySelector(".uffdsim-lab");
    for (const [a, b] of dice) {
        const not = ":not(.uffdsim-lecture-button, .uffdsim-play-button, .uffdsim-take, .uffdsim-taken *)";
        const all = [...lab.querySelectorAll(`:is(button, select, input[type=checkbox])${not}`)];
        const seen = all.filter(control => control.checkVisibility());
        const control = seen[Math.floor(a * seen.length)];
        if (control.tagName === "SELECT") {
            const options = [...control.options].filter(option => option.text !== "linux"); // that of this machine
            control.value = options[Math.floor(b * options.length)].value;
            control.dispatchEvent(new Event("change", {bubbles: true}));
        } else control.click();
        await new Promise(requestAnimationFrame);
    }
}"""
AGREE = """
from uffdsim.lab.model import Model
from uffdsim.pictures import draw
model = lab.model
print(model.at, draw("tables", Model(model.document).trace, model.at, hide_after=model.hides).sentence, sep="|")
"""


def test_a_thousand_random_clicks_and_the_picture_is_that_of_the_state(lab, page):
    dice = Random(20210212)
    for _ in range(40):
        page.evaluate(CLICK, [(dice.random(), dice.random()) for _ in range(25)])
        for _ in range(50):
            at, sentence = browser.execute(page, AGREE).strip().split("|")
            shown = lab.locator("[data-part=tables] svg").get_attribute("aria-label")
            where = lab.locator(".uffdsim-where b").inner_text()
            if shown.startswith(sentence) and where == at:
                break
            page.wait_for_timeout(STEP)
        assert (shown[: len(sentence)], where) == (sentence, at)
        assert lab.locator(".uffdsim-error").count() == 0
        if dice.random() < 0.3:
            press(lab, "Reset")


def test_nothing_moves_when_time_goes_on(page):
    lab = browser.run(page, MINUTE)
    press(lab, "|◀")
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
