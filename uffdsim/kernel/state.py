"""What a simulated kernel knows, as immutable records; a ``trace.State`` holds them under these keys.

=====================  ==============================================================
``("vmas", mm)``       Runs of bytes of the address space to ``Vma``
``("ptes", mm)``       Runs of bytes of the address space to ``Pte``: its page tables
``("tables", mm)``     Runs of bytes to True where there is a page table, used or not
``("names", mm)``      Runs of bytes to the ``Mapping`` they were last part of
``("mm", mm)``         ``Mm``
``("mapping", id)``    ``Mapping``
``("file", id)``       ``File``
``("cache", file)``    Runs of pages of the file to ``Content``: its page cache
``("fd", id)``         the id of its context, or ""
``("ctx", id)``        ``Context``
``("thread", name)``   ``Thread``
=====================  ==============================================================
"""

from typing import Any, NamedTuple

from uffdsim.runs import Runs

VM_READ = 1 << 0
VM_WRITE = 1 << 1
VM_ACCESS = VM_READ | VM_WRITE
VM_SHARED = 1 << 3
VM_UFFD_MISSING = 1 << 9
VM_UFFD_WP = 1 << 12
VM_LOCKED = 1 << 13
VM_DONTCOPY = 1 << 17
VM_DONTEXPAND = 1 << 18
VM_ACCOUNT = 1 << 20
VM_HUGETLB = 1 << 22
VM_UFFD_RWP = 1 << 43

TASK_SIZE = (1 << 47) - 4096
"""The end of user space (x86_64)."""


class Content(NamedTuple):
    """The bytes of a page: all of them ``fill``, but for some ``(start, end, byte)`` in order."""

    fill: int = 0
    others: tuple[tuple[int, int, int], ...] = ()
    uptodate: bool = True
    """Not so for a page that was allocated and not needed yet: a fault for its neighbour does not map it too."""

    def read(self, offset: int) -> int:
        """The byte at an offset."""
        return next((byte for start, end, byte in self.others if start <= offset < end), self.fill)

    def written(self, offset: int, byte: int) -> "Content":
        """The same with another byte at an offset."""
        return self.filled(offset, offset + 1, byte)._replace(uptodate=True)

    def filled(self, start: int, end: int, byte: int) -> "Content":
        """The same with this byte from one offset up to another."""
        runs = Runs()
        for run in self.others:
            runs.put(*run)
        runs.put(start, end, None if byte == self.fill else byte)
        return self._replace(others=tuple((run.start, run.end, run.value) for run in runs))


class Vma(NamedTuple):
    """A virtual memory area: what a range of addresses is."""

    mapping: str
    flags: int
    page_size: int
    file: str | None = None
    """The file it maps; None for anonymous memory."""
    zero: int = 0
    """The address at which page 0 of the file would be; for anonymous memory, where the mapping began."""
    ctx: str | None = None
    """The userfaultfd context that watches it."""
    anon_vma: int | None = None
    """What knows its anonymous pages; there once it may have some."""

    @property
    def is_hugetlb(self) -> bool:
        return bool(self.flags & VM_HUGETLB)

    @property
    def is_anonymous(self) -> bool:
        return self.file is None

    @property
    def is_shmem(self) -> bool:
        return self.file is not None and not self.flags & VM_HUGETLB

    @property
    def is_shared(self) -> bool:
        return bool(self.flags & VM_SHARED)

    def pgoff(self, address: int) -> int:
        """The page of the file that this address maps."""
        return (address - self.zero) // self.page_size


class Pte(NamedTuple):
    """An entry of a page table. ``kind`` says what it points at.

    ``file``: the page of the VMA's file that belongs there. ``anon``: a page of its own, with ``content``.
    ``zero``: the zero page. ``wp-marker`` and ``poison-marker``: nothing, but a flag is kept. ``uffd_wp`` is the bit
    that any protection sets; with ``protnone`` the page is out of reach (RWPROTECT).
    """

    kind: str
    writable: bool = False
    uffd_wp: bool = False
    content: Content | None = None
    exclusive: bool = False
    """The kernel's AnonExclusive: no fork has shared this anonymous page since it was last written."""
    children: tuple[str, ...] = ()
    """The address spaces that fork gave this very page too."""
    protnone: bool = False

    @property
    def present(self) -> bool:
        return self.kind in ("file", "anon", "zero")


WP_MARKER = Pte("wp-marker", uffd_wp=True)
POISON_MARKER = Pte("poison-marker")


class Mm(NamedTuple):
    """An address space."""

    alive: bool = True
    forks: int = 0
    """How many children it has had."""
    anon_vmas: int = 0
    """How many anon_vmas it or the one it was forked from has had."""


class Mapping(NamedTuple):
    """The addresses that a scenario's mapping was given, and what it was made of."""

    id: str
    start: int
    pages: int
    page_size: int
    file: str | None
    listed: bool = True
    """Still reported by inspect: not unmapped whole, nor moved away."""

    @property
    def end(self) -> int:
        return self.start + self.pages * self.page_size


def named_address(names: Runs, address: int) -> dict[str, Any]:
    """An address as the scenario names it: after the mapping that is there, or was last; else after the nearest.

    :param names: ``("names", mm)``.
    """
    mapping = names.at(address) or min(names, key=lambda run: max(run.start - address, address + 1 - run.end)).value
    page, offset = divmod(address - mapping.start, mapping.page_size)
    return {"vma": mapping.id, "page": page, "offset": offset}


class File(NamedTuple):
    """A memory file: ``size`` is its length now, in bytes; ``declared`` what the scenario made it, in pages."""

    backing: str
    page_size: int
    declared: int
    size: int
    anonymous: bool = False
    """Made by the kernel for a mapping without a file."""

    @property
    def pages(self) -> int:
        """How many pages may be touched: hugetlb counts whole ones, shared memory also one that is begun."""
        return self.size // self.page_size if self.backing.startswith("hugetlb") else -(-self.size // self.page_size)


class Wait(NamedTuple):
    """A thread that sleeps in a queue of a context, and the message it left there."""

    thread: str
    message: tuple[tuple[str, Any], ...]
    address: int = 0
    child: str = ""
    """The context that a FORK message is to hand over."""

    @property
    def event(self) -> str:
        return self.message[0][1]


class Context(NamedTuple):
    """A userfaultfd context: what a descriptor stands for."""

    mm: str
    user_mode_only: bool = False
    features: int = 0
    initialised: bool = False
    released: bool = False
    refs: int = 1
    """How many descriptors stand for it, those of children included."""
    changing: int = 0
    """``mmap_changing``: how many changes of the address space wait to be read."""
    pending: tuple[Wait, ...] = ()
    """``fault_pending_wqh``: faults that nobody has read, the oldest first."""
    reading: tuple[Wait, ...] = ()
    """``fault_wqh``: faults that were read and not yet resolved, the oldest first."""
    events: tuple[Wait, ...] = ()
    """``event_wqh``: events that nobody has read, the oldest first."""
    blocking: bool = False
    """A read waits for a message."""
    readers: tuple[str, ...] = ()
    """``fd_wqh``: the threads that wait in a read."""


class Thread(NamedTuple):
    """A thread of the scenario: in user mode, or asleep in a function."""

    asleep: str = ""
    step: int | None = None
    ctx: str = ""
    address: int | None = None
