"""Files: memory with a page cache, to be mapped."""

from typing import Any

from uffdsim import words
from uffdsim.machine.call import Call
from uffdsim.machine.thing import Thing
from uffdsim.machine.values import Name, Number, Pages, page_range
from uffdsim.names import File as Known


class File(Thing):
    """A memory file."""

    kind = "file"

    @property
    def pages(self) -> int:
        """How many pages it was made with."""
        return self._known().pages

    @property
    def backing(self) -> str:
        """What its pages are: ``hugetlb-2M``, ``hugetlb-1G`` or ``shmem``."""
        return self._known().backing

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return self._known().page_size

    def _known(self) -> Known:
        """What the scenario says about it; an error if the step that made it was undone."""
        return self.call.machine.scenario.files[self.id]

    def _about(self) -> str:
        return f"file, {words.count(self.pages, 'page')} of {self.backing}"

    def punch(
        self, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """fallocate(PUNCH_HOLE): free pages of the file."""
        return self._do("punch", **page_range(page, pages, skew, bytes), thread=thread, note=note)

    def allocate(
        self, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """fallocate: have pages of the file allocated, and the file long enough for them."""
        return self._do("allocate", **page_range(page, pages, skew, bytes), thread=thread, note=note)

    def truncate(self, pages: int, *, thread: Name = None, note: Name = None) -> Call:
        """ftruncate: make the file so many pages long."""
        return self._do("truncate", pages=pages, thread=thread, note=note)

    def pwrite(self, page: int, value: int, *, offset: Number = None, thread: Name = None, note: Name = None) -> Call:
        """pwrite: write one byte of the file, through no mapping."""
        return self._do("pwrite", page=page, offset=offset, value=value, thread=thread, note=note)

    def _do(self, op: str, **keys: Any) -> Call:
        return self.machine.call(op, file=self, **keys)
