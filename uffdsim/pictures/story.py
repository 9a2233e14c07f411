"""The one numbering of a trace: its events, 1 to n, told alike by every picture."""

from uffdsim.trace import Event, Kind, Trace

FILLS = ("copy", "zeropage", "poison", "continue", "writeprotect", "move")


def story(trace: Trace) -> list[Event]:
    """What happened, in order; event number n is the n-th of these.

    A simulated kernel has told it all. Of a real one we know the steps, who slept, and the answers; these are
    events then, without a function and without changes.
    """
    return trace.events or _from_observations(trace)


def step_at(trace: Trace, at: int) -> int:
    """The index of the step that is being carried out when ``at`` events have happened; -1 before the first."""
    return story(trace)[at - 1].step if at else -1


def steps_done(trace: Trace, at: int) -> int:
    """How many steps are over, as far as they ever are, when ``at`` events have happened."""
    events = story(trace)
    begun = step_at(trace, at) + 1
    return begun if at == len(events) or events[at].step >= begun else begun - 1


def counterpart(trace: Trace, at: int, other: Trace) -> int:
    """The place in another trace that goes with a place in this one: the same step, as far along."""
    step = step_at(trace, at)
    begin = sum(event.step < step for event in story(trace))
    there = sum(event.step < step for event in story(other))
    end = sum(event.step <= step for event in story(other))
    return end if steps_done(trace, at) > step else min(there + at - begin, end)


def _from_observations(trace: Trace) -> list[Event]:
    events = []
    for index, observation in enumerate(trace.observations):
        step = trace.scenario[index]
        events.append(Event(index, step.thread, Kind.TOUCH, "", short(step)))
        if observation["status"] == "oops":
            events.append(Event(index, step.thread, Kind.OOPS, observation["at"], "the kernel died here"))
        elif observation["status"] == "blocked":
            events.append(Event(index, step.thread, Kind.SLEEP, "", f"{step.thread} waits in the kernel"))
        else:
            events.append(Event(index, step.thread, Kind.ANSWER, "", answered(observation)))
        for done in observation.get("completed", ()):
            events.append(Event(index, step.thread, Kind.WAKE, "", f"{done['thread']} goes on", done["thread"]))
            events.append(Event(index, done["thread"], Kind.ANSWER, "", answered(done)))
    return events


def byte(value: int) -> str:
    """A byte as pictures show it."""
    return f"0x{value:02x}"


def place(mapping: str, page: int) -> str:
    """A page of a mapping, in few letters."""
    return f"{mapping}[{page}]"


def short(step) -> str:
    """A step in few words."""
    given = step.given
    if "vma" in given:
        where = place(given["vma"], step["page"]) if "page" in given or step.op in _ON_A_PAGE else given["vma"]
    else:
        where = given.get("fd") or given.get("id") or given.get("file") or ""
    rest = [byte(given["value"])] if "value" in given else []
    rest += [" ".join(given[key]) for key in ("modes", "features", "mode") if given.get(key)]
    rest += [str(given[key]) for key in ("advice", "prot", "to") if key in given]
    return " ".join(filter(None, [step.op.replace("read_event", "read"), where, *rest]))


_ON_A_PAGE = ("load", "store", "kload")


def answered(observation: dict) -> str:
    """An answer in a word or two."""
    if "signal" in observation:
        return observation["signal"]
    if observation.get("errno"):
        return observation["errno"]
    if "value" in observation:
        return byte(observation["value"])
    if "event" in observation:
        return observation["event"]
    return "reports" if "vmas" in observation else "ok"


def answer(trace: Trace, event: Event) -> str:
    """What a thread has got when its ANSWER event happens, in a word or two."""
    observation = trace.observations[event.step]
    if trace.scenario[event.step].thread != event.thread:
        observation = next(done for done in observation["completed"] if done["thread"] == event.thread)
    return answered(observation)
