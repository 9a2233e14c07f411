"""What a fault costs, and what it costs to place pages: measured on this machine, or recorded on another."""

import json
import platform
import statistics
import subprocess
from collections import defaultdict
from dataclasses import asdict, dataclass
from os import cpu_count

from uffdsim import doctor, library
from uffdsim.migration.program import compiled
from uffdsim.migration.units import MigrationError, said_size, said_time

RECORDING = "costs.json"
LIMIT = 120
"""Seconds after which a measurement is given up."""
AREA = {4096: 16384, 1 << 21: 8, 1 << 30: 1}
"""How many pages of each size are measured: for small ones, more than a processor's cache holds."""
ROUNDS = 6

WAYS = {
    "touch_copy": "a touch, answered with COPY",
    "touch_zeropage": "a touch, answered with ZEROPAGE",
    "touch_allocate_continue": "a touch; written for the first time through the other mapping, then CONTINUE",
    "touch_write_continue": "a touch; written again through the other mapping, then CONTINUE",
    "touch_continue": "a touch, answered with CONTINUE",
    "copy_each": "COPY, a call for each page",
    "copy_batch": "COPY, one call for all",
    "zeropage_each": "ZEROPAGE, a call for each page",
    "zeropage_batch": "ZEROPAGE, one call for all",
    "continue_each": "CONTINUE, a call for each page",
    "continue_batch": "CONTINUE, one call for all",
    "allocate_each": "to write a new page through the other mapping",
    "write_each": "to write a page again through the other mapping",
    "zap_batch": "to unmap a page (MADV_DONTNEED)",
    "free_batch": "to give its memory back (PUNCH_HOLE)",
}
IN_SHORT = (
    *("touch_copy", "touch_write_continue", "touch_continue"),
    *("copy_each", "continue_batch", "allocate_each", "write_each", "zap_batch"),
)
"""The ways that a lesson compares."""
_WIDE = 68
NOTES = (
    "COPY allocates a page, copies its content into it and maps it. CONTINUE only maps: the content was there "
    "already, and bringing it there costs what writing through the other mapping does. So compare a touch with COPY "
    "with a touch that is written first, if the page comes over a network; and with CONTINUE alone, if it was there "
    "before.",
    "A touch is timed from the touch until it returns, by the thread that touches: into the kernel, the message to "
    "the other thread, its ioctl, and the way back. Both have a processor if there are two. No network is involved. "
    "Everything else is the processor time of the thread that does it, as nobody waits.",
    "The content that COPY takes was in memory. More small pages are measured than caches hold; a few pages that "
    "were freed a moment ago cost less. On a virtual machine, memory costs more the very first time it is used.",
)


@dataclass(frozen=True)
class Spread:
    """Some measurements, in seconds: the middle one, and the limits of the middle half."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """The spread of some values."""
        low, median, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
        return cls(median, low, high, len(values))

    def __str__(self) -> str:
        return f"{said_time(self.median)} ({said_time(self.low)} – {said_time(self.high)})"


@dataclass(frozen=True)
class Measured:
    """Costs by size of page and way, in seconds a page.

    :param where: on what they were measured.
    :param ways: for each page size and way, as in WAYS.
    :param inside: for each page size and way of touching: medians until the message was read (``message``), in the
        ioctl that answered (``answer``), and the handler's own processor time (``handler``).
    """

    where: str
    ways: dict[int, dict[str, Spread]]
    inside: dict[int, dict[str, dict[str, float]]]

    def table(self) -> str:
        """The costs as lines to read, with what is in them."""
        sizes = sorted(self.ways)
        head = ["", *(f"{said_size(size)} pages" for size in sizes)]
        rows = [[text, *(str(self.ways[size].get(way, "–")) for size in sizes)] for way, text in WAYS.items()]
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in [head, *rows]]
        told = f"Medians on {self.where}, with the limits of the middle half; by page, each way in turn."
        return "\n".join([told, "", *(line.rstrip() for line in lines), "", *NOTES])

    def in_short(self) -> str:
        """The medians of IN_SHORT, in microseconds, for pages of each size."""
        sizes = sorted(self.ways)
        lines = [f"{self.where:{_WIDE}}" + "".join(f"{said_size(size):>8}" for size in sizes)]
        for way in IN_SHORT:
            found = (self.ways[size].get(way) for size in sizes)
            numbers = "".join(f"{spread.median * 1e6:8.1f}" if spread else f"{'–':>8}" for spread in found)
            lines.append(f"{WAYS[way]:{_WIDE}}{numbers}")
        return "\n".join(lines)

    def dumps(self) -> str:
        """The costs as JSON."""
        pages = {}
        for size, ways in self.ways.items():
            pages[size] = {
                way: {f"{name}_s" if name != "count" else name: value for name, value in asdict(spread).items()}
                | {f"{name}_s": value for name, value in self.inside[size].get(way, {}).items()}
                for way, spread in ways.items()
            }
        return json.dumps({"where": self.where, "pages": pages}, indent=1)

    @classmethod
    def loads(cls, text: str) -> "Measured":
        """The costs that such JSON tells."""
        data = json.loads(text)
        ways, inside = {}, {}
        for size, rows in data["pages"].items():
            ways[int(size)] = {
                way: Spread(row["median_s"], row["low_s"], row["high_s"], row["count"]) for way, row in rows.items()
            }
            inside[int(size)] = {
                way: {name: row[f"{name}_s"] for name in _INSIDE} for way, row in rows.items() if "answer_s" in row
            }
        return cls(data["where"], ways, inside)


_INSIDE = ("message", "answer", "handler")


def recorded() -> Measured:
    """The costs that come with uffdsim, for those who have no Linux."""
    return Measured.loads((library.data() / RECORDING).read_text(encoding="utf-8"))


def sizes() -> list[int]:
    """The page sizes that can be measured here now: small ones, and those of which enough are free."""
    return [size for size, pages in AREA.items() if size == 4096 or doctor.huge_pages(size, pages).ok]


def measure(page_sizes: list[int] | None = None, rounds: int = ROUNDS) -> Measured:
    """Measure the costs on this machine; takes some seconds for small pages.

    :param page_sizes: 4096, 2 MiB, 1 GiB; None for those that there are.
    :raises MigrationError: if it cannot be measured here; the message says what would allow it.
    :raises KernelError: if other runs hold the huge pages for too long.
    """
    program = compiled("costs")
    from uffdsim.linux import pool  # which only Linux has

    ways, inside = {}, {}
    for size in sizes() if page_sizes is None else page_sizes:
        if size not in AREA:
            raise MigrationError(f"pages of {said_size(size)} do not exist: take 4K, 2M or 1G")
        with pool.alone({size} & doctor.POOLS.keys()):
            if size in doctor.POOLS and not (found := doctor.huge_pages(size, AREA[size])).ok:
                raise MigrationError(f"this {found.refusal()}")
            ways[size], inside[size] = _read(_run([program, str(size), str(AREA[size]), str(rounds)]))
    where = f"Linux {platform.release()}, {cpu_count()} processors"
    return Measured(where, ways, inside)


def _run(command: list[str]) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired:
        raise MigrationError(f"nothing was measured in {LIMIT} seconds: let the machine do less meanwhile") from None
    if done.returncode:
        raise MigrationError(done.stderr.strip() or f"the program that measures ended with {done.returncode}")
    return done.stdout.splitlines()


def _read(lines: list[str]) -> tuple[dict, dict]:
    """What the program says, less its first round, which only warms up."""
    found = defaultdict(list)
    for line in lines[lines.index("begin") + 1 :]:
        way, *numbers = line.split()
        found[way].append([int(number) * 1e-9 for number in numbers])
    ways = {way: Spread.of([row[0] for row in found[way]]) for way in WAYS if way in found}
    inside = {
        way: {
            name: statistics.median(column)
            for name, column in zip(_INSIDE, list(zip(*found[way], strict=True))[1:], strict=True)
        }
        for way in ways
        if way.startswith("touch")
    }
    return ways, inside
