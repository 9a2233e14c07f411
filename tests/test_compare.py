"""Comparing two kernels."""

import pytest

from uffdsim import library
from uffdsim.compare import compare
from uffdsim.kernels import kernel
from uffdsim.recording import Recorded
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace
from uffdsim.uapi import Feature, Ioctl

STEPS = Scenario(
    [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 2},
        {"op": "load", "vma": "a", "page": 1, "thread": "t1"},
        {"op": "inspect"},
    ]
)
FILLED = Scenario(
    [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 2},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "copy", "fd": "u", "vma": "a", "value": 1},
    ]
)
OPENED = [{"step": step, "status": "done", "errno": None} for step in range(3)]
PAGE = {"present": 0, "vm_flags": ""}
ANSWERS = [
    {"step": 0, "status": "done", "errno": None},
    {"step": 1, "status": "done", "value": 0},
    {"step": 2, "status": "done", "vmas": {"a": [PAGE, PAGE]}, "files": {}},
]


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")


class Answering:
    """A kernel that answers what it was told to."""

    def __init__(self, name, answers):
        self.name = name
        self.answers = answers

    def run(self, scenario):
        return Trace(scenario, self.name, self.answers)


def compared(*changes):
    """The result of comparing ANSWERS with itself, but for these answers."""
    other = list(ANSWERS)
    for answer in changes:
        other[answer["step"]] = answer
    return compare(STEPS, Answering("one", ANSWERS), Answering("two", other))


def test_kernels_that_agree_do_not_part():
    comparison = compared()
    assert comparison.parting is None
    assert str(comparison).endswith("alike in every step")
    assert "->" not in str(comparison)


def test_the_first_difference_is_marked_with_an_arrow():
    comparison = compared({"step": 1, "status": "blocked"}, ANSWERS[2] | {"files": {"F": 1}})
    assert comparison.parting == 1
    marked = [line for line in str(comparison).splitlines() if line[:2] in ("->", " |")]
    assert [line.split()[1] for line in marked] == ["1", "2"] and marked[0].startswith("->")
    assert marked[0].split()[-2:] == ["0x00", "waits"]
    assert str(comparison).endswith("they differ at step 1")


def test_of_an_inspect_only_the_difference_is_shown():
    other = ANSWERS[2] | {"vmas": {"a": [PAGE, PAGE | {"present": 1}]}}
    line = next(line for line in str(compared(other)).splitlines() if line.startswith("->"))
    assert "reports: page 1 of a: present 0" in line
    assert "reports: page 1 of a: present 1" in line
    assert "vm_flags" not in line


def test_pages_that_differ_alike_are_told_together():
    away = PAGE | {"present": 1}
    told = str(compared(ANSWERS[2] | {"vmas": {"a": [away, away]}}))
    assert "pages 0 to 1 of a: present 0" in told and "pages 0 to 1 of a: present 1" in told


def test_a_mapping_that_one_does_not_report_differs_in_everything():
    told = str(compared(ANSWERS[2] | {"vmas": {}}))
    assert "pages 0 to 1 of a: present 0" in told and "pages 0 to 1 of a: not there" in told


def test_answers_that_read_alike_still_show_their_difference():
    comparison = compare(
        FILLED,
        Answering("one", [*OPENED, {"step": 3, "status": "done", "errno": "EEXIST", "done": -17}]),
        Answering("two", [*OPENED, {"step": 3, "status": "done", "errno": "EEXIST", "done": 0}]),
    )
    told = str(comparison)
    assert comparison.parting == 3 and "EEXIST: done -17" in told and "EEXIST: done 0" in told


def test_who_goes_on_is_part_of_an_answer():
    went_on = ANSWERS[2] | {"completed": [{"step": 1, "thread": "t1", "value": 7}]}
    asleep = {"step": 1, "status": "blocked"}
    comparison = compare(
        STEPS, Answering("one", [ANSWERS[0], asleep, ANSWERS[2]]), Answering("two", [ANSWERS[0], asleep, went_on])
    )
    assert comparison.parting == 2 and "t1 goes on: 0x07" in str(comparison)


def offering(features, ioctls, *after):
    """What a kernel answers to FILLED that offers these."""
    api = {"step": 2, "status": "done", "errno": None, "features": features, "ioctls": ioctls}
    return [*OPENED[:2], api, *after]


def test_what_only_one_offers_is_told_by_name_and_is_no_parting():
    rest = {"step": 3, "status": "done", "errno": None, "done": 4096}
    sigbus, move = int(Feature.SIGBUS), int(Feature.MOVE)
    one = offering(sigbus, 1 << Ioctl.API, rest | {"done": 0})
    two = offering(sigbus | move | 1 << 40, 1 << Ioctl.API, rest)
    comparison = compare(FILLED, Answering("one", one), Answering("two", two))
    assert comparison.parting == 3
    line = next(line for line in str(comparison).splitlines() if line.startswith(" ~"))
    assert "success, and alone offers MOVE, 0x10000000000" in line and "SIGBUS" not in str(comparison)


def test_kernels_that_differ_only_in_what_they_offer_are_not_alike():
    comparison = compare(
        FILLED, Answering("one", offering(1, 1)), Answering("two", offering(1, 1 | 1 << Ioctl.WAKE))
    )
    assert comparison.parting == 2 and not comparison.rows[2].matters
    assert str(comparison).endswith("they answer alike in all but what they offer")
    assert "and alone offers WAKE" in str(comparison) and "->" not in str(comparison)


@pytest.mark.parametrize("name", ["01-hugetlb-minor-continue", "36-move", "20-api-handshake"])
def test_every_difference_between_two_kernels_is_seen(name):
    comparison = compare(library.scenario(name), Recorded("6.1"), Recorded("6.18"))
    unlike = [index for index, row in enumerate(comparison.rows) if not row.equal]
    marked = [line for line in str(comparison).splitlines()[1:-1] if line[:2].strip()]
    assert unlike and [int(line[2:].split()[0]) for line in marked] == unlike


def test_a_kernel_that_died_answers_nothing_any_more():
    short = [ANSWERS[0], {"step": 1, "status": "oops", "at": "userfaultfd_release"}]
    comparison = compare(STEPS, Answering("one", ANSWERS), Answering("two", short))
    assert comparison.parting == 1
    assert comparison.rows[2].second is None
    assert "nothing any more" in str(comparison)


def test_it_fits_into_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "64")
    comparison = compared({"step": 1, "status": "done", "signal": "SIGBUS", "code": 2})
    assert max(map(len, str(comparison).splitlines())) <= 64


def test_a_scenario_without_steps_is_alike():
    assert compare(Scenario(), Answering("one", []), Answering("two", [])).parting is None


def test_what_was_answered_before_a_thread_is_stuck_is_compared_too():
    waits = {"op": "load", "vma": "a", "thread": "t1"}
    watched = {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]}
    comparison = compare(FILLED.first(3).then(watched, waits, waits), kernel("linux-6.18"), kernel("linux-6.18"))
    assert len(comparison.rows) == 5 and "step 5: t1 cannot take this step" in comparison.stopped
    assert str(comparison).endswith("alike in every step up to there")
