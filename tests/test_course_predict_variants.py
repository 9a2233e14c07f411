"""Variants of a scenario: each differs in one thing, and is a scenario too."""

import pytest

from uffdsim import library
from uffdsim.course.predict.variants import variants
from uffdsim.grammar import OPS, Trait
from uffdsim.kernel import VERSIONS
from uffdsim.scenario import Scenario, Step

MINOR = library.scenario("01-hugetlb-minor-continue")
DEFAULT = "linux-6.18"


def found(scenario, at=None):
    return list(variants(scenario, len(scenario) - 1 if at is None else at, DEFAULT))


@pytest.mark.parametrize("name", library.scenarios())
def test_a_variant_differs_and_asks_about_the_same_step(name):
    scenario = library.scenario(name)
    all_of_them = found(scenario)
    assert len({one.condition for one in all_of_them}) == len(all_of_them)
    for one in all_of_them:
        assert one.condition.startswith(("if ", "on "))
        assert (one.scenario.steps, one.kernel) != (scenario.steps, DEFAULT)
        assert len(one.scenario) == one.index + 1 and abs(len(one.scenario) - len(scenario)) <= 1
        touch = Trait.TOUCH in scenario[-1].traits
        assert one.scenario[-1].op == scenario[-1].op or touch and Trait.TOUCH in one.scenario[-1].traits


def test_what_comes_later_is_left_out():
    assert {one.scenario[-1].op for one in found(MINOR, 8)} == {"load", "store"}
    assert max(one.index for one in found(MINOR, 8)) == 8


def test_every_other_kernel_is_one():
    others = {one.kernel for one in found(MINOR)} - {DEFAULT}
    assert others == set(VERSIONS) - {DEFAULT}


def test_what_sets_things_up_is_never_left_out():
    kept = [step for step in MINOR if step.traits & (Trait.SETS_UP | Trait.LOOK)]
    for one in found(MINOR):
        if "had not been done" in one.condition:
            assert [step for step in one.scenario if step.traits & (Trait.SETS_UP | Trait.LOOK)] == kept


@pytest.mark.parametrize("name", [name for name, op in OPS.items() if "DONTWAKE" in op.modes])
def test_whatever_wakes_may_be_called_without_waking(name):
    keys = {"copy": {"value": 1}, "move": {"from": "plain"}}.get(name, {})
    scenario = MINOR.first(6).then(Step(name, fd="u", vma="watched", page=0, pages=1, **keys))
    modes = [one.scenario[-1]["mode"] for one in found(scenario) if "DONTWAKE" in one.condition]
    assert modes == [("DONTWAKE",)]


def test_a_page_may_have_been_written_through_another_mapping_of_its_file_wherever_that_begins():
    scenario = Scenario(
        [
            Step("file", id="F", backing="shmem", pages=4),
            Step("mmap", id="late", file="F", offset=1),
            Step("mmap", id="plain", file="F"),
            Step("mmap", id="others", file="F", offset=3),
            Step("mmap", id="alone", backing="anon", pages=4),
            Step("load", vma="late", page=1, thread="t1"),
        ]
    )
    written = [one.condition for one in found(scenario) if "had been written" in one.condition]
    assert written == ["if page 2 of plain had been written before"]
