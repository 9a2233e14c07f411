"""What lessons 1 to 5 tell teachers is so: handlers get through, and numbers are those of the events."""

import re
import textwrap
from pathlib import Path

import need
import pytest

from uffdsim import library
from uffdsim.course import BUGS, judge
from uffdsim.course.handle.form import alike
from uffdsim.course.lessons import survivor, ten, writes
from uffdsim.kernel import Simulated
from uffdsim.trace import Kind

SOURCES = Path(__file__).parents[1] / "notebooks" / "src"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
TEN = ten.trials


def source(name):
    return (SOURCES / f"{name}.md").read_text()


def solution():
    """The handler that the teacher's guide gives for lesson 4."""
    note = source("04-answers").partition("**A handler that gets ten of ten:**")[2]
    code = textwrap.dedent(re.search(r"(?:^    .*\n)+", note, re.MULTILINE).group())
    found = {}
    exec(code, found)
    return found["handler"]


def one_answer(event, u):
    """The handler that lesson 4 begins with."""
    if event.minor:
        u.continue_(event.vma, event.page)


BEGUN = [(ten, "04-answers"), (writes, "05-write-protect"), (survivor, "06-when-the-ground-moves")]


@pytest.mark.parametrize(("one", "lesson"), BEGUN)
def test_the_handler_that_a_lesson_begins_with_is_no_try_as_it_stands(one, lesson):
    code = next(code for code in BLOCK.findall(source(lesson)) if "def handler(event, u)" in code)
    names = {}
    exec(code[code.index("def handler") :].partition("\n\n\n")[0], names)
    assert alike(names["handler"], one.handler)


@pytest.mark.parametrize("kernel", ["linux-6.1", "linux-6.18"])
def test_the_handler_of_the_guide_gets_ten_of_ten(kernel):
    assert judge(solution(), TEN, kernel).failed == []


def test_the_handler_that_the_lesson_begins_with_does_not():
    assert judge(one_answer, TEN).failed == [
        *("missing", "both", "zeros on huge pages", "filled meanwhile", "vanished", "half there")
    ]


def test_the_handler_of_the_guide_gets_ten_of_ten_on_the_kernel_at_hand():
    need.userfaultfd()
    need.huge_pages(4)
    assert judge(solution(), TEN, "linux").failed == []


def test_both_bugs_of_the_lesson_are_mended_as_the_guide_says():
    def mended(event, u):
        if event.minor:
            u.continue_(event.vma, event.page)
        elif event.missing and not u.copy(event.vma, event.page, value=event.data):
            u.wake(event.vma, event.page)

    def one_at_a_time(event, u):
        u.copy(event.vma, event.page, value=event.data) or u.wake(event.vma, event.page)

    assert BUGS["no wake after EEXIST"].judge(mended)
    assert BUGS["always four pages"].judge(one_at_a_time)
    assert not BUGS["no wake after EEXIST"].judge(BUGS["no wake after EEXIST"].handler)


def test_the_eight_places_of_a_minor_fault_have_the_numbers_of_the_guide():
    events = Simulated("linux-6.18").run(library.scenario("01-hugetlb-minor-continue")).events
    note = re.search(r"\(numbers of the dots\):(.*?)\n\n?-->", source("03-life-of-a-minor-fault"), re.DOTALL).group(1)
    found = [events[number - 1] for number in (44, 47, 48, 51, 53, 55, 59, 68, 72, 75)]
    assert all(str(number) in note for number in (44, 47, 48, 51, 53, 55, 59, 68, 72, 75))
    assert [event.question for event in found[:3]] == ["entry?", "cache?", "mode?"]
    assert [event.function for event in found[3:6]] == [
        *("handle_userfault", "userfaultfd_huge_must_wait", "handle_userfault")
    ]
    assert [event.kind for event in found[5:]] == [Kind.SLEEP, Kind.MESSAGE, Kind.DO, Kind.WAKE, Kind.CALL]
