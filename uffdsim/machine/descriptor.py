"""Descriptors of userfaultfds, to watch mappings with."""

from typing import Any

from uffdsim.machine.call import Call
from uffdsim.machine.mapping import Mapping
from uffdsim.machine.thing import Thing
from uffdsim.machine.values import Name, Names, Number, Pages, listed, page_range
from uffdsim.scenario import ScenarioError


class Descriptor(Thing):
    """A userfaultfd. Its calls run on the thread ``handler`` unless they name another.

    >>> from uffdsim.machine import Machine
    >>> m = Machine()
    >>> a = m.mmap("anon", pages=2)
    >>> u = m.userfaultfd()
    >>> u.api("THREAD_ID").ok
    True
    >>> u.register(a, "MISSING")
    step 3: handler calls REGISTER on a (MISSING) → offers WAKE, COPY, ZEROPAGE, MOVE, POISON: ...
    >>> t = a.load(1, thread="t1")
    >>> u.read_event()
    step 5: handler reads a message of u → PAGEFAULT, flags 0, at page 1 of a, by t1: ...
    >>> u.copy(a, 1, value=9)
    step 6: handler calls COPY on page 1 of a (0x09) → 4 KiB done: ...
      t1 was woken: reads page 1 of a → 0x09
    """

    kind = "descriptor"

    def _about(self) -> str:
        return "userfaultfd"

    def api(
        self, *features: Names, api: Number = None, raw: Number = None, thread: Name = None, note: Name = None
    ) -> Call:
        """UFFDIO_API: which features are wanted. Every other call must wait for it."""
        return self._do("api", features=listed(features), raw=raw, api=api, thread=thread, note=note)

    def register(
        self, mapping: Mapping | str, *modes: Names, page: Number = None, pages: Pages = None, skew: Number = None,
        raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_REGISTER: watch the pages of a mapping, in the modes MISSING, WP and MINOR."""
        if not modes:
            raise ScenarioError('register takes modes, of MISSING, WP and MINOR: u.register(watched, "MINOR")')
        return self._on("register", mapping, page, pages, skew, modes=listed(modes), raw=raw, thread=thread, note=note)

    def unregister(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, skew: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_UNREGISTER: watch them no longer."""
        return self._on("unregister", mapping, page, pages, skew, thread=thread, note=note)

    def wake(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, skew: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_WAKE: let who waits for these pages try again."""
        return self._on("wake", mapping, page, pages, skew, thread=thread, note=note)

    def copy(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, value: int, mode: Names = None,
        skew: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_COPY: fill missing pages with bytes of this value. Modes: DONTWAKE, WP."""
        keys = {"value": value, "mode": mode, "raw": raw}
        return self._on("copy", mapping, page, pages, skew, **keys, thread=thread, note=note)

    def zeropage(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_ZEROPAGE: fill missing pages with zeros. Mode: DONTWAKE."""
        return self._on("zeropage", mapping, page, pages, skew, mode=mode, raw=raw, thread=thread, note=note)

    def poison(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_POISON: from now on, a touch is a SIGBUS. Mode: DONTWAKE."""
        return self._on("poison", mapping, page, pages, skew, mode=mode, raw=raw, thread=thread, note=note)

    def continue_(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_CONTINUE: map what is in the page cache. Modes: DONTWAKE, WP."""
        return self._on("continue", mapping, page, pages, skew, mode=mode, raw=raw, thread=thread, note=note)

    def writeprotect(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_WRITEPROTECT: with the mode WP protect, without it lift the protection. Modes: WP, DONTWAKE."""
        return self._on("writeprotect", mapping, page, pages, skew, mode=mode, raw=raw, thread=thread, note=note)

    def move(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, from_: Mapping | str,
        from_page: Number = None, mode: Names = None, skew: Number = None, raw: Number = None, thread: Name = None,
        note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_MOVE: give it pages of the mapping ``from_``. Modes: DONTWAKE, ALLOW_SRC_HOLES."""
        keys = {"from": from_, "from_page": from_page, "mode": mode, "raw": raw}
        return self._on("move", mapping, page, pages, skew, **keys, thread=thread, note=note)

    def read_event(self, child: str | None = None, *, thread: Name = None, note: Name = None) -> Call:
        """read: one message. ``child`` is the id under which a FORK message's descriptor is to be known."""
        return self._do("read_event", child=child, thread=thread, note=note)

    def close(self, *, thread: Name = None, note: Name = None) -> Call:
        """close: who still waits is woken, and nothing is watched any more."""
        return self._do("close", thread=thread, note=note)

    def _on(self, op: str, mapping: Mapping | str, page: Number, pages: Pages, skew: Number, **keys: Any) -> Call:
        return self._do(op, vma=mapping, **page_range(page, pages), skew=skew, **keys)

    def _do(self, op: str, **keys: Any) -> Call:
        return self.machine.call(op, fd=self, **keys)
