"""Ranges of addresses that steps name, as the system calls get them."""

from typing import NamedTuple

from uffdsim.kernel.state import TASK_SIZE
from uffdsim.uapi import Errno


class Span(NamedTuple):
    """A range of addresses that a step names, as the ioctl gets it."""

    start: int
    length: int

    @property
    def end(self) -> int:
        return self.start + self.length


def span_of(task, step, key: str = "vma", page: str = "page", skew: bool = True) -> Span:
    """The range that a step's keys stand for."""
    mapping = task.state["mapping", step[key]]
    pages = step["pages"]
    if pages is None:
        pages = max(mapping.pages - step["page"], 0)
    start = mapping.start + step[page] * mapping.page_size
    return Span(start + (step["skew"] if skew else 0), pages * mapping.page_size)


def validate_range(task, span: Span, function: str):
    """Ranges begin and end at 4 KiB pages, are not empty, and lie in user space (validate_range).

    :raises Failed: with EINVAL.
    """
    if span.start % 4096:
        task.fail(Errno.EINVAL, function, "the range does not begin at a page")
    if span.length == 0:
        task.fail(Errno.EINVAL, function, "the range is empty")
    if span.start < 0 or span.end > TASK_SIZE:
        task.fail(Errno.EINVAL, function, "the range leaves user space")
