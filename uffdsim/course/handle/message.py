"""Messages of a userfaultfd, as a handler gets them."""

from collections.abc import Callable

from uffdsim import words
from uffdsim.machine import Call
from uffdsim.uapi import PagefaultFlag


class Message:
    """One message, as a handler gets it.

    ``kind`` is PAGEFAULT, REMOVE, UNMAP, REMAP or FORK. ``vma``, ``page`` and ``pages`` say where (of REMAP: where it
    is now, ``from_`` where it was). For a PAGEFAULT one of ``missing``, ``minor`` and ``wp`` is true, and ``write``
    says how it was touched; ``data`` is the byte that belongs in the page, which another machine has sent: None if
    that machine has lost it. For FORK, ``child`` makes calls on the child's memory.
    """

    def __init__(self, call: Call, data: Callable[[str, int], int | None], child=None):
        found = self._found = call.answer
        self.kind: str = call.event
        self.step: int = call.index
        """The step in which it was read."""
        self.flags = PagefaultFlag(found.get("flags", 0))
        place = found.get("to") or found.get("start") or found
        self.vma: str | None = place.get("vma")
        self.page: int | None = place.get("page")
        self.pages: int | None = None if self.vma is None else 1
        if "bytes" in found:
            self.pages = found["bytes"] // call.machine.scenario.mappings[place["vma"]].page_size
        self.from_: tuple[str, int] | None = (found["from"]["vma"], found["from"]["page"]) if "from" in found else None
        self.child = child
        self.data = data(place["vma"], place["page"]) if self.kind == "PAGEFAULT" else None

    @property
    def minor(self) -> bool:
        """The page cache has the page, the page table has not."""
        return self.kind == "PAGEFAULT" and PagefaultFlag.MINOR in self.flags

    @property
    def wp(self) -> bool:
        """Somebody writes to a page that was write-protected."""
        return self.kind == "PAGEFAULT" and PagefaultFlag.WP in self.flags

    @property
    def missing(self) -> bool:
        """There is no page."""
        return self.kind == "PAGEFAULT" and not (self.minor or self.wp)

    @property
    def write(self) -> bool:
        """The page is touched to write."""
        return self.kind == "PAGEFAULT" and PagefaultFlag.WRITE in self.flags

    def __repr__(self):
        return f"<{words.message(self._found)}>"
