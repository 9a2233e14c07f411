"""Diagnoses: why a handler did not get a trial's threads through, in the kernel's own words."""

from typing import NamedTuple

from uffdsim import kernels
from uffdsim.course import words
from uffdsim.course.handler import DELAYS
from uffdsim.course.play import Played
from uffdsim.course.trial import Wants
from uffdsim.trace import KernelError, Kind, Trace

FILLS = ("copy", "zeropage", "continue", "poison", "move", "writeprotect")
MEANS = {
    "EEXIST": "something was there already, and a call that does nothing wakes nobody: call wake",
    "EFAULT": "there was no page to map; bring one, or wake, and the thread faults anew",
    "ENOENT": "nothing is mapped there any more; wake, and let the thread find out",
    "EINVAL": "this kind of memory does not take that call",
    "EAGAIN": "the address space is changing until its event is read; put the message off with u.later(event)",
}


class Diagnosis(NamedTuple):
    """What went wrong, with the numbers of a step and of an event that show it, if they can be told."""

    why: str
    step: int | None = None
    event: int | None = None


def diagnosis(played: Played) -> Diagnosis | None:
    """Why a trial was not passed; None if it was."""
    trace = told(played)
    for look in (_refused_setup, _died, _stopped, _asleep, _wrong):
        if (found := look(played, trace)) is not None:
            return found
    return None


def told(played: Played) -> Trace:
    """The trace, with events: where the kernel tells none, those of a simulated kernel that answered alike."""
    trace = played.machine.trace
    if trace.events:
        return trace
    for name in kernels.names():
        simulated = kernels.kernel(name)
        if not hasattr(simulated, "session"):
            break
        try:
            other = simulated.run(played.scenario)
        except KernelError:
            continue
        if other.observations == trace.observations:
            return other
    return trace


def refused(played: Played) -> str:
    """What of the trial's beginning the kernel refuses, so that it means nothing there; "" if nothing."""
    for index in range(len(played.trial.setup)):
        found = played.machine.observations[index] if index < len(played.machine.observations) else {}
        if found.get("errno"):
            return f"{words.act(played.scenario[index])}: {found['errno']}"
    return ""


def _refused_setup(played: Played, trace: Trace) -> Diagnosis | None:
    return Diagnosis(f"It cannot begin: {text}.") if (text := refused(played)) else None


def _died(played: Played, trace: Trace) -> Diagnosis | None:
    last = trace.observations[-1]
    if last["status"] != "oops":
        return None
    return Diagnosis(f"The kernel died in {last['at']}.", last["step"], len(trace.events) or None)


def _stopped(played: Played, trace: Trace) -> Diagnosis | None:
    if not played.stopped or "sleeps in step" in played.stopped:
        return None
    return Diagnosis(words.sentence(played.stopped), len(trace.observations) - 1, None)


def _asleep(played: Played, trace: Trace) -> Diagnosis | None:
    blocked = played.machine.blocked
    if not blocked:
        return None
    thread, call = next(iter(blocked.items()))
    asleep = f"{thread} still sleeps in step {call.index}, “{words.act(call.step)}”"
    message = _last_message(trace, thread, call.step)
    if message is None:
        return Diagnosis(f"{asleep}; its message was never read.", call.index, _sleep(trace, thread))
    calls = played.answered.get(message, [])
    fills = [index for index in calls if trace.scenario[index].op in (*FILLS, "wake")]
    if not fills:
        late = f" It was put off {DELAYS} times." if message in played.answered and calls else ""
        why = f"{asleep}: its message (step {message}) was read, and nothing was done about it.{late}"
        return Diagnosis(why, message, _sleep(trace, thread))
    last = fills[-1]
    event = _deciding(trace, last) if trace.observations[last].get("errno") else _sleep(trace, thread)
    return Diagnosis(f"{asleep}. {_about(trace, last)}", last, event)


def _about(trace: Trace, index: int) -> str:
    """Why a call did not let anybody go on."""
    step, found = trace.scenario[index], trace.observations[index]
    said = f"Step {index}, “{words.act(step)}”,"
    errno = found.get("errno")
    if errno == "EAGAIN" and found.get("done", 0) > 0:
        part = f"did only a part (EAGAIN, {found['done']} bytes done) and woke for that part alone"
        return f"{said} {part}: call it again for the rest."
    if errno:
        return f"{said} was refused with {errno}: {MEANS.get(errno, 'and wakes nobody')}."
    if "DONTWAKE" in (step.get("mode") or ()):
        return f"{said} had the mode DONTWAKE, and no wake came after it: a lost wake-up."
    if step.op == "wake":
        return f"{said} woke it, and it found what it had found before."
    return f"{said} was done, and that was not for the page it waits for, or not the cure for what it waits for."


def _last_message(trace: Trace, thread: str, step) -> int | None:
    """The last step that read a message about what a thread waits for."""
    by_event = [e.step for e in trace.events if e.kind is Kind.MESSAGE and e.target == thread]
    if by_event:
        return by_event[-1]
    where = (step.get("vma"), step.get("page"))
    read = [i for i, o in enumerate(trace.observations) if "event" in o and (o.get("vma"), o.get("page")) == where]
    return read[-1] if read else None


def _sleep(trace: Trace, thread: str) -> int | None:
    found = [n for n, e in enumerate(trace.events, 1) if e.kind is Kind.SLEEP and e.thread == thread]
    return found[-1] if found else None


def _deciding(trace: Trace, index: int) -> int | None:
    """The event that says why a step came out as it did."""
    thread = trace.scenario[index].thread
    mine = [(n, e) for n, e in enumerate(trace.events, 1) if e.step == index and e.function and e.thread == thread]
    refusals = [n for n, e in mine if words.refused(e)]
    done = [n for n, e in mine if e.kind is Kind.DO] or [n for n, _ in mine]
    return refusals[0] if refusals else done[-1] if done else None


def _wrong(played: Played, trace: Trace) -> Diagnosis | None:
    """A thread that got something else than it should."""
    for number, act in enumerate(played.trial.acts):
        if isinstance(act, str) or act.wants is None:
            continue
        index = played.steps.get(number)
        if index is None:
            return Diagnosis(words.sentence(played.stopped))
        answer = _final(trace, index)
        if Wants(answer.get("value"), answer.get("signal") or "") != act.wants:
            return _mistaken(played, trace, index, answer, act.wants)
    return None


def _mistaken(played: Played, trace: Trace, index: int, answer: dict, wants: Wants) -> Diagnosis:
    got = answer.get("signal") or words.byte(answer["value"])
    ought = wants.signal or words.byte(wants.value)
    call = [i for calls in played.answered.values() for i in calls if trace.scenario[i].op in FILLS]
    last = next((i for i in reversed(call) if not trace.observations[i].get("errno")), None)
    did = f" What was done last: “{words.act(trace.scenario[last])}” (step {last})." if last is not None else ""
    event = _decided(trace, index) if last is None else _deciding(trace, last)
    came = f"“{words.act(trace.scenario[index])}” (step {index}) came to {got}, and should have come to {ought}."
    return Diagnosis(came + did, index, event)


def _decided(trace: Trace, index: int) -> int | None:
    thread = trace.scenario[index].thread
    mine = ((n, e) for n, e in enumerate(trace.events, 1) if e.step >= index and e.thread == thread)
    return ([n for n, e in mine if e.question and e.question != "wait?"] or [None])[-1]


def _final(trace: Trace, index: int) -> dict:
    found = trace.observations[index]
    later = (entry for o in trace.observations for entry in o.get("completed", ()) if entry["step"] == index)
    return found if found["status"] != "blocked" else next(later, {})
