"""The one reader of a trace: any moment of it, from either side, and who answered, slept, woke, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim import library
from uffdsim.kernel import Simulated
from uffdsim.trace import Cursor, Kind, Trace

TRACES = [Simulated("linux-6.18").run(library.scenario(name)) for name in library.scenarios()[::6]]


@pytest.mark.parametrize("trace", TRACES, ids=lambda trace: trace.scenario.name)
def test_replaying_everything_gives_the_state_that_the_kernel_had(trace):
    session = Simulated("linux-6.18").session()
    for step in trace.scenario:
        session.step(step)
    assert trace.cursor().state == session.state


@given(st.sampled_from(TRACES), st.data())
def test_a_moment_is_the_same_from_before_and_from_after(trace, data):
    here, there = (data.draw(st.integers(0, len(trace.events))) for _ in range(2))
    cursor = trace.cursor(there)
    assert cursor.seek(here).state == Cursor(trace.events, here).state


@given(st.sampled_from(TRACES))
def test_going_back_to_the_start_leaves_nothing(trace):
    assert trace.cursor().seek(0).state == {}


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


# What a simulated kernel tells of sleepers and answers, and what can be made out from the answers of a real one.


def untold(trace):
    """The same answers, as a real kernel gives them: without a word of what went on between."""
    return Trace(trace.scenario, "real", trace.observations)


ALL = [Simulated("linux-6.18").run(library.scenario(name)) for name in library.scenarios()]
by_name = pytest.mark.parametrize("trace", ALL, ids=lambda trace: trace.scenario.name)


@by_name
def test_who_sleeps_after_each_step_is_known_from_the_answers_too(trace):
    real = untold(trace)
    for step in range(len(trace.observations)):
        both = [{(nap.thread, nap.step) for nap in one.asleep(one.end(step))} for one in (trace, real)]
        assert both[0] == both[1] == set(sleeping(trace.observations[: step + 1], trace.scenario))


def sleeping(observations, scenario):
    """Who sleeps after these answers, and in which step, worked out anew."""
    found = {}
    for index, answer in enumerate(observations):
        if answer["status"] == "blocked":
            found[scenario[index].thread] = index
        for done in answer.get("completed", ()):
            del found[done["thread"]]
    return found.items()


@by_name
def test_a_step_answers_the_same_whoever_tells_of_it(trace):
    real = untold(trace)
    for step in range(len(trace.observations)):
        assert trace.answer(step) == real.answer(step)
        for end in range(step, len(trace.observations)):
            assert trace.answer(step, trace.end(end)) == real.answer(step, real.end(end))


@by_name
def test_an_answer_is_known_when_it_is_given_and_not_before(trace):
    for step in range(len(trace.observations)):
        last, statuses = trace.answer(step), []
        for at in range(trace.begin(step), len(trace.events) + 1):
            found = trace.answer(step, at)
            statuses += [found["status"]] if not statuses or statuses[-1] != found["status"] else []
            assert found == last or found["status"] in ("running", "blocked")
        assert statuses[0] == "running" and statuses[-1] == last["status"]
        assert "running" not in statuses[2:] or "blocked" in statuses


@by_name
def test_whoever_goes_on_was_woken_in_the_step_that_says_so(trace):
    for step, answer in enumerate(trace.observations):
        wakes, at = trace.wakes(step), trace.end(step)
        over = {done["thread"] for done in answer.get("completed", ())}
        asleep = {nap.thread for nap in trace.asleep(at)}
        assert over <= {wake.thread for wake in wakes}
        assert {wake.thread for wake in wakes if wake.again} <= asleep
        assert all(wake.again.begin > wake.number for wake in wakes if wake.again)


@by_name
def test_a_sleep_begins_with_falling_asleep_and_ends_with_being_woken(trace):
    for nap in trace.naps():
        assert trace.events[nap.begin - 1].kind is Kind.SLEEP and trace.events[nap.begin - 1].thread == nap.thread
        if nap.end is not None:
            assert trace.events[nap.end - 1].kind is Kind.WAKE and trace.events[nap.end - 1].target == nap.thread
        assert not nap.lasts(nap.begin - 1) and nap.lasts(nap.begin) and not (nap.end and nap.lasts(nap.end))


@by_name
def test_what_a_step_s_thread_did_for_it_begins_and_ends_with_it(trace):
    for step in range(len(trace.observations)):
        numbers, events = zip(*trace.of(step), strict=True) if trace.of(step) else ((), ())
        assert {event.of for event in events} <= {step} and list(numbers) == sorted(numbers)
        assert set(trace.reasons(step)) <= set(numbers)
        told = trace.during(step)
        assert [number for number, _ in told] == list(range(trace.begin(step) + 1, trace.end(step) + 1))


@by_name
def test_a_refusal_has_its_reason_where_something_refused(trace):
    for step in range(len(trace.observations)):
        if trace.answer(step).get("errno"):
            reasons = [trace.events[number - 1] for number in trace.reasons(step)]
            assert reasons and reasons[0].errno  # what is said after that is what the refusal means for others


@by_name
def test_a_trace_that_grows_is_read_as_if_it_had_always_been_so_long(trace):
    session = Simulated("linux-6.18").session(trace.scenario)
    growing = session.trace
    for index, step in enumerate(trace.scenario[: len(trace.observations)]):
        session.step(step)
        at = len(growing.events)
        assert at == trace.end(index)
        assert growing.asleep() == [nap._replace(end=None) for nap in trace.asleep(at)]
        assert growing.wakes(index) == [
            wake._replace(again=wake.again and wake.again._replace(end=None)) for wake in trace.wakes(index)
        ]
        assert growing.reasons(index) == trace.reasons(index, at)
    assert growing.naps() == trace.naps()
