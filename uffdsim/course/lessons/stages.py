"""Stages: what some lessons have set up before the curtain rises, so that their cells can be short."""

from collections.abc import Callable, Iterable

from uffdsim import kernels
from uffdsim.kernel import VERSIONS
from uffdsim.machine import Descriptor, Machine, Mapping
from uffdsim.uapi import PagefaultFlag

DESIGNS = {"version 5": "linux-5.11-v5", "version 6": "linux-5.11-v6", "merged": kernels.DEFAULT}
"""The three designs of minor faults, and a kernel that has each."""


def stage(
    *features: str, modes: Iterable[str] = ("MISSING", "MINOR"), backing: str = "shmem", mapped: bool = False
) -> tuple[Machine, Mapping, Mapping, Descriptor]:
    """A file of four pages, mapped as ``plain`` and as ``watched``; page 0 has the byte 0x41.

    :param mapped: whether page 0 has an entry in ``watched`` already, by CONTINUE.
    :returns: the machine, the two mappings, and the userfaultfd, which asked for ``features``.
    """
    m = Machine()
    file = m.file(backing, id="F", pages=4)
    plain, watched = m.mmap(file, "plain"), m.mmap(file, "watched")
    u = m.userfaultfd("u")
    u.api(*features)
    u.register(watched, *modes)
    plain[0] = 0x41
    if mapped:
        u.continue_(watched, 0)
    return m, plain, watched, u


class Design:
    """One of the designs at work on a file of huge pages, mapped three times; page 0 is in the page cache."""

    def __init__(self, name: str):
        self.m = Machine(DESIGNS[name])
        file = self.m.file("hugetlb-2M", id="F", pages=2)
        self.plain, self.one, self.other = (self.m.mmap(file, id) for id in ("plain", "one", "other"))
        self.u = self.m.userfaultfd("u")
        self.u.api("MINOR_HUGETLBFS")
        self.plain[0] = 0x41

    def watch(self, mapping):
        """Ask for a mapping's minor faults: as a mode where there is one, else as MISSING, for the feature's sake."""
        return self.u.register(mapping, "MINOR" if VERSIONS[self.m.kernel.name].minor_flag else "MISSING")

    def touch(self, mapping, page: int) -> str:
        """Which message a touch leaves."""
        touch = mapping.load(page, thread=f"t{len(self.m.scenario)}")
        if not touch.blocked:
            return "no message"
        flags = self.u.read_event().flags
        return "minor" if flags and flags & PagefaultFlag.MINOR else "missing"


def on_each(task: Callable[[Design], object]) -> str:
    """What each design makes of the same task, a function of a Design: a line each."""
    return "\n".join(f"{name:10} {task(Design(name))}" for name in DESIGNS)
