"""Whole migrations: what each way costs and saves, and what the result says of it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from uffdsim.migration import (
    STEPS,
    Costs,
    Destination,
    Guest,
    Handover,
    Hybrid,
    Link,
    MigrationError,
    PostCopy,
    PreCopy,
    StopAndCopy,
    pages_over_time,
    simulate,
    steps_s,
    throughput,
)
from uffdsim.migration.timeline import first_touch, waiting_s

GUEST = Guest("64M", vcpus=2, think="100us")
LINK = Link("1Gbit/s")
NEAR = Link("100Gbit/s", rtt="1us")
WIRE = (64 << 20) / 125e6
"""Seconds for which the memory is on the wire."""
WAYS = (StopAndCopy(), PreCopy(rounds=3), PostCopy(), Hybrid())
EVERY = [(mode, way) for mode in ("missing", "minor") for way in WAYS]


@pytest.fixture(params=EVERY, ids=lambda pair: f"{pair[1].name}, {pair[0]}")
def result(request):
    mode, way = request.param
    return simulate(GUEST, LINK, Destination(mode), way)


# All ways


def test_every_page_arrives(result):
    assert result.arrival.shape == (GUEST.pages,)
    assert 0 < result.arrival.min() and result.arrival.max() <= result.ended


def test_the_downtime_is_the_sum_of_its_parts(result):
    assert result.downtime_s == pytest.approx(sum(result.parts_s.values()))
    assert result.total_s >= result.downtime_s


def test_nobody_waits_for_less_than_a_fault_or_at_two_things_at_once(result):
    assert result.waited_s.sum() == pytest.approx(result.latency_s.sum())
    for cpu in range(GUEST.vcpus):
        mine = result.faults.cpu == cpu
        assert (result.faults.begin[mine][1:] >= result.faults.end[mine][:-1]).all()
    assert (result.latency_s > 0).all()


def test_nobody_faults_at_a_page_that_is_there(result):
    here = result.arrival[result.faults.page]
    assert (here > result.faults.begin).all()


def test_what_is_sent_is_at_least_the_memory(result):
    assert result.bytes_sent == GUEST.memory + result.bytes_twice


def test_throughput_loses_what_the_downtime_and_the_waits_take(result):
    edges, share = throughput(result)
    lost = ((1 - share) * np.diff(edges)).sum()
    assert lost == pytest.approx(result.downtime_s + result.waited_s.mean(), rel=1e-3)
    assert share[-1] == 1 and edges[-1] > result.total_s


def test_pages_over_time_end_with_all_of_them(result):
    found = pages_over_time(result)
    assert found["arrived"][0] == 0 and found["arrived"][-1] == GUEST.pages
    assert found["stale"][0] == GUEST.pages and found["stale"][-1] == 0
    for what, sign in (("arrived", 1), ("touched", 1)):
        assert (sign * np.diff(found[what]) >= 0).all()
    assert len({len(column) for column in found.values()}) == 1


def test_a_result_is_told_in_words_and_in_json(result):
    said = str(result)
    assert said.startswith(result.way) and "downtime" in said
    data = json.loads(json.dumps(result.data()))
    assert data["downtime_s"] == result.downtime_s
    assert sum(data["faults"].values()) == len(result.latency_s)


# One way and another


def test_stop_and_copy_stands_still_for_all_of_the_memory():
    result = simulate(GUEST, LINK, way=StopAndCopy())
    assert result.parts_s["memory"] == pytest.approx(WIRE, rel=1e-3)
    assert not len(result.latency_s) and np.isnan(result.percentile_s(50))


def test_pre_copy_stands_still_for_the_rest_only_and_sends_some_of_it_again():
    result = simulate(GUEST, LINK, way=PreCopy(downtime="50ms"))
    assert result.enough and result.parts_s["memory"] <= 0.05
    assert 0 < result.bytes_twice < GUEST.memory


def test_a_pre_copy_that_would_not_end_is_ended_and_says_so():
    busy = replace(GUEST, hot=0.5, think=10e-6)
    result = simulate(busy, LINK, way=PreCopy(rounds=5, downtime="10ms"))
    assert not result.enough and len(result.rounds) == 5
    assert result.parts_s["memory"] > 0.01


def test_post_copy_sends_everything_once_and_stands_still_for_nothing_of_it():
    result = simulate(GUEST, LINK)
    assert result.bytes_twice == 0 and "memory" not in result.parts
    assert result.total_s == pytest.approx(WIRE + result.downtime_s, rel=0.01)


def test_with_missing_faults_stale_pages_are_unmapped_first():
    result = simulate(GUEST, LINK, Destination("missing"), Hybrid())
    costs = result.destination.costs
    assert result.parts_s["unmap"] == pytest.approx(result.stale * (costs.zap + costs.free), rel=1e-3)
    assert result.parts["map"] > 0


def test_with_minor_faults_they_only_are_not_mapped_yet():
    early, late = (simulate(GUEST, LINK, Destination("minor"), Hybrid(early=e)) for e in (True, False))
    assert "unmap" not in early.parts and "unmap" not in late.parts
    assert "map" not in early.parts and late.parts["map"] > 0
    assert early.kinds["mapped"] > 0


def test_before_the_map_is_there_each_page_is_asked_for():
    slow = Link("1Mbit/s", rtt="1ms")
    guest = Guest("4M", vcpus=2, think="50us", hot=0.2, writes=0.001)
    early, late = (simulate(guest, slow, Destination("minor"), Hybrid(early=e)) for e in (True, False))
    assert early.kinds["checked"] > 0 == late.kinds["checked"]
    assert early.downtime_s < late.downtime_s


def test_the_four_steps_follow_one_another():
    result = simulate(GUEST, LINK, Destination("minor"), Hybrid())
    steps = steps_s(result)
    assert list(steps) == list(STEPS) == ["copy", "pause", "resume", "decide"]
    assert steps["copy"][1] == steps["pause"][0] and steps["pause"][1] == steps["resume"][0] == steps["decide"][0]
    assert steps["resume"][1] < steps["decide"][1] == result.total_s
    assert "resume" not in steps_s(simulate(GUEST, LINK, Destination("minor"), Hybrid(early=False)))


def test_without_a_map_missing_faults_cannot_run():
    with pytest.raises(MigrationError, match="mode 'minor'"):
        simulate(GUEST, LINK, Destination("missing"), Hybrid(early=True))


@pytest.mark.parametrize(
    "guest, link, way, right",
    [
        (Guest("1T"), Link("8kbit/s"), PostCopy(), "take more bandwidth"),
        (Guest("1T"), Link("10Mbit/s"), PreCopy(rounds=1000), "take more bandwidth"),
        (Guest("64G", vcpus=1024, think="1ns"), Link("1Gbit/s"), PostCopy(), "let them think for at least"),
    ],
)
def test_what_would_never_end_is_refused(guest, link, way, right):
    with pytest.raises(MigrationError, match=right):
        simulate(guest, link, way=way)


def test_rounds_are_a_whole_number():
    with pytest.raises(MigrationError, match="from 1 to 1000"):
        PreCopy(rounds=0)
    with pytest.raises(MigrationError, match="from 1 to 1000"):
        Hybrid(rounds=1.5)


def test_a_handover_is_in_the_downtime():
    to = Destination(handover=Handover("1ms", "200ms", "3ms"))
    parts = simulate(GUEST, LINK, to).parts_s
    assert parts == {"pause": 0.001, "state": pytest.approx(0.2 + 50e-6), "start": 0.003}


# What makes a fault longer


def median(guest=GUEST, link=LINK, to=None):
    return simulate(guest, link, to or Destination("missing")).percentile_s(50)


def test_a_shared_channel_makes_faults_wait_for_the_buffer():
    shared, own = (median(link=Link("1Gbit/s", buffer="1M", channel=channel)) for channel in ("shared", "own"))
    assert shared - own == pytest.approx((1 << 20) / 125e6, rel=0.02)


def test_a_round_trip_is_in_every_fault():
    near, far = (median(link=Link("1Gbit/s", rtt=rtt)) for rtt in ("100us", "1ms"))
    assert far - near == pytest.approx(900e-6, rel=0.05)


def test_large_pages_are_fewer_and_longer_faults():
    small, large = (simulate(replace(GUEST, page=page), LINK) for page in (4096, 2 << 20))
    assert len(large.latency_s) < len(small.latency_s) / 10
    assert large.percentile_s(50) > 50 * small.percentile_s(50)


def test_a_lock_whose_hold_grows_with_those_who_wait_makes_faults_longer():
    costs = Costs.recorded(4096)
    guest = replace(GUEST, vcpus=16, think=10e-6)
    plain, locked = (
        median(guest, NEAR, Destination("minor", costs=replace(costs, lock=lock, lock_each=lock))) for lock in (0, 2e-6)
    )
    assert locked > plain + 16 * 2e-6


def test_more_handlers_help_where_one_is_too_few():
    guest = Guest("64M", vcpus=32, think="2us", hot=0)
    slow = replace(Costs.recorded(4096), read=100e-6)
    one, many = (median(guest, NEAR, Destination("missing", handlers=n, costs=slow)) for n in (1, 8))
    assert one > 3 * many


def test_the_hot_part_first_makes_fewer_faults():
    guest = replace(GUEST, hot=0.2)
    linear, hot = (len(simulate(guest, Link("1Gbit/s", order=o)).latency_s) for o in ("linear", "hot first"))
    assert hot < linear


def test_costs_are_those_recorded_if_nobody_says():
    assert simulate(GUEST, LINK).destination.costs == Costs.recorded(4096)


# Over time


def test_waits_add_up_at_each_moment():
    result = simulate(GUEST, LINK)
    times = np.linspace(0, result.total_s, 7)
    begin, end = result.faults.begin / 1e12, result.faults.end / 1e12
    expected = [np.clip(np.minimum(end, time) - begin, 0, None).sum() for time in times]
    assert waiting_s(result, times) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_page_is_first_touched_by_the_fault_that_fetched_it():
    result = simulate(GUEST, LINK)
    first = first_touch(result)
    fetched = result.faults.kind == 0
    assert first[result.faults.page[fetched]].tolist() == result.faults.begin[fetched].tolist()


def test_a_larger_guest_takes_longer_in_proportion():
    small, large = (simulate(Guest(f"{size}M", think="1ms"), LINK).brownout_s for size in (64, 256))
    assert large == pytest.approx(4 * small, rel=0.01)
