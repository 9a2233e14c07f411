"""Ranges of addresses that steps name, as the system calls get them; and, in words, how one does not fit."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.mm import find_vma, modes, place
from uffdsim.kernel.state import TASK_SIZE, VM_ACCESS, VM_LOCKED, Mapping, Vma
from uffdsim.kernel.task import Task
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno

PAGE = 4096


class Span(NamedTuple):
    """A range of addresses that a step names, as the ioctl gets it."""

    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def span_of(task: Task, step: Step) -> Span:
    """The range that a step's keys stand for."""
    mapping = task.state["mapping", step["vma"]]
    offset, length = extent(step, mapping.pages, mapping.page_size)
    return Span(mapping.start + offset, length)


def extent(step: Step, pages: int, page_size: int) -> tuple[int, int]:
    """Where the range of a step begins in a thing of so many pages, and how long it is, in bytes."""
    length = step["bytes"]
    if length is None:
        length = (max(pages - step["page"], 0) if step["pages"] is None else step["pages"]) * page_size
    return step["page"] * page_size + step["skew"], length


def page_align(address: int) -> int:
    """The next multiple of 4 KiB (PAGE_ALIGN)."""
    return -(-address // PAGE) * PAGE


def named(task: Task, span: Span) -> str:
    """A range in words, whatever is mapped there: ``pages 0 to 3 of watched``."""
    mapping = task.state["names", task.mm].at(span.start)
    if mapping is None:
        return f"{words.size(span.length)} from address {span.start:#x} on"
    first, last = (_number(mapping, address) for address in (span.start, span.end - 1))
    return words.pages(mapping.id, first, last - first + 1)


def validate_range(task: Task, span: Span, function: str) -> None:
    """Ranges begin and end at 4 KiB pages, are not empty, and lie in user space (validate_range).

    :raises Failed: with EINVAL.
    """
    if why := unaligned(span):
        task.fail(Errno.EINVAL, function, why)
    if inside := span.length % PAGE:
        task.fail(Errno.EINVAL, function, f"the range ends {words.size(inside)} into a page, not at its end")
    if span.length == 0:
        task.fail(Errno.EINVAL, function, empty(task, span))
    if span.start < 0 or span.end > TASK_SIZE:
        task.fail(Errno.EINVAL, function, "the range leaves user space")


def unaligned(span: Span) -> str:
    """That a range does not begin with a page; "" if it does."""
    inside = span.start % PAGE
    return f"the range begins {words.size(inside)} into a page, not at its start" if inside else ""


def empty(task: Task, span: Span) -> str:
    """That a range is empty, and why if a mapping's end explains it."""
    mapping = task.state["names", task.mm].at(span.start)
    beyond = mapping is not None and span.start >= mapping.end
    return f"the range is empty: {_ends(mapping)}" if beyond else "the range is empty"


def unmapped(task: Task, span: Span, mm: str | None = None) -> str:
    """Where a range is not mapped: ``ram ends after page 5; the range wants up to page 7``; "" if it all is."""
    holes = (piece.start for piece in task.state["vmas", mm or task.mm].cut(span.start, span.end) if not piece.value)
    hole = next(holes, None)
    if hole is None:
        return ""
    mapping = task.state["names", task.mm].at(hole)
    if mapping is None or hole < mapping.end:
        return f"nothing is mapped at {place(task, hole)}"
    first, last = (_number(mapping, address) for address in (span.start, span.end - 1))
    wants = f"begins at page {first:,}" if span.start >= mapping.end else f"wants up to page {last:,}"
    return f"{_ends(mapping)}; the range {wants}"


def not_watched(task: Task, span: Span, mm: str) -> str:
    """How a range does not lie in one VMA that somebody watches."""
    run = find_vma(task, span.start, mm)
    if run is None:
        return unmapped(task, span, mm)
    if run.value.ctx is None:
        return f"{place(task, span.start)} is not registered"
    return leaves(task, span, run, mm)


def leaves(task: Task, span: Span, run: Run, mm: str) -> str:
    """How a range goes on behind the VMA in which it begins; "" if it does not."""
    if span.end <= run.end:
        return ""
    next = find_vma(task, run.end, mm)
    if next is None:
        return unmapped(task, span, mm)
    if run.value.ctx is not None and next.value.ctx is None:
        return f"{place(task, run.end)} is not registered, unlike those before it"
    border = f"another VMA begins at {place(task, run.end)}, and one call stays in one"
    return f"{border}: {difference(task, run.value, next.value)}"


def difference(task: Task, one: Vma, other: Vma) -> str:
    """Why two VMAs that lie side by side are two."""
    if one.ctx != other.ctx:
        return f"{one.ctx or 'nobody'} watches the pages before it, and {other.ctx or 'nobody'} these"
    if (before := modes(task, one)) != (after := modes(task, other)):
        return f"the pages before it are registered {before}, these {after}"
    changed = one.flags ^ other.flags
    if changed & VM_ACCESS:
        return "the two may not be accessed alike"
    if changed & VM_LOCKED:
        return "only one of the two is locked"
    if one.anon_vma != other.anon_vma:
        return "the two were used apart before they were alike"
    return "the two are not of one kind"


def torn(span: Span, vma: Vma) -> str:
    """Which huge page a range cuts in two; "" if it consists of whole ones."""
    for what, address in (("begins", span.start), ("ends", span.end)):
        if inside := address % vma.page_size:
            whole = words.size(vma.page_size)
            return f"the range {what} {words.size(inside)} into a page, and {vma.mapping} has pages of {whole}"
    return ""


def _ends(mapping: Mapping) -> str:
    return f"{mapping.id} ends after page {mapping.pages - 1:,}" if mapping.pages else f"{mapping.id} has no pages"


def _number(mapping: Mapping, address: int) -> int:
    return (address - mapping.start) // mapping.page_size
