"""Files: memory with a page cache, to be mapped."""

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
        """What the scenario says of it; an error if the step that made it was undone."""
        return self.call.machine.scenario.files[self.id]

    def _about(self) -> str:
        return f"file, {words.count(self.pages, 'page')} of {self.backing}"

    def punch(self, page: Number = None, pages: Pages = None, *, thread: Name = None, note: Name = None) -> Call:
        """fallocate(PUNCH_HOLE): free pages of the file."""
        return self.machine.call("punch", file=self, **page_range(page, pages), thread=thread, note=note)
