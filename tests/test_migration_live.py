"""A small migration for real: whatever the way, nothing is lost, and nothing is left behind."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import need
import pytest

from uffdsim import doctor
from uffdsim.__main__ import main
from uffdsim.linux import pool
from uffdsim.migration import (
    Destination,
    Guest,
    Hybrid,
    Link,
    MigrationError,
    PostCopy,
    PreCopy,
    StopAndCopy,
    live,
    migrate,
    program,
)
from uffdsim.migration.measured import measure
from uffdsim.migration.timeline import first_touch
from uffdsim.trace import KernelError

ROOT = Path(__file__).parents[1]
FREE = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
SMALL = Guest("8M", vcpus=2, think="50us")
LINK = Link("1Gbit/s")
WAYS = (StopAndCopy(), PreCopy(rounds=3, downtime="5ms"), PostCopy(), Hybrid())
EVERY = [(mode, way) for mode in ("missing", "minor") for way in WAYS]


@pytest.fixture
def real():
    need.userfaultfd(kernel_faults=False)
    need.compiler()


def processes():
    """Those that move a guest."""
    found = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().startswith("move-"):
                found.add(int(comm.parent.name))
        except OSError:
            pass
    return found


def command(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    line = [sys.executable, "-m", "uffdsim", "migrate", "--recorded-costs", *arguments]
    return subprocess.Popen(line, env=environment, **options)


# Every way


@pytest.mark.parametrize("mode, way", EVERY, ids=lambda one: getattr(one, "name", one))
def test_a_guest_arrives_as_if_it_had_never_moved(real, mode, way):
    # migrate() compares all memory, and what was computed, with the same computed again.
    result = migrate(SMALL, LINK, Destination(mode), way)
    assert result.arrival.shape == (SMALL.pages,) and (result.arrival > 0).all()
    assert result.sent >= SMALL.pages and result.downtime_s > 0
    assert result.parts_s.keys() >= {"pause", "state", "start"}
    assert ("unmap" in result.parts) == (mode == "missing" and isinstance(way, Hybrid))
    assert bool(len(result.rounds)) == isinstance(way, PreCopy | Hybrid)


@pytest.mark.parametrize("mode", ["missing", "minor"])
@pytest.mark.parametrize(
    "channel", [{"channel": "shared"}, {"interrupt": False}, {}], ids=["shared", "own", "interrupts"]
)
def test_huge_pages_arrive_by_every_channel(real, mode, channel):
    need.huge_pages(8)
    guest = Guest("16M", page="2M", vcpus=3, think="100us", hot=0.5)
    result = migrate(guest, Link("4Gbit/s", **channel), Destination(mode), PostCopy())
    assert result.sent == 8 and 0 < len(result.latency_s)


def test_a_guest_without_the_map_is_served_all_the_same(real):
    guest = Guest("16M", vcpus=2, think="50us", hot=0.3)
    early, late = (migrate(guest, LINK, Destination("minor"), Hybrid(early=e)) for e in (None, False))
    assert "map" not in early.parts and early.sent >= guest.pages and late.sent >= guest.pages


def test_many_handlers_and_vcpus_are_served(real):
    guest = Guest("8M", vcpus=16, think="200us", hot=0.5)
    result = migrate(guest, LINK, Destination("minor", handlers=4), PostCopy())
    assert set(result.faults.cpu.tolist()) == set(range(16))


def test_the_real_guest_touches_what_the_simulated_one_does(real):
    guest = Guest("64M", vcpus=2, think="500us", hot=0.02, skew=2, phase="50ms", seed=3)
    result = migrate(guest, Link("1Gbit/s"), Destination("minor"), PostCopy())
    assert len(result.latency_s) > 20
    for cpu in range(guest.vcpus):
        touched, begin = set(), 0
        while begin < 3 * 10**12:
            end = guest.phase_at(begin)[1]
            touched |= set(guest.touches(cpu, begin, end).page.tolist())
            begin = end
        mine = set(result.faults.page[result.faults.cpu == cpu].tolist())
        assert mine <= touched and len(touched) < guest.pages / 2


def test_a_real_result_can_be_drawn_over_time(real):
    result = migrate(SMALL, LINK, Destination("missing"), PostCopy())
    assert (first_touch(result) < result.ended).any()


def test_progress_is_told(real):
    told = []
    migrate(SMALL, Link("500Mbit/s"), Destination("missing"), PostCopy(), told.append)
    assert told == sorted(told) and told[-1] <= SMALL.pages


# What cannot be


@pytest.mark.parametrize(
    "guest, link, to, right",
    [
        (Guest("8M", vcpus=65), LINK, Destination(), "take up to 64"),
        (Guest("8M", sweep=True), LINK, Destination(), "is only simulated"),
        (SMALL, Link(order="outwards"), Destination(), "take 'linear'"),
        (SMALL, LINK, Destination(exits=True), "take exits=False"),
        (SMALL, LINK, Destination("minor", direct=True), "take direct=False"),
        (SMALL, LINK, Destination(placers=2), "take placers=1"),
        (Guest("1T"), LINK, Destination(), "three times as much here: take up to"),
        (Guest("512G", page="2M"), LINK, Destination(), "or take less memory"),
        (SMALL, Link("100Gbit/s", rtt="1s"), Destination(), "a socket here holds"),
    ],
)
def test_what_cannot_be_run_here_is_refused_with_what_could(real, guest, link, to, right):
    with pytest.raises(MigrationError, match=right):
        migrate(guest, link, to, PostCopy())


@pytest.mark.parametrize(
    ("says", "right"),
    [("echo equal 0", "not moved correctly"), ("echo userfaultfd: no permission >&2; exit 1", "no permission")],
)
def test_what_was_not_moved_right_or_breaks_off_is_told(real, monkeypatch, tmp_path, says, right):
    fake = tmp_path / "move"
    fake.write_text(f"#!/bin/sh\n{says}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(live, "compiled", lambda name: str(fake))
    with pytest.raises(MigrationError, match=right):
        migrate(SMALL, LINK, Destination(), PostCopy())


# The command


def test_the_command_shows_both_side_by_side(real, capsys):
    assert main(["migrate", "--memory", "4M", "--mode", "minor", "--recorded-costs"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("post-copy, MINOR and CONTINUE: 4M in pages of 4K, 2 vCPUs, 1 Gbit/s, 100 µs round trip")
    assert "here / simulated" in out and "median fault" in out and "as if it had never moved" in out


def test_the_command_prints_json(real, capsys):
    line = "migrate --memory 4M --way both --mode minor --wait-for-map --json --recorded-costs"
    assert main(line.split()) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["equal"] and data["guest"]["memory"] == 4 << 20
    assert data["here"]["bytes_sent"] >= 4 << 20 and data["simulated"]["way"] == data["here"]["way"]


def test_the_command_measures_this_machine_unless_told_otherwise(real, capsys, monkeypatch):
    from uffdsim.migration import measured

    monkeypatch.setitem(measured.AREA, 4096, 256)
    assert main(["migrate", "--memory", "4M", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["costs_s"]["copy"] > 0


@pytest.mark.parametrize(
    "arguments, right",
    [
        ("--link 0", "take from 8kbit/s"),
        ("--pages 3M", "take 4K, 2M or 1G"),
        ("--memory 5000", "take 4,096"),
        ("--hot 2", "from 0 to 1"),
        ("--way both --rounds 0", "from 1 to 1000"),
    ],
)
def test_the_command_refuses_with_what_could_be(arguments, right, capsys):
    assert main(["migrate", *arguments.split()]) == 2
    said = capsys.readouterr()
    assert right in said.err and not said.out and said.err.count("\n") == 1


def test_huge_pages_that_others_use_are_waited_for(real, monkeypatch):
    need.huge_pages(8)
    monkeypatch.setattr(pool, "PATIENCE", 0.1)
    guest = Guest("16M", page="2M", vcpus=1, think="100us")
    for run in (lambda: migrate(guest, LINK, Destination("minor"), PostCopy()), lambda: measure([1 << 21], rounds=1)):
        with pool.alone([1 << 21]), pytest.raises(KernelError, match="^others have used the huge pages of 2 MiB"):
            run()


def test_without_userfaultfd_it_says_what_would_allow_it(monkeypatch, capsys):
    missing = doctor.Check("userfaultfd", False, "no permission", "sudo sysctl vm.unprivileged_userfaultfd=1")
    monkeypatch.setattr(doctor, "userfaultfd", lambda kernel_faults: missing)
    monkeypatch.setattr(live, "compiled", program.compiled.__wrapped__)
    assert main(["migrate", "--memory", "4M"]) == 2
    assert "needs userfaultfd and finds no permission" in capsys.readouterr().err


def test_a_terminal_gets_a_bar_that_is_gone_at_the_end(real):
    pytest.importorskip("tqdm")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (25, 80))
    running = command("--memory", "16M", "--link", "500Mbit/s", stdout=subprocess.PIPE, stderr=theirs, text=True)
    os.close(theirs)
    out, _ = running.communicate(timeout=60)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert running.returncode == 0 and "%|" in shown and "16.0M" in shown
    assert "here / simulated" in out and "%|" not in out


# Killed


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_killed_at_any_time_it_leaves_nothing_behind(real, number):
    need.huge_pages(8)
    others, free = processes(), int(FREE.read_text())
    arguments = "--memory 16M --pages 2M --link 100Mbit/s --way both --mode minor".split()
    for delay in random.Random(number).sample([0.25, 0.4, 0.6, 0.9, 1.2], 2):
        with command(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
            time.sleep(delay)
            running.send_signal(number)
        deadline = time.monotonic() + 10
        while (processes() - others or int(FREE.read_text()) < free) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert processes() <= others
        assert int(FREE.read_text()) >= free
