"""What a fault costs: measured here, recorded, and said."""

import json

import need
import pytest

from uffdsim import doctor
from uffdsim.__main__ import main
from uffdsim.migration import MigrationError, measure, measured, program, recorded
from uffdsim.migration.measured import WAYS, Measured, Spread


@pytest.fixture
def quick(monkeypatch):
    """A machine that can measure, and not much of it."""
    need.userfaultfd(kernel_faults=False)
    need.compiler()
    monkeypatch.setattr(measured, "AREA", {4096: 256, 2 << 20: 4, 1 << 30: 1})


def said(capsys):
    captured = capsys.readouterr()
    return captured.out, captured.err


# Measured


def test_every_way_is_measured(quick):
    found = measure([4096], rounds=2)
    assert list(found.ways) == [4096] and set(found.ways[4096]) == set(WAYS)
    for way, spread in found.ways[4096].items():
        assert 0 < spread.low <= spread.median <= spread.high, way
        assert spread.count == 2 * (32 if way.startswith("touch") else 1), way


def test_a_touch_has_its_message_and_its_answer_within(quick):
    found = measure([4096], rounds=2)
    for way, inside in found.inside[4096].items():
        assert 0 < inside["message"] < found.ways[4096][way].high, way
        assert 0 < inside["answer"], way


def test_huge_pages_are_measured_where_there_are_some(quick):
    need.huge_pages(4)
    found = measure([2 << 20], rounds=1)
    ways = set(found.ways[2 << 20])
    assert "touch_continue" in ways and not any("zeropage" in way for way in ways)
    assert found.ways[2 << 20]["copy_each"].median > found.ways[2 << 20]["continue_each"].median


def test_measuring_leaves_no_huge_page_behind(quick):
    need.huge_pages(8)
    before = doctor.huge_pages(2 << 20).found
    measure([2 << 20], rounds=1)
    assert doctor.huge_pages(2 << 20).found == before


# Recorded


def test_the_recording_has_small_and_huge_pages():
    assert {4096, 2 << 20} <= set(recorded().ways)


def test_costs_survive_json():
    assert Measured.loads(recorded().dumps()) == recorded()


def test_the_table_says_each_way_and_what_is_in_it():
    table = recorded().table()
    assert all(text in table for text in WAYS.values())
    assert "COPY allocates a page" in table and "4K pages" in table and "2M pages" in table


def test_a_spread_is_the_middle_half():
    assert Spread.of([1, 2, 3, 4, 5]) == Spread(3, 2, 4, 5)
    assert Spread.of([7]) == Spread(7, 7, 7, 1)


# The command


def test_the_command_shows_the_recording(capsys):
    assert main(["costs", "--recorded"]) == 0
    assert said(capsys)[0] == recorded().table() + "\n"


def test_the_command_prints_json(quick, capsys):
    assert main(["costs", "--pages", "4K", "--rounds", "1", "--json"]) == 0
    data = json.loads(said(capsys)[0])
    assert data["pages"]["4096"]["copy_each"]["median_s"] > 0


@pytest.mark.parametrize("pages, right", [("8M", "take 4K, 2M or 1G"), ("fast", "should be a number of bytes")])
def test_page_sizes_that_there_are_not_are_refused(quick, capsys, pages, right):
    assert main(["costs", "--pages", pages]) == 2
    assert right in said(capsys)[1]


def test_too_few_huge_pages_are_said_with_what_would_help(quick, monkeypatch, capsys):
    monkeypatch.setitem(measured.AREA, 2 << 20, 1 << 20)
    assert main(["costs", "--pages", "2M"]) == 2
    assert "free huge pages of 2 MiB" in said(capsys)[1] and "sudo" not in said(capsys)[0]


def test_without_userfaultfd_it_says_what_would_allow_it(monkeypatch, capsys):
    missing = doctor.Check("userfaultfd", False, "no permission", "sudo sysctl vm.unprivileged_userfaultfd=1")
    monkeypatch.setattr(doctor, "userfaultfd", lambda kernel_faults: missing)
    monkeypatch.setattr(program, "compiled", program.compiled.__wrapped__)
    monkeypatch.setattr(measured, "compiled", program.compiled)
    assert main(["costs"]) == 2
    assert "needs userfaultfd and finds no permission: sudo sysctl" in said(capsys)[1]


def test_a_program_that_fails_says_why(quick, monkeypatch):
    monkeypatch.setattr(measured, "compiled", lambda name: "/bin/false")
    with pytest.raises(MigrationError, match="ended with 1"):
        measure([4096])
