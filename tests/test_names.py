"""What is known of a scenario's files, mappings and descriptors before anything runs."""

import pytest

from uffdsim import library
from uffdsim.machine import Machine
from uffdsim.names import File, Mapping
from uffdsim.scenario import Scenario, ScenarioError, Step


@pytest.fixture
def scenario():
    m = Machine()
    F = m.file("hugetlb-2M", pages=4)
    m.mmap(F, "whole")
    m.mmap(F, "part", offset=1, pages=2)
    m.mmap(F, "own", offset=3, sharing="private")
    m.mmap("anon", "plain", pages=3)
    m.mmap("anon", "shared", pages=3, sharing="shared")
    m.mmap("anon-hugetlb-2M", "huge", pages=1)
    m.mappings["part"].mremap("moved").mremap("again")
    u = m.userfaultfd()
    u.api("EVENT_FORK")
    u.register("plain", "MISSING")
    m.fork(thread="t1")
    u.read_event("c")
    return m.scenario


def test_files_and_mappings_are_known_with_their_memory(scenario):
    assert scenario.files == {"F": File("F", "hugetlb-2M", 4, 2 << 20, 0)}
    known = scenario.mappings
    assert known["whole"] == Mapping("whole", "F", "hugetlb-2M", 2 << 20, 0, 4, True, 1)
    assert known["part"] == Mapping("part", "F", "hugetlb-2M", 2 << 20, 1, 2, True, 2)
    assert known["own"] == Mapping("own", "F", "hugetlb-2M", 2 << 20, 3, 1, False, 3)
    assert known["plain"] == Mapping("plain", None, "anon", 4096, 0, 3, False, 4)
    assert known["shared"] == Mapping("shared", "[shared]", "shmem", 4096, 0, 3, True, 5)
    assert known["huge"] == Mapping("huge", "[huge]", "hugetlb-2M", 2 << 20, 0, 1, False, 6)
    huge = [id for id, mapping in known.items() if mapping.is_hugetlb]
    assert huge == ["whole", "part", "own", "huge", "moved", "again"]


def test_a_mapping_that_was_moved_is_what_it_was_under_another_name(scenario):
    known = scenario.mappings
    assert known["again"] == known["part"]._replace(id="again", was="moved", step=8)
    assert [scenario.names.first_name(id) for id in ("part", "moved", "again")] == ["part"] * 3


def test_descriptors_are_known_by_the_step_that_opens_them(scenario):
    names = scenario.names
    assert list(names.descriptors) == ["u", "c"]
    for kind, id in (("file", "F"), ("mapping", "again"), ("descriptor", "u"), ("descriptor", "c")):
        step = scenario[names.step_of(kind, id)]
        assert id in (step.get("id"), step.get("to"), step.get("child"))
    assert names.step_of("mapping", "nothing") is None


@pytest.mark.parametrize("name", library.scenarios())
def test_a_part_knows_what_its_own_steps_say(name):
    whole = library.scenario(name)
    for length in range(len(whole) + 1):
        part, again = whole.first(length), Scenario(whole[:length])
        assert (part.files, part.mappings, part.names) == (again.files, again.mappings, again.names)


def test_a_longer_scenario_leaves_the_shorter_one_as_it_was():
    short = Scenario([Step("file", id="F", backing="shmem", pages=1)])
    one, other = (short.then(Step("mmap", id=id, file="F")) for id in "ab")
    assert (list(short.mappings), list(one.mappings), list(other.mappings)) == ([], ["a"], ["b"])
    with pytest.raises(ScenarioError, match='step 1: load: "vma": there is no mapping "a"'):
        short.then(Step("load", vma="a"))


def test_a_file_shorter_than_the_offset_leaves_nothing_to_map():
    short = Scenario([Step("file", id="F", backing="shmem", pages=1), Step("mmap", id="a", file="F", offset=3)])
    assert short.mappings["a"].pages == 0
