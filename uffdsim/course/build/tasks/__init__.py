"""The exercises of the lessons, by name. Their answers are in the teacher's guide and in the tests."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.tasks import (
    answers,
    life,
    missing_or_minor,
    out_of_reach,
    shared_bit,
    two_mappings,
    write_protect,
)
from uffdsim.errors import Unknown, quoted
from uffdsim.grammar import meant

LESSONS = (two_mappings, missing_or_minor, life, answers, write_protect, shared_bit, out_of_reach)
TASKS: dict[str, Exercise] = {one.name: one for lesson in LESSONS for one in lesson.TASKS}
"""Every exercise, by name."""


def task(name: str) -> Exercise:
    """The exercise of that name.

    :raises Unknown: if there is none.
    """
    if not isinstance(name, str) or name not in TASKS:
        raise Unknown(f'there is no exercise {quoted(name)}; there are {", ".join(TASKS)}{meant(name, TASKS)}')
    return TASKS[name]
