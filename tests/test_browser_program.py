"""The program beside the pictures, and what says that something was copied: in a real browser."""

import re

import browser
from pages import LAB, MINUTE, at_rest, axe_complaints, becomes, press
from playwright.sync_api import expect

KERNEL = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
INSIDE = """box => {
    const [line, around] = [box.querySelector("[aria-current]"), box].map(one => one.getBoundingClientRect());
    return line.top >= around.top && line.bottom <= around.bottom;
}"""


def show(lab, name):
    lab.locator(".uffdsim-second select").select_option(name)


def test_the_line_that_runs_is_marked_and_in_sight_at_each_place(page):
    lab = browser.run(page, MINUTE)
    for language, run, waits in (
        ("python", "u.continue_(watched, 0)", 'watched.load(thread="t1")'),
        ("C", "range_ioctl(u, UFFDIO_CONTINUE", "load(t1, watched);"),
    ):
        show(lab, language)
        program = lab.get_by_role("group", name=re.compile("^The program in"))
        expect(program.locator("[aria-current]")).to_contain_text(run)
        expect(lab.locator("[data-part=second]")).to_be_hidden()
        for line in ("read_event(", waits):
            lab.get_by_role("button", name="Next ▶").press("PageUp")
            expect(program.locator("[aria-current]")).to_contain_text(line)
        expect(program.locator(".uffdsim-waits")).to_have_attribute("data-waits", "t1 waits")
        becomes(program, INSIDE)
        assert program.evaluate("e => parseFloat(getComputedStyle(e.querySelector('li')).fontSize)") >= 11
        assert axe_complaints(page) == []
        program.get_by_text(run).click()
        expect(program.locator("[aria-current]")).to_contain_text(run)
    show(lab, "walk")
    expect(program).to_be_hidden()
    expect(lab.locator("[data-part=second]")).to_be_visible()


def test_time_moves_the_mark_while_python_is_busy(page):
    lab = browser.run(page, MINUTE)
    show(lab, "python")
    program = lab.get_by_role("group", name="The program in Python")
    expect(program.locator("[aria-current]")).to_contain_text("continue_")
    at_rest(page)  # by now it knows the places around
    page.evaluate(f"() => {{ {KERNEL}.requestExecute({{code: 'while True: pass', store_history: false}}); }}")
    try:
        lab.get_by_role("button", name="Next ▶").press("PageUp")
        expect(program.locator("[aria-current]")).to_contain_text("read_event")
    finally:
        browser.evaluate(page, f"() => {KERNEL}.interrupt()")


def test_the_program_is_reached_by_tab_and_scrolls_by_keys(page):
    lab = browser.run(page, MINUTE)
    show(lab, "C")
    program = lab.get_by_role("group", name="The program in C")
    expect(program.locator("[aria-current]")).to_be_visible()
    becomes(program, INSIDE)
    program.focus()
    before = program.evaluate("e => e.scrollTop")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("([e, before]) => e.scrollTop < before", arg=[program.element_handle(), before])


def test_copy_says_that_it_copied(page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab = browser.run(page, LAB)
    press(lab, "Take away ▾")
    told = lab.get_by_role("status")
    expect(told).to_have_text("")
    press(lab, "Copy")
    expect(told).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == lab.get_by_label("Text", exact=True).input_value()
    with page.expect_download():
        press(lab, "Save")
    expect(told).to_have_text("Saved as lab.json.")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    press(lab, "Copy")
    expect(told).to_contain_text("This browser does not let a page copy")
    page.evaluate("delete navigator.clipboard.writeText")


def test_the_picture_that_is_chosen_is_saved(page):
    lab = browser.run(page, MINUTE)
    show(lab, "decision")
    press(lab, "Take away ▾")
    expect(lab.get_by_label("Picture", exact=True).locator("option")).to_have_text(
        ["all that are shown", "tables", "decision"]
    )
    lab.get_by_label("Picture", exact=True).select_option("decision")
    label = lab.locator("[data-part=second] svg").get_attribute("aria-label")
    with page.expect_download() as saved:
        press(lab, "Picture as SVG")
    assert saved.value.suggested_filename == "decision.svg"
    assert f'aria-label="{label}"' in saved.value.path().read_text()
    with page.expect_download() as saved:
        press(lab, "Picture as PNG")
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    expect(lab.get_by_role("status")).to_have_text("Saved as decision.png.")
