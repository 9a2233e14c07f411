"""Numbers, sizes and places, each said in one way."""

import pytest

from uffdsim import terms, words


@pytest.mark.parametrize(
    "number, said",
    [(0, "0 bytes"), (1, "1 byte"), (100, "100 bytes"), (4096, "4 KiB"), (2101248, "2,052 KiB"), (3 << 30, "3 GiB")],
)
def test_a_size_is_said_in_the_largest_unit_that_divides_it(number, said):
    assert terms.size(number) == said


def test_pages_are_said_by_the_first_and_the_last():
    assert terms.pages("ram", 1, 2) == "pages 1 to 2 of ram"
    assert terms.pages("ram", 1, 1) == terms.page("ram", 1) == "page 1 of ram"
    assert terms.pages("ram", 1, 0) == "no page of ram"


def test_a_page_before_a_mapping_is_counted_from_its_beginning():
    assert terms.page("b", -2) == "2 pages before b" and terms.page("b", -1) == "1 page before b"


def test_pages_that_do_not_follow_each_other_are_said_in_one_go():
    assert terms.scattered("ram", [(0, 0), (2, 2), (1004, 1006)]) == "pages 0, 2 and 1,004 to 1,006 of ram"
    assert terms.scattered("ram", [(2, 3)]) == terms.pages("ram", 2, 2)


def test_a_place_says_the_byte_only_where_it_is_not_the_first():
    assert terms.place({"vma": "ram", "page": 2, "offset": 0}) == "page 2 of ram"
    assert terms.place({"vma": "ram", "page": 2, "offset": 4096}) == "page 2 of ram, byte 4,096"


def test_words_has_them_all():
    for name in ("byte", "count", "listed", "page", "pages", "place", "scattered", "sentence", "size", "stopped"):
        assert getattr(words, name) is getattr(terms, name)
