"""The link and the destination: what they take, and what they refuse."""

import pytest

from uffdsim.migration import Costs, Destination, Guest, Handover, Link, MigrationError, recorded
from uffdsim.migration.plan import Plan

US = 10**6


def plan(page="4K", link=None, to=None, **more):
    to = to or Destination("missing", costs=Costs.recorded(4096 if page == "4K" else 2 << 20))
    return Plan.of(Guest("64M", page=page), link or Link("8Gbit/s", rtt="100us"), to, **more)


@pytest.mark.parametrize(
    "wrong, right",
    [
        ({"bandwidth": 0}, "a link without bandwidth moves nothing: take from 8kbit/s"),
        ({"channel": "both"}, "take 'shared' or 'own'"),
        ({"order": "random"}, "take 'linear', 'hot first', 'outwards'"),
        ({"rtt": "1 hour"}, "100us"),
        ({"rtt": 60}, "take up to 10s"),
    ],
)
def test_a_link_that_cannot_be_is_refused_with_what_could(wrong, right):
    with pytest.raises(MigrationError, match=right):
        Link(**wrong)


@pytest.mark.parametrize(
    "wrong, right",
    [
        ({"mode": "wp"}, "take 'missing' or 'minor'"),
        ({"handlers": 0}, "from 1 to 1,024"),
        ({"batch": 1.5}, "a whole number"),
        ({"direct": True}, "take mode='minor'"),
    ],
)
def test_a_destination_that_cannot_be_is_refused_with_what_could(wrong, right):
    with pytest.raises(MigrationError, match=right):
        Destination(**wrong)


def test_a_fault_takes_time():
    with pytest.raises(MigrationError, match="take at least a picosecond"):
        Costs.recorded(4096).__class__(**{**Costs.recorded(4096).__dict__, "trap": 0})


def test_times_of_a_handover_are_read_like_others():
    assert Handover("1ms", "2ms", "3us") == Handover(0.001, 0.002, 3e-6)


def test_a_page_takes_its_time_on_the_wire():
    assert plan().wire == 4096 * 1000  # a byte in a nanosecond
    assert plan().half == 50 * US


def test_a_huge_page_is_interrupted_between_its_small_ones_or_not_at_all():
    assert plan("2M").pieces == 512
    assert plan("2M", Link("8Gbit/s", interrupt=False)).pieces == 1
    assert plan("2M", Link("8Gbit/s", channel="shared")).pieces == 1


def test_a_page_that_is_asked_for_waits_for_the_buffer_or_shares_the_wire():
    assert plan(link=Link("8Gbit/s", buffer="1M", channel="shared")).ahead == (1 << 20) * 1000
    assert plan(link=Link("8Gbit/s", buffer="1M", channel="own")).ahead == 4096 * 1000


def test_where_placing_is_slower_than_the_wire_it_sets_the_pace():
    link, costs = Link("100Gbit/s"), Costs.recorded(4096)
    slow, more = (plan(link=link, to=Destination("missing", placers=n, costs=costs)).pace for n in (1, 4))
    assert slow == round(costs.pushed_copy * 1e12)
    assert more == pytest.approx(max(slow / 4, link.wire(4096)), abs=1)


def test_minor_faults_pay_for_memory_only_where_there_is_none():
    to = Destination("minor", costs=Costs.recorded(2 << 20))
    new, known = (plan("2M", to=to, new=new) for new in (True, False))
    assert new.place - known.place == pytest.approx(to.costs.allocate * 1e12, abs=2)
    direct = Destination("minor", direct=True, costs=to.costs)
    assert plan("2M", to=direct).place == round(to.costs.continue_ * 1e12)


def test_costs_of_a_fault_add_up_to_what_a_touch_was_measured_to_take():
    for size in (4096, 2 << 20):
        costs, measured = Costs.recorded(size), recorded().ways[size]
        fault = costs.trap + costs.read + costs.wake
        assert fault + costs.copy == pytest.approx(measured["touch_copy"].median, rel=0.01)
        assert fault + costs.continue_ == pytest.approx(measured["touch_continue"].median, rel=0.01)


def test_pages_of_1g_cost_what_those_of_2m_do_and_more_where_bytes_count():
    large, huge = Costs.recorded(2 << 20), Costs.recorded(1 << 30)
    assert huge.copy == pytest.approx(512 * large.copy)
    assert huge.continue_ == large.continue_
