"""Mistakes: the wrong answers that a question offers, and what they would be right for."""

from uffdsim import kernels
from uffdsim.course import words
from uffdsim.course.asked import Asked
from uffdsim.course.aspects import Aspect, lacks
from uffdsim.course.whatif import World, worlds
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError, Trace

ENOUGH = 60
"""So many worlds are looked at."""
PREPARES = ("file", "mmap", "userfaultfd", "api", "register")


def mistakes(aspect: Aspect, asked: Asked, truth: str, given: dict[str, str], count: int) -> dict[str, str]:
    """So many wrong answers, each with a sentence on the world in which it would be right, or "" where we know none.

    :param given: wrong answers to begin with, each with the reason why it is none.
    :raises ValueError: if one of those is right.
    """
    if truth in given:
        raise ValueError(f'"{truth}" is given as a wrong answer, and it is what happens')
    found = {text: words.sentence(why) + " " for text, why in given.items()}
    for number, world in enumerate(worlds(asked.trace.scenario, asked.index, asked.trace.kernel)):
        if number == ENOUGH or len(found) >= count:
            break
        other = _truth_in(world, aspect, asked)
        if other is not None and other != truth and other not in found:
            found[other] = f"“{other}” would be right {world.condition}. "
    for text in aspect.usual(asked):
        if len(found) < count and text != truth:
            found.setdefault(text, "")
    return found


def _truth_in(world: World, aspect: Aspect, asked: Asked) -> str | None:
    """What would be right in another world; None if that cannot be, or is not the world that it says it is."""
    try:
        trace = kernels.kernel(world.kernel).run(world.scenario)
    except (ScenarioError, KernelError):
        return None
    if len(trace.observations) <= world.index or _refusals(trace) > _refusals(asked.trace):
        return None
    there = Asked(trace, world.index, asked.vma, asked.page)
    return None if lacks(aspect, there) else aspect.truth(there)


def _refusals(trace: Trace) -> int:
    """How many of the steps before the last, of those that set things up, are refused."""
    steps = list(zip(trace.scenario, trace.observations, strict=False))[:-1]
    return sum(bool(found.get("errno")) for step, found in steps if step.op in PREPARES)
