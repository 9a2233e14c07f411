"""The fast engine equals the plain one, to the last picosecond."""

from contextlib import contextmanager
from unittest.mock import patch

import plain_migration as plain
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.migration import (
    Costs,
    Destination,
    Guest,
    Handover,
    Hybrid,
    Link,
    PostCopy,
    PreCopy,
    StopAndCopy,
    precopy,
    simulate,
    simulation,
)

shares = st.sampled_from([0, 0.1, 0.5, 0.9, 1])
times = st.sampled_from([0, 1e-9, 1e-6, 2.5e-6, 1e-5, 1e-4])


@st.composite
def guests(draw):
    page = draw(st.sampled_from([4096, 4096, 1 << 21]))
    pages = draw(st.integers(1, 200 if page == 4096 else 12))
    sweep = draw(st.booleans())
    return Guest(
        memory=pages * page,
        page=page,
        vcpus=draw(st.integers(1, min(5, pages) if sweep else 5)),
        think=draw(st.sampled_from([1e-6, 1e-5, 3.7e-5, 1e-3 if page > 4096 else 1e-4])),
        hot=draw(shares),
        hot_touches=draw(shares),
        skew=draw(st.integers(1, 3)),
        writes=draw(shares),
        phase=draw(st.sampled_from([None, 1e-4, 1e-3])),
        sweep=sweep,
        seed=draw(st.integers(0, 1000)),
    )


links = st.builds(
    Link,
    bandwidth=st.sampled_from(["1Gbit/s", "10Gbit/s", "100Gbit/s"]),
    rtt=times,
    channel=st.sampled_from(["own", "shared"]),
    buffer=st.sampled_from([0, 4096, 100_000, 4 << 20]),
    interrupt=st.booleans(),
    order=st.sampled_from(["linear", "hot first", "outwards"]),
)
costs = st.builds(
    Costs,
    **dict.fromkeys(
        ["read", "copy", "pushed_copy", "write", "continue_", "batched", "call", "zap", "free", "wake", "allocate"],
        times,
    ),
    **dict.fromkeys(["lock", "lock_each", "crowd"], times),
    trap=st.sampled_from([1e-12, 1e-6, 1e-5]),
)
destinations = st.builds(
    Destination,
    mode=st.sampled_from(["missing", "minor"]),
    handlers=st.integers(1, 3),
    placers=st.integers(1, 3),
    batch=st.integers(1, 20),
    exits=st.booleans(),
    costs=costs,
    handover=st.just(Handover(1e-6, 2e-6, 3e-6)),
)
ways = st.one_of(
    st.just(StopAndCopy()),
    st.builds(PreCopy, rounds=st.integers(1, 3), downtime=times),
    st.just(PostCopy()),
    st.builds(Hybrid, rounds=st.integers(1, 2), early=st.sampled_from([None, False])),
)


@contextmanager
def the_plain_engine():
    with patch.object(simulation, "Engine", plain.PostCopy), patch.object(precopy, "written", plain.written):
        yield


@given(guests(), links, destinations, ways)
def test_every_number_is_that_of_the_plain_engine(guest, link, to, way):
    fast = simulate(guest, link, to, way)
    with the_plain_engine():
        slow = simulate(guest, link, to, way)
    for name, mine, other in zip(fast.faults._fields, fast.faults, slow.faults, strict=True):
        assert mine.tolist() == other.tolist(), name
    assert fast.arrival.tolist() == slow.arrival.tolist()
    assert fast.data() == slow.data()
