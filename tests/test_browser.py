"""Notebooks as people meet them, in a real JupyterLab and a real browser."""

import re

import browser
from pages import axe_complaints, choose, deeds, press
from playwright.sync_api import expect


def test_a_person_clicks_their_way_to_a_resolved_fault(lab):
    choose(lab, "Mapping", "plain")
    press(lab, "Write")
    expect(deeds(lab)).to_have_text(["main writes 0x41 to page 0 of plain → done"])
    choose(lab, "Mapping", "watched")
    choose(lab, "Thread", "t1")
    press(lab, "Read")
    expect(deeds(lab).last).to_have_text("t1 reads page 0 of watched → waits")
    expect(lab.locator("[data-part=tables] svg")).to_have_attribute("aria-label", re.compile("t1"))
    press(lab, "Read message")
    expect(deeds(lab).last).to_contain_text("PAGEFAULT, flags MINOR, at page 0 of watched")
    choose(lab, "Thread", "main")
    choose(lab, "Mapping", "plain")
    choose(lab, "Byte", "0x42")
    press(lab, "Write")
    choose(lab, "Mapping", "watched")
    press(lab, "CONTINUE")
    expect(deeds(lab)).to_have_text(
        [
            "main writes 0x41 to page 0 of plain → done",
            "t1 reads page 0 of watched → 0x42",
            re.compile("PAGEFAULT"),
            "main writes 0x42 to page 0 of plain → done",
            "handler calls CONTINUE on page 0 of watched → 2 MiB done",
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
        if button != "CONTINUE":
            expect(todo.nth(number)).to_contain_text("✓")
    expect(lab).to_contain_text("You have answered a page fault")
    expect(lab.get_by_text("t1 reads page 0 of watched → 0x42").last).to_be_visible()
    page.get_by_role("button", name="What can this machine do?").click()
    expect(page.get_by_text("Python 3.11 or later")).to_be_visible()
    expect(page.locator(".uffdsim-error")).to_have_count(0)
    assert axe_complaints(page) == []
    page.context.close()


def test_the_score_of_problems_survives_a_restart(chromium, address):
    page = browser.notebook(chromium, address, "11-problems.ipynb")
    score = page.get_by_text(re.compile(r"level 1: \d right at first"))
    run_all = "() => jupyterapp.commands.execute('notebook:run-all-cells')"
    browser.evaluate(page, run_all)
    problem = page.locator(".uffdsim-ask").first
    asked = problem.inner_text()
    problem.get_by_role("radio").nth(0).check()
    problem.get_by_role("button", name="That is my answer").click()
    expect(problem.get_by_role("status")).to_contain_text("event")
    browser.evaluate(page, "() => jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    browser.evaluate(page, browser.READY)
    browser.evaluate(page, run_all)
    expect(score).to_contain_text("of 1 problem")
    assert page.locator(".uffdsim-ask").first.inner_text() != asked
    page.context.close()
