"""Files: memory with a page cache, to be mapped."""

from uffdsim import words
from uffdsim.machine.call import Call
from uffdsim.machine.thing import Thing
from uffdsim.machine.values import Name, Number, Pages, page_range
from uffdsim.uapi import PAGE_SIZE


class File(Thing):
    """A memory file."""

    kind = "file"

    @property
    def pages(self) -> int:
        """How many pages it was made with."""
        return self.call.step["pages"]

    @property
    def backing(self) -> str:
        """What its pages are: ``hugetlb-2M``, ``hugetlb-1G`` or ``shmem``."""
        return self.call.step["backing"]

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return PAGE_SIZE[self.backing]

    def _about(self) -> str:
        return f"file, {words.count(self.pages, 'page')} of {self.backing}"

    def punch(self, page: Number = None, pages: Pages = None, *, thread: Name = None, note: Name = None) -> Call:
        """fallocate(PUNCH_HOLE): free pages of the file."""
        return self.machine.call("punch", file=self, **page_range(page, pages), thread=thread, note=note)
