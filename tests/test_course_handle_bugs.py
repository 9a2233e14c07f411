"""Broken handlers: each fails its trials, can be mended, and has a story."""

import pytest
from handlers import MENDED, Mended

from uffdsim.course.handle.bugs import BUGS, bug


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_one_and_can_be_mended(name):
    one = bug(name)
    assert not one.judge(one.handler), "it fails none of its trials"
    assert one.judge(MENDED.get(name, Mended)), "no way through its trials"
    assert one.judge(lambda event, u: None).failed
    assert one.source.startswith(("def ", "class ")) and len(one.source.splitlines()) < 16
    assert one.source in repr(one) and len(one.story) < 500


def test_a_mistyped_bug_is_told_the_right_one():
    with pytest.raises(KeyError, match="did you mean hot again"):
        bug("hot agan")
