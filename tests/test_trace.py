"""Any moment of a trace can be had again, from either side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim import library
from uffdsim.kernel import Simulated
from uffdsim.trace import Cursor

TRACES = [Simulated("linux-6.18").run(library.scenario(name)) for name in library.scenarios()[::6]]


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.scenario.name)
def test_replaying_everything_gives_the_state_that_the_kernel_had(trace):
    session = Simulated("linux-6.18").session()
    for step in trace.scenario:
        session.step(step)
    assert trace.cursor().state.entries == session.state.entries


@given(st.sampled_from(TRACES), st.data())
def test_a_moment_is_the_same_from_before_and_from_after(trace, data):
    here, there = (data.draw(st.integers(0, len(trace.events))) for _ in range(2))
    cursor = trace.cursor(there)
    assert cursor.seek(here).state.entries == Cursor(trace.events, here).state.entries


@given(st.sampled_from(TRACES))
def test_going_back_to_the_start_leaves_nothing(trace):
    assert trace.cursor().seek(0).state.entries == {}


def test_there_is_no_moment_beyond_the_last_event():
    trace, last = TRACES[0], len(TRACES[0].events)
    with pytest.raises(ValueError, match=rf"there is no event {last + 1}; there are 1 to {last}"):
        trace.cursor(len(trace.events) + 1)


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.scenario.name)
def test_steps_end_where_the_next_begins(trace):
    ends = trace.ends()
    assert len(ends) == len(trace.observations) and ends[-1] == len(trace.events)
    for step, end in enumerate(ends):
        assert all(event.step <= step for event in trace.events[:end])
        assert all(event.step > step for event in trace.events[end:])
