"""Diagnoses: why a handler did not get a trial's threads through, in the kernel's own words."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.course.handle.handler import DELAYS
from uffdsim.course.handle.runner import Run, Stuck
from uffdsim.course.handle.trials import WATCHED, Wants
from uffdsim.grammar import Trait
from uffdsim.kernel import VERSIONS, Simulated
from uffdsim.trace import KernelError, Kind, Nap, Trace

MEANS = {
    "EEXIST": "something was there already, and a call that does nothing wakes nobody: call wake",
    "EFAULT": "there was no page to map; bring one, or wake, and the thread faults again",
    "ENOENT": "nothing is mapped there any more; wake, and let the thread find out",
    "EINVAL": "this kind of memory does not take that call",
    "EAGAIN": "the address space is changing until its event is read; put the message off with u.later(event)",
}


class Diagnosis(NamedTuple):
    """What went wrong, with the numbers of a step and of an event that show it, if they can be told."""

    why: str
    step: int | None = None
    event: int | None = None


def diagnosis(run: Run, trace: Trace) -> Diagnosis | None:
    """Why a trial was not passed; None if it was.

    :param trace: what happened, as ``told``.
    """
    for look in (_died, _stopped, _let_go, _asleep, _wrong):
        if (found := look(run, trace)) is not None:
            return found if trace.narrated else found._replace(event=None)
    return None


def told(run: Run) -> Trace:
    """What happened: where the kernel does not tell, as a simulated one tells it that answered alike."""
    trace = run.machine.trace
    if trace.narrated:
        return trace
    for name in VERSIONS:
        try:
            other = Simulated(name).run(trace.scenario)
        except KernelError:
            continue
        if other.observations == trace.observations:
            return other
    return trace


def refused(run: Run) -> str:
    """What of the trial's beginning the kernel refuses, so that it means nothing there; "" if nothing."""
    trace = run.machine.trace
    steps = zip(run.trial.setup, trace.observations, strict=False)
    return next((f"{words.step(step)} → {found['errno']}" for step, found in steps if found.get("errno")), "")


def _died(run: Run, trace: Trace) -> Diagnosis | None:
    last = trace.observations[-1]
    if last["status"] != "oops":
        return None
    return Diagnosis(f"The kernel died in {last['at']}.", last["step"], len(trace.events))


def _stopped(run: Run, trace: Trace) -> Diagnosis | None:
    """It ended early, and not because somebody sleeps, which ``_asleep`` explains."""
    if run.stopped is None or isinstance(run.stopped, Stuck):
        return None
    return Diagnosis(words.sentence(str(run.stopped)), len(trace.observations) - 1)


LET_GO = {
    "close": "closed the descriptor that it was given: nothing is watched any more, and those who wait go on "
    "unanswered. It may close only the child of a FORK message",
    "unregister": "unregistered what it has to watch: nobody is asked about it any more. Answer instead",
}


def _let_go(run: Run, trace: Trace) -> Diagnosis | None:
    """It gave up what it was to watch, so that nobody would have to be answered."""
    for index in sorted(index for calls in run.answered.values() for index in calls):
        step = trace.scenario[index]
        if step.op in LET_GO and step["fd"] == WATCHED and not trace.observations[index].get("errno"):
            why = f"In step {index}, “{words.step(step)}”, the handler {LET_GO[step.op]}."
            return Diagnosis(why, index, _deciding(trace, index))
    return None


def _asleep(run: Run, trace: Trace) -> Diagnosis | None:
    asleep = trace.asleep()
    if not asleep:
        return None
    nap = asleep[0]
    still = f"{nap.thread} still sleeps in step {nap.step}, “{words.step(trace.scenario[nap.step])}”"
    message = _last_message(trace, nap)
    if message is None:
        return Diagnosis(f"{still}; its message was never read.", nap.step, nap.begin)
    calls = run.answered.get(message, [])
    answers = [index for index in calls if Trait.ANSWER in trace.scenario[index].traits]
    if not answers:
        late = f" It was put off {DELAYS} times." if message in run.answered and calls else ""
        why = f"{still}: its message (step {message}) was read, and nothing was done about it.{late}"
        return Diagnosis(why, message, nap.begin)
    last = answers[-1]
    event = _deciding(trace, last) if trace.observations[last].get("errno") else nap.begin
    return Diagnosis(f"{still}. {_about(trace, last)}", last, event)


def _about(trace: Trace, index: int) -> str:
    """Why a call did not let anybody go on."""
    step, found = trace.scenario[index], trace.observations[index]
    said = f"Step {index}, “{words.step(step)}”,"
    errno = found.get("errno")
    if errno and found.get("done", 0) > 0:
        part = f"did only a part ({words.answer(step, found)}) and woke for that part alone"
        return f"{said} {part}: call it again for the rest."
    if errno:
        return f"{said} was refused with {errno}: {MEANS.get(errno, 'and wakes nobody')}."
    if "DONTWAKE" in (step.get("mode") or ()):
        return f"{said} had the mode DONTWAKE, and no wake came after it: a lost wake-up."
    if step.op == "wake":
        return f"{said} woke it, and it found what it had found before."
    return f"{said} was done, and that was not for the page it waits for, or not the cure for what it waits for."


def _last_message(trace: Trace, nap: Nap) -> int | None:
    """The last step that read a message about what a thread waits for."""
    by_event = [e.step for e in trace.events if e.kind is Kind.MESSAGE and e.target == nap.thread]
    if by_event:
        return by_event[-1]
    told = [(found["step"], found) for found in trace.observations if "event" in found]
    read = [index for index, found in told if (found.get("vma"), found.get("page")) == nap.place]
    return read[-1] if read else None


def _deciding(trace: Trace, index: int) -> int | None:
    """The event that says why a step came out as it did: of a refusal, where it began."""
    reasons = trace.reasons(index)
    if (trace.answer(index) or {}).get("errno"):
        return reasons[0]
    return reasons[-1] if reasons else None


def _wrong(run: Run, trace: Trace) -> Diagnosis | None:
    """A thread that got something else than it should."""
    for number, act in enumerate(run.trial.acts):
        if isinstance(act, str) or act.wants is None:
            continue
        index = run.steps.get(number)
        if index is None:
            return Diagnosis(words.stopped(str(run.stopped)))
        answer = trace.answer(index) or {}
        got = Wants(answer.get("value"), answer.get("signal") or "")
        if got != act.wants:
            return _mistaken(run, trace, index, got, act.wants)
    return None


def _mistaken(run: Run, trace: Trace, index: int, got: Wants, wants: Wants) -> Diagnosis:
    calls = [i for calls in run.answered.values() for i in calls if Trait.FILL in trace.scenario[i].traits]
    last = next((i for i in reversed(calls) if not trace.observations[i].get("errno")), None)
    did = f" What was done last: “{words.step(trace.scenario[last])}” (step {last})." if last is not None else ""
    came = f"“{words.step(trace.scenario[index])}” (step {index}) came to {got}, and should have come to {wants}."
    return Diagnosis(came + did, index, _deciding(trace, index if last is None else last))
