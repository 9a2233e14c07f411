"""What lessons show beside questions and exercises.

``tables`` run every case of a touch; ``stages`` set up what several cells use; ``evidence`` asks real kernels, and
``ftrace`` has the functions that one of them ran beside those of the simulated one. ``challenges`` are the handlers
that lessons begin with, and ``minute`` is the first minute of the first.
"""

from uffdsim.course.lessons.challenges import survivor, ten, writes
from uffdsim.course.lessons.evidence import agree, ask_all, real
from uffdsim.course.lessons.ftrace import side_by_side
from uffdsim.course.lessons.stages import DESIGNS, on_each, stage
from uffdsim.course.lessons.tables import table

__all__ = [
    "DESIGNS",
    "agree",
    "ask_all",
    "on_each",
    "real",
    "side_by_side",
    "stage",
    "survivor",
    "table",
    "ten",
    "writes",
]
