"""The picture "decision": the questions of the fault path as a map, with the way that one fault took lit up.

Read ``ways`` first, the map itself; then ``faults``, how a fault answered its questions; then ``drawing``.
"""

from uffdsim.pictures.decision.drawing import SIZE, draw

__all__ = ["SIZE", "draw"]
