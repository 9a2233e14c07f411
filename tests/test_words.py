"""The one voice: whatever is told of any scenario on any kernel is told in words, and in the same ones."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import programs

from uffdsim import kernels, library, words
from uffdsim.compare import compare
from uffdsim.grammar import OPS, Trait, ops
from uffdsim.kernel import Simulated
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import KernelError
from uffdsim.uapi import Feature, Ioctl

RAW = [
    (r"\bNone\b", "a value that is none"),
    (r"\b[A-Za-z]\w*\[\d+\]", "a page as watched[0]"),
    (rf"\b({'|'.join(op for op in OPS if '_' in op)})\b", "an op by its raw name"),
    (r"\b(user_mode_only|from_page)\b", "a key by its raw name"),
    (r"\b(the byte|value) (?!0x[0-9a-f]{2}\b)", "a byte that is not as 0x41"),
    (r"[{}]", "a value as Python has it"),
    (r"  ", "a hole"),
]
"""What no sentence has in it, and what that would be."""


def check(told, context):
    """Somebody can read this."""
    assert told and told.strip() == told, context
    for pattern, what in RAW:
        assert not re.search(pattern, told), f"{what} in {told!r}: {context}"


def check_trace(trace):
    for index, step in enumerate(trace.scenario):
        for told in (words.deed(step), words.short(step), words.step(step)):
            check(told, step)
        found = trace.answer(index)
        for told in (words.answer(step, found), words.result(step, found), words.outcome(trace, index)):
            check(told, (trace, index))
        for told in words.woken(trace, index):
            check(told, (trace, index))
    for number, event in enumerate(trace.events, 1):
        check(words.event(trace, event), (trace, number))
        check(words.told(trace, event), (trace, number))


@pytest.mark.parametrize("kernel", [name for name in kernels.names() if not re.fullmatch("linux|box-.*", name)])
def test_all_that_is_told_of_every_scenario_is_words(kernel):
    told = 0
    for name in library.scenarios():
        try:
            trace = kernels.kernel(kernel).run(library.scenario(name))
        except KernelError:
            continue  # not recorded there
        check_trace(trace)
        told += 1
    assert told


@given(programs(length=15))
@settings(max_examples=20)
def test_all_that_is_told_of_any_scenario_is_words(scenario):
    check_trace(Simulated("linux-6.18").run(scenario))


# A byte, a page and a count each look the same wherever they are met.


@given(st.integers(0, 255), st.sampled_from(ops(Trait.TOUCH | Trait.WRITE)))
def test_a_byte_is_the_same_where_it_is_written_and_where_it_is_read(value, op):
    written = Step(op, vma="a", value=value)
    read = Step("load", vma="a")
    assert words.deed(written).removeprefix("lets the kernel ") in (
        f"writes 0x{value:02x} to page 0 of a",
        f"write 0x{value:02x} to page 0 of a",
    )
    assert words.answer(read, {"status": "done", "value": value}) == f"0x{value:02x}" == words.byte(value)
    assert words.byte(value) in words.deed(Step("copy", fd="u", vma="a", value=value))


def test_a_page_is_the_same_in_a_step_a_range_and_a_message():
    found = {"event": "PAGEFAULT", "flags": 4, "vma": "ram", "page": 1234, "offset": 0, "ptid": None}
    for told in (
        words.deed(Step("load", vma="ram", page=1234)),
        words.deed(Step("wake", fd="u", vma="ram", page=1234, pages=1)),
        words.message(found),
        words.place(found),
    ):
        assert "page 1,234 of ram" in told
    assert words.message(found) == "PAGEFAULT, flags MINOR, at page 1,234 of ram"
    assert words.message(found | {"ptid": "t1", "flags": 0, "offset": 5}) == (
        "PAGEFAULT, flags 0, at page 1,234 of ram, byte 5, by t1"
    )


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({}, "ram"),
        ({"page": 2}, "ram from page 2 on"),
        ({"page": 2, "pages": 1}, "page 2 of ram"),
        ({"page": 2, "pages": 3}, "pages 2 to 4 of ram"),
        ({"pages": 0}, "no page of ram"),
    ],
)
def test_a_range_is_told_as_it_was_given(keys, told):
    assert words.where(Step("mlock", vma="ram", **keys)) == told


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 bytes"), (1, "1 byte"), (4095, "4,095 bytes"), (4096, "4 KiB"), (6 << 21, "12 MiB")]
)
def test_a_size_is_in_the_largest_unit_that_divides_it(number, told):
    assert words.size(number) == told


# What PAGEMAP_SCAN finds.

MAPPED = Scenario(
    [
        Step("mmap", id="a", backing="anon", pages=8),
        Step("mmap", id="huge", backing="anon-hugetlb-2M", pages=4),
    ]
).names


def region(vma, page, size, *categories, offset=0):
    return {"start": {"vma": vma, "page": page, "offset": offset}, "bytes": size, "categories": [*categories]}


@pytest.mark.parametrize(
    ("regions", "told"),
    [
        ([], "no page"),
        ([region("a", 0, 16384, "WRITTEN")], "pages 0 to 3 of a (WRITTEN)"),
        ([region("a", 1, 4096, "WRITTEN"), region("a", 4, 8192, "WRITTEN")], "pages 1 and 4 to 5 of a (WRITTEN)"),
        (
            [region("a", 1, 4096, "PRESENT"), region("a", 2, 4096), region("a", 3, 4096, "PRESENT")],
            "pages 1 and 3 of a (PRESENT); page 2 of a",
        ),
        ([region("huge", 1, 4 << 20, "HUGE"), region("a", 0, 4096)], "pages 1 to 2 of huge (HUGE); page 0 of a"),
        ([region("huge", 1, 4096, "HUGE")], "4 KiB from page 1 of huge on (HUGE)"),
        (
            [region("huge", 1, (2 << 20) - 4096, "HUGE", offset=4096)],
            "2,044 KiB from page 1 of huge, byte 4,096 on (HUGE)",
        ),
        ([region("elsewhere", 0, 4096)], "4 KiB from page 0 of elsewhere on"),
    ],
)
def test_what_a_scan_finds_is_told_by_its_pages(regions, told):
    step, found = Step("poll", fd="u"), {"status": "done", "errno": None, "walked": 8192, "regions": regions}
    assert words.answer(step, found, MAPPED) == told
    assert words.result(step, found, MAPPED) == f"{told}, 8 KiB walked"


def test_a_scan_is_told_by_its_pages_and_why_wherever_steps_are(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    m = Machine()
    a, u = m.mmap("anon", "watched", pages=4), m.userfaultfd()
    u.api("WP_ASYNC", "WP_UNPOPULATED")
    u.register(a, "WP")
    u.writeprotect(a, mode="WP")
    for page in (0, 2, 3):
        a[page] = page
    scan = a.pagemap_scan(mask=["WRITTEN"], returns=["WRITTEN"])
    told = "pages 0 and 2 to 3 of watched (WRITTEN), 16 KiB walked"
    assert scan.outcome == f"{told}: 3 of 4 pages are as asked for"
    assert f"→ {told}" in words.explained(m.trace, scan.index)[0]
    assert words.told(m.trace, m.trace.events[-1]).endswith(told)
    assert "pages 0 and 2 to 3 of watched" in str(compare(m.scenario, m.kernel, m.kernel))


# What a kernel offers, and answers that are not known here.


def test_what_a_kernel_offers_is_listed_by_name_and_by_number_where_there_is_none():
    step = Step("api", fd="u")
    found = {"status": "done", "errno": None, "features": int(Feature.SIGBUS) | 1 << 40, "ioctls": 1 << Ioctl.API}
    assert words.result(step, found) == "the kernel knows 2 features (SIGBUS, 0x10000000000)"
    assert words.result(step, {"status": "done", "errno": None, "ioctls": 1 << Ioctl.WAKE}) == "offers WAKE"
    assert words.result(step, {"status": "done", "errno": None, "ioctls": 0}) == "offers no ioctl"


def test_a_field_that_has_no_words_is_told_all_the_same():
    found = {"status": "done", "errno": None, "re_gions": ["a"]}
    assert words.result(Step("fork"), found) == "success, re gions ['a']"


def test_a_status_that_has_no_words_is_told_all_the_same():
    assert words.answer(Step("fork"), {"status": "on fire"}) == "on fire"


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "not carried out"),
        ({"status": "blocked"}, "waits"),
        ({"status": "oops", "at": "f"}, "the kernel dies in f"),
        ({"status": "done", "errno": "EAGAIN", "done": 8192}, "EAGAIN after 8 KiB"),
        ({"status": "done", "errno": "EEXIST", "done": -17}, "EEXIST"),
        ({"status": "done", "errno": None, "done": 4096}, "4 KiB done"),
        ({"status": "done", "errno": None}, "success"),
    ],
)
def test_an_answer_is_a_few_words(found, told):
    assert words.result(Step("copy", fd="u", vma="a", value=1), found) == told


def test_a_signal_has_its_code():
    found = {"status": "done", "signal": "SIGBUS", "code": 2}
    assert words.answer(Step("load", vma="a"), found) == "SIGBUS"
    assert words.result(Step("load", vma="a"), found) == "SIGBUS, code 2"
