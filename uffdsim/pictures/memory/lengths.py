"""How long files are, as far as what is done to them says so."""

from collections.abc import Iterator

from uffdsim.kernel.span import extent
from uffdsim.names import File
from uffdsim.scenario import Step
from uffdsim.trace import Trace


def lengths(trace: Trace, file: File, steps: int | None = None) -> Iterator[int]:
    """How many pages a file has once it is made, and then after each step that may have changed that; of so many steps,
    or of all."""
    pages = file.pages
    yield pages
    for step, answer in zip(trace.scenario, trace.observations[:steps], strict=False):
        if step.get("file") == file.id and not answer.get("errno"):
            pages = _after(step, file, pages)
            yield pages


def _after(step: Step, file: File, pages: int) -> int:
    """How many pages it has after a step, if it had so many before."""
    match step.op:
        case "truncate":
            return step["pages"]
        case "pwrite":
            return max(pages, step["page"] + 1)
        case "allocate":
            start, length = extent(step, file.pages, file.page_size)
            return max(pages, -(-(start + length) // file.page_size))
    return pages
