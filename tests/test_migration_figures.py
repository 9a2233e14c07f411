"""The pictures of a migration: drawn, told in a sentence, and in a table."""

import pytest
from matplotlib.text import Text

from uffdsim.migration import Destination, Guest, Hybrid, Link, MigrationError, PreCopy, StopAndCopy, figures, simulate
from uffdsim.migration.figures import style

SMALLEST = 11
"""Pixels."""


@pytest.fixture(scope="module")
def results():
    guest, link = Guest("32M", vcpus=2, think="200us"), Link("1Gbit/s")
    return {
        "post-copy": simulate(guest, link),
        "both, minor": simulate(guest, link, Destination("minor"), Hybrid()),
        "pre-copy": simulate(guest, link, way=PreCopy(rounds=2)),
        "stopped": simulate(guest, link, way=StopAndCopy()),
    }


@pytest.fixture(params=figures.PICTURES)
def name(request):
    return request.param


@pytest.fixture
def drawn(name, results):
    return figures.draw(name, results)


def test_a_picture_is_an_image(drawn):
    assert drawn.png.startswith(b"\x89PNG")


def test_a_picture_that_was_used_for_others_looks_like_a_new_one(name, results):
    names = ("one", "two")
    kept, last = figures.PICTURES[name](names), list(results.values())
    for pair in (last[:2], last[2:], last[1:3]):
        drawn = kept.draw(pair)
        fresh = figures.PICTURES[name](names).draw(pair)
        assert drawn.png == fresh.png and drawn.rows == fresh.rows and drawn.sentence == fresh.sentence


def test_a_figure_is_made_once_for_the_same_names(name, results):
    made = figures._kept.cache_info().misses
    for _ in range(3):
        figures.draw(name, dict(list(results.items())[:3]))
    assert figures._kept.cache_info().misses <= made + 1


def test_it_has_a_sentence_that_names_each_result(drawn, results):
    assert drawn.sentence.endswith(".")
    assert all(name in drawn.sentence for name in results)


def test_it_has_a_table_with_a_head_and_each_result(drawn, results):
    head, *rows = drawn.rows
    assert all(len(row) == len(head) for row in rows)
    assert {row[0] for row in rows} == set(results)


def test_a_notebook_shows_all_three(drawn):
    shown = drawn._repr_html_()
    assert 'alt="' in shown and "<table>" in shown and "<figcaption>" in shown
    assert drawn.rows[1][1] in shown


def test_no_letters_are_too_small(name, results):
    picture = figures.PICTURES[name](tuple(results))
    picture.draw(list(results.values()))
    texts = [text for text in picture.figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert texts and min(text.get_fontsize() * style.DPI / 72 for text in texts) >= SMALLEST


def test_nothing_differs_by_colour_alone():
    assert len({dash for _, dash, _ in style.LINES}) == len({mark for _, _, mark in style.LINES}) == 4
    assert len({hatch for _, hatch in style.PARTS.values()}) == len(style.PARTS)


def test_one_result_is_enough_and_five_are_too_many(name, results):
    one = dict(list(results.items())[:1])
    assert figures.draw(name, one).png
    with pytest.raises(MigrationError, match="there are 9 results to draw: take from 1 to"):
        figures.draw(name, dict.fromkeys("abcdefghi", results["post-copy"]))
    with pytest.raises(MigrationError, match="there are 0 results"):
        figures.draw(name, {})


def test_a_picture_that_is_none_is_told_those_there_are(results):
    with pytest.raises(MigrationError, match="no picture 'memory': take downtime, throughput, latency, pages"):
        figures.draw("memory", results)
