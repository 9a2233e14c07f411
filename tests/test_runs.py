"""Runs behave as a plain dictionary of places would, in a fraction of the room."""

from hypothesis import given
from hypothesis import strategies as st

from uffdsim.runs import END, Run, Runs

PLACES = st.integers(0, 40)
RANGES = st.tuples(PLACES, PLACES).map(sorted).filter(lambda r: r[0] < r[1])
PUTS = st.lists(st.tuples(RANGES, st.sampled_from(["a", "b", None])), max_size=20)


def filled(puts, joins=True):
    runs, places = Runs(joins), {}
    for (start, end), value in puts:
        runs.put(start, end, value)
        for place in range(start, end):
            places[place] = value
    return runs, places


@given(PUTS, st.booleans())
def test_every_place_has_the_value_put_there_last(puts, joins):
    runs, places = filled(puts, joins)
    assert [runs.at(place) for place in range(42)] == [places.get(place) for place in range(42)]
    assert runs.total() == sum(value is not None for value in places.values())


@given(PUTS)
def test_equal_neighbours_are_one_run(puts):
    runs, _ = filled(puts)
    for one, other in zip(runs, list(runs)[1:], strict=False):
        assert one.end < other.start or one.value != other.value


@given(PUTS, RANGES, st.booleans())
def test_a_cut_covers_its_range_exactly(puts, where, joins):
    runs, places = filled(puts, joins)
    start, end = where
    pieces = runs.cut(start, end)
    assert [piece.start for piece in pieces] == [start, *(piece.end for piece in pieces[:-1])]
    assert pieces[-1].end == end
    for left, right, value in pieces:
        assert all(places.get(place) == value for place in range(left, right))


@given(PUTS, PLACES)
def test_the_run_at_a_place_is_as_long_as_it_can_be(puts, place):
    runs, places = filled(puts)
    start, end, value = runs.run_at(place)
    assert start <= place < end and value == places.get(place)
    assert start == 0 or value is None or runs.at(start - 1) != value
    assert end == END or value is None or runs.at(end) != value


@given(PUTS, st.tuples(RANGES, st.sampled_from(["a", "b", None])), st.booleans())
def test_a_put_can_be_taken_back_and_done_again(puts, last, joins):
    runs, _ = filled(puts, joins)
    before_all = runs.copy()
    (start, end), value = last
    before, after = runs.put(start, end, value)
    after_all = runs.copy()
    runs.swap(after, before)
    assert runs == before_all
    runs.swap(before, after)
    assert runs == after_all


def test_runs_that_do_not_join_stay_as_they_were_put():
    runs = Runs(joins=False)
    runs.put(0, 4, "a")
    runs.put(4, 8, "a")
    assert list(runs) == [Run(0, 4, "a"), Run(4, 8, "a")]
