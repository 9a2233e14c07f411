"""The pictures of a migration: drawn, told in a sentence, and in a table."""

import pytest
from matplotlib.text import Text

from uffdsim.migration import Destination, Guest, Hybrid, Link, MigrationError, PreCopy, StopAndCopy, figures, simulate

DRAW = (figures.pages, figures.throughput, figures.latency, figures.downtime)
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


@pytest.fixture(params=DRAW, ids=lambda draw: draw.__name__)
def drawn(request, results):
    return request.param(results)


def test_a_picture_is_an_image(drawn):
    assert drawn.png().startswith(b"\x89PNG")


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


def test_no_letters_are_too_small(drawn):
    drawn.png()
    texts = [text for text in drawn.figure.findobj(Text) if text.get_text() and text.get_visible()]
    assert texts and min(text.get_fontsize() * figures.DPI / 72 for text in texts) >= SMALLEST


def test_nothing_differs_by_colour_alone():
    assert len({dash for _, dash, _ in figures.LINES}) == len({mark for _, _, mark in figures.LINES}) == 4
    assert len({hatch for _, hatch in figures.PARTS.values()}) == len(figures.PARTS)


def test_one_result_is_enough_and_five_are_too_many(results):
    one = dict(list(results.items())[:1])
    for draw in DRAW:
        assert draw(one).png()
    with pytest.raises(MigrationError, match="from 1 to 4"):
        figures.latency(dict.fromkeys("abcde", results["post-copy"]))
    with pytest.raises(MigrationError, match="there are 0 results"):
        figures.pages({})
