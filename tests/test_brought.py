"""JSON that people bring: what can be read, and what is said of the rest."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uffdsim import brought
from uffdsim.errors import Mistake

WORDS = st.text(st.characters(exclude_categories=["Cs"]))
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)
)


@given(DATA, st.booleans())
def test_what_was_written_is_read_again_also_behind_a_byte_order_mark(data, mark):
    assert brought.loads("\ufeff" * mark + json.dumps(data)) == data


BAD = {
    "{": "not JSON: .*line 1 column 2",
    "9" * 5000: "not JSON: Exceeds the limit .* has 5000 digits$",
    "[" * 100_000: "nested too deeply",
    '{"a": 1, "a": 2}': '"a" appears twice',
    '["\\ud800"]': r"\\ud800 is half of a character",
    '{"\\udfff": 1}': r"\\udfff is half of a character",
    '["\ud800"]': r"\\ud800 is half of a character",
}


@pytest.mark.parametrize("text, why", BAD.items(), ids=lambda text: ascii(text[:20]))
def test_what_cannot_be_kept_is_refused_with_the_reason(text, why):
    with pytest.raises(Mistake, match=why) as caught:
        brought.loads(text)
    str(caught.value).encode()


def test_what_is_no_text_is_called_what_it_is():
    with pytest.raises(Mistake, match="this takes JSON as a text, and was given a value of type dict"):
        brought.loads({})
