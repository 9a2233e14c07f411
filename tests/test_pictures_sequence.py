"""The sequence and the log: one numbering, lanes and columns that stand still, and who sleeps, wakes and tells."""

from itertools import pairwise
from xml.etree import ElementTree

import pytest
from drawn import MINOR, box, moment, run, run_steps, texts
from legible import bounds, letters

from uffdsim import library, words
from uffdsim.pictures import draw, log_html
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.sequence.labels import APART, LONGEST
from uffdsim.pictures.sequence.lanes import RIGHT, lanes, slot, window
from uffdsim.pictures.shapes import Rect
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST
from uffdsim.trace import Kind

ROOM = 760


def dots(picture):
    return {shape.event: shape for shape in picture.of_kind(Rect) if shape.key.startswith("event ")}


@pytest.mark.parametrize("scenario", library.scenarios())
def test_a_window_has_the_event_of_the_cursor_and_all_windows_make_the_whole(scenario):
    trace = run(scenario)
    events = trace.events
    windows = [window(trace, at, ROOM) for at in range(1, len(events) + 1)]
    assert all(w.first <= at <= w.last for at, w in enumerate(windows, 1))
    different = list(dict.fromkeys(windows))
    assert different[0].first == 1 and different[-1].last == len(events)
    assert all(a.first < b.first <= a.last + 1 and a.last < b.last for a, b in pairwise(different))
    assert all(w.last - w.first + 1 <= ROOM // slot(events) for w in different)


@pytest.mark.parametrize("room", [520, 660, 820])
@pytest.mark.parametrize("scenario", library.scenarios())
def test_a_step_that_has_room_on_a_page_is_not_torn_apart(scenario, room):
    trace = run(scenario)
    windows = {window(trace, at, room) for at in range(1, len(trace.events) + 1)}
    most = max(w.last - w.first + 1 for w in windows)
    for w in windows:
        if w.last < len(trace.events):
            step = trace.events[w.last - 1].step
            assert w.last == trace.end(step) or trace.end(step) - trace.begin(step) > most


@pytest.mark.parametrize("room", [520, 660, 820])
@pytest.mark.parametrize("scenario", library.scenarios())
def test_the_last_page_begins_so_early_that_no_step_before_it_has_room(scenario, room):
    trace = run(scenario)
    end = window(trace, len(trace.events), room)
    if end.first > 1:
        before, first = trace.events[end.first - 2 : end.first]
        torn = before.step == first.step
        earlier = end.first - 2 if torn else trace.begin(before.step)
        assert end.left + (end.last - earlier) * end.slot > room - RIGHT


def test_dots_stand_still_while_the_cursor_is_in_their_window():
    trace = run("15-read-and-write-flags")
    places = {}
    for at in range(1, len(trace.events) + 1):
        here = window(trace, at, ROOM)
        for number, dot in dots(draw("sequence", trace, at)).items():
            assert places.setdefault((here, number), box(dot)) == box(dot)
    assert {number for _, number in places} == set(range(1, len(trace.events) + 1))


@pytest.mark.parametrize("scenario", library.scenarios())
def test_the_first_page_is_the_same_before_anything_has_happened(scenario):
    trace = run(scenario)
    assert window(trace, 0, ROOM) == window(trace, 1, ROOM) == window(trace, 2, ROOM)


def test_words_beside_each_other_do_not_read_as_one():
    for scenario in library.scenarios():
        trace = run(scenario)
        labels = [text for text in texts(draw("sequence", trace, size=(660, 168))) if text.halo]
        for row in {text.y for text in labels}:
            beside = sorted(box(text) for text in labels if text.y == row)
            assert all(a[2] + APART <= b[0] + 0.1 for a, b in pairwise(beside)), scenario


def test_a_label_is_told_in_full_where_there_is_room_for_it():
    advice = {"op": "madvise", "vma": "a", "page": 0, "pages": 2, "advice": "POPULATE_WRITE"}
    trace = run_steps(
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 4}, {**advice, "thread": "virtual-processor"}
    )
    told = [text.text for text in texts(draw("sequence", trace, size=(920, 168))) if text.halo]
    assert width(whole := words.short(trace.scenario[1]), SMALLEST) > LONGEST and whole in told


def test_labels_stay_when_the_cursor_moves_on():
    trace = run(MINOR)
    here = window(trace, 50, ROOM)
    first, *others = (
        {(t.text, t.x, t.y) for t in texts(draw("sequence", trace, at)) if t.halo}
        for at in range(here.first, here.last)
    )
    assert len(first) > 11 and all(labels == first for labels in others)


def test_the_event_of_the_cursor_is_told_in_full_and_what_follows_is_grey():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    picture = draw("sequence", trace, at)
    drawn = dots(picture)
    assert drawn[at].role == "current" and drawn[at + 1].role == "later" and drawn[at - 1].role != "later"
    assert f"t1 in handle_userfault: {trace.events[at - 1].text}" in [text.text for text in texts(picture)]
    assert (
        picture.sentence
        == f"Event {at} of {len(trace.events)}: t1 in handle_userfault: {trace.events[at - 1].text}. Asleep: t1."
    )


def test_threads_stand_above_the_kernel_and_handlers_below():
    places = {text.text: text.y for text in texts(draw("sequence", run(MINOR), 50)) if text.bold}
    assert places["main"] < places["t1"] < places["kernel"] < places["handler"]


@pytest.mark.parametrize("scenario", library.scenarios())
def test_who_only_works_on_descriptors_stands_below(scenario):
    steps = library.scenario(scenario)
    room = lanes(steps, 250)
    touching = {step.thread for step in steps if "fd" not in step and step.op != "userfaultfd"}
    assert set(room.users) == touching
    threads = dict.fromkeys(step.thread for step in steps)
    assert [*room.users, *room.handlers] == sorted(threads, key=lambda thread: thread not in touching)


def test_what_a_thread_does_in_the_kernel_is_in_the_kernels_lane():
    trace = run(MINOR)
    picture = draw("sequence", trace, 50)
    kernel = next(text.y for text in texts(picture) if text.text == "kernel")
    for number, dot in dots(picture).items():
        assert (dot.y + dot.h / 2 == kernel) == bool(trace.events[number - 1].function)


def test_a_sleeper_has_a_bar_from_its_sleep_to_its_wake():
    trace = run(MINOR)
    (nap,) = trace.naps()
    assert (nap.thread, nap.begin, nap.end) == ("t1", moment(trace, Kind.SLEEP), moment(trace, Kind.WAKE))
    wake = draw("sequence", trace, moment(trace, Kind.WAKE))
    (bar,) = wake.of("asleep")
    (arrow,) = wake.of("wakes")
    assert arrow.points[-1][0] == bar.x + bar.w and bar.y < arrow.points[-1][1] < bar.y + bar.h * 1.2
    assert not list(draw("sequence", trace, moment(trace, Kind.TOUCH, "")).of("asleep"))


def test_a_thread_that_nobody_wakes_sleeps_to_the_end():
    steps = [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 1},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
        {"op": "load", "vma": "a", "thread": "t1"},
        {"op": "read_event", "fd": "u"},
    ]
    trace = run_steps(*steps)
    picture = draw("sequence", trace)
    (bar,) = picture.of("asleep")
    (cursor,) = picture.of("cursor")
    assert bar.x + bar.w == cursor.points[0][0] and picture.sentence.endswith("Asleep: t1.")


def test_a_message_is_an_arrow_to_who_reads_it():
    trace = run(MINOR)
    (arrow,) = draw("sequence", trace, moment(trace, Kind.MESSAGE)).of("tells")
    (reader,) = (text for text in texts(draw("sequence", trace, 50)) if text.text == "handler")
    assert arrow.points[-1][1] == reader.y


def test_the_death_of_a_kernel_is_seen():
    trace = run("45-mlock-then-register", "linux-5.11-v5")
    picture = draw("sequence", trace)
    assert len(list(picture.of("oops"))) == 1 and "BUG" in [text.text for text in texts(picture)]
    real = run("45-mlock-then-register", "recorded-5.11-v5")
    assert len(list(draw("sequence", real).of("oops"))) == 1


def test_hidden_events_leave_no_trace_but_a_question_mark():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP) - 3
    hidden = draw("sequence", trace, at, hide_after=True)
    assert set(dots(hidden)) == {n for n in dots(draw("sequence", trace, at)) if n <= at}
    assert list(hidden.of("hidden")) and not list(draw("sequence", trace, at).of("hidden"))
    assert not list(draw("sequence", trace, hide_after=True).of("hidden"))
    assert max(int(row[0]) for row in hidden.table.rows) == at


def test_events_that_another_kernel_has_not_are_marked():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    marked = draw("sequence", trace, at, against=run(MINOR, "linux-5.11"))
    xs = {mark.x + mark.w / 2 for mark in marked.of("differs")}
    sleep = dots(marked)[at]
    touch = dots(marked)[next(n for n in dots(marked) if trace.events[n - 1].kind == Kind.TOUCH)]
    assert sleep.x + sleep.w / 2 in xs and touch.x + touch.w / 2 not in xs


def test_a_real_kernels_story_is_what_its_answers_tell():
    trace = run(MINOR, "recorded-6.12")
    events = trace.events
    assert [event.kind for event in events if event.step == 8] == [Kind.TOUCH, Kind.SLEEP]
    assert [(event.thread, event.kind, words.event(trace, event)) for event in events if event.step == 10] == [
        ("handler", Kind.TOUCH, "calls CONTINUE on page 0 of watched"),
        ("handler", Kind.WAKE, "t1 goes on"),
        ("t1", Kind.ANSWER, "0x41"),
        ("handler", Kind.ANSWER, "success"),
    ]
    assert run(MINOR).events is run(MINOR).events
    assert "a real kernel does not show" in " ".join(text.text for text in texts(draw("sequence", trace)))


def test_a_place_has_a_counterpart_in_another_trace():
    one, other = run(MINOR), run(MINOR, "linux-5.11")
    for index, (here, there) in enumerate(zip(one.ends(), other.ends(), strict=True)):
        assert Moment(one, here, here, other).counterpart().at == there, index
    begin = one.ends()[7]
    assert Moment(one, begin + 1, begin, other).counterpart().at == other.ends()[7] + 1


def test_the_log_has_every_event_by_its_number():
    trace = run(MINOR)
    log = ElementTree.fromstring(log_html(trace, 50))
    assert [int(line.get("data-event")) for line in log] == list(range(1, len(trace.events) + 1))
    assert [line.get("value") for line in log] == [line.get("data-event") for line in log]
    (now,) = (line for line in log if line.get("aria-current"))
    assert now.get("data-event") == "50" and "".join(now.itertext()).endswith(trace.events[49].text)
    assert len(ElementTree.fromstring(log_html(trace, 50, hide_after=True))) == 50
    near = ElementTree.fromstring(log_html(trace, 50, around=3))
    assert [line.get("data-event") for line in near] == ["47", "48", "49", "50", "51", "52", "53"]


def test_the_log_keeps_the_event_of_the_cursor_in_sight():
    trace = run(MINOR)
    for at in range(1, len(trace.events) + 1):
        picture = draw("log", trace, at)
        (now,) = picture.of("current")
        assert now.event == at and now.y + now.h < picture.height


def test_names_that_people_gave_are_text_in_the_log():
    trace = run(MINOR)
    assert "<b>t1</b>" in log_html(trace) and "<script" not in log_html(trace)


def test_the_rim_of_the_last_event_touches_no_words_of_the_log():
    trace = run(MINOR)
    for at in range(2, len(trace.events) + 1):
        picture = draw("log", trace, at, size=(660, 168))
        (now,) = picture.of("current")
        others = [bounds(letters(text)) for text in texts(picture) if text.event != at]
        assert not [low for _, top, _, low in others if low > now.y - 1.2 and top < now.y + now.h + 1.2], at
