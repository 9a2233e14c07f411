"""Broken handlers: each fails its trials, can be mended, and has a story."""

import pytest
from handlers import MENDED, Mended

from uffdsim.course.handle.bugs import BUGS, bug
from uffdsim.course.progress import Progress
from uffdsim.trace import KernelError


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


def test_a_broken_handler_that_was_only_copied_is_no_try(tmp_path):
    names, one, keep = {}, bug("no wake after EEXIST"), Progress(tmp_path)
    exec(one.source, names)
    copied = next(made for name, made in names.items() if name != "__builtins__")
    one.keep(copied, one.judge(copied), "handler", one.name, keep)
    assert not keep.entries
    one.keep(Mended, one.judge(Mended), "handler", one.name, keep)
    assert keep.entries["handler", one.name].first


def test_a_kernel_that_leaves_out_a_trial_mends_no_bug():
    bug("nothing is lost").judge(Mended)
    with pytest.raises(KernelError, match="linux-5.11 cannot show whether it is mended, as it leaves out lost; take a"):
        bug("nothing is lost").judge(bug("nothing is lost").handler, kernel="linux-5.11")
