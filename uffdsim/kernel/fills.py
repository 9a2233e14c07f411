"""What COPY, ZEROPAGE, CONTINUE and POISON put into page tables, and what makes each refuse (mm/userfaultfd.c).

Each works on a piece of a range in which all entries are alike, and all pages of the file too: ``cached`` is
True for pages that the file has, False for holes, None beyond its end.
"""

from collections.abc import Callable
from typing import NamedTuple

from uffdsim.kernel.filemap import __filemap_get_folio, file_page
from uffdsim.kernel.mm import place
from uffdsim.kernel.state import POISON_MARKER, VM_WRITE, Content, Pte, Vma
from uffdsim.runs import Run
from uffdsim.trace import Kind
from uffdsim.uapi import Errno, Ioctl

DONTWAKE = 1
"""The same mode bit in all four."""
WP = 2
"""MODE_WP of COPY and of CONTINUE."""


class Fill(NamedTuple):
    """One of the four ioctls."""

    ioctl: Ioctl
    function: str
    modes: int
    """The mode bits it knows."""
    pages: Callable
    """``pages(work, piece, cached)`` fills a piece; it returns the errno that stops it, or None."""


class Work(NamedTuple):
    """What an ioctl was given, and where."""

    task: object
    mm: str
    vma: Vma
    protect: bool
    content: Content | None
    """The bytes of the pages that COPY brings."""

    def write(self, piece: Run, pte: Pte):
        """Make these the entries of the piece."""
        self.task.state.put(("ptes", self.mm), piece.start, piece.end, pte)

    def cache(self, piece: Run, content: Content):
        """Let the file have pages there."""
        vma = self.vma
        key = ("cache", vma.file)
        self.task.state.put(key, vma.index(piece.start), vma.index(piece.end), content)


def _refuse(work: Work, function: str, piece: Run, errno: Errno, why: str) -> Errno:
    return work.task.refuse(errno, function, f"{place(work.task, piece.start, work.vma)} {why}")


def _mostly_none(pte: Pte | None) -> bool:
    """Whether an entry may be filled: empty, or a marker."""
    return pte is None or not pte.present


def _pages_hugetlb_new(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """COPY of huge pages (hugetlb_mfill_atomic_pte)."""
    task, vma, say = work.task, work.vma, "hugetlb_mfill_atomic_pte"
    if not _mostly_none(piece.value):
        return _refuse(work, "mfill_atomic_hugetlb", piece, Errno.EEXIST, "is mapped already")
    task.say(say, f"a new page for {place(task, piece.start, vma)}")
    if vma.is_shared:
        if task.version.copy_looks_in_cache:
            __filemap_get_folio(task, file_page(task, vma, vma.index(piece.start)), bool(cached))
        if cached:
            return _refuse(work, say, piece, Errno.EEXIST, "is in the page cache")
    task.say("alloc_hugetlb_folio", "take a huge page from the pool, and copy what user space brings")
    if cached is None and (vma.is_shared or not task.version.hugetlb_copy_private_beyond):
        return _refuse(work, say, piece, Errno.EFAULT, "is beyond the end of the file")
    if vma.is_shared:
        task.say("hugetlb_add_to_page_cache", f"it becomes page {vma.index(piece.start)} of {vma.file}")
        work.cache(piece, work.content)
    task.do(say, f"map it{', write-protected' if work.protect else ''}")
    writable = bool(vma.flags & VM_WRITE) and not work.protect
    if vma.is_shared:
        work.write(piece, Pte("file", writable, work.protect))
    else:
        work.write(piece, Pte("anon", writable, work.protect, work.content, exclusive=True))
    return None


def _pages_copy(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """COPY: new pages with the bytes that user space brings."""
    vma = work.vma
    if vma.is_hugetlb:
        return _pages_hugetlb_new(work, piece, cached)
    if vma.is_shared:
        return _pages_shmem_new(work, piece, cached, work.content)
    say = "mfill_atomic_install_pte"
    work.task.say(say, f"a page of its own for {place(work.task, piece.start, vma)}")
    if cached is None:
        return _refuse(work, say, piece, Errno.EFAULT, "is beyond the end of the file")
    if not _mostly_none(piece.value):
        return _refuse(work, say, piece, Errno.EEXIST, "is mapped already")
    work.task.do(say, "map it")
    writable = bool(vma.flags & VM_WRITE) and not work.protect
    work.write(piece, Pte("anon", writable, work.protect, work.content, exclusive=True))
    return None


def _pages_shmem_new(work: Work, piece: Run, cached: bool | None, content: Content) -> Errno | None:
    """COPY and ZEROPAGE of shared memory: the page joins the page cache first (shmem_mfill_atomic_pte)."""
    task, vma, say = work.task, work.vma, "shmem_mfill_atomic_pte"
    task.say(say, f"a new page for {place(task, piece.start, vma)}")
    if cached is None:
        return _refuse(work, say, piece, Errno.EFAULT, "is beyond the end of the file")
    if cached:
        return _refuse(work, say, piece, Errno.EEXIST, "is in the page cache")
    task.say("mfill_atomic_install_pte", "the page joins the page cache; now its entry")
    if not _mostly_none(piece.value):
        return _refuse(work, "mfill_atomic_install_pte", piece, Errno.EEXIST, "is mapped already, so it leaves again")
    task.do("mfill_atomic_install_pte", "map it")
    work.cache(piece, content)
    work.write(piece, Pte("file", bool(vma.flags & VM_WRITE) and not work.protect, work.protect))
    return None


def _pages_zero(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """ZEROPAGE: the zero page, but for shared memory, which gets a page of zeros of its own."""
    if work.vma.is_shared:
        return _pages_shmem_new(work, piece, cached, Content())
    say = "mfill_atomic_pte_zeropage"
    if cached is None:
        return _refuse(work, say, piece, Errno.EFAULT, "is beyond the end of the file")
    if piece.value is not None:
        return _refuse(work, say, piece, Errno.EEXIST, "has an entry already")
    work.task.say(say, f"the zero page is mapped for {place(work.task, piece.start, work.vma)}")
    work.write(piece, Pte("zero"))
    return None


def _pages_continue(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """CONTINUE: what the page cache has is mapped; nothing is allocated, nothing copied."""
    task, vma = work.task, work.vma
    index = vma.index(piece.start)
    if vma.is_hugetlb:
        say = install = "hugetlb_mfill_atomic_pte"
        task.say(say, f"page {index} of {vma.file} for {place(task, piece.start, vma)}")
        __filemap_get_folio(task, file_page(task, vma, index), bool(cached))
    else:
        say, install = "shmem_get_folio_gfp", "mfill_atomic_install_pte"
        task.say("shmem_get_folio", f"page {index} of {vma.file}, if it is there")
        task.say(say, "never make one")
        if cached is None:
            return _refuse(work, say, piece, Errno.EINVAL, "is beyond the end of the file")
        hit, text = ("hit", "the page is there") if cached else ("miss", "a hole")
        task.decide("filemap_get_entry", "cache?", hit, text, Kind.CALL)
    if not cached:
        return _refuse(work, say, piece, Errno.EFAULT, "is not in the page cache: there is nothing to map")
    if not vma.is_hugetlb:
        task.say(install, f"an entry for {place(task, piece.start, vma)}")
    if not _mostly_none(piece.value):
        return _refuse(work, install, piece, Errno.EEXIST, "is mapped already")
    task.do(install, f"map what is there{', write-protected' if work.protect else ''}")
    writable = vma.is_shared and bool(vma.flags & VM_WRITE) and not work.protect
    work.write(piece, Pte("file", writable, work.protect))
    return None


def _pages_poison(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """POISON: a marker that makes every touch fail."""
    say = "mfill_atomic_pte_poison"
    if cached is None and not work.vma.is_hugetlb:
        return _refuse(work, say, piece, Errno.EFAULT, "is beyond the end of the file")
    if piece.value is not None:
        return _refuse(work, say, piece, Errno.EEXIST, "has an entry already")
    work.task.say(say, f"a poison marker becomes the entry of {place(work.task, piece.start, work.vma)}")
    work.write(piece, POISON_MARKER)
    return None


COPY = Fill(Ioctl.COPY, "mfill_atomic_copy", DONTWAKE | WP, _pages_copy)
ZEROPAGE = Fill(Ioctl.ZEROPAGE, "mfill_atomic_zeropage", DONTWAKE, _pages_zero)
CONTINUE = Fill(Ioctl.CONTINUE, "mfill_atomic_continue", DONTWAKE | WP, _pages_continue)
POISON = Fill(Ioctl.POISON, "mfill_atomic_poison", DONTWAKE, _pages_poison)
