"""The maps: which way a fault goes, how an address is walked, and which bits a VMA's flags are."""

import pytest
from drawn import MINOR, moment, run, run_steps, texts

from uffdsim import library
from uffdsim.kernel.versions import VERSIONS
from uffdsim.pictures import draw
from uffdsim.pictures.decision.faults import ASKS, BEGINS, last_fault
from uffdsim.pictures.decision.ways import NODES, WAYS
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Rect
from uffdsim.pictures.walk.address import LEVELS, last_touched
from uffdsim.trace import Kind


def taken(picture):
    """The ways that are lit, as pairs of nodes."""
    return [tuple(line.key.split()[1:]) for line in picture.of("way taken")]


def lit(scenario, kind=Kind.SLEEP, kernel="linux-6.18"):
    trace = run(scenario, kernel)
    return taken(draw("decision", trace, moment(trace, kind)))


def test_a_minor_fault_finds_its_page_in_the_cache_and_asks():
    assert lit(MINOR) == [
        ("vma?", "allowed?"),
        ("allowed?", "entry?"),
        ("entry?", "cache?"),
        ("cache?", "minor?"),
        ("minor?", "gate?"),
        ("gate?", "asleep"),
    ]


def test_a_missing_fault_finds_a_hole_and_asks():
    assert lit("34-punch-then-missing-again")[2:] == [
        ("entry?", "cache?"),
        ("cache?", "missing?"),
        ("missing?", "gate?"),
        ("gate?", "asleep"),
    ]
    assert lit("24-missing-anon")[2:] == [("missing?", "gate?"), ("gate?", "asleep"), ("entry?", "missing?")]


def test_a_write_to_a_protected_page_asks_before_it_copies():
    trace = run("26-wp-hugetlb")
    sleeps = [n for n, event in enumerate(trace.events, 1) if event.kind == Kind.SLEEP]
    ways = [taken(draw("decision", trace, at)) for at in sleeps]
    assert any(("entry?", "wp?") in way and ("wp?", "gate?") in way for way in ways)


def test_a_touch_of_a_page_out_of_reach_asks_where_a_write_to_a_protected_one_would():
    trace = run("95-read-write-protect", "linux-7.3")
    asked = next(n for n, event in enumerate(trace.events, 1) if event.question == "rwp?")
    assert taken(draw("decision", trace, asked))[-2:] == [("entry?", "rwp?"), ("rwp?", "gate?")]
    before = draw("decision", trace, asked - 3, hide_after=True)
    assert "node wp?" in {shape.key for shape in before.shapes}, "what it will find is not to be seen yet"
    unnoticed = run("98-read-write-protect-unnoticed", "linux-7.3")
    answered = next(n for n, event in enumerate(unnoticed.events, 1) if event.question == "rwp?")
    assert taken(draw("decision", unnoticed, answered))[-1] == ("rwp?", "reached")


def test_a_signal_instead_of_a_message():
    trace = run("10-sigbus-feature")
    gate = next(n for n, event in enumerate(trace.events, 1) if event.question == "gate?")
    assert ("gate?", "SIGBUS") in taken(draw("decision", trace, gate))
    poison = run("35-poison")
    at = max(n for n, event in enumerate(poison.events, 1) if event.answer == "poison")
    assert taken(draw("decision", poison, at))[-1] == ("entry?", "poisoned")


def test_an_address_without_a_mapping_is_the_end_of_the_way():
    trace = run("29-event-unmap")
    at = next(n for n, event in enumerate(trace.events, 1) if event.question == "vma?")
    assert taken(draw("decision", trace, at)) == [("vma?", "SIGSEGV")]


def test_the_way_is_lit_as_far_as_the_cursor_has_come():
    trace = run(MINOR)
    cache = max(n for n, e in enumerate(trace.events, 1) if e.question == "cache?" and e.thread == "t1")
    picture = draw("decision", trace, cache)
    assert taken(picture)[-1] == ("cache?", "minor?")
    assert {line.key for line in picture.of("way later")} == {"way minor? gate?", "way gate? asleep"}
    assert [shape.key for shape in picture.of("current")] == ["node cache?"]
    hidden = draw("decision", trace, cache, hide_after=True)
    assert not list(hidden.of("way later")) and taken(hidden) == taken(picture)
    assert hidden.table == picture.table and picture.table.rows[-1] == ("cache?", "hit", str(cache))


@pytest.mark.parametrize("scenario", library.scenarios())
def test_every_fault_of_every_scenario_has_its_way_on_the_map(scenario):
    """Each answer that was given leads somewhere, in every version, and the way has no gap."""
    answers = {(way.start, answer) for way in WAYS for answer in way.answers}
    for kernel in ("linux-7.3", "linux-6.18", "linux-5.11-v6"):
        trace = run(scenario, kernel)
        for at in [n for n, event in enumerate(trace.events, 1) if event.kind in (Kind.SLEEP, Kind.ANSWER)]:
            fault = last_fault(Moment(trace, at, at))
            if fault is None:
                continue
            given = {(q, answer) for q, (answer, _) in fault.answers.items() if q != "wait?"}
            assert given <= answers, given - answers
            way = taken(draw("decision", trace, at))
            assert {start for start, _ in way} == {q for q, _ in given}
            assert all(end in NODES for _, end in way)


def test_faults_begin_and_ask_in_functions_that_traces_name():
    functions = {event.function for event in run(MINOR).events}
    assert {BEGINS, ASKS} <= functions


@pytest.mark.parametrize(
    "keys, kind",
    [
        ({"backing": "anon"}, "anon"),
        ({"backing": "anon", "sharing": "shared"}, "shmem"),
        ({"backing": "anon-hugetlb-2M"}, "hugetlb-2M"),
        ({"file": "F"}, "hugetlb-1G"),
    ],
)
def test_a_fault_is_of_the_kind_of_memory_that_its_mapping_has(keys, kind):
    steps = [
        {"op": "file", "id": "F", "backing": "hugetlb-1G", "pages": 1},
        {"op": "mmap", "id": "a", "pages": 1, **keys},
        {"op": "mremap", "vma": "a", "to": "b"},
        {"op": "load", "vma": "b", "thread": "t1"},
    ]
    trace = run_steps(*steps)
    fault = last_fault(Moment(trace, len(trace.events), 0))
    assert (fault.thread, fault.text, fault.backing) == ("t1", "t1 reads page 0 of b", kind)


@pytest.mark.parametrize("backing, levels", [("shmem", 4), ("hugetlb-2M", 3), ("hugetlb-1G", 2)])
def test_a_walk_is_as_long_as_pages_are_small(backing, levels):
    steps = [
        {"op": "file", "id": "F", "backing": backing, "pages": 3},
        {"op": "mmap", "id": "a", "file": "F"},
        {"op": "store", "vma": "a", "page": 2, "offset": 77, "value": 1},
    ]
    trace = run_steps(*steps)
    picture = draw("walk", trace)
    *indices, offset = picture.table.rows
    assert [name for name, _, _ in indices] == [name for name, _ in LEVELS[:levels]] and offset[2] == "0x4d"
    address = last_touched(Moment(trace, len(trace.events), 0)).address
    low = dict(LEVELS)
    assert address == sum(int(index) << low[name] for name, _, index in indices) + 77
    digits = "".join(text.text for text in texts(picture) if text.text in ("0", "1") and text.mono)
    assert int(digits, 2) == address and len(digits) == 48
    assert "which is: writable" in picture.sentence


def test_a_walk_that_ends_at_nothing_is_a_fault():
    trace = run(MINOR)
    asleep = draw("walk", trace, moment(trace, Kind.SLEEP))
    assert "which is: none" in asleep.sentence and "a fault" in [text.text for text in texts(asleep)]
    assert "no page has been named yet" in draw("walk", trace, 3).sentence
    assert "not recorded" in draw("walk", run(MINOR, "recorded-6.12")).sentence


def cells(picture, kernel):
    prefix = f"bit {kernel} "
    return {int(s.key.removeprefix(prefix)): s.role for s in picture.of_kind(Rect) if s.key.startswith(prefix)}


def test_two_flags_in_one_bit_can_be_seen():
    trace = run(MINOR)
    picture = draw("flags", trace, moment(trace, Kind.SLEEP), kernels=("linux-5.11-v5", "linux-6.12"))
    assert cells(picture, "linux-5.11-v5")[13] == "two flags in one bit"
    assert cells(picture, "linux-6.18")[13] == "bit clear" and cells(picture, "linux-6.18")[41] == "bit set"
    assert cells(picture, "linux-6.12")[38] == "bit set" and cells(picture, "linux-6.12")[41] == "no bit"
    assert "bit 13 is VM_LOCKED and VM_UFFD_MINOR, and it is set: which?" in picture.sentence


@pytest.mark.parametrize("kernel", VERSIONS)
def test_the_word_of_flags_is_that_of_the_vma(kernel):
    trace = run("37-smaps-flags", kernel)
    state = trace.cursor().state
    for id in ("h", "s", "a"):
        picture = draw("flags", trace, mapping=id, kernels=())
        word = state["vmas", "main"].at(state["mapping", id].start).flags
        assert hex(word) in [text.text for text in texts(picture)]


def test_of_a_bit_with_two_meanings_another_kernel_cannot_be_told():
    trace = run("75-lock-then-close", "linux-5.11-v5")
    at = next(end for step, end in zip(trace.scenario, trace.ends(), strict=False) if step.op == "mlock")
    picture = draw("flags", trace, at, kernels=("linux-6.18",))
    assert cells(picture, "linux-6.18")[13] == cells(picture, "linux-6.18")[41] == "unknown"


def test_a_real_kernels_flags_are_known_as_far_as_they_were_inspected():
    picture = draw("flags", run(MINOR, "recorded-6.12"), mapping="watched")
    seen = cells(picture, "linux-6.12")
    assert seen[38] == "bit set" and seen[13] == "bit clear" and seen[0] == "unknown"
    assert "no VMA has been inspected" in draw("flags", run(MINOR, "recorded-6.12"), 5).sentence


def test_another_kernel_has_a_row_only_if_it_adds_something():
    trace = run(MINOR)
    at = moment(trace, Kind.SLEEP)
    assert not cells(draw("flags", trace, at), "linux-7.3"), "the same bits as in linux-6.18"
    assert cells(draw("flags", trace, at, kernels=("linux-7.3",)), "linux-7.3")[41] == "bit set"
    older = run(MINOR, "linux-6.1")
    assert cells(draw("flags", older, moment(older, Kind.SLEEP)), "linux-7.3")[41] == "bit set"
