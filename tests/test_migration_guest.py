"""A guest's touches: the same whenever they are asked for, and where they should be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.migration import Guest, MigrationError
from uffdsim.migration.splitmix import mixed, words

MS = 10**9


def touched(guest, end=200 * MS):
    """All touches of all CPUs in a stretch of time."""
    found = [guest.touches(cpu, 0, end) for cpu in range(guest.vcpus)]
    return [np.concatenate(column) for column in zip(*found, strict=True)]


def test_numbers_are_those_of_splitmix64():
    # The first ones from the seed 1234567, as they are published for its reference implementation.
    assert words(1234567, 1, 3).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_a_word_follows_from_its_number_alone():
    assert words(7, 1000, 5).tolist() == words(7, 0, 1005)[1000:].tolist()


def test_mixed_numbers_are_alike_only_if_all_are():
    assert len({mixed(a, b, c) for a in range(9) for b in range(9) for c in range(9)}) == 9**3


@given(st.lists(st.integers(0, 50 * MS), min_size=1, max_size=6), st.integers(1, 3), st.sampled_from([4096, 2 << 20]))
def test_touches_are_the_same_however_they_are_asked_for(cuts, skew, page):
    guest = Guest("64M", page=page, think="30us", skew=skew, seed=5)
    edges = sorted({0, *cuts, 50 * MS})
    parts = [guest.touches(1, *pair) for pair in zip(edges, edges[1:], strict=False)]
    whole = guest.touches(1, 0, 50 * MS)
    for name in whole._fields:
        assert np.concatenate([getattr(part, name) for part in parts]).tolist() == getattr(whole, name).tolist()


def test_touches_come_in_order_and_as_often_as_the_guest_thinks():
    when, page, _ = Guest("64M", think="30us").touches(0, 0, 300 * MS)
    assert (np.diff(when) >= 0).all()
    assert len(when) == pytest.approx(10_000, rel=0.01)
    assert page.min() >= 0 and page.max() < 16384


def test_most_touches_go_to_the_hot_part():
    guest = Guest("64M", hot=0.1, hot_touches=0.9, think="10us")
    (hot,) = guest.hot_pages(0)
    _, page, _ = touched(guest)
    inside = (page >= hot.start) & (page < hot.stop)
    assert inside.mean() == pytest.approx(0.9 + 0.1 * 0.1, abs=0.01)
    assert hot.stop - hot.start == pytest.approx(1638, abs=1)


def test_skew_draws_touches_to_the_beginning_of_the_hot_part():
    shares = []
    for skew in (1, 2, 3):
        guest = Guest("64M", hot=0.5, hot_touches=1, think="10us", skew=skew, seed=4)
        first = guest.hot_pages(0)[0].start
        _, page, _ = touched(guest)
        shares.append((((page - first) % guest.pages) < guest.pages // 8).mean())
    assert shares == pytest.approx([1 / 4, 1 / 2, (1 / 4) ** (1 / 3)], abs=0.02)


def test_writes_are_the_share_that_was_asked_for():
    _, _, write = touched(Guest("64M", writes=0.3, think="10us"))
    assert write.mean() == pytest.approx(0.3, abs=0.02)


def test_other_page_sizes_see_the_same_touches():
    small, large = (touched(Guest("64M", page=page, think="10us")) for page in ("4K", "2M"))
    assert small[0].tolist() == large[0].tolist()
    assert (small[1] // 512).tolist() == large[1].tolist()


def test_the_hot_part_moves_with_each_phase():
    guest = Guest("64M", hot=0.05, hot_touches=1, phase="10ms", think="10us")
    firsts = [guest.phase_at(number * 10 * MS)[2] for number in range(6)]
    assert len(set(firsts)) == 6
    for number, first in enumerate(firsts):
        _, page, _ = guest.touches(0, number * 10 * MS, (number + 1) * 10 * MS)
        assert (((page - first) % guest.pages) < guest.hot_granules).all()


def test_a_hot_part_may_go_past_the_end_of_memory():
    guest = next(g for g in (Guest("1M", hot=0.5, seed=seed) for seed in range(50)) if len(g.hot_pages(0)) == 2)
    after, before = guest.hot_pages(0)
    assert after.stop == guest.pages and before.start == 0
    _, page, _ = touched(Guest("1M", hot=0.5, hot_touches=1, think="10us", seed=guest.seed))
    assert set(page.tolist()) == {*range(after.start, after.stop), *range(before.start, before.stop)}


@given(st.integers(1, 40), st.integers(1, 12), st.sampled_from([0, 1e-6]))
def test_a_sweep_touches_every_page_once(pages, vcpus, think):
    guest = Guest(pages * 4096, vcpus=min(vcpus, pages), sweep=True, think=think)
    found = []
    for cpu in range(guest.vcpus):
        found += guest.touches(cpu, 0, guest.last_touch(cpu)).page.tolist()
    assert found == list(range(pages))


@pytest.mark.parametrize(
    "wrong, right",
    [
        ({"memory": "3M", "page": "2M"}, "take 2,097,152"),
        ({"memory": "2T"}, "take from 4K to 1T"),
        ({"memory": "1M", "page": "2M"}, "take from 2M to 1T"),
        ({"page": "8K"}, "take 4K, 2M or 1G"),
        ({"vcpus": 0}, "from 1 to 1024"),
        ({"vcpus": 2000}, "from 1 to 1024"),
        ({"hot": 1.5}, "from 0 to 1"),
        ({"writes": -0.1}, "from 0 to 1"),
        ({"skew": 9}, "take 1"),
        ({"think": 0}, "from 1 ns to 1 s"),
        ({"think": "1000s"}, "from 1 ns to 1 s"),
        ({"phase": "1us"}, "take a longer one"),
        ({"memory": "8K", "vcpus": 3, "sweep": True}, "take fewer vCPUs"),
    ],
)
def test_a_guest_that_cannot_be_is_refused_with_what_could(wrong, right):
    with pytest.raises(MigrationError, match=right):
        Guest(**wrong)
