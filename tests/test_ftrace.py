"""A real kernel's functions beside the simulated one's."""

from collections import Counter

import pytest

from uffdsim.course.lessons.ftrace import recorded, side_by_side
from uffdsim.scenario import ScenarioError


@pytest.mark.parametrize("folder, name", [(folder, name) for folder, names in recorded().items() for name in names])
def test_nothing_that_ftrace_saw_is_left_out(folder, name):
    """Each thread is told to enter what it was seen to enter, as often; but for what younger kernels inline."""
    rows = side_by_side(name, folder).rows
    seen = Counter((row.thread, row.seen) for row in rows if row.seen)
    told = Counter((row.thread, row.told) for row in rows if row.told)
    assert seen.total() >= 8
    assert {function for _, function in seen - told} <= {"userfaultfd_copy", "userfaultfd_continue"}


def test_what_a_compiler_inlined_is_told_and_was_not_seen():
    rows = side_by_side("01-hugetlb-minor-continue", "6.12").rows
    assert [row.told for row in rows if not row.seen] == ["hugetlb_no_page", "userfaultfd_ctx_read"]


def test_a_function_stands_as_deep_as_it_was_entered():
    table = side_by_side("01-hugetlb-minor-continue", "6.12")
    assert "    hugetlb_vma_lock_read" in repr(table)
    assert "\u00a0" in table._repr_html_() and "which does what" in table._repr_html_()


def test_what_was_not_traced_is_refused_by_name():
    with pytest.raises(ScenarioError, match="25-wp-anon"):
        side_by_side("05-continue-errors")
    with pytest.raises(ScenarioError, match=r"try 5\.11-v5"):
        side_by_side("01-hugetlb-minor-continue", "6.18")
