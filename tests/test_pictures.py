"""What holds of every picture: it can be drawn at every moment, fits its sheet, and says in words what it shows."""

import ast
import re
from base64 import b64decode
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from drawn import MINOR, box, moment, overlap, run, run_steps, texts, work

import uffdsim
from uffdsim import library, pictures
from uffdsim.pictures import NAMES, draw, figure, plot, svg
from uffdsim.pictures.painters.theme import INKS, LOOKS, PAPER
from uffdsim.pictures.shapes import Line, Picture, Rect, Text, stacked
from uffdsim.pictures.shapes.measure import fit, width, wrap
from uffdsim.pictures.shapes.sheet import SMALLEST
from uffdsim.scenario import Step
from uffdsim.trace import Kind, State

SVG = "{http://www.w3.org/2000/svg}"
SIZES = {"tables": [(760, 360), (680, 204), (540, 208), (540, 160)], "sequence": [(760, 250), (680, 190), (540, 160)]}


def some_places(trace, stride):
    """The beginning, the end, and some places between."""
    end = len(trace.events)
    return sorted({0, 1, end, *range(2, end, stride)})


@pytest.mark.parametrize("scenario", library.scenarios())
def test_every_picture_of_every_scenario_fits_its_sheet_and_speaks(scenario):
    trace = run(scenario)
    for at in some_places(trace, 29):
        for name in NAMES:
            for size in SIZES.get(name, [(500, 300), (680, 190), (540, 160)]):
                check(draw(name, trace, at, size=size), size, len(trace.events))


@pytest.mark.parametrize("scenario", library.scenarios())
def test_other_kernels_and_real_ones_can_be_drawn_as_well(scenario):
    folders = [folder for folder in library.folders() if library.recording(folder, scenario).is_file()]
    for kernel in ("linux-5.11-v5", *(f"recorded-{folder}" for folder in folders[-2:])):
        trace = run(scenario, kernel)
        for name in NAMES:
            check(draw(name, trace), draw(name, trace).size, len(trace.events))


def check(picture, size, events):
    assert picture.width == size[0] and picture.height >= size[1]
    assert picture.sentence.strip() and picture.title
    assert all(len(row) == len(picture.table.header) for row in picture.table.rows)
    level = [shape for shape in picture.shapes if not getattr(shape, "angle", 0)]
    for shape in level:
        left, top, right, bottom = box(shape)
        assert left >= -1 and top >= -1 and right <= size[0] + 1 and bottom <= picture.height + 1, shape
        assert shape.event is None or 1 <= shape.event <= events
    assert not [text for text in texts(picture) if text.size < SMALLEST]
    words = [(box(shape), shape.text) for shape in level if isinstance(shape, Text)]
    for i, (one, text) in enumerate(words):
        assert not [other for there, other in words[i + 1 :] if overlap(one, there) > 0.15], text
    root = ElementTree.fromstring(svg(picture, "p"))
    assert root.get("aria-label") == picture.sentence and root.get("role") == "img"


def test_what_is_cut_off_leaves_no_part_of_a_number():
    told = "munmap 20 KiB of b from page 17 on (8,192 bytes further down), writes 0x41"
    for room in range(20, 500):
        left = fit(told, room, SMALLEST)
        assert width(left, SMALLEST) <= room
        assert set(re.findall(r"\d[\w,]*", left)) <= {"20", "17", "8,192", "0x41"}, left


@pytest.mark.parametrize("name", NAMES)
def test_the_same_picture_is_always_the_same_text(name):
    trace = run(MINOR)
    first = svg(draw(name, trace, 50), "qq")
    assert svg(draw(name, trace, 50), "qq") == first
    assert svg(draw(name, trace, 50), "other") == first.replace("qq", "other")


def test_names_in_an_svg_begin_with_its_prefix():
    root = ElementTree.fromstring(svg(stacked([draw(name, run(MINOR), 55) for name in NAMES]), "left"))
    style = root.find(SVG + "style").text
    classes = {name for element in root.iter() for name in element.get("class", "").split()}
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    used = {name for element in root.iter() for name in re.findall(r"url\(#([^)]*)\)", str(element.attrib) + style)}
    assert set(re.findall(r"\.(left[\w-]*)", style)) >= classes - {"left"}
    assert all(name.startswith("left") for name in (*classes, *ids)) and used == set(ids) and len(ids) == len(used)
    assert all(rule.strip().startswith(".left") for rule in re.findall(r"(?:^|\})([^{}]+)\{", style))


def test_an_svg_takes_the_width_it_gets_and_is_white_paper_in_every_theme():
    root = ElementTree.fromstring(svg(draw("tables", run(MINOR)), "p"))
    assert root.get("viewBox") == "0 0 760 360" and root.get("width") == "100%" and root.get("height") is None
    assert f"background:{PAPER}" in root.get("style")


def test_an_svg_has_an_element_for_every_shape_with_its_event_and_key():
    picture = draw("sequence", run(MINOR), 55)
    root = ElementTree.fromstring(svg(picture, "p"))
    drawn = [element for element in root if element.tag in (SVG + "rect", SVG + "path", SVG + "text")]
    kinds = {Rect: SVG + "rect", Line: SVG + "path", Text: SVG + "text"}
    assert [element.tag for element in drawn] == [kinds[type(shape)] for shape in picture.shapes]
    for element, shape in zip(drawn, picture.shapes, strict=True):
        assert element.get("data-event") == (None if shape.event is None else str(shape.event))
        assert element.get("data-key") == (shape.key or None)


def test_what_people_call_things_cannot_break_out_of_an_svg():
    trace = run(MINOR)
    picture = draw("log", trace, 3)
    nasty = Text(1, 1, "<script>&", tip='"&<', key='"><script>')
    text = svg(pictures.Picture("x", 10, 10, "t", (*picture.shapes, nasty), 'a "quoted" <b> & more'), "p")
    assert "<script" not in text and ElementTree.fromstring(text).get("aria-label") == 'a "quoted" <b> & more'


@pytest.mark.parametrize("name", NAMES)
def test_both_painters_draw_the_same_words_in_the_same_places(name):
    picture = draw(name, run(MINOR), 55)
    drawn = figure(picture)
    (axes,) = drawn.axes
    found = [(text.get_text(), round(text.get_position()[0], 3)) for text in axes.texts]
    assert found == [(text.text, round(text.x, 3)) for text in texts(picture)]
    assert {patch.get_gid() for patch in axes.patches} >= {
        s.key for s in picture.shapes if not isinstance(s, Text) and s.key
    }
    boxes = sum(1 + bool(LOOKS[s.role].hatch) + bool(LOOKS[s.role].stroke) for s in picture.of_kind(Rect))
    assert len(axes.patches) == boxes + sum(1 + line.arrow for line in picture.of_kind(Line))
    assert axes.get_xlim() == (0, picture.width) and axes.get_ylim() == (picture.height, 0)


def test_a_figure_shows_itself_with_its_sentence_as_alternative_text():
    trace = run(MINOR)
    drawn = plot(trace, 55)
    image = ElementTree.fromstring(drawn._repr_html_().replace(">", "/>"))
    assert image.tag == "img" and image.get("alt") == drawn.alt
    assert draw("tables", trace, 55).sentence in drawn.alt and draw("sequence", trace, 55).sentence in drawn.alt
    assert drawn.get_size_inches().tolist() == [7.6, 6.2]


def test_a_picture_shows_itself_as_an_image_that_nothing_around_it_can_change():
    picture = draw("walk", run(MINOR), 55)
    shown = ElementTree.fromstring(picture._repr_html_().replace(">", "/>"))
    kind, data = shown.get("src").split(",")
    assert kind == "data:image/svg+xml;base64" and b64decode(data).decode() == svg(picture, "u")
    assert shown.get("alt") == picture.sentence


def test_plotted_pictures_are_of_one_width():
    drawn = plot(run(MINOR), 55, names=("sequence", "decision"))
    assert drawn.get_size_inches().tolist() == [7.6, (250 + 10 + 300) / 100]
    assert plot(run(MINOR), 55, names="walk", size=(640, 200)).get_size_inches().tolist() == [6.4, 2]
    with pytest.raises(ValueError, match='no picture "walks"'):
        plot(run(MINOR), names=("walks",))


def test_a_trace_from_the_front_door_can_be_plotted():
    trace = uffdsim.Machine().trace
    assert type(trace).plot and plot(run(MINOR), 1).alt == run(MINOR).plot(1).alt


SHARED = ("shapes", "painters", "moment", "memory")
"""What pictures share; each may know those before it."""


def parts_known_by(path):
    """The parts of the package that a module of it imports."""
    names = [node.module or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
    return {name.split(".")[2] for name in names if name.startswith("uffdsim.pictures.")}


def test_pictures_know_what_they_share_and_nothing_of_one_another():
    home = Path(pictures.__file__).parent
    parts = {path: path.relative_to(home).parts[0].removesuffix(".py") for path in home.rglob("*.py")}
    assert set(parts.values()) == {*SHARED, *NAMES, "__init__"}
    for path, part in parts.items():
        known = parts_known_by(path) - {part}
        assert part == "__init__" or known <= set(SHARED[: SHARED.index(part)] if part in SHARED else SHARED), path
        assert part in ("__init__", "painters") or "painters" not in known, path


def test_figures_leave_pyplot_alone():
    from matplotlib import pyplot

    plot(run(MINOR), 55)
    assert pyplot.get_fignums() == []


def test_words_are_measured_as_wide_as_they_are():
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    for style in ({}, {"bold": True}, {"mono": True}):
        family = "DejaVu Sans Mono" if style.get("mono") else "DejaVu Sans"
        font = FontProperties(family=family, weight="bold" if style.get("bold") else "normal")
        for text in ("in the cache, not mapped here", "userfaultfd_wake_function", "0–1023", "t1 watched[0] MINOR"):
            real = TextPath((0, 0), text, size=12, prop=font, usetex=False).get_extents().width
            assert real * 0.97 < width(text, 12, **style) < real * 1.08


def test_text_is_cut_or_wrapped_to_its_room():
    assert fit("short", 100, 12) == "short"
    cut = fit("much too long for its room", 60, 12)
    assert cut.endswith("…") and width(cut, 12) <= 60
    assert fit("no room at all", 2, 12) == ""
    lines = wrap("the VMA is registered MINOR: let go of the page", 120, 12, 2)
    assert len(lines) == 2 and all(width(line, 12) <= 120 for line in lines)
    assert wrap("", 100, 12) == ("",)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_can_be_read_on_what_is_behind_them():
    for role, ink in INKS.items():
        if role == "reversed":
            assert all(
                contrast(ink, LOOKS[dark].fill) > 3.4 for dark in ("poison", "signal", "uffd flag", "locked flag")
            )
        else:
            assert contrast(ink, PAPER) >= (3 if role == "faint" else 4.5), role
    for look in LOOKS.values():
        if look.fill and luminance(look.fill) > 0.3:
            assert contrast(INKS["text"], look.fill) >= 4.5


def test_no_two_kinds_of_entries_differ_by_colour_alone():
    kinds = ("present", "read-only", "uffd-wp", "out of reach", "zero page", "marker", "poison", "unmapped", "unknown")
    kinds += ("entry",)
    shapes = {}
    for kind in kinds:
        look = LOOKS[kind]
        shapes.setdefault((look.dash, look.hatch), []).append(look)
    for alike in shapes.values():
        for i, one in enumerate(alike):
            assert all(contrast(one.fill or PAPER, other.fill or PAPER) > 1.5 for other in alike[i + 1 :])


FAMILIES = {
    "entries of a page table": (
        *("entry", "present", "read-only", "uffd-wp", "out of reach", "zero page", "marker", "poison", "unmapped"),
        *("unknown", "empty"),
        "mixed",
    ),
    "pages of a file": ("cached", "hole", "unknown", "mixed"),
    "lines to pages": ("maps", "maps read-only", "minor", "not mapped"),
    "queues": ("message", "empty queue"),
    "marks": ("just changed", "differs", "waiting"),
    "questions": ("question", "question asked", "outcome", "signal"),
    "ways": ("way", "way taken", "way later"),
    "bits": ("bit set", "bit clear", "no bit", "two flags in one bit"),
    "events": ("event", "deed", "current", "later", "oops"),
    "arrows": ("wakes", "tells", "enters", "falls asleep"),
}
"""What stands side by side in one picture, and means different things."""


@pytest.mark.parametrize("family", FAMILIES)
def test_what_means_something_else_looks_otherwise_in_grey_too(family):
    for one, other in combinations([LOOKS[role] for role in FAMILIES[family]], 2):
        patterns = (one.dash, one.hatch) != (other.dash, other.hatch)
        lines = abs(one.width - other.width) >= 1 or contrast(one.stroke or PAPER, other.stroke or PAPER) > 2
        fills = contrast(one.fill or PAPER, other.fill or PAPER) > 1.5
        assert patterns or lines or fills, (one, other)


def test_a_picture_is_the_same_text_whatever_was_drawn_before():
    zeros = [Picture("p", 9, 9, "", (Rect(x, x, 1, 1, "panel"),), "") for x in (-0.0, 0.0)]
    assert "-0" not in svg(zeros[0], "p") and svg(zeros[0], "p") == svg(zeros[1], "p")


def test_a_sheet_that_is_too_low_is_made_as_high_as_it_must_be():
    trace = run("15-read-and-write-flags")
    for name in NAMES:
        assert draw(name, trace, size=(600, 700)).height == 700
        assert draw(name, trace, size=(600, 20)).height == draw(name, trace, size=(600, 40)).height > 80


def test_what_comes_later_can_be_hidden():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    after = [event.text for event in trace.events[at:]]
    before = {event.text for event in trace.events[:at]}
    secrets = [text for text in after if text not in before]
    for name in NAMES:
        picture = draw(name, trace, at, hide_after=True)
        assert all(shape.event is None or shape.event <= at for shape in picture.shapes)
        told = svg(picture, "p") + repr(picture.table)
        assert not [text for text in secrets if text in told]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_differs_from_itself_and_something_from_another_kernel(name):
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    assert not list(draw(name, trace, at, against=trace).of("differs"))
    if name in ("tables", "sequence"):
        assert list(draw(name, trace, at, against=run(MINOR, "linux-5.11")).of("differs"))


def test_a_picture_or_a_place_that_is_not_there_is_refused_by_name():
    trace = run(MINOR)
    with pytest.raises(ValueError, match='no picture "table"; the pictures are tables, sequence'):
        draw("table", trace)
    with pytest.raises(ValueError, match=rf"at=999: the trace has events 1 to {len(trace.events)}"):
        draw("tables", trace, 999)
    with pytest.raises(ValueError, match="since=-1"):
        draw("tables", trace, 5, since=-1)


@pytest.mark.parametrize("acts", [1, 20])
def test_a_step_back_costs_what_it_goes_back_however_long_the_story_is(acts, monkeypatch):
    """Every picture is drawn of one state, which is moved; none begins at the first event again."""
    story = library.scenario(MINOR).steps
    again = [Step("madvise", vma="watched", advice="DONTNEED"), *story[8:11]]
    trace = run_steps(*story[:11], *again * (acts - 1))
    moved = []
    for name in ("replay", "undo"):
        real = getattr(State, name)
        monkeypatch.setattr(State, name, lambda self, change, real=real: (moved.append(change), real(self, change)))
    for at in range(len(trace.events), len(trace.events) - 30, -1):
        trace.state(at)
        moved.clear()
        for name in NAMES:
            draw(name, trace, at - 1)
        assert len(moved) <= sum(len(event.changes) for event in trace.events[at - 2 : at]) * 2


def scattered(pages):
    """Three hundred pages in a file of so many, far from each other."""
    stores = [{"op": "store", "vma": "A", "page": n * (pages // 300), "value": n % 256} for n in range(300)]
    file = {"op": "file", "id": "F", "backing": "shmem", "pages": pages}
    return run_steps(file, {"op": "mmap", "id": "A", "file": "F"}, *stores)


def test_a_million_pages_take_the_work_of_four_thousand():
    few, many = scattered(4000), scattered(1 << 20)
    assert work(lambda: draw("tables", many)) < 1.1 * work(lambda: draw("tables", few))


def test_a_million_pages_are_drawn_with_as_few_shapes_as_a_few():
    picture = draw("tables", scattered(1 << 20))
    assert len(picture.shapes) < 200 and "300 of" not in picture.sentence
    counts = re.findall(r"([\d,]+) of [\d,]+ present", picture.sentence)
    assert sum(int(count.replace(",", "")) for count in counts) == 300
