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
        self, *features: Names, api: Number = None, raw: Number = None, user: Name = None, thread: Name = None,
        note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_API: which features are wanted. Every other call must wait for it.

        :param user: ``"root"``, or ``"nobody"``, who has no rights.
        """
        return self._do("api", features=listed(features), raw=raw, api=api, user=user, thread=thread, note=note)

    def register(
        self, mapping: Mapping | str, *modes: Names, page: Number = None, pages: Pages = None, skew: Number = None,
        bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_REGISTER: watch the pages of a mapping, in the modes MISSING, WP, MINOR and RWP."""
        if not modes:
            raise ScenarioError('register takes modes, of MISSING, WP, MINOR and RWP: u.register(watched, "MINOR")')
        where = page_range(page, pages, skew, bytes)
        return self._on("register", mapping, where, modes=listed(modes), raw=raw, thread=thread, note=note)

    def unregister(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, skew: Number = None,
        bytes: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_UNREGISTER: watch them no longer."""
        where = page_range(page, pages, skew, bytes)
        return self._on("unregister", mapping, where, thread=thread, note=note)

    def wake(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, skew: Number = None,
        bytes: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_WAKE: let those who wait for these pages try again."""
        where = page_range(page, pages, skew, bytes)
        return self._on("wake", mapping, where, thread=thread, note=note)

    def copy(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, value: int, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_COPY: fill missing pages with bytes of this value. Modes: DONTWAKE, WP."""
        keys = {"value": value, "mode": mode, "raw": raw}
        where = page_range(page, pages, skew, bytes)
        return self._on("copy", mapping, where, **keys, thread=thread, note=note)

    def zeropage(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_ZEROPAGE: fill missing pages with zeros. Mode: DONTWAKE."""
        where = page_range(page, pages, skew, bytes)
        return self._on("zeropage", mapping, where, mode=mode, raw=raw, thread=thread, note=note)

    def poison(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_POISON: from now on, a touch is a SIGBUS. Mode: DONTWAKE."""
        where = page_range(page, pages, skew, bytes)
        return self._on("poison", mapping, where, mode=mode, raw=raw, thread=thread, note=note)

    def continue_(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_CONTINUE: map what is in the page cache. Modes: DONTWAKE, WP."""
        where = page_range(page, pages, skew, bytes)
        return self._on("continue", mapping, where, mode=mode, raw=raw, thread=thread, note=note)

    def writeprotect(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_WRITEPROTECT: with the mode WP protect, without it lift the protection. Modes: WP, DONTWAKE."""
        where = page_range(page, pages, skew, bytes)
        return self._on("writeprotect", mapping, where, mode=mode, raw=raw, thread=thread, note=note)

    def rwprotect(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, mode: Names = None,
        skew: Number = None, bytes: Number = None, raw: Number = None, thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_RWPROTECT: with the mode RWP put pages out of reach, without it give them back. Modes: RWP, DONTWAKE.

        >>> from uffdsim.machine import Machine
        >>> m = Machine("linux-7.3")
        >>> a, u = m.mmap("anon", pages=1), m.userfaultfd()
        >>> a[0] = 7
        >>> u.api("RWP").ok and u.register(a, "RWP").ok and u.rwprotect(a, mode="RWP").ok
        True
        >>> t = a.load(0, thread="t1")
        >>> t.blocked, u.rwprotect(a, 0).ok, t.value
        (True, True, 7)
        """
        where = page_range(page, pages, skew, bytes)
        return self._on("rwprotect", mapping, where, mode=mode, raw=raw, thread=thread, note=note)

    def set_mode(self, *, enable: Names = None, disable: Names = None, thread: Name = None, note: Name = None) -> Call:
        """UFFDIO_SET_MODE: turn features on and off while it watches; RWP_ASYNC is the only one that can be."""
        return self._do("set_mode", enable=enable, disable=disable, thread=thread, note=note)

    def move(
        self, mapping: Mapping | str, page: Number = None, pages: Pages = None, *, from_: Mapping | str,
        from_page: Number = None, mode: Names = None, skew: Number = None, bytes: Number = None, raw: Number = None,
        thread: Name = None, note: Name = None,
    ) -> Call:  # fmt: skip
        """UFFDIO_MOVE: give it pages of the mapping ``from_``. Modes: DONTWAKE, ALLOW_SRC_HOLES."""
        keys = {"from": from_, "from_page": from_page, "mode": mode, "raw": raw}
        where = page_range(page, pages, skew, bytes)
        return self._on("move", mapping, where, **keys, thread=thread, note=note)

    def read_event(self, child: str | None = None, *, thread: Name = None, note: Name = None) -> Call:
        """read: one message. ``child`` is the id that a FORK message's descriptor gets."""
        return self._do("read_event", child=child, thread=thread, note=note)

    def read_events(
        self, count: Number = None, *, size: Number = None, child: str | None = None, thread: Name = None,
        note: Name = None,
    ) -> Call:  # fmt: skip
        """read: as many messages as there are, and at most so many; or as fit into so many bytes.

        >>> from uffdsim.machine import Machine
        >>> m = Machine()
        >>> a, u = m.mmap("anon", pages=2), m.userfaultfd()
        >>> u.api().ok and u.register(a, "MISSING").ok
        True
        >>> t1, t2 = a.load(0, thread="t1"), a.store(1, 7, thread="t2")
        >>> [message["flags"] for message in u.read_events(4).messages]
        [0, 1]
        """
        return self._do("read_events", count=count, size=size, child=child, thread=thread, note=note)

    def poll(self, *, thread: Name = None, note: Name = None) -> Call:
        """poll: whether there is a message, without waiting for one.

        >>> from uffdsim.machine import Machine
        >>> Machine().userfaultfd().poll().revents
        ['POLLERR']
        """
        return self._do("poll", thread=thread, note=note)

    def close(self, *, thread: Name = None, note: Name = None) -> Call:
        """close: everybody who still waits is woken, and nothing is watched any more."""
        return self._do("close", thread=thread, note=note)

    def _on(self, op: str, mapping: Mapping | str, where: dict[str, Number], **keys: Any) -> Call:
        return self._do(op, vma=mapping, **where, **keys)

    def _do(self, op: str, **keys: Any) -> Call:
        return self.machine.call(op, fd=self, **keys)
