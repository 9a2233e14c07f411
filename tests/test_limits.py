"""The page of what the model leaves out says what the code says."""

import pytest

from uffdsim import limits
from uffdsim.grammar import ADVICE, COMMON, OPS
from uffdsim.kernel import Simulated
from uffdsim.library import HERE
from uffdsim.scenario import Step
from uffdsim.trace import KernelError


def test_the_page_is_made_from_the_table():
    page = HERE.parent / "docs" / "limits.md"
    assert page.read_text() == limits.markdown() + "\n", "renew it: uffdsim limits > docs/limits.md"


def test_every_row_is_said_in_full():
    for limit in limits.LIMITS:
        assert all(limit), limit.what


def test_what_no_scenario_can_ask_cannot_be_asked():
    words = {*OPS, *ADVICE, *COMMON}
    for op in OPS.values():
        words |= {*op.keys, *op.modes}
    for entry in limits.UNASKED:
        assert entry.what.endswith(".") and entry.names
        assert not words & set(entry.names), "it can be asked now: take it from the table"
        assert all(limits.unasked(name) for name in entry.names)


def test_other_words_are_not_said_to_be_left_out():
    assert [limits.unasked(name) for name in ("load", "jump", "")] == ["", "", ""]


def test_a_fault_without_end_is_refused_in_words():
    session = Simulated("linux-6.18").session()
    for step in [
        Step("file", id="F", backing="hugetlb-2M", pages=1),
        Step("mmap", id="m", file="F"),
        Step("userfaultfd", id="u"),
        Step("api", fd="u"),
        Step("register", fd="u", vma="m", modes=["WP"]),
        Step("store", vma="m", value=1),
        Step("writeprotect", fd="u", vma="m", mode=["WP"]),
        Step("register", fd="u", vma="m", modes=["MISSING"]),
    ]:
        session.step(step)
    with pytest.raises(KernelError, match="thread main would fault for ever at page 0 of m"):
        session.step(Step("store", vma="m", value=2))
