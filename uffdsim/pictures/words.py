"""Few words for things that have many: pages, steps, answers and events."""

from uffdsim.trace import Event, Trace

_ON_A_PAGE = ("load", "store", "kload")


def byte(value: int) -> str:
    """A byte as pictures show it."""
    return f"0x{value:02x}"


def place(mapping: str, page: int) -> str:
    """A page of a mapping."""
    return f"{mapping}[{page}]"


def short(step) -> str:
    """A step: what is done, where, and what matters of how."""
    given = step.given
    if "vma" in given:
        where = place(given["vma"], step["page"]) if "page" in given or step.op in _ON_A_PAGE else given["vma"]
    else:
        where = given.get("fd") or given.get("id") or given.get("file") or ""
    rest = [byte(given["value"])] if "value" in given else []
    rest += [" ".join(given[key]) for key in ("modes", "features", "mode") if given.get(key)]
    rest += [str(given[key]) for key in ("advice", "prot", "to") if key in given]
    return " ".join(filter(None, [step.op.replace("read_event", "read"), where, *rest]))


def answered(observation: dict) -> str:
    """What a step came to."""
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
    """What a thread has got when its ANSWER happens."""
    observation = trace.observations[event.step]
    if trace.scenario[event.step].thread != event.thread:
        completed = observation.get("completed", ())
        observation = next((done for done in completed if done["thread"] == event.thread), {})
    return answered(observation)


def told(event: Event) -> str:
    """An event: who, where, and what."""
    where = f" in {event.function}" if event.function else ""
    return f"{event.thread}{where}: {event.text}" if event.thread else event.text


def count(number: int, thing: str) -> str:
    """So many things."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")
