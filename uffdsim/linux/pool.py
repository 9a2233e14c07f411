"""The pools of huge pages: one run at a time takes from each, and what somebody else took meanwhile is noticed."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from uffdsim import doctor
from uffdsim.trace import KernelError, Trace

PATIENCE = 60
"""Seconds that one run waits for others; each takes milliseconds."""
LATE = 1.0
"""Seconds after which every page of a program that has ended is free again."""
STARVED = {"ENOMEM", "EFAULT"}
"""What is answered where a pool has no page left, if it is not a SIGBUS."""


@contextlib.contextmanager
def alone(sizes: Iterable[int]) -> Iterator[None]:
    """For a while, no other run takes pages of these sizes.

    The kernel's own file of each pool is the lock: it is the same for every user, and always there.

    :raises KernelError: if others do not come to an end.
    """
    with contextlib.ExitStack() as stack:
        for size in sorted(sizes):
            with contextlib.suppress(FileNotFoundError):  # where there is no pool, that will be said
                pool = os.open(Path(doctor.POOL, doctor.POOLS[size], doctor.COUNTS[0]), os.O_RDONLY)
                stack.callback(os.close, pool)
                _lock(pool, doctor.SIZES[size])
        yield


def _lock(pool: int, size: str) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(pool, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                why = f"others have used the huge pages of {size} for {PATIENCE} seconds; run it when they have ended"
                raise KernelError(why) from None
        time.sleep(0.005)


def check(trace: Trace, need: Mapping[int, int]) -> None:
    """Make sure that no answer is what it is because of a lack of huge pages that were there at the beginning.

    :param need: how many pages of each size the scenario may take.
    :raises KernelError: if one may be.
    """
    found = [answer for one in trace.observations for answer in (one, *one.get("completed", ()))]
    if any(answer.get("errno") in STARVED or answer.get("signal") == "SIGBUS" for answer in found):
        for size, count in need.items():
            if not _comes(size, count):
                why = "others took them meanwhile, so that its answers may be wrong; run it again"
                raise KernelError(f"this scenario needs {doctor.huge_pages(size, count).what}, and {why}", trace=trace)


def _comes(size: int, count: int) -> bool:
    until = time.monotonic() + LATE
    while not doctor.huge_pages(size, count).ok:
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True
