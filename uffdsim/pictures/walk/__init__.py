"""The picture "walk": an address cut into the indices by which its page table entry is found, level by level.

Read ``address`` first (which address it is, and the levels of page tables), then ``drawing``.
"""

from uffdsim.pictures.walk.drawing import SIZE, draw

__all__ = ["SIZE", "draw"]
