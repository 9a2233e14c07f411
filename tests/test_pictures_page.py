"""What a page draws from frames is what the SVG painter draws, shape by shape."""

import re
from xml.etree import ElementTree

import browser
import need
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim import library
from uffdsim.kernels import kernel
from uffdsim.pictures import NAMES, draw, svg
from uffdsim.pictures.painters.frames import Frames, edits
from uffdsim.pictures.painters.page import SOURCE
from uffdsim.pictures.painters.theme import INKS, LOOKS

SHAPES = "{http://www.w3.org/2000/svg}"
PLACED = re.compile(r"transform: translate\((.+)px, (.+)px\)(?: rotate\((.+)deg\))?$")
READ = """([index]) => {
    painter.paint(frames[index]);
    return [...painter.svg.children].map((one) => [
        one.tagName, Object.fromEntries([...one.attributes].map(({name, value}) => [name, value])),
        one.childNodes[0]?.nodeType === 3 ? one.childNodes[0].data : "", one.querySelector("title")?.textContent ?? "",
    ]);
}"""


@pytest.fixture(scope="module")
def page():
    need.chromium()
    with browser.browser() as chromium:
        page = chromium.new_page()
        page.set_content(f"<div id=host></div><script>{SOURCE} let frames, painter;</script>")
        yield page


@pytest.mark.parametrize("name", library.scenarios())
def test_a_page_draws_what_the_svg_painter_draws(page, name):
    trace = kernel("linux-6.18").run(library.scenario(name))
    places = sorted({0, len(trace.events) // 3, len(trace.events) // 2, len(trace.events)})
    for picture in NAMES:
        frames, drawn = Frames(), [draw(picture, trace, at) for at in [*places, places[1]]]
        for one in drawn:
            frames.add(one)
        page.evaluate("data => { frames = unfolded(data); painter = new Painter(host); }", frames.json())
        for index, one in enumerate(drawn):
            assert [_on_page(*shape) for shape in page.evaluate(READ, [index])] == _in_svg(svg(one, "u"))


def _on_page(tag, given, text, tip):
    """A shape of the page in the words of the SVG painter."""
    classes = given.pop("class").split()
    role = classes[0].removeprefix("uffdsim-").removesuffix("-ink" if tag == "text" else "")
    found = {"role": role, "text": text, "tip": tip, **_known(given)}
    if tag == "text":
        x, y, angle = PLACED.match(given["style"]).groups()
        found |= {"x": float(x), "y": float(y) + float(given["y"]), "size": float(given["font-size"])}
        found |= {"anchor": given["text-anchor"], "angle": float(angle or 0)}
        found["looks"] = {name.removeprefix("uffdsim-") for name in classes[1:]}
        found["y"] = pytest.approx(found["y"], abs=0.11)
    elif tag == "path":
        found |= {"d": given["d"], "arrow": "marker-end" in given}
    else:
        found |= {side: float(given[side]) for side in ("x", "y", "width", "height", "rx")}
    return tag, found


def _in_svg(source):
    root = ElementTree.fromstring(source)
    roles = {role.replace(" ", "-") for role in (*LOOKS, *INKS)}
    shapes = []
    for element in root:
        tag = element.tag.removeprefix(SHAPES)
        if tag in ("style", "defs"):
            continue
        given = dict(element.attrib)
        classes = [name.removeprefix("u-") for name in given["class"].split()]
        title = element.find(f"{SHAPES}title")
        role = classes[0].removesuffix("-t") if tag == "text" else classes[0]
        assert role in roles
        found = {"role": role, "text": element.text or "", "tip": "" if title is None else title.text, **_known(given)}
        if tag == "text":
            turn = re.match(r"rotate\((\S+)", given.get("transform", "rotate(0 "))
            found |= {"x": float(given["x"]), "y": float(given["y"]), "size": float(given["font-size"])}
            found |= {"anchor": given.get("text-anchor", "start"), "angle": float(turn.group(1))}
            found["looks"] = set(classes[1:])
        elif tag == "path":
            found |= {"d": given["d"], "arrow": "marker-end" in given}
        else:
            found |= {side: float(given[side]) for side in ("x", "y", "width", "height", "rx")}
        shapes.append((tag, found))
    return shapes


def _known(given):
    return {"key": given.get("data-key", ""), "event": given.get("data-event", "")}


@given(st.lists(st.integers(0, 12), unique=True), st.lists(st.integers(0, 12), unique=True))
def test_edits_turn_one_list_into_the_other(old, new):
    now = list(old)
    for at, gone, *come in edits(old, new):
        now[at : at + gone] = come
    assert now == new


def test_a_frame_costs_what_changes():
    trace = kernel("linux-6.18").run(library.scenario("01-hugetlb-minor-continue"))
    frames = Frames()
    for _ in range(5):
        frames.add(draw("tables", trace))
    assert not any(frame["edits"] for frame in frames.json()["frames"][1:])
