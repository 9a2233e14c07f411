"""How fast a migration is simulated, how much memory that takes, and how both grow.

    python benchmarks/migration.py             all of it, which takes a minute
    python benchmarks/migration.py pictures    how long the lesson's panel takes to show what somebody has chosen

Every row is a process of its own, on one core; seconds are those of the processor. The last rows are the plain engine
of the tests, in which everything is an event, beside the fast one.
"""

import resource
import subprocess
import sys
from itertools import product
from pathlib import Path
from statistics import median
from time import process_time
from unittest.mock import patch

GUESTS = {
    "post-copy, 4K": [("4G", "4K", 32), ("16G", "4K", 32), ("64G", "4K", 32), ("256G", "4K", 32)],
    "post-copy, 2M": [("64G", "2M", 32), ("1T", "2M", 32)],
    "post-copy, 1G": [("1T", "1G", 32)],
    "both, minor, 4K": [("64G", "4K", 32)],
    "pre-copy, 4K": [("64G", "4K", 32)],
    "plain engine, 4K": [("16M", "4K", 4), ("64M", "4K", 4)],
    "fast engine, 4K": [("16M", "4K", 4), ("64M", "4K", 4)],
}


def one(what: str, memory: str, page: str, vcpus: str):
    """Simulate one, and print what it took."""
    from uffdsim.migration import Destination, Guest, Hybrid, Link, PostCopy, PreCopy, simulate, simulation

    ways = {"pos": PostCopy(), "bot": Hybrid(), "pre": PreCopy(), "pla": PostCopy(), "fas": PostCopy()}
    guest, to = Guest(memory, page=page, vcpus=int(vcpus)), Destination("minor" if "minor" in what else "missing")
    engine = simulation.Engine
    if what.startswith("plain"):
        sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
        from plain_migration import PostCopy as engine
    before, begin = _megabytes(), process_time()
    with patch.object(simulation, "Engine", engine):
        result = simulate(guest, Link(), to, ways[what[:3]])
    took, faults = process_time() - begin, len(result.latency_s)
    each = f"{took / faults * 1e6:7.2f} µs a fault" if faults else ""
    print(
        f"{what:17} {memory:>5} {guest.pages:>12,} pages {faults:>10,} faults {result.total_s:8.1f} s simulated in "
        f"{took:7.2f} s {_megabytes() - before:6.0f} MB {took / guest.pages * 1e9:9.0f} ns a page {each}",
        flush=True,
    )


def pictures(rounds: int = 12):
    """How long a panel takes from a choice until what it shows is there, simulation and all, picture by picture."""
    from uffdsim.course.move.panel import CONTROLS, NAMES, Panel
    from uffdsim.course.move.setting import _simulated
    from uffdsim.migration.figures import PICTURES

    panel = Panel()
    for picture in PICTURES:
        panel.picture.value = picture
        times = []
        for name, (what, (_, options, _)) in product(NAMES, CONTROLS.items()):
            for option in options[: rounds // 2]:
                _simulated.cache_clear()
                panel.settings[{"first": "second", "second": "first"}[name]].result()
                begin = process_time()
                panel.boxes[name, what].value = option
                times.append((process_time() - begin) * 1e3)
        most = sorted(times)[len(times) * 9 // 10]
        print(f"panel, {picture:10} {median(times):5.0f} ms, 9 of 10 within {most:5.0f}, all {max(times):5.0f}")


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    for what, guests in GUESTS.items():
        for memory, page, vcpus in guests:
            subprocess.run([sys.executable, __file__, what, memory, page, str(vcpus)], check=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["pictures"]:
        pictures()
    elif sys.argv[1:]:
        one(*sys.argv[1:])
    else:
        main()
        pictures()
