"""Traces: what a kernel did with a scenario, and the one reader of it.

Read ``event`` first (what happens, and what it changes), then ``state`` (everything a simulated kernel knows at one
place, and the cursor that moves there), then ``trace``: who answered what and when, who sleeps where, who woke whom,
and which events decided it. Whoever shows something asks the trace for it, and says it through ``uffdsim.words``.
"""

from uffdsim.trace.event import Change, Event, Kind
from uffdsim.trace.state import Cursor, State
from uffdsim.trace.trace import OVER, Kernel, KernelError, Nap, Trace, Wake

__all__ = ["OVER", "Change", "Cursor", "Event", "Kernel", "KernelError", "Kind", "Nap", "State", "Trace", "Wake"]
