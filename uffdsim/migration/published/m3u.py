"""Xu et al., M3U, OSDI '26: a whole migration by unmapping and COPY, and what a second mapping makes of it."""

from dataclasses import replace

from uffdsim.migration.costs import Costs
from uffdsim.migration.destination import Destination, Handover
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.published.table import Row, Table
from uffdsim.migration.simulation import simulate
from uffdsim.migration.ways import Hybrid

UNMAP_SHARE = (0.57, 0.66)
"""Of the downtime, in which stale pages are unmapped; 64 vCPUs, 256 GB, pages of 2M."""
UNMAP_S = 3.0
"""Seconds, for 128 GB in 32 million calls."""
SHORTEST, LONGEST = Handover(0, 0.2, 0.121 + 0.094), Handover(0, 1.4, 0.169 + 0.304)
"""The rest of it: the state of CPUs; the start, and devices."""
PAGING = 0.092
"""The share of the link that paging reaches."""
TOTAL_S = 24.0
"""Seconds until 24 GB were there."""
STREAMS = "80Gbit/s"
"""What six streams reach."""
SAVED = (0.858, 0.896)
"""By how much the second mapping is done sooner."""
DOWNTIME = 0.53
"""And how much of the downtime is left."""


def table() -> Table:
    """Downtime and completion."""
    many, few = _switch(1 / 2, LONGEST), _switch(1 / 8, SHORTEST)
    old, new = _completion(minor=False), _completion(minor=True)
    share, tolerance = _middle(UNMAP_SHARE)
    left, spread = _middle((1 - SAVED[1], 1 - SAVED[0]))
    return Table(
        "A whole migration: unmapping and COPY, or a second mapping",
        "s, or a share",
        "Xu et al., SJTU and Alibaba: [M3U](https://www.usenix.org/conference/osdi26/presentation/xu-yizhe), OSDI '26.",
        "256 GiB with 64 vCPUs, of which 128 or 32 GiB are hot, and stale at the switch; the rest of the downtime as "
        "published. Then 24 GB over 100 Gbit/s: by COPY of 4K, one thread; or in pages of 2M by six, over 80 Gbit/s, "
        "written through the second mapping by the network card.",
        "Two: to unmap 4K costs 94 ns, from 3 s for 32 million (recorded here: 122 ns), and COPY of 4K takes "
        "3.56 µs, as paging reaches 9.2 % of the link. That unmapping has 57 to 66 % of the downtime, and that the "
        "second mapping is done in 10.4 to 14.2 % of the time, follows.",
        "*The downtime* without any unmapping is a third of what it was, theirs is 53 %: they still mark every entry. "
        "That they ask for 4K while they push 2M is not in our model, in which a page has one size.",
        [
            Row("unmapping 128 GiB, s", UNMAP_S, many["unmap"], 0.1),
            Row("its share of the downtime: 128 GiB, the rest at its longest", share, _share(many), tolerance),
            Row("the same: 32 GiB, the rest at its shortest", share, _share(few), tolerance),
            Row("downtime without it, of that before", DOWNTIME, 1 - _share(many), None),
            Row("24 GB by COPY, s", TOTAL_S, old, 0.15),
            Row("24 GB through a second mapping, of that", left, new / old, spread),
        ],
    )


def _middle(between: tuple[float, float]) -> tuple[float, float]:
    """The middle of a range, and by which share of it the range goes further."""
    middle = sum(between) / 2
    return middle, between[1] / middle - 1


def _share(parts: dict[str, float]) -> float:
    return parts["unmap"] / sum(parts.values())


def _switch(stale: float, handover: Handover) -> dict[str, float]:
    """The parts of the downtime with such a share of the memory stale, in seconds."""
    guest = Guest("256G", page="2M", vcpus=64, hot=stale, hot_touches=1, think="1ms")
    costs = replace(Costs.recorded(guest.page), zap=512 * 94e-9, free=0)
    to = Destination("missing", costs=costs, handover=handover)
    return simulate(guest, Link("100Gbit/s"), to, Hybrid()).parts_s


def _completion(minor: bool) -> float:
    """How long 24 GB of stale pages take, in seconds."""
    page = 1 << 21 if minor else 4096
    guest = Guest(24 * 10**9 // page * page, page=page, vcpus=8, think="1ms")
    if minor:
        return simulate(guest, Link(STREAMS), Destination("minor", placers=6, direct=True)).brownout_s
    costs = replace(Costs.recorded(page), pushed_copy=4096 / (PAGING * 100e9 / 8))
    return simulate(guest, Link("100Gbit/s"), Destination("missing", costs=costs)).brownout_s
