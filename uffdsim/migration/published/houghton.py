"""James Houghton, Google: why 2M is too coarse for post-copy (January 2023)."""

from uffdsim.migration.destination import Destination
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.published.table import Row, Table
from uffdsim.migration.simulation import simulate

BOUNDS_US = {"4K": ("<", 100), "2M": (">", 10_000)}
"""Median time to fetch a page with 48 vCPUs, in µs."""


def table() -> Table:
    """4K against 2M."""
    rows, medians = [], {}
    for page, (sign, bound) in BOUNDS_US.items():
        guest = Guest("4G", page=page, vcpus=48, hot=0.25, think="50us")
        to = Destination("minor", handlers=4, placers=8)
        medians[page] = simulate(guest, Link("50Gbit/s", rtt="30us"), to).percentile_s(50) * 1e6
        rows.append(Row(page, bound, medians[page], 0, sign))
    rows.append(Row("2M / 4K", 100, medians["2M"] / medians["4K"], 0, ">"))
    return Table(
        "4K against 2M with 48 vCPUs",
        "µs, median",
        "James Houghton, Google: [hugetlb high-granularity "
        "mapping](https://lore.kernel.org/linux-mm/20230105101844.1893104-1-jthoughton@google.com/), v1, January "
        "2023; a round trip of 30 µs: his [KVM "
        "userfault](https://lore.kernel.org/kvm/20250618042424.330664-1-jthoughton@google.com/), v3, June 2025.",
        "A guest of 4 GiB with 48 vCPUs, a quarter of it hot; post-copy with minor faults, 4 handlers, 8 placers; "
        "costs as recorded.",
        "The bandwidth, which was not published: 50 Gbit/s. With 100 Gbit/s a page of 2M takes 7 ms, and the factor "
        "is 170.",
        "Nothing. A page of 2M is on the wire for a third of a millisecond; it is the queue of 48 of them that takes "
        "14.",
        rows,
    )
