"""Pre-copy: what is written in a round, and when it ends."""

import numpy as np
import plain_migration as plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.migration import Guest
from uffdsim.migration.precopy import PreCopy, written

MS = 10**9


@given(
    st.sampled_from([4096, 2 << 20]),
    st.integers(1, 30),
    st.sampled_from([None, "1ms"]),
    st.integers(0, 5 * MS),
    st.integers(0, 5 * MS),
)
def test_what_is_written_is_what_a_look_at_every_touch_finds(page, pages, phase, begin, time):
    guest = Guest(pages * page, page=page, vcpus=2, think="100us", phase=phase, hot=0.3)
    assert written(guest, begin, begin + time).tolist() == plain.written(guest, begin, begin + time).tolist()


def test_a_guest_that_only_reads_is_sent_once():
    rounds = PreCopy(Guest("4M", writes=0), first=MS, again=MS, half=0)
    rounds.run(most=30)
    assert [one.pages for one in rounds.rounds] == [1024]
    assert not rounds.stale.any() and rounds.sent == 1024


def test_each_round_sends_what_was_written_in_the_one_before():
    rounds = PreCopy(Guest("4M", think="1ms"), first=MS // 10, again=MS // 100, half=0)
    rounds.run(most=4)
    assert rounds.rounds[0].pages == 1024
    assert [one.pages for one in rounds.rounds[1:]] == [one.stale for one in rounds.rounds[:-1]]
    assert [one.begin for one in rounds.rounds[1:]] == [one.end for one in rounds.rounds[:-1]]
    assert rounds.rounds[1].end - rounds.rounds[1].begin == rounds.rounds[1].pages * MS // 100


def test_rounds_end_when_the_rest_is_short_enough():
    rounds = PreCopy(Guest("4M", think="200us", hot=0.05), first=MS // 10, again=MS // 10, half=0)
    rounds.run(most=30, limit=MS)
    assert 1 < len(rounds.rounds) < 30
    assert np.count_nonzero(rounds.stale) <= 10
    assert rounds.is_short(MS)


def test_where_more_is_written_than_the_link_takes_rounds_do_not_end():
    rounds = PreCopy(Guest("4M", think="10us", hot=0.5), first=MS // 100, again=MS // 100, half=0)
    rounds.run(most=12, limit=MS // 10)
    assert len(rounds.rounds) == 12 and not rounds.is_short(MS // 10)


def test_the_last_copy_of_a_page_is_the_one_that_counts():
    rounds = PreCopy(Guest("4M", think="1ms"), first=MS // 10, again=MS // 100, half=7)
    rounds.run(most=2)
    again = rounds.arrival > rounds.rounds[0].end + 7
    assert np.count_nonzero(again) == rounds.rounds[1].pages
    assert rounds.arrival.max() == rounds.now + 7
    assert rounds.arrival.min() == pytest.approx(MS // 10 + 7, abs=MS)
