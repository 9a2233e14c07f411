"""A small migration for real: two processes on this machine, real memory and real faults, and a link that is made
up."""

import os
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from uffdsim import doctor
from uffdsim.migration.destination import Destination, Handover
from uffdsim.migration.guest import GRANULE, Guest
from uffdsim.migration.link import Link
from uffdsim.migration.postcopy import FETCHED, LOCAL, Faults
from uffdsim.migration.precopy import Round
from uffdsim.migration.program import compiled
from uffdsim.migration.result import Result
from uffdsim.migration.units import PICO, MigrationError, pico, said_size
from uffdsim.migration.ways import Hybrid, PostCopy, PreCopy, StopAndCopy, Way

MOST_CPUS = 64
BEFORE = 0.1
"""Seconds for which the guest has run when its migration begins."""
NANO = 1000
"""Picoseconds in a nanosecond."""
WAYS = {StopAndCopy: 0, PreCopy: 1, PostCopy: 2, Hybrid: 3}


def usual_memory(page: int) -> int:
    """How much memory a guest has here if nobody says: 256 MiB, or as much of it as there are huge pages free."""
    pages = max((256 << 20) // page, 1)
    while page in doctor.POOLS and pages > 1 and not doctor.huge_pages(page, pages).ok:
        pages //= 2
    return pages * page


def migrate(
    guest: Guest, link: Link, to: Destination, way: Way, progress: Callable[[int], None] | None = None
) -> Result:
    """Move a guest for real. What it has computed is checked at the end, and all of its memory.

    Killed at any time, it leaves nothing behind.

    :param progress: is told from time to time how many pages have come.
    :return: as `simulate` does; its parts are those measured, and the kind of a fault is "fetched" or "mapped".
    :raises MigrationError: if this cannot be done here, or went wrong; the message says why.
    :raises KernelError: if other runs hold the huge pages for too long.
    """
    program = compiled("move")
    from uffdsim.linux import pool  # which only Linux has

    with pool.alone({guest.page} & doctor.POOLS.keys()):
        _check(guest, link, to, way)
        told = _run([program, *map(str, _numbers(guest, link, to, way))], progress or (lambda pages: None))
    return _result(guest, link, to, way, told)


def _run(command: list[str], progress: Callable[[int], None]) -> dict[str, list[list[str]]]:
    """What the program tells, once it has moved the guest and proven it equal."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout and running.stderr
        try:
            told = _listen(running.stdout, progress)
            why = running.stderr.read().strip()
        except BaseException:
            running.kill()
            raise
    if running.returncode or not told["equal"]:
        raise MigrationError(f"the migration failed: {why or f'it ended with {running.returncode}'}")
    if told["equal"][0] != ["1"]:
        raise MigrationError("the guest has not computed what it should have: its memory was not moved correctly")
    return told


def _check(guest: Guest, link: Link, to: Destination, way: Way) -> None:
    limits = (
        (not guest.sweep, "a guest that sweeps is only simulated: take one with a hot part"),
        (guest.vcpus <= MOST_CPUS, f"{guest.vcpus} vCPUs are too many to run here: take up to {MOST_CPUS}"),
        (link.order == "linear", f"the order {link.order!r} is only simulated: take 'linear'"),
        (not to.exits, "leaving the kernel instead of waiting is only simulated: take exits=False"),
        (not to.direct, "there is no network card that writes by itself: take direct=False"),
        (to.placers == 1, "one thread places pages here: take placers=1"),
        (to.mode == "minor" or not getattr(way, "early", None), "to run before the map is there, take mode='minor'"),
    )
    for fine, why in limits:
        if not fine:
            raise MigrationError(why)
    if guest.page > GRANULE and not (found := doctor.huge_pages(guest.page, guest.pages)).ok:
        raise MigrationError(f"this {found.refusal()}, or take less memory")
    _check_room(guest, link)


def _check_room(guest: Guest, link: Link) -> None:
    """Whether memory and sockets have room: the guest is there, here, and once more to check it."""
    info = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    free = int(info["MemAvailable"].split()[0]) << 10
    if 3 * guest.memory > free:
        most = said_size(free // 3 >> 20 << 20)
        raise MigrationError(f"a guest of {said_size(guest.memory)} needs three times as much here: take up to {most}")
    room = 4 << 20 if os.geteuid() == 0 else int(Path("/proc/sys/net/core/wmem_max").read_text()) // 2
    way = link.bandwidth * link.rtt / 2 + link.buffer
    if way > room:
        raise MigrationError(
            f"{said_size(way)} would be on their way, and a socket here holds {said_size(room)}: "
            "take a smaller buffer, a shorter round trip or less bandwidth"
        )


def _numbers(guest: Guest, link: Link, to: Destination, way: Way) -> list[int]:
    """The arguments of the program, as its main.c has them."""
    early = isinstance(way, Hybrid) and to.mode == "minor" and way.early is not False
    nano = 10**9
    return [
        *(guest.memory, guest.page, guest.vcpus, *guest.intervals, guest.hot_granules, guest.skew),
        *(round(guest.writes * 256), 0 if guest.phase is None else pico(guest.phase), guest.seed),
        *(round(link.bandwidth), round(link.rtt * nano), int(link.channel == "own"), link.buffer),
        *(
            int(link.interrupt and link.channel == "own"),
            WAYS[type(way)],
            int(to.mode == "minor"),
            to.handlers,
            to.batch,
        ),
        *(getattr(way, "rounds", 0), round(getattr(way, "downtime", 0) * nano), int(early), round(BEFORE * nano)),
    ]


def _listen(lines: Iterable[str], progress: Callable[[int], None]) -> dict[str, list[list[str]]]:
    """What the program tells, by the first word of each line."""
    told = defaultdict(list)
    for line in lines:
        word, *rest = line.split()
        if word == "progress":
            progress(int(rest[0]))
        else:
            told[word].append(rest)
    return told


def _result(guest: Guest, link: Link, to: Destination, way: Way, told: dict) -> Result:
    one = {name: int(told[name][0][0]) for name in ("paused", "resumed", "stale", "sent")}
    parts = {name: int(time) * NANO for name, time in told["part"]}
    parts["state"] += (one["resumed"] - one["paused"]) * NANO - sum(parts.values())  # and what lies between
    rows = np.array([list(map(int, row)) for row in told["fault"]], np.int64).reshape(-1, 5)
    cpu, begin, lasted, page, mapped = rows[np.argsort(rows[:, 1], kind="stable")].T
    kinds = np.where(mapped, LOCAL, FETCHED)
    return Result(
        way.name,
        guest,
        link,
        replace(to, handover=Handover(*(parts[name] / PICO for name in ("pause", "state", "start")))),
        parts,
        one["paused"] * NANO,
        np.array([int(time) for row in told["arrival"] for time in row], np.int64) * NANO,
        Faults(begin * NANO, (begin + lasted) * NANO, page, cpu, kinds),
        one["stale"],
        one["sent"],
        tuple(Round(*(int(time) * NANO for time in row[:2]), *map(int, row[2:])) for row in told["round"]),
        ran=one["paused"] * NANO + pico(BEFORE),
    )
