"""Distractors: the wrong answers that a question offers, and what each would be right for."""

from uffdsim import kernels, words
from uffdsim.course.predict.variants import Variant, variants
from uffdsim.errors import Mistake
from uffdsim.grammar import Trait
from uffdsim.questions import Aspect, Subject
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError, Trace

ENOUGH = 60
"""How many variants are looked at."""


def distractors(aspect: Aspect, subject: Subject, truth: str, given: dict[str, str], count: int) -> dict[str, str]:
    """This many wrong answers, each with a sentence on where it would be right, or "" where we know of no such place.

    :param given: wrong answers to begin with, each with the reason why it is wrong.
    :raises Mistake: if one of those is right.
    """
    if truth in given:
        raise Mistake(f'"{truth}" is given as a wrong answer, and it is what happens')
    found = {text: f"{words.sentence(why)} " for text, why in given.items()}
    for number, variant in enumerate(variants(subject.trace.scenario, subject.index, subject.trace.kernel)):
        if number == ENOUGH or len(found) >= count:
            break
        other = _truth_in(variant, aspect, subject)
        if other is not None and other != truth and other not in found:
            found[other] = f"“{other}” would be right {variant.condition}. "
    for text in aspect.usual(subject):
        if len(found) < count and text != truth:
            found.setdefault(text, "")
    return found


def _truth_in(variant: Variant, aspect: Aspect, subject: Subject) -> str | None:
    """What would be right in a variant; None if that cannot be, or is not what it says it is."""
    try:
        trace = kernels.kernel(variant.kernel).run(variant.scenario)
    except (ScenarioError, KernelError):
        return None
    if len(trace.observations) <= variant.index or _refusals(trace) > _refusals(subject.trace):
        return None
    there = Subject(trace, variant.index, subject.vma, subject.page)
    return None if aspect.lacks(there) else aspect.truth(there)


def _refusals(trace: Trace) -> int:
    """How many of the steps before the last, of those that set things up, are refused."""
    steps = list(zip(trace.scenario, trace.observations, strict=False))[:-1]
    return sum(bool(found.get("errno")) for step, found in steps if Trait.SETS_UP in step.traits)
