"""Mappings: ranges of addresses, to be touched."""

from typing import Any

from uffdsim import words
from uffdsim.machine.call import Call
from uffdsim.machine.file import File
from uffdsim.machine.thing import Thing
from uffdsim.machine.values import Name, Names, Number, Pages, page_range
from uffdsim.names import Mapping as Known
from uffdsim.scenario import ScenarioError


class Mapping(Thing):
    """A range of addresses, mapped. ``m[page]`` and ``m[page] = byte`` are loads and stores that must get through.

    >>> from uffdsim.machine import Machine
    >>> m = Machine()
    >>> a = m.mmap("anon", pages=2)
    >>> a[1] = 7
    >>> a[1]
    7
    """

    kind = "mapping"
    __iter__ = None
    __contains__ = None

    @property
    def file(self) -> File | None:
        """The file it maps; None for anonymous memory."""
        file = self._known().file
        return File(self.machine, file) if file and file in self.machine.scenario.files else None

    @property
    def pages(self) -> int:
        """How many pages it was made with."""
        return self._known().pages

    @property
    def page_size(self) -> int:
        """Bytes in a page."""
        return self._known().page_size

    def _known(self) -> Known:
        """What the scenario says about it; an error if the step that made it was undone."""
        return self.call.machine.scenario.mappings[self.id]

    def _about(self) -> str:
        scenario = self.machine.scenario
        made = scenario[scenario.mappings[scenario.names.first_name(self.id)].step]
        return f"mapping, {words.count(self.pages, 'page')} of {made['file'] or made['backing']}"

    def __getitem__(self, page: int) -> int:
        return self._must(self.load(page))

    def __setitem__(self, page: int, byte: int) -> None:
        self._must(self.store(page, byte))

    def _must(self, call: Call) -> int:
        if not call.ok:
            text = repr(call)
            self.machine.undo()
            raise ScenarioError(
                f'{text}. So it was not done; {self.id}.{call.op}(…, thread="t1") lets a thread of its own try'
            )
        return call.value

    def load(self, page: Number = None, *, offset: Number = None, thread: Name = None, note: Name = None) -> Call:
        """Read one byte of a page, in user mode.

        >>> from uffdsim.machine import Machine
        >>> Machine().mmap("anon", pages=1).load(0, thread="t1")
        step 1: t1 reads page 0 of a → 0x00: ...
        """
        return self._do("load", page=page, offset=offset, thread=thread, note=note)

    def store(self, page: int, value: int, *, offset: Number = None, thread: Name = None, note: Name = None) -> Call:
        """Write one byte of a page, in user mode."""
        return self._do("store", page=page, offset=offset, value=value, thread=thread, note=note)

    def kload(self, page: Number = None, *, offset: Number = None, thread: Name = None, note: Name = None) -> Call:
        """Have the kernel read one byte of a page: write(2) of it to a pipe."""
        return self._do("kload", page=page, offset=offset, thread=thread, note=note)

    def kstore(self, page: int, value: int, *, offset: Number = None, thread: Name = None, note: Name = None) -> Call:
        """Have the kernel write one byte of a page: read(2) of it from a pipe."""
        return self._do("kstore", page=page, offset=offset, value=value, thread=thread, note=note)

    def munmap(
        self, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """munmap."""
        return self._do("munmap", **page_range(page, pages, skew, bytes), thread=thread, note=note)

    def mremap(self, id: str | None = None, *, thread: Name = None, note: Name = None) -> "Mapping":
        """mremap: move all of it to another address, where it has another id.

        >>> from uffdsim.machine import Machine
        >>> a = Machine().mmap("anon", pages=1)
        >>> a.mremap()
        b: mapping, 1 page of anon
        """
        id = self.machine.new_id("mapping", id)
        self._do("mremap", to=id, thread=thread, note=note)
        return Mapping(self.machine, id)

    def mprotect(
        self, prot: str, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """mprotect: ``"rw"``, ``"r"`` or ``"none"``."""
        return self._do("mprotect", **page_range(page, pages, skew, bytes), prot=prot, thread=thread, note=note)

    def mlock(
        self, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """mlock: have the pages, and keep them."""
        return self._do("mlock", **page_range(page, pages, skew, bytes), thread=thread, note=note)

    def munlock(
        self, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """munlock."""
        return self._do("munlock", **page_range(page, pages, skew, bytes), thread=thread, note=note)

    def madvise(
        self, advice: str, page: Number = None, pages: Pages = None, *, skew: Number = None, bytes: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """madvise: DONTNEED, REMOVE, POPULATE_READ, POPULATE_WRITE, FREE or DONTFORK."""
        return self._do("madvise", **page_range(page, pages, skew, bytes), advice=advice, thread=thread, note=note)

    def pagemap_scan(
        self, page: Number = None, pages: Pages = None, *, mask: Names = None, inverted: Names = None,
        anyof: Names = None, returns: Names = None, flags: Names = None, max_pages: Number = None,
        skew: Number = None, bytes: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """PAGEMAP_SCAN: which pages are so. What is named is WPALLOWED, WRITTEN, FILE, PRESENT, SWAPPED, PFNZERO, HUGE,
        SOFT_DIRTY, GUARD or ACCESSED.

        :param mask: what a page must be, to be found; what of that is in ``inverted``, it must not be.
        :param anyof: of which it must be one at least.
        :param returns: what is told of the pages that are found.
        :param flags: WP_MATCHING protects them again; CHECK_WPASYNC refuses memory that cannot be protected so.
        :param max_pages: find no more, in pages of 4 KiB.

        >>> from uffdsim.machine import Machine
        >>> a = Machine().mmap("anon", pages=4)
        >>> a[1] = 7
        >>> a.pagemap_scan(mask="PRESENT", returns="PRESENT").regions
        [{'start': {'vma': 'a', 'page': 1, 'offset': 0}, 'bytes': 4096, 'categories': ['PRESENT']}]
        """
        masks = {"mask": mask, "inverted": inverted, "anyof": anyof, "returns": returns, "flags": flags}
        where = page_range(page, pages, skew, bytes)
        return self._do("pagemap_scan", **where, **masks, max_pages=max_pages, thread=thread, note=note)

    def _do(self, op: str, **keys: Any) -> Call:
        return self.machine.call(op, vma=self, **keys)
