"""Three machines that have to move: each has an answer, and none has that of another."""

import pytest

from uffdsim.course.move.cases import CASES, Cases, choose
from uffdsim.course.move.setting import WAYS
from uffdsim.course.progress import Progress
from uffdsim.errors import Mistake, Unknown

RIGHT = {
    "database": {("4K", "both", "CONTINUE")},
    "cache": {("2M", "post-copy", "COPY"), ("2M", "post-copy", "CONTINUE")},
    "ledger": {("4K", "pre-copy", "COPY"), ("4K", "pre-copy", "CONTINUE")},
}


@pytest.fixture
def keep(tmp_path):
    return Progress(tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_that_is_right_passes_and_those_of_others_do_not(name, keep):
    for machine, answers in RIGHT.items():
        for answer in answers:
            assert bool(choose(name, *answer, keep=keep)) == (machine == name)
    assert keep.entries["exercise", f"move-{name}"].done


@pytest.mark.parametrize("name", CASES)
def test_large_pages_and_to_stand_still_help_only_where_they_should(name, keep):
    for way in WAYS:
        assert bool(choose(name, "2M", way, "COPY", keep=keep)) == (("2M", way, "COPY") in RIGHT[name])


def test_the_verdict_names_what_does_not_hold_with_both_numbers(keep):
    found = choose("database", "4K", "both", "COPY", keep=keep)
    assert found.summary == "Not yet: downtime."
    assert "112 ms" in repr(found) and "at most 80 ms" in found._repr_html_()


def test_the_task_says_what_each_machine_has_and_can_bear():
    shown = repr(Cases())
    assert all(name in shown for name in CASES) and "10Gbit/s" in shown and "80 ms" in Cases()._repr_html_()


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        (("databse",), Unknown, "did you mean database"),
        (("cache", "3K"), Mistake, "take 4K, 2M or 1G"),
        (("cache", "4K", "hybrid"), Mistake, "take stop and copy, pre-copy, post-copy, both"),
    ],
)
def test_bad_input_is_told_what_would_be_right(given, error, told, keep):
    with pytest.raises(error, match=told):
        choose(*given, keep=keep)
    assert not keep.entries
