"""Amounts as people write them."""

from dataclasses import FrozenInstanceError, asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim.migration import Guest, MigrationError
from uffdsim.migration.units import pico, rate, said_rate, said_size, said_time, seconds, size


@pytest.mark.parametrize(
    "text, bytes_", [("64 GiB", 64 << 30), ("4K", 4096), ("2M", 2 << 20), ("1.5g", 3 << 29), (4096, 4096), ("7", 7)]
)
def test_sizes_are_read(text, bytes_):
    assert size(text) == bytes_


@pytest.mark.parametrize(
    "text, per_second", [("10Gbit/s", 1.25e9), ("1.25 GB/s", 1.25e9), ("8kbit/s", 1e3), (5e6, 5e6)]
)
def test_rates_are_read(text, per_second):
    assert rate(text) == pytest.approx(per_second)


@pytest.mark.parametrize("text, time", [("100us", 1e-4), ("100 µs", 1e-4), ("1.5ms", 1.5e-3), ("2", 2), (1e-12, 1e-12)])
def test_times_are_read(text, time):
    assert seconds(text) == pytest.approx(time)


@pytest.mark.parametrize(
    "read, text, what", [(size, "4 X", "64 GiB"), (rate, "fast", "10Gbit/s"), (seconds, "-1s", "100us")]
)
def test_what_cannot_be_read_is_refused_with_an_example(read, text, what):
    with pytest.raises(MigrationError, match=what):
        read(text)


def test_half_a_byte_is_no_size():
    with pytest.raises(MigrationError, match="not a whole number"):
        size("0.0001K")


@given(st.floats(1e-9, 1e4))
def test_a_time_that_is_said_can_be_read_again(time):
    assert seconds(said_time(time)) == pytest.approx(time, rel=0.01)


@given(st.integers(1, 999), st.sampled_from(["", "K", "M", "G"]))
def test_a_size_that_is_said_can_be_read_again(number, unit):
    assert said_size(size(f"{number}{unit}")) == f"{number}{unit}"


@given(st.floats(1e3, 1e12))
def test_a_rate_that_is_said_can_be_read_again(per_second):
    assert rate(said_rate(per_second)) == pytest.approx(per_second, rel=0.01)


@pytest.mark.parametrize(
    "time, text", [(0, "0 s"), (13.5e-6, "13.5 µs"), (0.9999, "1 s"), (2.04665, "2.05 s"), (3e-9, "3 ns")]
)
def test_times_are_said_in_three_digits(time, text):
    assert said_time(time) == text


def test_no_time_is_said_as_a_dash():
    assert said_time(float("nan")) == "–"


def test_a_second_has_a_million_million_picoseconds():
    assert pico(1.5) == 1_500_000_000_000


def test_an_amount_may_be_given_as_text_and_is_a_number_ever_after():
    guest = Guest("64 GiB", think="1s", phase="2s")
    assert (guest.memory, guest.page, guest.think, guest.phase) == (64 << 30, 4096, 1, 2)
    assert guest == Guest(64 << 30, think=1, phase=2) and hash(guest) == hash(Guest(64 << 30, think=1, phase=2))
    assert replace(guest, memory="1G", phase=None) == Guest(1 << 30, think=1)
    assert asdict(guest)["memory"] == 64 << 30 and "memory=68719476736" in repr(guest)
    with pytest.raises(FrozenInstanceError):
        guest.memory = 1
    with pytest.raises(MigrationError, match="the length of a phase is 'long'"):
        Guest(phase="long")
