"""What came with which release, in words."""

from uffdsim.kernel import releases
from uffdsim.kernel.changes import CHANGES, RELEASES
from uffdsim.kernel.releases import PARTS, SAID


def test_all_that_a_program_can_see_is_told_with_its_source():
    told = releases.news()
    assert len(told) == sum(one.what in SAID or one.what.partition(".")[0] in PARTS for one in CHANGES)
    assert all(one.what and one.source and "{" not in one.what for one in told)


def test_what_is_not_told_is_for_tracers_alone():
    left_out = {one.what.partition(".")[0] for one in CHANGES if one.what not in SAID} - set(PARTS)
    tracers = {"functions", "must_wait_locks", "has_vma_lock", "copy_looks_in_cache", "copy_user_tries"}
    assert left_out == tracers


def test_the_oldest_comes_first_and_each_release_is_named_once():
    order = [RELEASES.index(one.since) for one in releases.news()]
    assert order == sorted(order)
    named = [line.split()[0] for line in releases.table().split("\n") if not line.startswith(" ")]
    assert len(named) == len(set(named)) and named[0] == "5.13" and named[-1] == "7.3"


def test_what_was_not_looked_at_is_said_to_be_uncertain():
    assert "madvise goes on with the rest" in releases.table()
    assert "(or sooner, but after 6.12)" in releases.table()
