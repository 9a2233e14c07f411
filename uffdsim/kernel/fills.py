"""What COPY, ZEROPAGE, CONTINUE and POISON put into page tables, and what makes each refuse (mm/userfaultfd.c).

Each works on a piece of a range in which all entries are alike, and all pages of the file too: ``cached`` is
True for pages that the file has, False for holes, None beyond its end.
"""

from collections.abc import Callable
from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.filemap import __filemap_get_folio, filemap_get_entry
from uffdsim.kernel.mm import place
from uffdsim.kernel.pages import be, beyond, file_page, file_pages, pages
from uffdsim.kernel.shmem import needed
from uffdsim.kernel.state import POISON_MARKER, VM_WRITE, Content, Pte, Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Run
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
    pages: Callable[["Work", Run, bool | None], Errno | None]
    """``pages(work, piece, cached)`` fills a piece; it returns the errno that stops it, or None."""


class Work(NamedTuple):
    """What an ioctl was given, and where."""

    task: Task
    mm: str
    vma: Vma
    protect: bool
    content: Content
    """The bytes of new pages: those that COPY brings, else zeros."""

    def where(self, piece: Run) -> str:
        return pages(self.task, self.vma, piece.start, piece.end)

    def install(self, function: str, piece: Run, pte: Pte, came: Callable[[], str]) -> None:
        """Make these the entries of a piece, whatever marker was there.

        :param came: says what the pages are now; called only if somebody reads it.
        """

        def text() -> str:
            told = f"{self.where(piece)} {came()}"
            if pte.uffd_wp:
                return f"{told}, write-protected"
            if piece.value is None:
                return told
            lost = "poisoned" if piece.value.kind == "poison-marker" else "protected: MODE_WP was not asked for"
            return f"{told}, and no longer {lost}"

        self.task.done(function, text)
        self.task.state.put(("ptes", self.mm), piece.start, piece.end, pte)

    def cache(self, piece: Run, content: Content) -> None:
        """Let the file have pages there."""
        vma = self.vma
        key = ("cache", vma.file)
        self.task.state.put(key, vma.pgoff(piece.start), vma.pgoff(piece.end), content)

    def refuse(self, function: str, piece: Run, errno: Errno, why: str) -> Errno:
        """Tell that the first page of a piece cannot be filled, and why."""
        return self.task.refuse(errno, function, f"{place(self.task, piece.start, self.vma)} {why}")

    def mapped(self, piece: Run) -> str:
        """Why a piece cannot be filled, where only an empty entry or a marker can: it is mapped; "" if it is not."""
        return "is mapped already" if piece.value is not None and piece.value.present else ""

    def entry(self, piece: Run) -> str:
        """Why a piece cannot be filled, where only an empty entry can: what is there; "" if nothing is."""
        if piece.value is None:
            return ""
        markers = {"wp-marker": "has a marker of write protection", "poison-marker": "is poisoned"}
        return markers.get(piece.value.kind, "is mapped") + " already"

    def beyond(self) -> str:
        """That a page is beyond the file's end."""
        return beyond(self.task, self.vma)

    def file_page(self, piece: Run) -> str:
        """The first page of the file that a piece maps."""
        return file_page(self.task, self.vma, self.vma.pgoff(piece.start))

    def in_file(self, piece: Run) -> str:
        """That the file has a page already, and what could be done with it."""
        if self.mapped(piece):
            return "is mapped already"
        can = Ioctl.CONTINUE in self.task.version.ioctls and (self.vma.is_hugetlb or self.task.version.minor_shmem)
        return f"is no hole: {self.file_page(piece)} is in the page cache{', and CONTINUE would map it' if can else ''}"


def mfill_atomic_pte_copy(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """COPY: new pages with the bytes that user space brings."""
    if work.vma.is_hugetlb:
        return hugetlb_mfill_atomic_pte(work, piece, cached)
    if work.vma.is_shared:
        return shmem_mfill_atomic_pte(work, piece, cached, words.byte(work.content.fill))
    say = "mfill_atomic_install_pte"
    work.task.say(say, f"a page of its own for {place(work.task, piece.start, work.vma)}")
    if cached is None:
        return work.refuse(say, piece, Errno.EFAULT, work.beyond())
    if why := work.mapped(piece):
        return work.refuse(say, piece, Errno.EEXIST, why)
    writable = bool(work.vma.flags & VM_WRITE) and not work.protect
    pte = Pte("anon", writable, work.protect, work.content, exclusive=True)
    work.install(say, piece, pte, lambda: _new(work, piece, words.byte(work.content.fill)))
    return None


def hugetlb_mfill_atomic_pte(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """COPY of huge pages. The entry is looked at first, and the page cache only then: the other way round than in
    shared memory of small pages."""
    task, vma, say = work.task, work.vma, "hugetlb_mfill_atomic_pte"
    if why := work.mapped(piece):
        return work.refuse("mfill_atomic_hugetlb", piece, Errno.EEXIST, why)
    task.say(say, f"a new page for {place(task, piece.start, vma)}")
    if vma.is_shared:
        if task.version.copy_looks_in_cache:
            __filemap_get_folio(task, work.file_page(piece), bool(cached))
        if cached:
            return work.refuse(say, piece, Errno.EEXIST, work.in_file(piece))
    task.say("alloc_hugetlb_folio", "take a huge page from the pool, and copy what user space brings")
    if cached is None and (vma.is_shared or not task.version.hugetlb_copy_private_beyond):
        return work.refuse(say, piece, Errno.EFAULT, work.beyond())
    writable = bool(vma.flags & VM_WRITE) and not work.protect
    if vma.is_shared:
        task.say("hugetlb_add_to_page_cache", lambda: f"it becomes {file_pages(task, vma, piece.start, piece.end)}")
        work.cache(piece, work.content)
        pte = Pte("file", writable, work.protect)
    else:
        pte = Pte("anon", writable, work.protect, work.content, exclusive=True)
    work.install(say, piece, pte, lambda: _new(work, piece, words.byte(work.content.fill)))
    return None


def shmem_mfill_atomic_pte(work: Work, piece: Run, cached: bool | None, bytes: str) -> Errno | None:
    """COPY and ZEROPAGE of shared memory: the page joins the page cache first.

    :param bytes: what is in it, in words.
    """
    task, vma, say = work.task, work.vma, "shmem_mfill_atomic_pte"
    install = "mfill_atomic_install_pte"
    task.say(say, f"a new page for {place(task, piece.start, vma)}")
    if cached is None:
        return work.refuse(say, piece, task.version.shmem_beyond["COPY"], work.beyond())
    if cached:
        return work.refuse(say, piece, Errno.EEXIST, work.in_file(piece))
    task.say(install, "the page joins the page cache; now its entry")
    if why := work.mapped(piece):
        return work.refuse(install, piece, Errno.EEXIST, f"{why}, so the new page leaves the file again")
    pte = Pte("file", bool(vma.flags & VM_WRITE) and not work.protect, work.protect)
    work.install(install, piece, pte, lambda: _new(work, piece, bytes))
    work.cache(piece, work.content)
    return None


def mfill_atomic_pte_zeropage(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """ZEROPAGE: the zero page, but for shared memory, which gets a page of zeros of its own."""
    if work.vma.is_shared:
        return shmem_mfill_atomic_pte(work, piece, cached, "zeros")
    say = "mfill_atomic_pte_zeropage"
    if cached is None:
        return work.refuse(say, piece, Errno.EFAULT, work.beyond())
    if why := work.entry(piece):
        return work.refuse(say, piece, Errno.EEXIST, why)
    work.task.say(say, f"the zero page for {place(work.task, piece.start, work.vma)}")
    work.install(say, piece, Pte("zero"), lambda: f"{_map(work, piece)} the zero page, for reading")
    return None


def mfill_atomic_pte_continue(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """CONTINUE: what the page cache has is mapped; nothing is allocated, nothing copied.

    The page is looked for before the entry is looked at: where there is neither, the hole is what is told.
    """
    task, vma = work.task, work.vma
    page = work.file_page(piece)
    if vma.is_hugetlb:
        say = install = "hugetlb_mfill_atomic_pte"
        task.say(say, f"{page} for {place(task, piece.start, vma)}")
        __filemap_get_folio(task, page, bool(cached))
    else:
        say, install = "shmem_get_folio_gfp", "mfill_atomic_install_pte"
        task.say("shmem_get_folio", f"{page}, if it is there")
        task.say(say, "never make one")
        if cached is None:
            return work.refuse(say, piece, task.version.shmem_beyond["CONTINUE"], work.beyond())
        filemap_get_entry(task, page, bool(cached))
    if not cached:
        return work.refuse(say, piece, Errno.EFAULT, _nothing(work, piece, cached))
    if not vma.is_hugetlb:
        task.say(install, f"an entry for {place(task, piece.start, vma)}")
    if why := work.mapped(piece):
        return work.refuse(install, piece, Errno.EEXIST, why)
    writable = vma.is_shared and bool(vma.flags & VM_WRITE) and not work.protect
    only = "" if vma.is_shared or work.protect else ", for reading, as the mapping is private"

    def came() -> str:
        return f"{_map(work, piece)} {file_pages(task, vma, piece.start, piece.end)}{only}"

    work.install(install, piece, Pte("file", writable, work.protect), came)
    needed(task, vma.file, vma.pgoff(piece.start), vma.pgoff(piece.end))
    return None


def _nothing(work: Work, piece: Run, cached: bool | None) -> str:
    """Why there is nothing for CONTINUE to map."""
    if cached is None:
        return work.beyond()
    page = file_pages(work.task, work.vma, piece.start, piece.start + work.vma.page_size)
    return f"has nothing to map: {page} is a hole, which COPY would fill"


def mfill_atomic_pte_poison(work: Work, piece: Run, cached: bool | None) -> Errno | None:
    """POISON: a marker that makes every touch fail."""
    say = "mfill_atomic_pte_poison"
    if cached is None and not work.vma.is_hugetlb:
        return work.refuse(say, piece, Errno.EFAULT, work.beyond())
    if why := work.entry(piece):
        return work.refuse(say, piece, Errno.EEXIST, why)
    work.task.say(say, f"a poison marker for {place(work.task, piece.start, work.vma)}")
    work.install(
        say, piece, POISON_MARKER, lambda: f"{be(work.vma, piece[:2])} poisoned: a touch is a SIGBUS from now on"
    )
    return None


def _map(work: Work, piece: Run) -> str:
    return "maps" if be(work.vma, piece[:2]) == "is" else "map"


def _new(work: Work, piece: Run, bytes: str) -> str:
    """What happened to a page that was made: ``maps a new page 0 of F, filled with 0x41``."""
    if work.vma.is_shared:
        made = f"the new {file_pages(work.task, work.vma, piece.start, piece.end)}"
    else:
        made = "a new page" if be(work.vma, piece[:2]) == "is" else "new pages"
    return f"{_map(work, piece)} {made}, filled with {bytes}"


COPY = Fill(Ioctl.COPY, "mfill_atomic_copy", DONTWAKE | WP, mfill_atomic_pte_copy)
ZEROPAGE = Fill(Ioctl.ZEROPAGE, "mfill_atomic_zeropage", DONTWAKE, mfill_atomic_pte_zeropage)
CONTINUE = Fill(Ioctl.CONTINUE, "mfill_atomic_continue", DONTWAKE | WP, mfill_atomic_pte_continue)
POISON = Fill(Ioctl.POISON, "mfill_atomic_poison", DONTWAKE, mfill_atomic_pte_poison)
