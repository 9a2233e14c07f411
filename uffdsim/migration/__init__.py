"""A virtual machine moves to another host while it runs: in virtual time, and small and real on this machine.

    from uffdsim.migration import Destination, Guest, Hybrid, Link, simulate

    print(simulate(Guest("64 GiB", page="2M"), Link("25Gbit/s"), Destination("minor"), Hybrid()))

What is simulated runs in virtual time and needs numpy. ``measure`` and ``migrate`` need a Linux with userfaultfd, and
a C compiler.
"""

from importlib import import_module
from typing import Any

HOMES = {
    "Costs": "costs",
    "Destination": "destination",
    "Guest": "guest",
    "Handover": "destination",
    "Hybrid": "ways",
    "Link": "link",
    "MigrationError": "units",
    "PostCopy": "ways",
    "PreCopy": "ways",
    "Result": "result",
    "STEPS": "ways",
    "StopAndCopy": "ways",
    "measure": "measured",
    "migrate": "live",
    "pages_over_time": "timeline",
    "recorded": "measured",
    "simulate": "simulation",
    "steps_s": "timeline",
    "throughput": "timeline",
}
"""Where that is. It is imported when it is asked for, so that the command line need not wait for numpy."""

__all__ = [*HOMES]


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'uffdsim.migration' has no attribute {name!r}")
    found = getattr(import_module(f"uffdsim.migration.{HOMES[name]}"), name)
    globals()[name] = found  # also where a module of that name has just been imported
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
