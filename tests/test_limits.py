"""The page of what the model leaves out says what the code says."""

import pytest

from uffdsim import limits
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
