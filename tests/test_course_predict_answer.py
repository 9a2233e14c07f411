"""Answers that are folded away: nothing of them is seen before they are opened."""

from uffdsim.course import Answer
from uffdsim.machine import Machine


def test_what_it_shows_is_folded_away_and_all_there():
    m = Machine()
    a = m.mmap("anon", pages=1)
    a[0] = 65
    html = Answer(m.calls[-1], m.trace.plot(names=("tables",)), a[0], None)._repr_html_()
    before, fold, inside = html.partition("</summary>")
    assert before.startswith("<details ") and " open" not in before.partition(">")[0] and fold
    assert "main writes 0x41" in inside and "<img alt=" in inside and "None" not in inside
    assert "&lt;" in Answer("<b>")._repr_html_()


def test_a_tuple_is_told_line_by_line():
    assert "1\n2</pre>" in Answer((1, 2))._repr_html_()


def test_in_words_it_is_what_the_cell_would_have_ended_in():
    assert repr(Answer(1, "two")) == "1\ntwo"
