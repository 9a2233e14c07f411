"""How long it takes from a click in a lab to the changed picture, in JupyterLab, in a real browser.

    python benchmarks/lab_latency.py [--clicks 40] [--beside PYTHON]
    python benchmarks/lab_latency.py --python                  without a browser

Three times are told, in milliseconds, as median and as the 95th of 100: what Python needs for a click, how long after
the click the page has changed, and when it has been painted. The first clicks of a kind, for which the browser still
has to make code, are not counted. Then: how many bytes a click sends and brings, at once and with all that the page
asks for when it has rested; and how long it takes to open a notebook, and to run it until its lab is there. With
``--beside``, a Python that has geoscilabs and jupyterlab, one of its apps is measured in the same browser.
"""

import argparse
import statistics
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
import browser  # noqa: E402

LAB = """
from uffdsim.lab import Lab
acts = [
    {"op": "store", "vma": "plain", "value": 65},
    {"op": "load", "thread": "t1", "vma": "watched"},
    {"op": "read_event", "fd": "u"},
    {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1},
]
lab = Lab(acts=acts, keep="")
lab
"""
FLOOR = """
from ipywidgets import HTML, Button, VBox
button, html = Button(description="press"), HTML()
button.on_click(lambda _: setattr(html, "value", html.value + "." if len(html.value) < 9 else "."))
html.add_class("floor")
VBox([button, html])
"""
"""The least that a click can cost: a button that changes one letter."""
OTHER = """
%matplotlib inline
import warnings
warnings.simplefilter("ignore")
from geoscilabs.gravity.gravitySphere import interact_gravity_sphere
interact_gravity_sphere()
"""
"""One of the lightest apps of geoscilabs: a line over a picture, drawn anew at each move of a slider."""
WATCH = """([event, acted, changing]) => {
    const picture = document.querySelector(changing);
    window.latency = new Promise(done => {
        let start = null;
        document.querySelector(acted).addEventListener(event, e => { start = e.timeStamp; },
            {once: true, capture: true});
        const observer = new MutationObserver(() => {
            if (start === null) return;
            const changed = performance.now();
            observer.disconnect();
            requestAnimationFrame(() => {
                const channel = new MessageChannel();  // heard when the frame has been handed over
                channel.port1.onmessage = () => done([changed - start, performance.now() - start]);
                channel.port2.postMessage(0);
            });
        });
        observer.observe(picture, {subtree: true, childList: true, attributes: true});
    });
}"""
PICTURE = ".uffdsim-stage [data-part=tables]"
PICTURE_OF_TIME = ".uffdsim-stage [data-part=second]"
"""Where every step in time is seen; not each of them changes the tables."""
PRESS = 60
"""Milliseconds from pressing a button to letting it go, which is the click: about what a person needs."""
WARM = 3
"""So many clicks are not counted."""


def told(name: str, times: list[float]):
    times = sorted(times)
    p95 = times[min(len(times) - 1, round(0.95 * len(times)))]
    print(f"{name:44} median {statistics.median(times):6.1f}   p95 {p95:6.1f}   (of {len(times)})")


def python_side(clicks: int):
    """What one click costs in Python, by kind of click."""
    from uffdsim.lab import Lab

    spaces = {}
    exec(LAB.replace("\nlab\n", "\n"), spaces)
    lab: Lab = spaces["lab"]
    modes = cycle(("MISSING", "MINOR"))
    for name, press in {
        "Python: an act": lambda: lab.acting.buttons["load"].click(),
        "Python: undo": lambda: lab.order("undo"),
        "Python: back": lambda: lab.order("back"),
        "Python: another mode": lambda: lab.model.choose(modes=[next(modes)]),
    }.items():
        times = []
        for _ in range(clicks):
            if name == "Python: an act":
                lab.order("undo")
            start = time.perf_counter()
            press()
            times.append(1000 * (time.perf_counter() - start))
        told(name, times)


def long_side(clicks: int):
    """What a click costs in Python after so many acts: in time, and in changes of the state that are made or undone."""
    from uffdsim.lab import Lab
    from uffdsim.trace import State

    minute: dict = {}
    exec(LAB.partition("lab = Lab")[0], minute)
    drop = {"op": "madvise", "vma": "watched", "page": 0, "pages": 1, "advice": "DONTNEED"}
    moved, replay, undo = [], State.replay, State.undo
    State.replay = lambda self, change: (moved.append(change), replay(self, change))
    State.undo = lambda self, change: (moved.append(change), undo(self, change))
    for acts in (9, 99, 499, 1999):
        lab = Lab(acts=([*minute["acts"], drop] * (acts // 5 + 1))[:acts], keep="")
        for what in ("act", "undo", "back"):
            times = []
            moved.clear()
            for _ in range(clicks):
                start = time.perf_counter()
                lab.model.act("store", vma="plain", value=66) if what == "act" else lab.order(what)
                times.append(1000 * (time.perf_counter() - start))
            told(f"Python: {what}, after {acts} acts, {len(moved) / clicks:.1f} changes", times)
    State.replay, State.undo = replay, undo


def clicked(page, button: str, clicks: int, others=(), changing: str = PICTURE) -> list[tuple[float, float]]:
    """The times until the picture changed, and until it was painted; between clicks, others are clicked."""
    times = []
    for _ in range(WARM + clicks):
        page.evaluate(WATCH, ["click", button, changing])
        page.locator(button).first.click(delay=PRESS)
        times.append(browser.evaluate(page, "() => window.latency"))
        for other in others:
            page.wait_for_timeout(100)
            page.locator(other).first.click()
        page.wait_for_timeout(150)
    return times[WARM:]


TIME = ".uffdsim-time button.uffdsim-"
"""Where the buttons of time are: they ask nobody, if the page knows the way."""
KINDS = [
    ("an act (CONTINUE once more)", ".uffdsim-do-continue", (f"{TIME}undo",)),
    ("MISSING on and off", ".uffdsim-group .widget-toggle-button", ()),
    ("back to before an act", f"{TIME}back-act", (f"{TIME}end",)),
    ("back", f"{TIME}back", (f"{TIME}next",)),
    ("next", f"{TIME}next", (f"{TIME}back",)),
]
"""Kinds of clicks: what is clicked, and what is clicked after it to be where one was."""


def ours(chromium, address: str, clicks: int):
    """Our lab: acts, changes of mind, and steps in time; and how many bytes each of them costs."""
    page = chromium.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True).new_page()
    bytes_of = counted(page)
    start = time.perf_counter()
    browser.open_again(page, address, "a.ipynb")
    opened = time.perf_counter()
    browser.run(page, LAB)
    ran = time.perf_counter()
    print(f"{'Opening a notebook':44} {opened - start:6.1f} s, and until its lab is there {ran - opened:.1f} s more")
    page.wait_for_timeout(5000)  # by then it has asked for all that it wants to know
    page.locator(".uffdsim-timeline").scroll_into_view_if_needed()
    page.locator(f"{TIME}back").first.click()
    for name, button, others in KINDS:
        if name == "next":
            page.locator(others[0]).first.click()  # or there would be nothing next
        seen = PICTURE_OF_TIME if button.startswith(TIME) else PICTURE
        both(f"Lab: {name}", clicked(page, button, clicks, others, seen))
    both("Lab: the timeline, dragged", dragged(page, clicks))
    page.locator(f"{TIME}end").first.click()
    for name, button, others in KINDS:
        if name == "next":
            page.locator(others[0]).first.click()
        for when, rest in [("at once", 100), ("in all", 4000)]:
            page.wait_for_timeout(4000)
            before = dict(bytes_of)
            page.locator(button).first.click()
            page.wait_for_timeout(rest)
            sent, received = (1e-3 * (bytes_of[way] - before[way]) for way in ("sent", "received"))
            print(f"{f'Lab: {name}, {when}':44} {sent:.1f} kB sent, {received:.1f} kB received")
            for other in others:
                page.locator(other).first.click()


def counted(page) -> dict[str, int]:
    """How many bytes a page's sockets have sent and received so far; it goes on counting."""
    found = {"sent": 0, "received": 0}

    def count(way: str):
        def add(frame: str | bytes):
            found[way] += len(frame if isinstance(frame, bytes) else frame.encode())

        return add

    def watch(socket):
        socket.on("framesent", count("sent"))
        socket.on("framereceived", count("received"))

    page.on("websocket", watch)
    return found


def dragged(page, clicks: int) -> list[tuple[float, float]]:
    """The times from a move of the timeline to the changed picture, and to the painted one."""
    box = page.locator(".uffdsim-timeline").bounding_box()
    y, places = box["y"] + box["height"] / 2, 12
    xs = [box["x"] + 8 + (box["width"] - 16) * (0.5 + 0.04 * i) for i in range(places)]
    page.mouse.move(xs[0], y)
    page.mouse.down()
    times = []
    for i in range(WARM + clicks):
        page.wait_for_timeout(150)
        page.evaluate(WATCH, ["input", ".uffdsim-timeline", PICTURE_OF_TIME])
        page.mouse.move(xs[(i + 1) % places], y)
        times.append(browser.evaluate(page, "() => window.latency"))
    page.mouse.up()
    return times[WARM:]


def floor(chromium, address: str, clicks: int):
    """A button and a letter, with nothing of ours."""
    page = browser.notebook(chromium, address, "c.ipynb")
    browser.evaluate(page, "() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".floor").wait_for(state="attached")
    page.wait_for_timeout(1000)
    both("The least there can be", clicked(page, ".jp-OutputArea .widget-button", clicks, changing=".floor"))


def both(name: str, times: list[tuple[float, float]]):
    told(f"{name}: changed", [changed for changed, _ in times])
    told(f"{name}: painted", [painted for _, painted in times])


def theirs(chromium, address: str, clicks: int):
    """An app of geoscilabs: a slider moved by one, and back."""
    page = browser.notebook(chromium, address, "b.ipynb")
    browser.evaluate(page, "() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(".noUi-handle").first.wait_for(timeout=120_000)
    page.wait_for_timeout(3000)
    times = []
    for i in range(WARM + clicks):
        page.locator(".noUi-handle").first.focus()
        page.evaluate(WATCH, ["keydown", ".noUi-handle", ".jp-OutputArea .widget-output"])
        page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")  # or it would come to an end
        times.append(browser.evaluate(page, "() => window.latency"))
        page.wait_for_timeout(700)
    both("geoscilabs, gravity of a sphere", times[WARM:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clicks", type=int, default=40)
    parser.add_argument("--python", action="store_true", help="only what Python needs, without a browser")
    parser.add_argument("--beside", metavar="PYTHON", help="a Python with geoscilabs and jupyterlab")
    arguments = parser.parse_args()
    python_side(arguments.clicks)
    long_side(arguments.clicks)
    if arguments.python:
        return
    for measure, python in [(floor, sys.executable), (ours, sys.executable), (theirs, arguments.beside)]:
        if python is None:
            continue
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as settings:
            nbformat.write(browser.empty_notebook(), Path(folder, "a.ipynb"))
            nbformat.write(browser.empty_notebook(OTHER), Path(folder, "b.ipynb"))
            nbformat.write(browser.empty_notebook(FLOOR), Path(folder, "c.ipynb"))
            with browser.jupyterlab(Path(folder), Path(settings), python) as address, browser.browser() as chromium:
                measure(chromium, address, arguments.clicks)


if __name__ == "__main__":
    main()
