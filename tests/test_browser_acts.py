"""What can be chosen and done in a lab, by mouse and by keyboard, in a real browser."""

import json
import re
from random import Random

import browser
import pytest
from pages import STEP, at_rest, choose, deeds, press
from playwright.sync_api import expect

from uffdsim.pictures.painters import page as painter

ACTS = {
    "Read": "main reads page 0 of watched",
    "Write": "main writes 0x41 to page 0 of watched",
    "Kernel reads": "main lets the kernel read page 0 of watched",
    "Kernel writes": "main lets the kernel write 0x41 to page 0 of watched",
    "Read message": "handler reads a message of u",
    "CONTINUE": "handler calls CONTINUE on page 0 of watched",
    "COPY": "handler calls COPY on page 0 of watched (0x43)",
    "ZEROPAGE": "handler calls ZEROPAGE on page 0 of watched",
    "POISON": "handler calls POISON on page 0 of watched",
    "MOVE": "handler calls MOVE on page 0 of watched (from page 0 of plain)",
    "WAKE": "handler calls WAKE on page 0 of watched",
    "REGISTER": "handler calls REGISTER on page 0 of watched (MISSING)",
    "WRITEPROTECT": "handler calls WRITEPROTECT on page 0 of watched (WP)",
    "unprotect": "handler calls WRITEPROTECT on page 0 of watched",
    "RWPROTECT": "handler calls RWPROTECT on page 0 of watched (RWP)",
    "back in reach": "handler calls RWPROTECT on page 0 of watched",
    "RWP_ASYNC on": "handler calls SET_MODE on u (enable RWP_ASYNC)",
    "RWP_ASYNC off": "handler calls SET_MODE on u (disable RWP_ASYNC)",
    "poll": "handler polls u",
    "Read all": "handler reads messages of u (count 16)",
    "PAGEMAP_SCAN": "main scans the entries of page 0 of watched (returns WRITTEN, PRESENT)",
    "UNREGISTER": "handler calls UNREGISTER on page 0 of watched",
    "close": "handler closes u",
    "madvise": "main calls madvise on page 0 of watched (DONTNEED)",
    "mprotect": "main calls mprotect on page 0 of watched (r)",
    "mlock": "main calls mlock on page 0 of watched",
    "munlock": "main calls munlock on page 0 of watched",
    "munmap": "main calls munmap on page 0 of watched",
    "mremap": "main calls mremap on watched (to watched.2)",
    "punch a hole": "main calls punch on page 0 of F",
    "truncate": "main makes F 0 pages long",
    "allocate": "main calls allocate on page 0 of F",
    "pwrite": "main writes 0x41 to page 0 of F with pwrite",
    "fork": "main forks",
}


DRAWN = """node => {
    const copy = node.cloneNode(true);
    const drawn = /^(class|data-key|data-event|x|y|width|height|rx|d|marker-end|style|font-size|text-anchor|viewBox)$/;
    for (const shape of copy.querySelectorAll("svg, svg *")) {
        for (const {name} of [...shape.attributes]) if (!drawn.test(name)) shape.removeAttribute(name);
        shape.classList.remove("uffdsim-chosen");
    }
    return copy;
}"""
"""What is drawn of a node, without what the page adds so that it can be reached and used."""


@pytest.mark.parametrize("how", ["mouse", "keyboard"])
def test_every_act_can_be_done_and_undone_by(how, lab, page):
    tables = lab.locator("[data-part=tables]")
    at_rest(page)  # it is drawn for the room that there is
    before = tables.evaluate_handle(DRAWN)
    for name, deed in ACTS.items():
        button = lab.get_by_role("button", name=name, exact=True)
        if how == "mouse":
            button.click()
        else:
            button.focus()
            page.keyboard.press("Enter")
        expect(deeds(lab)).to_have_text([re.compile(re.escape(f"{deed} → "))])
        if how == "mouse":
            press(lab, "Undo")
        else:
            page.keyboard.press("z")
        expect(deeds(lab)).to_have_count(0)
        assert tables.evaluate(f"(tables, before) => ({DRAWN})(tables).isEqualNode(before)", before), name


CHOICES = {
    "Kernel": ("linux-6.1", "kernel linux-6.18"),
    "Memory": ("shmem", "backing hugetlb-2M"),
    "Watched is": ("private", "sharing shared"),
    "Handler": ("COPY", "handler by hand"),
}


def test_every_setting_by_mouse_and_by_keyboard(lab, page):
    said = lab.locator("[data-part=caption] .uffdsim-differs")
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
    for mode, begin in [("MISSING", "click"), ("MINOR", "key"), ("WP", "key"), ("WP", "click"), ("RWP", "key")]:
        toggle = lab.get_by_role("button", name=re.compile(rf"^(✓ )?{mode}$"))
        was = toggle.get_attribute("aria-pressed")
        toggle.click() if begin == "click" else toggle.press("Enter")
        now = "false" if was == "true" else "true"
        expect(toggle).to_have_attribute("aria-pressed", now)
        expect(toggle).to_have_text(f"✓ {mode}" if now == "true" else mode)


def test_features_are_asked_for_and_refused(lab):
    choose(lab, "Kernel", "linux-6.1")
    press(lab, "0 features ▾")
    press(lab, "MOVE ∉")
    expect(lab.locator(".uffdsim-notice").first).to_contain_text("handler asks u for its API (MOVE) → EINVAL: ")
    press(lab, "✓ MOVE ∉")
    expect(lab.locator(".uffdsim-notice")).to_have_count(0)


def test_the_options_of_acts_by_keyboard(lab, page):
    for name in ("DONTWAKE", "WP"):
        box = lab.get_by_label(name, exact=True)
        box.focus()
        page.keyboard.press("Space")
        expect(box).to_be_checked()
    press(lab, "COPY")
    expect(deeds(lab)).to_contain_text("COPY on page 0 of watched (0x43, DONTWAKE, WP)")
    for name, times, button, deed in [
        ("Thread", 1, "Read", "t1 reads page 1 of watched"),
        ("Page", 0, "mlock", "t1 calls mlock on page 1 of watched"),
        ("Byte", 1, "Write", "t1 writes 0x42 to page 1 of watched"),
        ("REGISTER as", 4, "REGISTER", "REGISTER on page 1 of watched (MISSING, MINOR)"),
        ("MOVE from", 1, "MOVE", "MOVE on page 1 of watched"),
        ("advice", 1, "madvise", "madvise on page 1 of watched (REMOVE)"),
        ("prot", 1, "mprotect", "mprotect on page 1 of watched (rw)"),
        ("Mapping", -1, "Read", "t1 reads page 1 of plain"),
    ]:
        if name == "Thread":
            choose(lab, "Page", "1")
        lab.get_by_label(name, exact=True).focus()
        for _ in range(abs(times)):
            page.keyboard.press("ArrowDown" if times > 0 else "ArrowUp")
        press(lab, button)
        expect(deeds(lab).last).to_contain_text(deed)


CLICK = """async (dice) => {
    const lab = document.querySelector(".uffdsim-lab");
    for (const [a, b] of dice) {
        const not = ":not(button.uffdsim-lecture, button.uffdsim-play, .uffdsim-take, .uffdsim-taken *)";
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
import json
from uffdsim.lab.model import Model
from uffdsim.pictures import draw
from uffdsim.pictures.painters.frames import picture_json
model = lab.model
sentence = draw("tables", Model(model.document).trace, model.at, hide_after=model.hides).sentence
print(json.dumps([model.at, sentence, {name: picture_json(picture) for name, picture in lab.pictures().items()}]))
"""
UNLIKE = """([source, pictures]) => {
    const drawn = DRAWN;
    const {Painter, unpacked} = new Function(`${source}; return {Painter, unpacked};`)();
    return Object.entries(pictures).filter(([name, picture]) => {
        const fresh = document.createElement("div");
        new Painter(fresh).paint({...picture, shapes: picture.shapes.map(unpacked)});
        const shown = document.querySelector(`.uffdsim-lab [data-part=${name}]`);
        return !drawn(shown).querySelector("svg")?.isEqualNode(drawn(fresh).querySelector("svg"));
    }).map(([name]) => name);
}""".replace("DRAWN", DRAWN)
"""Which pictures of the page are not as if they had been painted on a sheet of white paper."""


def test_a_thousand_random_clicks_and_the_picture_is_that_of_the_state(lab, page):
    dice = Random(20210212)
    assert not page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")  # shapes glide meanwhile
    for _ in range(40):
        browser.evaluate(page, CLICK, [(dice.random(), dice.random()) for _ in range(25)])
        for _ in range(50):
            at, sentence, pictures = json.loads(browser.execute(page, AGREE))
            shown = lab.locator("[data-part=tables] svg").get_attribute("aria-label")
            where = int(lab.locator(".uffdsim-where b").inner_text())
            unlike = page.evaluate(UNLIKE, [painter.SOURCE, pictures])
            if shown.startswith(sentence) and where == at and not unlike:
                break
            page.wait_for_timeout(STEP)
        assert (shown[: len(sentence)], where, unlike) == (sentence, at, [])
        assert lab.locator(".uffdsim-error").count() == 0
        if dice.random() < 0.3:
            press(lab, "Reset")
