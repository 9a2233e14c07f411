"""PAGEMAP_SCAN: which pages of a range are so, and protect those again that were written (fs/proc/task_mmu.c)."""

from collections.abc import Iterator
from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.changes import since
from uffdsim.kernel.mm import place, vmas
from uffdsim.kernel.pages import pages
from uffdsim.kernel.protection import uffd_wp_range, userfaultfd_wp_use_markers
from uffdsim.kernel.span import PAGE, Span, page_align, span_of, unaligned
from uffdsim.kernel.state import TASK_SIZE, VM_UFFD_RWP, VM_UFFD_WP, WP_MARKER, Pte, Vma, named_address
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd_k import userfaultfd_wp_async
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, PageIs, ScanFlag

REGIONS = 64
"""Room for so many regions."""
HPAGE_SIZE = 1 << 21
SAY = "do_pagemap_scan"


class Region(NamedTuple):
    """A range in which all pages are alike."""

    start: int
    end: int
    categories: int


class Full(Exception):
    """There is no room for more (ENOSPC inside the kernel): the walk ends, and is none the worse for it."""


def do_pagemap_scan(task: Task, step: Step) -> Answer:
    """The op pagemap_scan: the ioctl on /proc/self/pagemap."""
    if not task.version.scans:
        why = f"/proc/PID/pagemap has no ioctl on this kernel; PAGEMAP_SCAN came with {since('scans.WRITTEN')}"
        task.fail(Errno.ENOTTY, "do_vfs_ioctl", why)
    span, scan = _checked(task, step)
    task.say("do_pagemap_scan", "walk through the page table")
    for run in vmas(task, span.start, span.end):
        start, end = max(run.start, span.start), min(run.end, span.end)
        try:
            if scan.test_walk(run.value, start):
                scan.walk(run.value, start, end)
        except Full:
            break
    walked = (scan.walk_end or span.end) - span.start
    regions = [region for region in scan.regions if region.start < region.end]
    found = sum(region.end - region.start for region in regions)
    task.done("do_pagemap_scan", _counted(task, step, found, span.length))
    return {"errno": None, "walked": walked, "regions": [_told(task, region) for region in regions]}


def _counted(task: Task, step: Step, found: int, asked: int) -> str:
    """How much of a range is as asked for, in pages of its mapping: ``2 of 6 pages are as asked for``."""
    size = task.state["mapping", step["vma"]].page_size
    pages = -(-found // size)
    return f"{pages:,} of {words.count(-(-asked // size), 'page')} {'is' if pages == 1 else 'are'} as asked for"


def _told(task: Task, region: Region) -> dict:
    start = named_address(task.state["names", "main"], region.start)
    categories = [str(category.name) for category in PageIs if category & region.categories]
    return {"start": start, "bytes": region.end - region.start, "categories": categories}


def _checked(task: Task, step: Step) -> tuple[Span, "Scan"]:
    """The range and what is looked for (pagemap_scan_get_args).

    :raises Failed: with EINVAL or EFAULT.
    """
    span, scan = span_of(task, step), Scan(task, step)
    if unknown := (scan.mask | scan.inverted | scan.anyof | scan.returns) & ~task.version.scans:
        told = ", ".join(f"{one.name}, which came with {since(f'scans.{one.name}')}" for one in PageIs if one & unknown)
        task.fail(Errno.EINVAL, SAY, f"this kernel does not know {told}")
    if why := unaligned(span):
        task.fail(Errno.EINVAL, SAY, why)
    if span.start < 0 or span.end > TASK_SIZE:
        task.fail(Errno.EFAULT, SAY, "the range leaves user space")
    return Span(span.start, page_align(span.length)), scan


class Scan:
    """What is looked for, and what was found (struct pagemap_scan_private)."""

    def __init__(self, task: Task, step: Step) -> None:
        self.task = task
        self.mask, self.inverted = step.mask("mask"), step.mask("inverted")
        self.anyof, self.returns = step.mask("anyof"), step.mask("returns")
        flags = step.mask("flags")
        self.protects, self.checks = bool(flags & ScanFlag.WP_MATCHING), bool(flags & ScanFlag.CHECK_WPASYNC)
        self.only_written = self.mask == self.returns == PageIs.WRITTEN and not self.inverted and not self.anyof
        self.most = step["max_pages"] * PAGE or 1 << 64
        self.found = 0
        """Bytes of all that was found."""
        self.regions = [Region(0, 0, 0)]
        self.walk_end = 0
        """How far it came, if it ended early."""
        self.of_vma = 0
        """What all pages of the VMA at hand are."""

    def test_walk(self, vma: Vma, start: int) -> bool:
        """Whether a VMA is looked at.

        :raises Failed: with EPERM, if it had to be protected, and cannot be.
        """
        task = self.task
        protectable = bool(vma.flags & VM_UFFD_WP) and userfaultfd_wp_use_markers(task, vma)
        allowed = protectable and userfaultfd_wp_async(task, vma)
        if not allowed and self.checks:
            why = "is not registered WP with a descriptor that has WP_ASYNC"
            task.fail(Errno.EPERM, SAY, f"{place(task, start, vma)} {why}, which CHECK_WPASYNC insists on")
        self.of_vma = PageIs.WPALLOWED if allowed else 0
        if task.version.soft_dirty:
            self.of_vma |= PageIs.SOFT_DIRTY
        required = self.mask & PageIs.WPALLOWED
        return (allowed or not self.protects) and (self.of_vma ^ self.inverted) & required == required

    def walk(self, vma: Vma, start: int, end: int) -> None:
        """Go through the entries of a range of a VMA, and through what has no page table.

        :raises Full: if there is no room for more.
        """
        task = self.task
        for left, right, there in task.state["tables", task.mm].cut(start, end):
            if not there:
                self._hole(vma, left, right)
            elif vma.is_hugetlb:
                for first, last, pte in _huge(task, vma, left, right):
                    self._huge_entry(vma, first, last, pte)
            else:
                for first, last, pte in list(task.state["ptes", task.mm].cut(left, right)):
                    self._entries(vma, first, last, pte)

    def _hole(self, vma: Vma, start: int, end: int) -> None:
        """No page table is there (pagemap_scan_pte_hole)."""
        categories = self.of_vma
        if vma.flags & VM_UFFD_WP and not vma.is_hugetlb and self.task.version.scan_holes:
            categories |= PageIs.WRITTEN
        steps = vma.page_size if vma.is_hugetlb else end - start
        for first in range(start // steps * steps, end, steps) if vma.is_hugetlb else [start]:
            first, last = max(first, start), min(first + steps, end)
            if not self._wanted(categories):
                continue
            came, full = self._output(categories, first, last)
            if self.protects and first < came:
                uffd_wp_range(self.task, vma, first, came, True, self.task.mm)
            if full:
                raise Full

    def _entries(self, vma: Vma, start: int, end: int, pte: Pte | None) -> None:
        """Entries of small pages that are all alike (pagemap_scan_pmd_entry)."""
        categories = self.of_vma | self._page(vma, pte)
        if not self._wanted(categories):
            return
        came, full = self._output(categories, start, end)
        if self.protects and start < came and categories & PageIs.WRITTEN:
            self._protect(vma, start, came, pte)
        if full:
            raise Full

    def _huge_entry(self, vma: Vma, start: int, end: int, pte: Pte | None) -> None:
        """The entry of one huge page, or of part of one (pagemap_scan_hugetlb_entry)."""
        categories = self.of_vma | PageIs.HUGE | (self._page(vma, pte) if pte is not None else 0)
        if not self._wanted(categories):
            return
        came, full = self._output(categories, start, end)
        if self.protects and start < came and categories & PageIs.WRITTEN:
            if came != start + HPAGE_SIZE:
                self._back_out(start, came)
                return
            self._protect(vma, start, came, pte)
        if full:
            raise Full

    def _page(self, vma: Vma, pte: Pte | None) -> int:
        """What one page is (pagemap_page_category)."""
        version, found = self.task.version, 0
        if pte is None and not version.scan_holes and not self.only_written:
            return 0
        if pte is not None:
            found = PageIs.PRESENT if pte.present else PageIs.SWAPPED
            if pte.kind == "file":
                found |= PageIs.FILE
            if pte.kind == "zero":
                found |= PageIs.PFNZERO
        if pte is None or not pte.uffd_wp:
            if vma.flags & VM_UFFD_WP or version.scan_written_anywhere:
                found |= PageIs.WRITTEN
            if vma.flags & VM_UFFD_RWP and pte is not None:
                found |= PageIs.ACCESSED
        return found

    def _wanted(self, categories: int) -> bool:
        """Whether pages of these categories are looked for (pagemap_scan_is_interesting_page)."""
        categories ^= self.inverted
        return categories & self.mask == self.mask and (not self.anyof or bool(categories & self.anyof))

    def _output(self, categories: int, start: int, end: int) -> tuple[int, bool]:
        """Note a range that was found, as far as there is room (pagemap_scan_output).

        :returns: how much of it was noted, and whether there is no room for more.
        """
        full = self.found + end - start > self.most
        if full:
            end = start + self.most - self.found
        if not self._push(categories & self.returns, start, end):
            full, end = True, start
        self.found += end - start
        if full:
            self.walk_end = end
        return end, full

    def _push(self, categories: int, start: int, end: int) -> bool:
        last = self.regions[-1]
        if last.end == start and last.categories == categories:
            self.regions[-1] = last._replace(end=end)
            return True
        if last.end and len(self.regions) == REGIONS:
            return False
        if not last.end:
            self.regions.pop()
        self.regions.append(Region(start, end, categories))
        return True

    def _back_out(self, start: int, end: int) -> None:
        """Forget part of a huge page that was just noted: it cannot be protected (pagemap_scan_backout_range)."""
        last = self.regions[-1]
        self.regions[-1] = last._replace(end=start) if last.start != start else Region(0, 0, 0)
        self.found -= end - start
        self.walk_end = start

    def _protect(self, vma: Vma, start: int, end: int, pte: Pte | None) -> None:
        """Protect what was found (make_uffd_wp_pte, make_uffd_wp_huge_pte). Huge pages that are poisoned stay as they
        are; small ones are marked, which changes nothing for those who touch them."""
        task = self.task
        if pte is not None and not pte.present and vma.is_hugetlb:
            return
        new = WP_MARKER if pte is None else pte._replace(uffd_wp=True, writable=False)
        task.do("make_uffd_wp_pte", f"{pages(task, vma, start, end)}: protected")
        task.state.put(("ptes", task.mm), start, end, new)


def _huge(task: Task, vma: Vma, start: int, end: int) -> Iterator[Run]:
    """The range in huge pages, of which the first and the last may be cut."""
    size = vma.page_size
    for page in range(start // size * size, end, size):
        yield Run(max(page, start), min(page + size, end), task.state["ptes", task.mm].at(page))
