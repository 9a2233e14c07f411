"""The picture "flags": the flags of a VMA bit by bit, as one or several kernels write them down.

Read ``rows`` first (the flags of a VMA in one kernel, and what is to be seen there), then ``drawing``. The bits
themselves are in ``pictures.memory.bits``.
"""

from uffdsim.pictures.flags.drawing import SIZE, draw

__all__ = ["SIZE", "draw"]
