"""Move: a machine has to move while it runs, and somebody has to choose how.

A ``setting`` is one way to do it, simulated; the ``panel`` shows two of them side by side. ``cases`` are machines for
which one has to be chosen, ``rounds`` asks when a pre-copy never ends, and ``monitor`` lets a handler move a small
machine, which is a ``world`` of its own, in the simulated kernel and by the clock. What a choice comes to is a
``verdict``.
"""

from uffdsim.course.move.cases import CASES, Cases, choose
from uffdsim.course.move.monitor import move
from uffdsim.course.move.rounds import never_ends, rounds
from uffdsim.course.move.setting import Setting

__all__ = ["CASES", "Cases", "Setting", "choose", "move", "never_ends", "rounds"]
