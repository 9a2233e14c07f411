"""A virtual machine moves to another host while it runs: in virtual time, and small and real on this machine.

    from uffdsim.migration import Destination, Guest, Hybrid, Link, simulate

    print(simulate(Guest("64 GiB", page="2M"), Link("25Gbit/s"), Destination("minor"), Hybrid()))
"""

from uffdsim.migration.costs import Costs
from uffdsim.migration.destination import Destination, Handover
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.result import Result
from uffdsim.migration.simulate import simulate
from uffdsim.migration.units import MigrationError
from uffdsim.migration.ways import Hybrid, PostCopy, PreCopy, StopAndCopy

__all__ = [
    "Costs",
    "Destination",
    "Guest",
    "Handover",
    "Hybrid",
    "Link",
    "MigrationError",
    "PostCopy",
    "PreCopy",
    "Result",
    "StopAndCopy",
    "simulate",
]
