"""Comparing two kernels."""

from uffdsim.compare import compare
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace

STEPS = Scenario(
    [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 2},
        {"op": "load", "vma": "a", "page": 1, "thread": "t1"},
        {"op": "inspect"},
    ]
)
PAGE = {"present": 0, "vm_flags": ""}
ANSWERS = [
    {"step": 0, "status": "done", "errno": None},
    {"step": 1, "status": "done", "value": 0},
    {"step": 2, "status": "done", "vmas": {"a": [PAGE, PAGE]}, "files": {}},
]


class Answering:
    """A kernel that answers what it was told to."""

    def __init__(self, name, answers):
        self.name = name
        self.answers = answers

    def run(self, scenario):
        return Trace(scenario, self.name, self.answers)


def compared(*changes):
    """What comes of comparing ANSWERS with itself, but for these answers."""
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
    marks = [line[:2] for line in str(comparison).splitlines()]
    assert marks == ["  ", "  ", "->", " |", "th"]
    assert "done, value 0" in str(comparison)
    assert "blocked" in str(comparison)


def test_of_an_inspect_only_the_difference_is_shown():
    other = ANSWERS[2] | {"vmas": {"a": [PAGE, PAGE | {"present": 1}]}}
    line = next(line for line in str(compared(other)).splitlines() if line.startswith("->"))
    assert "vmas.a[1].present 0" in line
    assert "vmas.a[1].present 1" in line
    assert "vm_flags" not in line


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
