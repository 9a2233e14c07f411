"""The source: in which order pages go, and when."""

import numpy as np
import pytest

from uffdsim.migration import Costs, Destination, Guest, Link
from uffdsim.migration.plan import LATER, Plan
from uffdsim.migration.source import source

MS = 10**9


def sending(pages=8, page="4K", begin=0, first=0, here=(), **link):
    """A source, and the plan and the arrivals that it works with; no placing takes time, and no way is long."""
    costs = Costs(**{**Costs.recorded(4096).__dict__, "pushed_copy": 0})
    guest = Guest(pages * (4096 if page == "4K" else 2 << 20), page=page)
    plan = Plan.of(guest, Link(**{"bandwidth": "8Gbit/s", "rtt": 0, "buffer": 0, **link}), Destination(costs=costs))
    arrival = np.full(pages, LATER)
    arrival[list(here)] = 0
    return source(plan, arrival, begin, first), plan, arrival


def order(arrival):
    return np.argsort(arrival, kind="stable").tolist()


def test_pages_follow_one_another_on_the_wire():
    push, plan, arrival = sending(begin=5 * MS)
    push.settle(LATER)
    assert arrival.tolist() == [5 * MS + number * plan.pace for number in range(1, 9)]
    assert push.unsent == 0


def test_pages_that_are_there_are_not_sent():
    push, plan, arrival = sending(here=[0, 2, 3])
    push.settle(LATER)
    assert arrival.tolist() == [0, plan.pace, 0, 0, *(number * plan.pace for number in range(2, 6))]


def test_half_a_round_trip_and_the_buffer_come_beside():
    push, plan, arrival = sending(rtt="1ms", buffer="40K")
    push.settle(LATER)
    assert arrival[0] == plan.pace + MS // 2
    assert push.look(0, 0) == arrival[0]


def test_nothing_is_decided_before_its_time():
    push, plan, arrival = sending()
    push.settle(3 * plan.pace)
    assert (arrival != LATER).tolist() == [True] * 3 + [False] * 5
    assert push.look(3, 3 * plan.pace) == LATER
    assert push.look(3, 3 * plan.pace + 1) == 4 * plan.pace


def test_a_page_that_is_asked_for_goes_next():
    push, plan, arrival = sending()
    here = push.ask(6, plan.pace + 1)
    arrival[6] = here
    push.settle(LATER)
    assert here == 3 * plan.pace + plan.ahead  # page 1 was being sent
    assert order(arrival) == [0, 1, 6, 2, 3, 4, 5, 7]


def test_a_page_on_its_way_is_not_sent_again():
    push, plan, arrival = sending()
    assert push.ask(0, plan.pace) == 0
    assert arrival[0] == plan.pace


def test_requests_are_served_one_after_the_other():
    push, plan, arrival = sending()
    times = [push.ask(page, 1) for page in (5, 6)]
    assert times[1] - times[0] == plan.wire


def test_a_huge_page_is_interrupted_and_then_goes_on():
    push, plan, arrival = sending(pages=3, page="2M")
    whole = plan.pieces * plan.wire
    arrival[2] = push.ask(2, 10 * plan.pace)
    push.settle(LATER)
    assert arrival.tolist() == [2 * whole, 3 * whole, 10 * plan.pace + whole + plan.ahead]


def test_of_a_huge_page_that_is_being_pushed_only_the_rest_is_asked_for():
    push, plan, arrival = sending(pages=3, page="2M")
    here = push.ask(0, 500 * plan.pace)
    assert here == 512 * plan.pace + plan.ahead


def test_hot_first_begins_there_and_comes_round():
    push, plan, arrival = sending(first=5, order="hot first")
    push.settle(LATER)
    assert order(arrival) == [5, 6, 7, 0, 1, 2, 3, 4]


def test_outwards_goes_in_both_directions_from_what_was_asked_for():
    push, plan, arrival = sending(pages=12, order="outwards")
    arrival[6] = push.ask(6, 1)
    push.settle(LATER)
    assert order(arrival) == [0, 6, 7, 5, 8, 4, 9, 3, 10, 2, 11, 1]


@pytest.mark.parametrize("pages", [3000, 5000])
def test_many_pages_are_no_different(pages):
    push, plan, arrival = sending(pages=pages, here=range(0, pages, 3))
    push.settle(LATER)
    sent = arrival[arrival > 0]
    assert np.diff(sent).tolist() == [plan.pace] * (len(sent) - 1)
