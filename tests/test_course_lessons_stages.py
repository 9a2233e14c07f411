"""What lessons have set up beforehand is what their readers are told."""

import pytest

from uffdsim import library
from uffdsim.course.lessons.evidence import agree, ask_all, real
from uffdsim.course.lessons.stages import DESIGNS, Design, on_each, stage


def test_a_stage_has_a_file_mapped_twice_and_its_first_page_there():
    m, plain, watched, u = stage("EVENT_REMOVE", modes=["MINOR"])
    assert plain[0] == 0x41
    assert watched.load(0, thread="t1").blocked
    assert u.read_event().flags == 4
    assert watched.load(1, thread="t2").value == 0


HOLES = {"version 5": "no message", "version 6": "missing", "merged": "no message"}


@pytest.mark.parametrize("name, on_a_hole", HOLES.items())
def test_designs_agree_on_cached_pages_and_part_at_holes(name, on_a_hole):
    design = Design(name)
    assert design.watch(design.one).ok
    assert design.touch(design.one, 0) == "minor"
    assert design.touch(design.one, 1) == on_a_hole


def test_every_design_gets_the_task():
    told = on_each(lambda design: design.m.kernel.name)
    assert [line.split()[-1] for line in told.splitlines()] == list(DESIGNS.values())


def test_a_real_kernel_is_found_wherever_this_runs():
    assert real(library.scenario("01-hugetlb-minor-continue")).parting is None


def test_a_simulated_kernel_is_held_against_the_recording_of_its_version(capsys):
    agree("5.11-v5", "38-mlock-then-close", "77-minor-looks-locked")
    assert [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()] == ["alike in every step"] * 2


def test_recorded_kernels_are_asked_one_step():
    lines = ask_all("35-poison", 8).splitlines()
    assert lines[0].endswith("calls POISON on page 0 of watched (step 8 of 35-poison)")
    assert any(line.split() == ["6.1", "EINVAL"] for line in lines)
    assert any(line.split() == ["5.11", "was", "not", "asked"] for line in lines)
