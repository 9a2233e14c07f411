"""Events, and how a step ended and why, as words."""

from uffdsim.grammar import FAR, Trait
from uffdsim.scenario import Step
from uffdsim.terms import page, stopped
from uffdsim.trace import Event, Kind, Trace, Wake
from uffdsim.words.answers import answer, flags, result
from uffdsim.words.proc import report
from uffdsim.words.steps import deed, step


def event(trace: Trace, event: Event) -> str:
    """What happened, without who did it: ``reads page 0 of watched``, ``page 0 is in the page cache``."""
    if event.text:
        return f"{event.text}: {event.errno}" if event.errno else event.text
    if event.kind is Kind.TOUCH:
        return deed(trace.scenario[event.of])
    if event.kind is Kind.ANSWER:
        return answer(trace.scenario[event.of], trace.answer(event.of, trace.end(event.step)), trace.scenario.names)
    return {Kind.SLEEP: "waits in the kernel", Kind.WAKE: f"{event.target} goes on", Kind.OOPS: "the kernel dies"}.get(
        event.kind, ""
    )


def told(trace: Trace, one: Event) -> str:
    """An event with who and where: ``t1 in hugetlb_fault: the VMA is hugetlb``, ``t1 reads page 0 of watched``."""
    what = event(trace, one)
    if one.kind is Kind.ANSWER:
        what = result(trace.scenario[one.of], trace.answer(one.of, trace.end(one.step)), trace.scenario.names)
    if not one.thread:
        return what
    if one.kind is Kind.TOUCH:
        return f"{one.thread} {what}"
    return f"{one.thread}{f' in {one.function}' if one.function else ''}: {what}"


def numbered(trace: Trace, number: int) -> str:
    """An event as a sentence that a reader may look up by its number: ``Event 48, t1 in hugetlb_no_page: …``."""
    return stopped(f"Event {number}, {told(trace, trace.events[number - 1])}")


def why(trace: Trace, index: int, at: int | None = None) -> str:
    """Why a step answered as it did, as a simulated kernel tells it; "" if there is nothing to tell."""
    return "; ".join(dict.fromkeys(trace.events[number - 1].text for number in trace.reasons(index, at)))


def woken(trace: Trace, index: int, at: int | None = None, reasons: bool = True) -> list[str]:
    """Who was woken while a step was carried out, and what became of each: a sentence each without its full stop. A
    kernel that does not tell leaves it to us to say who was not, though the step was about the page they wait for.

    :param reasons: whether to say why somebody waits again.
    """
    at = trace.end(index) if at is None else min(at, trace.end(index))
    told = [_woken(trace, wake, at, reasons) for wake in trace.wakes(index, at)]
    return told if trace.narrated else told + _waiting(trace, index, at, nobody=not told)


def _woken(trace: Trace, wake: Wake, at: int, reasons: bool) -> str:
    if wake.again is not None:
        again = why(trace, wake.again.step, at) if reasons else ""
        with_flags = "" if wake.again.flags is None else f" with flags {flags(wake.again.flags)}"
        faulted = f"faulted again{with_flags}, and waits" if wake.again.place else "and waits again"
        return f"{wake.thread} was woken, {faulted}{f': {again}' if again else ''}"
    nap = next(nap for nap in trace.naps() if nap.thread == wake.thread and nap.end == wake.number)
    over = trace.answer(nap.step, at)
    if over is None or over["status"] == "running":
        return f"{wake.thread} was woken, and may run"
    return f"{wake.thread} was woken: {deed(trace.scenario[nap.step])} → {answer(trace.scenario[nap.step], over)}"


def _waiting(trace: Trace, index: int, at: int, nobody: bool) -> list[str]:
    """``t1 still waits for page 0 of watched``, of an answer that is over: who waits there, or else, if it woke nobody,
    who waits elsewhere."""
    step = trace.scenario[index]
    if Trait.ANSWER not in step.traits or at < trace.end(index):
        return []
    asleep = [(nap, nap.place) for nap in trace.asleep(at) if nap.place and nap.lasts(trace.begin(index))]
    meant = [(nap, place) for nap, place in asleep if _holds(trace, step, place)]
    still = "still waits" if meant else "waits"
    told = [f"{nap.thread} {still} for {page(*place)}" for nap, place in meant or (asleep if nobody else ())]
    only_wakes = not (Trait.FILL | Trait.WATCH) & step.traits
    return ["; ".join(["nobody was woken", *told])] if nobody and (told or only_wakes) else told


def _holds(trace: Trace, step: Step, place: tuple[str, int]) -> bool:
    """Whether a page is in a step's range."""
    (mapping, number), first = place, trace.scenario.names.first_name
    last = FAR if step["pages"] is None else step["page"] + step["pages"]
    return first(mapping) == first(step["vma"]) and step["page"] <= number < last


def outcome(trace: Trace, index: int, at: int | None = None) -> str:
    """The result of a step, and why: ``EEXIST: page 0 of watched is mapped already``."""
    found = trace.answer(index, at)
    because = why(trace, index, at)
    return result(trace.scenario[index], found, trace.scenario.names) + (f": {because}" if because else "")


def explained(trace: Trace, index: int) -> list[str]:
    """A step, its result when it was observed and why, and who was woken by it: a line each."""
    at = trace.end(index)
    found = trace.answer(index, at) or {}
    table = report(found["vmas"], found["files"]) if "vmas" in found else []
    return [f"{step(trace.scenario[index])} → {outcome(trace, index, at)}", *table, *woken(trace, index, at)]
