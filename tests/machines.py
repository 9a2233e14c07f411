"""Machines for the tests of steps as Python calls, and what such a call is refused with."""

import pytest

from uffdsim.machine import Machine
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError


@pytest.fixture
def m():
    return Machine()


@pytest.fixture
def minor(m):
    """A huge page file mapped twice, one of the mappings watched, and a thread that waits for its page 0."""
    F = m.file("hugetlb-2M", pages=2)
    plain, watched = m.mmap(F, "plain"), m.mmap(F, "watched")
    u = m.userfaultfd()
    u.api("MINOR_HUGETLBFS")
    u.register(watched, "MINOR")
    plain[0] = 65
    return plain, watched, u, watched.load(0, thread="t1")


def wrong(call, *words):
    """The call is refused by an error that has these words in it."""
    with pytest.raises((ScenarioError, KernelError)) as caught:
        call()
    for word in words:
        assert word in str(caught.value)
