"""Tables of every case: each field run, with its reason, and readable in every form."""

import pytest

from uffdsim import words
from uffdsim.course.lessons.tables import DEFAULTS, case, table
from uffdsim.trace import KernelError


def test_missing_and_minor_and_both_on_a_hit_and_on_a_miss():
    found = table(modes=["MISSING", "MINOR", "MISSING MINOR"], cache=["hit", "miss"])
    assert found.rows == [
        ("MISSING", "no message", "PAGEFAULT, flags 0"),
        ("MINOR", "PAGEFAULT, flags MINOR", "no message"),
        ("MISSING MINOR", "PAGEFAULT, flags MINOR", "PAGEFAULT, flags 0"),
    ]


def test_a_field_is_a_case_with_its_reason_and_its_trace():
    one = table(modes=["MISSING", "MINOR"], cache=["hit", "miss"])["MINOR", "miss"]
    assert one.answer == "no message" and one.why.endswith(words.numbered(one.trace, _decided(one)))
    assert one.scenario[-1].op == "load" and one.trace.kernel == DEFAULTS["kernel"]


def _decided(case):
    """The number of the event at which the mode was asked for."""
    touch = len(case.scenario) - 1
    return next(number for number, event in case.trace.of(touch) if event.question == "mode?")


def test_a_registration_that_is_refused_is_what_the_field_says():
    found = table(modes=["MISSING", "MINOR"], kernel=["linux-6.18", "linux-5.11"])
    assert found["MINOR", "linux-5.11"].answer == "REGISTER: EINVAL"
    assert "EINVAL" in found["MINOR", "linux-5.11"].why


def test_memory_without_a_file_has_no_page_cache():
    assert table(backing=["shmem", "anon"], cache=["hit", "miss"], modes="MISSING")["anon", "hit"].answer == "–"
    assert case(backing="anon", cache="miss", modes="MISSING").answer == "PAGEFAULT, flags 0"


def test_any_aspect_may_be_asked():
    found = table("value", modes=["", "MISSING"], cache=["hit", "miss"])
    assert found.rows == [("none", "0x41", "0x00"), ("MISSING", "0x41", "it waits")]


def test_the_designs_differ_where_history_says():
    found = table("smaps", modes=["MINOR", "MISSING"], kernel=["linux-6.18", "linux-5.11-v5", "linux-5.11-v6"])
    assert found.rows[0] == ("MINOR", "ui", "ui", "REGISTER: EINVAL")


def test_the_same_table_as_text_html_and_markdown():
    found = table(modes=["MISSING", "MINOR"], cache=["hit", "miss"], touch="store")
    assert repr(found).splitlines()[0].split("  ")[0] == "modes"
    assert r"PAGEFAULT, flags WRITE \| MINOR" in found.to_markdown()
    html = found._repr_html_()
    assert "<caption" in html and html.count('scope="col"') == 3 and html.count('scope="row"') == 2
    assert "touch store" in html and len(found) == 4


def test_one_dimension_is_a_row():
    assert table(modes=["MISSING", "MINOR"]).rows == [("no message", "PAGEFAULT, flags MINOR")]


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"mode": "MINOR"}, "did you mean modes"),
        ({"cache": "full"}, "cache takes hit or miss, and not 'full'"),
        ({"backing": ["shmem", "disk"]}, "backing takes .*hugetlb-1G or .*, and not 'disk'"),
        ({"modes": [3, 4]}, "modes takes names of modes"),
        ({"of": "value", "touch": "store"}, '"value" cannot be asked about a store'),
        ({"of": "done"}, '"done" cannot be asked about a load'),
    ],
)
def test_what_cannot_be_chosen_is_told_what_can(choices, says):
    with pytest.raises(ValueError, match=says):
        table(**choices)


def test_a_case_that_is_none_is_told_which_there_are():
    with pytest.raises(KeyError, match="choose one of each of modes: 'MISSING', 'MINOR'"):
        table(modes=["MISSING", "MINOR"], cache=["hit", "miss"])["MINOR"]
    with pytest.raises(KernelError, match="there is no kernel"):
        table(kernel=["linux-6.18", "linux-2.0"])
