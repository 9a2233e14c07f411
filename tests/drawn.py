"""Help for tests of pictures: traces to draw, and where words stand in a picture."""

import sys
from collections.abc import Callable
from functools import cache

from uffdsim import kernels, library
from uffdsim.pictures.shapes import Line, Picture, Rect, Text
from uffdsim.pictures.shapes.measure import width
from uffdsim.scenario import Scenario
from uffdsim.trace import Kind, Trace

MINOR = "01-hugetlb-minor-continue"


@cache
def run(name: str, kernel: str = "linux-6.18") -> Trace:
    """A scenario of data/ on a kernel."""
    return kernels.kernel(kernel).run(library.scenario(name))


def run_steps(*steps: dict, kernel: str = "linux-6.18") -> Trace:
    """A scenario of these steps on a kernel."""
    return kernels.kernel(kernel).run(Scenario(steps))


def moment(trace: Trace, kind: Kind, function: str = "") -> int:
    """The number of the last event of a kind."""
    return max(n for n, e in enumerate(trace.events, 1) if e.kind == kind and function in e.function)


def box(shape) -> tuple[float, float, float, float]:
    """The room that a shape takes: left, top, right, bottom."""
    if isinstance(shape, Rect):
        return shape.x, shape.y, shape.x + shape.w, shape.y + shape.h
    if isinstance(shape, Line):
        xs, ys = zip(*shape.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)
    w = width(shape.text, shape.size, shape.bold, shape.mono)
    left = shape.x - {"start": 0, "middle": w / 2, "end": w}[shape.anchor]
    return left, shape.y - shape.size * 0.38, left + w, shape.y + shape.size * 0.38


def texts(picture: Picture) -> list[Text]:
    return [shape for shape in picture.shapes if isinstance(shape, Text)]


def overlap(a, b) -> float:
    """How much of the smaller of two boxes lies under or upon the other."""
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0
    return w * h / min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))


def work(call: Callable[[], object]) -> int:
    """How many lines of Python a call runs: a measure of what it takes that is the same on every machine."""
    lines, before = 0, sys.gettrace()

    def count(frame, event, argument):
        nonlocal lines
        lines += event == "line"
        return count

    sys.settrace(count)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines
