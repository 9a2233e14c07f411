"""The tables: every entry, page, flag, queue and sleeper of the state, in a place that is always the same."""

import pytest
from drawn import MINOR, box, moment, run, run_steps, texts

from uffdsim import library
from uffdsim.kernel.inspect import vm_flags
from uffdsim.kernel.state import VM_LOCKED
from uffdsim.kernel.versions import VERSIONS
from uffdsim.pictures import draw, page_of
from uffdsim.pictures.memory.bits import bits, smaps, traced, version_of
from uffdsim.pictures.memory.records import PRESENT
from uffdsim.pictures.shapes import Line, Rect
from uffdsim.pictures.tables.plan import groups, spans
from uffdsim.trace import Kind
from uffdsim.words import message


def words(picture):
    return [text.text for text in texts(picture)]


def state_counts(state):
    """Pages that are present, and pages that are cached, as the state itself has them."""
    present = cached = 0
    for _, mapping in state.of_kind("mapping"):
        for page in range(mapping.pages if mapping.listed else 0):
            address = mapping.start + page * mapping.page_size
            pte = state["ptes", "main"].at(address)
            present += pte is not None and pte.present and state["vmas", "main"].at(address) is not None
    for (_, id), file in state.of_kind("file"):
        cached += sum(state["cache", id].at(page) is not None for page in range(file.pages))
    return present, cached


def drawn_counts(picture):
    entries = [s for s in picture.of_kind(Rect) if s.key.startswith("page") and s.role in PRESENT]
    pages = [s for s in picture.of_kind(Rect) if s.key.startswith("cache: ") and s.role in ("cached", "just changed")]
    return len(entries), len(pages)


@pytest.mark.parametrize("scenario", library.scenarios())
def test_as_many_entries_and_pages_are_drawn_as_there_are(scenario):
    trace = run(scenario)
    for at in sorted({*trace.ends(), *range(0, len(trace.events), 7)}):
        assert drawn_counts(draw("tables", trace, at, size=(760, 2400))) == state_counts(trace.cursor(at).state)


@pytest.mark.parametrize("scenario", library.scenarios())
def test_whoever_sleeps_for_a_page_is_shown_there_and_in_a_queue(scenario):
    trace = run(scenario)
    for at in trace.ends():
        state, picture = trace.cursor(at).state, draw("tables", trace, at)
        waiting = [
            name for (_, name), thread in state.of_kind("thread") if thread.address is not None and thread.asleep
        ]
        badges = ";".join(badge.tip for badge in picture.of("badge"))
        assert all(f"{name} " in badges for name in waiting) and bool(badges) == bool(waiting)
        for _, ctx in state.of_kind("ctx"):
            for wait in (*ctx.pending, *ctx.reading, *ctx.events):
                assert f"{wait.thread}'s {wait.event}" in picture.sentence


@pytest.mark.parametrize("scenario", library.scenarios())
def test_what_waits_in_a_queue_is_what_will_be_read(scenario):
    trace = run(scenario)
    for index, found in enumerate(trace.observations):
        if "event" in found:
            chips = draw("tables", trace, trace.begin(index), size=(1600, 400)).of("message")
            assert message(found) in {chip.tip.partition("'s ")[2] for chip in chips}


@pytest.mark.parametrize("scenario", library.scenarios())
def test_a_message_is_known_by_the_sleep_of_whoever_left_it(scenario):
    trace = run(scenario)
    sleeps = {number: event.thread for number, event in enumerate(trace.events, 1) if event.kind is Kind.SLEEP}
    for at in range(0, len(trace.events) + 1, 3):
        for chip in draw("tables", trace, at).of("message"):
            assert sleeps[int(chip.key.removeprefix("message "))] == chip.tip.split("'")[0]


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("size", [(760, 360), (680, 204), (540, 208)])
def test_who_waits_where_can_be_read_with_one_mapping_and_with_three(count, size):
    steps = [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 2},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": ["MISSING_HUGETLBFS"]},
    ]
    names = [f"watched-{number}" for number in range(1, count + 1)]
    for name in names:
        steps.append({"op": "mmap", "id": name, "file": "F"})
        steps.append({"op": "register", "fd": "u", "vma": name, "modes": ["MISSING"]})
    steps += ({"op": "load", "vma": name, "thread": f"t{number}"} for number, name in enumerate(names, 1))
    picture = draw("tables", run_steps(*steps), size=size)
    first, *others = picture.of("message")
    read = words(picture)
    assert {"t1 MISSING", "page 0 of watched-1", "t1 reads"} <= set(read)
    assert len(others) == count - 1 or f"+{count - 1 - len(others)}" in read
    assert len(list(picture.of("badge"))) == count


def test_a_page_is_known_by_its_key():
    picture = draw("tables", run(MINOR))
    known = {page_of(shape.key) for shape in picture.shapes} - {None}
    assert known == {(name, page) for name in ("plain", "watched") for page in (0, 1)}
    large = draw("tables", run_steps({"op": "mmap", "id": "a", "backing": "anon", "pages": 5000}))
    (row,) = large.of("entry")
    assert page_of(row.key) == ("a", 0) and row.key == "pages 0 to 4,999 of a"


@pytest.mark.parametrize(
    "scenario", [MINOR, "23-copy-and-zeropage-on-minor-range", "31-event-remap", "44-beyond-the-file"]
)
def test_things_stay_where_they_are(scenario):
    trace = run(scenario)
    places = {}
    for at in range(len(trace.events) + 1):
        for shape in draw("tables", trace, at).of_kind(Rect):
            if shape.key.startswith(("cache: ", "userfaultfd ")):
                assert places.setdefault(shape.key, box(shape)) == box(shape)
            elif shape.key.startswith("page") and shape.role in ("entry", "waiting"):
                assert places.setdefault(shape.key, box(shape)) == box(shape)


def test_a_minor_fault_is_a_dashed_line_from_none_to_a_page_in_the_cache():
    trace = run(MINOR)
    asleep = draw("tables", trace, moment(trace, Kind.SLEEP))
    (line,) = asleep.of("minor")
    (row,) = (s for s in asleep.of("waiting"))
    (page,) = (s for s in asleep.of_kind(Rect) if s.key == "cache: page 0 of F")
    assert row.key == "page 0 of watched"
    assert line.points[0] == (row.x, row.y + row.h / 2) and line.points[-1] == (page.x + page.w, page.y + page.h / 2)
    assert "in the cache," in words(asleep) and "t1 reads" in words(asleep)
    assert "watched (rd wr sh de ht ui): page 0 none, though in the cache, t1 reads and waits" in asleep.sentence
    resolved = draw("tables", trace)
    assert not list(resolved.of("minor")) and len(list(resolved.of("maps"))) == 2


def test_what_the_last_event_changed_stands_out_and_what_was_is_said():
    trace = run(MINOR)
    changes = (
        (n, change.key) for n, event in enumerate(trace.events, 1) if event.step == 6 for change in event.changes
    )
    written = max(n for n, key in changes if key == ("cache", "F"))
    picture = draw("tables", trace, written)
    assert [shape.key for shape in picture.of("just changed") if shape.key] == ["cache: page 0 of F"]
    assert "0x41" in words(picture) and "was 0x00" in words(picture)
    assert not list(draw("tables", trace, 2).of("just changed"))


def test_a_registration_changes_flags_and_no_entry():
    trace = run(MINOR)
    end = trace.ends()[5]
    registered = max(n for n, e in enumerate(trace.events[:end], 1) if any(c.key[0] == "vmas" for c in e.changes))
    (mark,) = draw("tables", trace, registered).of("just changed")
    (flag,) = draw("tables", trace, registered).of("uffd flag")
    assert mark.x < flag.x and flag.x + flag.w < mark.x + mark.w and mark.y < flag.y


def test_what_changed_since_an_earlier_place_stands_out():
    trace = run(MINOR)
    begin = trace.ends()[5]
    changed = draw("tables", trace, trace.ends()[6], since=begin).of("just changed")
    assert {shape.key for shape in changed if shape.key} == {"cache: page 0 of F"}
    assert not list(draw("tables", trace, begin, since=begin).of("just changed"))


def test_a_message_goes_from_one_queue_to_the_other():
    trace = run(MINOR)
    chips = {}
    for name, at in (("pending", moment(trace, Kind.SLEEP)), ("reading", moment(trace, Kind.MESSAGE))):
        picture = draw("tables", trace, at)
        (chips[name],) = picture.of("message")
        assert chips[name].tip == "t1's PAGEFAULT, flags MINOR, at page 0 of watched"
        assert chips[name].key == f"message {moment(trace, Kind.SLEEP)}"
        assert {"t1 MINOR", "page 0 of watched"} <= set(words(picture))
    assert chips["pending"].x < chips["reading"].x and chips["pending"].y == chips["reading"].y
    told = draw("tables", trace, moment(trace, Kind.SLEEP)).sentence
    assert "userfaultfd u: to read: t1's PAGEFAULT, flags MINOR, at page 0 of watched" in told


def test_events_wait_in_a_queue_of_their_own():
    trace = run("29-event-unmap")
    picture = draw("tables", trace, next(n for n, e in enumerate(trace.events, 1) if e.kind == Kind.SLEEP))
    assert [chip.tip for chip in picture.of("message")] == ["main's UNMAP of 8 KiB, from page 1 of a on"]
    assert {"main UNMAP", "page 1 of a"} <= set(words(picture))
    assert "address space changing" in words(picture)
    assert len(list(picture.of("unmapped"))) == 2


def test_a_copy_of_ones_own_has_its_content_in_the_entry():
    picture = draw("tables", run("14-private-hugetlb"))
    assert "own copy" in words(picture) and "0x02" in words(picture)
    assert len(list(picture.of_kind(Line))) == 1


def test_poison_and_markers_are_not_present():
    poisoned = draw("tables", run("35-poison"))
    assert list(poisoned.of("poison")) and "poison" in poisoned.sentence
    marked = run("26-wp-hugetlb")
    seen = {shape.role for at in range(len(marked.events)) for shape in draw("tables", marked, at).shapes}
    assert {"marker", "uffd-wp"} <= seen


def test_flags_of_a_part_stand_in_the_rows_they_are_of():
    trace = run("41-partial-register")
    inspected = next(i for i, step in enumerate(trace.scenario) if step.op == "inspect")
    picture = draw("tables", trace, trace.ends()[inspected])
    rows = [shape for shape in picture.of("entry") if shape.key.endswith("of watched")]
    flagged = [row.key for row in rows for chip in picture.of("uffd flag") if row.y < chip.y < row.y + row.h]
    watched = [page["vm_flags"] for page in trace.observations[inspected]["vmas"]["watched"]]
    assert flagged == [f"page {page} of watched" for page, flags in enumerate(watched) if flags == "ui"] != []


@pytest.mark.parametrize("name", VERSIONS)
def test_flags_are_those_that_inspect_reports(name):
    version = VERSIONS[name]
    for flags in range(1 << 14):
        word = flags | (version.minor_flag if flags & 1 else 0)
        shown = [pair for pair in smaps(version, word) if pair in ("um", "uw", "lo", "ui")]
        assert " ".join(shown) == vm_flags(version, word)


@pytest.mark.parametrize("name", VERSIONS)
def test_a_flag_has_a_name_in_traces_in_every_version(name):
    version = VERSIONS[name]
    word = version.minor_flag | VM_LOCKED | 1 << 9
    both = ("uffd_missing", "uffd_minor", "locked")
    taken = "linux-5.11-v5", "linux-6.1-v5bit"
    without = "linux-5.11", "linux-5.11-v6"
    assert traced(version, word) == (both[:2] if name in taken else both[::2] if name in without else both)
    assert traced(version, 0) == ()


def test_where_two_flags_share_a_bit_traces_and_smaps_name_the_same_one():
    """smaps keeps the last of its table, a trace the first of its own: either way it is the newer flag."""
    version = VERSIONS["linux-5.11-v5"]
    assert smaps(version, VM_LOCKED) == ("ui",) and traced(version, VM_LOCKED) == ("uffd_minor",)


def test_a_recording_is_of_the_version_in_its_name():
    assert version_of("recorded-5.11-v5") is VERSIONS["linux-5.11-v5"]
    assert {bit.number for bit in bits(version_of("linux-5.11-v5")) if bit.name in ("LOCKED", "UFFD_MINOR")} == {13}
    assert version_of("linux") is next(iter(VERSIONS.values()))


def test_four_mappings_of_one_file_stand_around_it():
    steps = [{"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 2}]
    steps += ({"op": "mmap", "id": id, "file": "F"} for id in "ABCD")
    steps += ({"op": "store", "vma": id, "page": 0, "value": 65} for id in "ABCD")
    picture = draw("tables", run_steps(*steps))
    places = {s.key: box(s) for s in picture.of_kind(Rect) if s.key}
    left, right = [places[f"page 0 of {id}"] for id in "AC"], [places[f"page 0 of {id}"] for id in "BD"]
    file = places["cache: page 0 of F"]
    assert all(one[2] < file[0] for one in left) and all(one[0] > file[2] for one in right)
    assert len(list(picture.of("maps"))) == 4


def test_a_mapping_takes_no_more_rows_than_it_has():
    steps = [{"op": "file", "id": "F", "backing": "shmem", "pages": 4}]
    steps += ({"op": "mmap", "id": id, "file": "F", "pages": pages} for id, pages in (("a", 4), ("b", 4), ("c", 1)))
    picture = draw("tables", run_steps(*steps), size=(660, 204))
    lowest = max(box(shape)[3] for shape in picture.of("entry"))
    assert picture.height - lowest < 30


def test_the_pages_of_a_file_are_numbered_where_there_is_room_for_it():
    steps = [
        {"op": "file", "id": "F", "backing": "shmem", "pages": 24},
        {"op": "mmap", "id": "a", "file": "F"},
        {"op": "madvise", "vma": "a", "page": 11, "pages": 2, "advice": "POPULATE_READ"},
        {"op": "pwrite", "file": "F", "page": 15, "value": 9},
    ]
    picture = draw("tables", run_steps(*steps), size=(660, 204))
    numbers = [span.label for span in spans(groups(run_steps(*steps))[0], 8)]
    assert "11–12" in numbers and all(words(picture).count(number) == 2 for number in numbers)


def test_that_nothing_is_mapped_yet_has_a_line_of_its_own():
    steps = [{"op": "userfaultfd", "id": id} for id in "abcde"]
    picture = draw("tables", run_steps(*steps), size=(660, 204))
    (told,) = (text for text in texts(picture) if text.text == "nothing is mapped yet")
    assert told.y - told.size > 0 and told.y + told.size < min(shape.y for shape in picture.of("uffd"))


def places_of_strips(picture):
    return {shape.key: box(shape) for shape in picture.of_kind(Rect) if shape.key.startswith("userfaultfd ")}


def test_a_descriptor_takes_the_place_of_one_that_is_gone():
    trace = run("32-event-fork")
    places = {}
    for at in range(len(trace.events) + 1):
        places |= places_of_strips(draw("tables", trace, at))
    assert places["userfaultfd c"] == places["userfaultfd v"] != places["userfaultfd u"]
    assert set(places_of_strips(draw("tables", trace))) == {"userfaultfd u", "userfaultfd v"}


@pytest.mark.parametrize("scenario", library.scenarios())
def test_whoever_has_messages_keeps_the_place(scenario):
    trace = run(scenario)
    for at in trace.ends():
        picture = draw("tables", trace, at)
        shown = places_of_strips(picture)
        waiting = [row[0] for row in picture.table.rows if row[0].startswith("userfaultfd ") and "'s " in row[4]]
        assert [
            name for name in waiting if name.split()[1] in trace.scenario.names.descriptors and name not in shown
        ] == []


def test_a_descriptor_that_was_refused_was_never_open():
    trace = run("91-who-may-open-one")
    notes = {row[0]: row[4] for row in draw("tables", trace).table.rows}
    refused = {
        step["id"] for n, step in enumerate(trace.scenario) if trace.observations[n].get("errno") and "id" in step
    }
    assert refused and all(notes[f"userfaultfd {fd}"] == "not open" for fd in refused)
    assert "closed" in words(draw("tables", run("38-mlock-then-close")))


def test_a_child_that_has_ended_keeps_its_place_below_the_descriptors():
    trace = run("80-minor-fork-event")
    picture = draw("tables", trace, size=(660, 204))
    (child,) = (shape for shape in picture.of_kind(Rect) if shape.key == "memory of child1")
    assert "ended" in words(picture) and picture.height - box(child)[3] < 30
    assert child.y > max(place[3] for place in places_of_strips(picture).values())


def test_rows_are_pages_if_there_is_room_and_else_the_ranges_that_steps_name():
    steps = [
        {"op": "file", "id": "F", "backing": "shmem", "pages": 1000},
        {"op": "mmap", "id": "A", "file": "F", "offset": 100},
        {"op": "load", "vma": "A", "page": 0},
        {"op": "punch", "file": "F", "page": 500, "pages": 20},
    ]
    (group,) = groups(run_steps(*steps))
    assert [(span.first, span.last) for span in spans(group, 10)] == [
        (0, 100),
        (100, 101),
        (101, 500),
        (500, 520),
        (520, 1000),
    ]
    assert [(span.first, span.last) for span in spans(group, 4)] == [(0, 101), (101, 500), (500, 520), (520, 1000)][:4]
    assert len(spans(group, 1000)) == 1000 and len(spans(group, 1)) == 1
    assert [span.label for span in spans(group, 10)][:2] == ["0–99", "100"]


LONGER = (
    {"op": "file", "id": "F", "backing": "shmem", "pages": 2},
    {"op": "mmap", "id": "a", "file": "F"},
    {"op": "allocate", "file": "F", "page": 2, "pages": 2},
    {"op": "pwrite", "file": "F", "page": 5, "value": 9},
    {"op": "truncate", "file": "F", "pages": 0},
    {"op": "truncate", "file": "F", "pages": 1},
)
"""A file that grows beyond what it had at first, and shrinks."""


def of_the_file(picture):
    """What is drawn, and told in a row of the table, of each page of F."""
    rows = [row for row in picture.table.rows if row[0] == "F (page cache)"]
    drawn = [s.key for s in picture.of_kind(Rect) if s.key.startswith("cache: ")]
    assert drawn == [f"cache: page {page} of F" for _, page, *_ in rows if page]
    return [state for _, _, state, *_ in rows]


def test_pages_that_a_file_gets_beyond_its_end_are_shown_from_then_on_and_until_they_go():
    trace = run_steps(*LONGER)
    seen = [draw("tables", trace, at) for at in trace.ends()]
    assert [of_the_file(picture) for picture in seen] == [
        ["hole"] * 2,
        ["hole"] * 2,
        ["hole", "hole", "0x00", "0x00"],
        ["hole", "hole", "0x00", "0x00", "hole", "0x09"],
        ["no pages"],
        ["hole"],
    ]
    assert "F: page 0 hole, page 1 hole, page 2 0x00, page 3 0x00." in seen[2].sentence
    assert "F: no pages." in seen[4].sentence and "no pages" in words(seen[4])
    places = [{s.key: box(s) for s in p.of_kind(Rect) if s.key.startswith("cache: ")} for p in seen]
    assert all(one.items() <= places[3].items() for one in places)


def test_a_range_that_is_refused_makes_no_room():
    steps = [*LONGER[:2], {"op": "allocate", "file": "F", "page": 1 << 20, "pages": 0}]
    picture = draw("tables", run_steps(*steps))
    assert of_the_file(picture) == ["hole", "hole"]


def test_of_a_real_kernel_a_file_is_as_long_as_what_was_done_to_it_says():
    real, simulated = run("92-the-file-changes", "recorded-6.18"), run("92-the-file-changes")
    for index, at in enumerate(real.ends()):
        file = simulated.cursor(simulated.end(index)).state["file", "F"]
        assert len(of_the_file(draw("tables", real, at))) == file.pages, index


def test_a_moved_mapping_keeps_its_place_under_its_new_name():
    trace = run("31-event-remap")
    before = next(s for s in draw("tables", trace, trace.ends()[8]).of_kind(Rect) if s.key == "page 0 of a")
    after = next(s for s in draw("tables", trace).of_kind(Rect) if s.key == "page 0 of a2")
    assert box(before) == box(after)


def test_another_kernels_memory_is_marked_where_it_differs():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    picture = draw("tables", trace, at, against=run(MINOR, "linux-5.11"))
    (mark,) = picture.of("differs")
    assert mark.tip == "on the other side: writable" and "≠ writable" in words(picture)
    assert "1 row different on the other side" in picture.sentence


def test_of_a_real_kernel_the_last_report_is_drawn_and_what_is_missing_is_said():
    trace = run(MINOR, "recorded-6.12")
    end = draw("tables", trace)
    assert len(list(end.of("present"))) == 2 and "as inspect saw it in step 11" in end.sentence
    early = draw("tables", trace, 10)
    assert "not inspected" in words(early) and "nothing has been inspected yet" in early.sentence
    asleep = next(n for n, e in enumerate(trace.events, 1) if e.kind == Kind.SLEEP)
    badges = draw("tables", trace, asleep).of("badge")
    assert [badge.tip for badge in badges] == ["t1 reads page 0 of watched, and waits"]


def test_an_empty_scenario_says_that_it_is_empty():
    picture = draw("tables", run_steps({"op": "userfaultfd", "id": "u"}), 1)
    assert "nothing is mapped yet" in words(picture) and "nothing is mapped yet" in picture.sentence
