"""From when on a descriptor is open, and when it is gone, as far as the functions of a simulated kernel say so."""

from uffdsim.trace import Trace

OPENING = frozenset({"new_userfaultfd", "resolve_userfault_fork"})
"""What makes a descriptor: userfaultfd(2), and reading a FORK message."""
RELEASE = "userfaultfd_release"
"""What runs when a context's last descriptor is closed; before that, somebody may wait in its queues."""


def opened(trace: Trace, fd: str, at: int | None = None) -> bool:
    """Whether the step that names a descriptor has opened it when ``at`` events have happened; or ever, if left out."""
    return any(event.function in OPENING for _, event in trace.of(trace.scenario.names.descriptors[fd], at))


def gone(trace: Trace, fd: str, step: int) -> bool:
    """Whether a descriptor is closed for good before a step begins, or was never opened at all."""
    closes = (n for n, one in enumerate(trace.scenario[:step]) if one.op == "close" and one["fd"] == fd)
    return not opened(trace, fd) or any(event.function == RELEASE for n in closes for _, event in trace.of(n))
