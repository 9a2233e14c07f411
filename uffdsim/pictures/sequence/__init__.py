"""The picture "sequence": who did what when, in lanes: threads above, the kernel, and the handlers below.

Read ``lanes`` first (where threads and events stand), then ``labels`` (which of them are named, and where there is room
for that), then ``drawing``.
"""

from uffdsim.pictures.sequence.drawing import SIZE, draw

__all__ = ["SIZE", "draw"]
