"""A migration over time: what the guest got done, and what became of its pages."""

import numpy as np

from uffdsim.migration.result import Result
from uffdsim.migration.units import PICO


def waiting_s(result: Result, times_s: np.ndarray) -> np.ndarray:
    """For how long all vCPUs together had waited, at each of some times."""
    total = np.zeros(len(times_s))
    for moments, sign in ((result.faults.begin / PICO, 1), (np.sort(result.faults.end) / PICO, -1)):
        before = np.searchsorted(moments, times_s)
        total += sign * (before * times_s - np.concatenate(([0], np.cumsum(moments)))[before])
    return total


def throughput(result: Result, bins: int = 200, end_s: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """How much the guest gets done over time, as a share of what it would without a migration.

    :return: the edges of the bins in seconds, one more than bins; and the share in each.
    """
    edges = np.linspace(0, end_s or result.total_s * 1.05, bins + 1)
    still = waiting_s(result, edges) / result.guest.vcpus
    still += np.clip(edges, result.paused / PICO, result.resumed / PICO)
    return edges, np.clip(1 - np.diff(still) / np.diff(edges), 0, 1)


def pages_over_time(result: Result, bins: int = 200, end_s: float | None = None) -> dict[str, np.ndarray]:
    """How many pages at each time have come, have been touched since the guest moved, and are stale: their
    content at the destination, if there is any, is not the guest's.

    :return: ``time_s``, ``arrived``, ``touched``, ``stale``.
    """
    times = np.linspace(0, end_s or result.total_s * 1.05, bins + 1)
    pico = times * PICO
    known = [(0, result.guest.pages), *((one.end, one.stale) for one in result.rounds)]
    stale = np.interp(pico, [time for time, _ in known], [pages for _, pages in known])
    came = np.sort(result.arrival if result.came is None else result.came)
    arrived = np.searchsorted(came, pico, "right")
    late = result.guest.pages - result.stale
    stale = np.where(pico > result.paused, result.guest.pages - np.maximum(arrived, late), stale)
    touched = np.searchsorted(np.sort(first_touch(result)), pico, "right")
    return {"time_s": times, "arrived": arrived, "touched": touched, "stale": stale.round().astype(int)}


def steps_s(result: Result) -> dict[str, tuple[float, float]]:
    """When each of STEPS began and ended; those alone that there were."""
    found = {
        "copy": (0, result.paused),
        "pause": (result.paused, result.resumed),
        "resume": (result.resumed, result.known),
        "decide": (result.resumed, result.ended),
    }
    return {name: (begin / PICO, end / PICO) for name, (begin, end) in found.items() if end > begin}


def first_touch(result: Result) -> np.ndarray:
    """Of each page, when the guest first touched it at the destination, in picoseconds; a time beyond all others
    if it did not until the end. Looks at every touch, which takes a while for large guests."""
    guest, later = result.guest, result.resumed - result.ran
    first = np.full(guest.pages, np.iinfo(np.int64).max)
    for cpu in range(guest.vcpus):
        mine = result.faults.cpu == cpu
        begin, lasted = result.faults.begin[mine], (result.faults.end - result.faults.begin)[mine]
        waited = np.concatenate(([0], np.cumsum(lasted)))
        ran = begin - later - waited[:-1]
        now, end = result.ran, result.ended - later - int(waited[-1])
        while now < min(end, guest.last_touch(cpu)):
            after = min(now + 65536 * guest.step, guest.phase_at(now)[1], end)
            for when, page, _ in guest.streams(cpu, now, after):
                real = when + later + waited[np.searchsorted(ran, when)]
                np.minimum.at(first, page, real)
            now = after
    return first
