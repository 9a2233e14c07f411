"""A setting: one way to move a machine, and what comes of it."""

from dataclasses import replace

import pytest

from uffdsim.course.move.setting import ANSWERS, WAYS, Setting
from uffdsim.errors import Mistake
from uffdsim.migration import Destination, Guest, Link, simulate

SMALL = Setting(memory="16M")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("answer", ANSWERS)
def test_it_comes_to_what_the_simulation_says(way, answer):
    result = replace(SMALL, way=way, answer=answer).result()
    same = simulate(Guest("16M", vcpus=8, think="200us"), Link("10Gbit/s"), Destination(ANSWERS[answer]), WAYS[way])
    assert result.data() == same.data()


def test_what_differs_is_named():
    assert SMALL.differs(SMALL) == []
    assert SMALL.differs(replace(SMALL, page="2M", hot=0.5)) == ["page", "hot"]


@pytest.mark.parametrize(
    ("keys", "told"),
    [({"way": "postcopy"}, "did you mean post-copy"), ({"answer": "WAKE"}, "take COPY, CONTINUE")],
)
def test_a_choice_that_is_none_is_told_what_there_is(keys, told):
    with pytest.raises(Mistake, match=told):
        Setting(**keys)


def test_what_cannot_be_simulated_is_told_in_the_words_of_the_simulation():
    with pytest.raises(Mistake, match="take 4K, 2M or 1G"):
        Setting(page="8K").result()
    with pytest.raises(Mistake, match="a link without bandwidth moves nothing"):
        Setting(link="0Gbit/s").result()
