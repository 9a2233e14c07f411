"""What a trace tells as a whole: each step with its answer and its reason, and who waits for whom."""

from uffdsim.grammar import OPS, Trait
from uffdsim.scenario import Step
from uffdsim.trace import Nap, Trace
from uffdsim.words import count, deed, explained, kernel


def story(trace: Trace) -> list[str]:
    """All that was answered, step by step, and who waits in the end: a line each. Alike for every kernel."""
    told, lines = len(trace.observations), [f"{kernel(trace.kernel)}, {count(len(trace.scenario), 'step')}"]
    for index in range(told):
        first, *more = explained(trace, index)
        lines += [f"{index:4}  {first}", *(f"        {line}" for line in more)]
    if told and trace.observations[-1]["status"] == "oops":
        left = len(trace.scenario) - told
        return lines + ([f"      {count(left, 'step')} not carried out: the kernel is dead"] if left else [])
    asleep = trace.asleep(trace.end(told - 1))
    return lines + [f"      {line}" for line in [*(waits(trace, nap) for nap in asleep), *_nobody_left(trace, asleep)]]


def waits(trace: Trace, nap: Nap) -> str:
    """Who waits, and for what: ``t1 waits in step 7 (reads page 0 of watched) until its fault is answered``."""
    step = trace.scenario[nap.step]
    return f"{nap.thread} waits in step {nap.step} ({deed(step)}) until {_until(step, nap)}"


def _until(step: Step, nap: Nap) -> str:
    if Trait.READ in step.traits:
        return "there is a message"
    if nap.place or not OPS[step.op].tells or "POPULATE" in step.get("advice", ""):
        return "its fault is answered"
    return "its event is read"


def stuck(trace: Trace, step: Step) -> str:
    """Why a step cannot be taken now, as one sentence without its full stop: its thread waits, and for whom.

    ``t1 cannot take this step (reads page 1 of a): t1 waits in step 5 (reads page 0 of a) until its fault is answered``

    :returns: "" if the step can be taken.
    """
    asleep = sorted(trace.asleep(), key=lambda nap: nap.thread != step.thread)
    if not asleep or asleep[0].thread != step.thread:
        return ""
    own, *others = (waits(trace, nap) for nap in asleep)
    if "fd" in step:
        own += ", and would have to wake itself"
    told = [f"{step.thread} cannot take this step ({deed(step)}): {own}", *others]
    return "; ".join(told + _nobody_left(trace, asleep))


def _nobody_left(trace: Trace, asleep: list[Nap]) -> list[str]:
    """That all threads sleep, if they do."""
    if not asleep or not {nap.thread for nap in asleep}.issuperset(trace.scenario.threads):
        return []
    return [f"nobody is left who could wake {'it' if len(asleep) == 1 else 'them'}"]
