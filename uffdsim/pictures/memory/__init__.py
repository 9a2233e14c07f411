"""What there is to see of memory at one place of a trace; several pictures show parts of it.

Read ``records`` first: entries of page tables, and what waits in the queues of a userfaultfd. Two sources give them,
``simulated`` (the state of a simulated kernel) and ``observed`` (what ``inspect`` reported of a real one); ``source``
says which it is. ``bits`` has the flags of a VMA, whose bits are not the same in every kernel.
"""

from uffdsim.pictures.memory.records import PRESENT, UNMAPPED, Entry, Message, Queues
from uffdsim.pictures.memory.source import Source, source

__all__ = ["PRESENT", "UNMAPPED", "Entry", "Message", "Queues", "Source", "source"]
