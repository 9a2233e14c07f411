"""How fast the simulated kernel is, beside the live one, in one run on one machine.

    python benchmarks/kernel.py

Needs huge pages, userfaultfd and a C compiler for the live kernel's part, and says so where they are missing.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

from uffdsim.kernel import Simulated
from uffdsim.kernels import DEFAULT
from uffdsim.linux import Linux
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, Step

MANY = 1 << 20
SOURCE = Path(__file__).with_name("live.c")


def microseconds(session, *steps) -> float:
    start = perf_counter()
    for step in steps:
        session.step(step)
    return (perf_counter() - start) * 1e6


def watched(backing: str, pages: int):
    """A file mapped twice, the plain mapping filled, the watched one registered MINOR."""
    session = Simulated(DEFAULT).session()
    for step in [
        Step("file", id="F", backing=backing, pages=pages),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
        Step("userfaultfd", id="u"),
        Step("api", fd="u"),
        Step("register", fd="u", vma="watched", modes=["MINOR"]),
        Step("madvise", vma="plain", advice="POPULATE_WRITE"),
    ]:
        session.step(step)
    return session


def fault(backing: str, pages: int, rounds: int = 400) -> float:
    """A narrated minor fault: touch, read_event, continue, and the reader goes on."""
    session = watched(backing, pages)
    page = pages // 2
    steps = (
        Step("load", thread="t1", vma="watched", page=page),
        Step("read_event", fd="u"),
        Step("continue", fd="u", vma="watched", page=page, pages=1),
    )
    drop = Step("madvise", vma="watched", page=page, pages=1, advice="DONTNEED")
    times = []
    for _ in range(rounds):
        times.append(microseconds(session, *steps))
        session.step(drop)
    return median(times)


def continue_all(pages: int, rounds: int = 50) -> float:
    """One CONTINUE over all pages of shared memory."""
    session = watched("shmem", pages)
    times = []
    for _ in range(rounds):
        times.append(microseconds(session, Step("continue", fd="u", vma="watched")))
        session.step(Step("madvise", vma="watched", advice="DONTNEED"))
    return median(times)


def torn_fault(pieces: int = 100_000) -> float:
    """A narrated minor fault in a page table that is torn into so many runs."""
    session = watched("shmem", MANY)
    for page in range(0, 2 * pieces, 2):
        session.step(Step("continue", fd="u", vma="watched", page=page, pages=1))
    steps = (
        Step("load", thread="t1", vma="watched", page=pieces + 1),
        Step("read_event", fd="u"),
        Step("continue", fd="u", vma="watched", page=pieces + 1, pages=1),
    )
    return microseconds(session, *steps)


def stores(count: int, rounds: int = 50) -> tuple[float, float]:
    """One more store of a Machine that has made so many, and its undo: neither must grow with their number."""
    a = Machine().mmap("anon", pages=1)
    for number in range(count):
        a.store(0, number % 256)
    done, undone = [], []
    for _ in range(rounds):
        start = perf_counter()
        a.store(0, 1)
        middle = perf_counter()
        a.machine.undo()
        done.append((middle - start) * 1e6)
        undone.append((perf_counter() - middle) * 1e6)
    return median(done), median(undone)


def mappings(count: int) -> float:
    """One of so many steps that are read as one scenario, each of which gives a name."""
    steps = [Step("mmap", id=f"m{number}", backing="anon", pages=1) for number in range(count)]
    start = perf_counter()
    Scenario(steps)
    return (perf_counter() - start) * 1e6 / count


def import_time(rounds: int = 9) -> float:
    """``import uffdsim`` in a fresh interpreter, less the interpreter's own start; milliseconds."""

    def start(code):
        begin = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (perf_counter() - begin) * 1e3

    return median(start("import uffdsim") for _ in range(rounds)) - median(start("pass") for _ in range(rounds))


def live() -> tuple[float, float] | None:
    """The live kernel's round trip of a minor fault, and its CONTINUE over as many pages; microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/live"
        try:
            subprocess.run(["cc", "-O2", "-pthread", "-o", program, SOURCE], check=True)
            output = subprocess.run([program, str(MANY)], check=True, capture_output=True, text=True).stdout
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"no live kernel to compare with: {getattr(error, 'stderr', None) or error}")
            return None
    round_trip, many = map(float, output.split())
    return round_trip, many


def live_scenario(faults: int = 200) -> float:
    """The same steps, given one by one to the live kernel as a scenario; microseconds a fault."""
    setup = [
        Step("file", id="F", backing="hugetlb-2M", pages=1),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
        Step("userfaultfd", id="u"),
        Step("api", fd="u"),
        Step("register", fd="u", vma="watched", modes=["MINOR"]),
        Step("store", vma="plain", value=1),
    ]
    fault = [
        Step("load", thread="t1", vma="watched"),
        Step("read_event", fd="u"),
        Step("continue", fd="u", vma="watched"),
        Step("madvise", vma="watched", advice="DONTNEED"),
    ]
    times = []
    for steps in (setup, setup + faults * fault) * 3:
        start = perf_counter()
        Linux().run(Scenario(steps))
        times.append((perf_counter() - start) * 1e6)
    return (median(times[1::2]) - median(times[::2])) / faults


def main():
    huge, few, many = fault("hugetlb-2M", 4), fault("shmem", 4), fault("shmem", MANY)
    bulk_few, bulk = continue_all(4), continue_all(MANY)
    print(f"narrated minor fault, 4 huge pages       {huge:9.1f} µs")
    print(f"                      4 pages of shmem   {few:9.1f} µs")
    print(f"                      2^20 pages         {many:9.1f} µs   {many / few:5.2f} × of 4")
    print(f"                      10^5 runs          {torn_fault():9.1f} µs")
    print(f"CONTINUE over 4 pages of shmem           {bulk_few:9.1f} µs")
    print(f"              2^20 pages                 {bulk:9.1f} µs   {bulk / bulk_few:5.2f} × of 4")
    early, late = stores(10), stores(2000)
    for what, short, long in zip(("one more store", "its undo      "), early, late, strict=True):
        print(f"Machine, {what} after 10 stores   {short:9.1f} µs")
        print(f"                        after 2000       {long:9.1f} µs   {long / short:5.2f} × of 10")
    early, late = mappings(100), mappings(4000)
    print(f"a scenario of 100 mmaps, each            {early:9.1f} µs")
    print(f"              4000                       {late:9.1f} µs   {late / early:5.2f} × of 100")
    print(f"import uffdsim                           {import_time():9.1f} ms")
    if times := live():
        print(f"live kernel: minor fault, 1 huge page    {times[0]:9.1f} µs   ours {huge / times[0]:.2f} × of it")
        steps = live_scenario()
        print(f"             the same as a scenario      {steps:9.1f} µs   ours {huge / steps:.2f} × of it")
        print(f"             CONTINUE over 2^20 pages    {times[1]:9.1f} µs   ours {bulk / times[1]:.4f} × of it")


if __name__ == "__main__":
    main()
