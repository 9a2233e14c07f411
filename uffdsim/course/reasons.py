"""Reasons: the numbers of the events that made an aspect of a step what it is."""

from uffdsim.course import words
from uffdsim.course.asked import Asked
from uffdsim.trace import Kind


def decisions(asked: Asked) -> list[int]:
    """What was decided last: what its answer came from."""
    found = [number for number, event in asked.events() if event.question and event.question != "wait?"]
    return found[-2:] or last_told(asked)


def last_told(asked: Asked) -> list[int]:
    """What the kernel did last that says why it answered as it did; the answer itself where it had no say."""
    found = asked.events()
    told = [(n, e) for n, e in found if e.function and e.thread == asked.step.thread and e.kind is not Kind.WAKE]
    errno = asked.observation.get("errno")
    choices = (
        [n for n, e in found if e.kind is Kind.OOPS],
        [n for n, e in told if errno and e.text.endswith(f": {errno}")],
        [n for n, e in told if e.kind is Kind.DO and not errno],
        [n for n, e in told if e.changes],
        [n for n, _ in told],
        [n for n, _ in found],
    )
    return next(numbers for numbers in choices if numbers)[-1:]


def wakes(asked: Asked) -> list[int]:
    """Who was woken; or why nobody was."""
    return [number for number, event in asked.events() if event.kind is Kind.WAKE] or last_told(asked)


def of_message(asked: Asked) -> list[int]:
    """Why there is a message, or none."""
    return decisions(asked) if asked.step.op in words.TOUCHES else _of_sleep(asked)


def _of_sleep(asked: Asked) -> list[int]:
    found = [n for n, event in asked.events() if event.kind is Kind.SLEEP]
    return [found[-1] - 1, found[-1]] if found and found[-1] - 1 > asked.ends[0] else last_told(asked)


def last_change(kind: str):
    """The event that last changed what an aspect is about."""

    def reasons(asked: Asked) -> list[int]:
        key, place = _key(kind, asked)
        if key is None:
            return last_told(asked)
        for number in range(asked.ends[1], 0, -1):
            changes = [change for change in asked.trace.events[number - 1].changes if change.key == key]
            if any(_value_in(c.before, place) != _value_in(c.after, place) for c in changes):
                return [number]
        return last_told(asked)

    return reasons


def _key(kind: str, asked: Asked) -> tuple[tuple | None, int | None]:
    if kind == "cache":
        file = asked.file
        return (("cache", file) if file else None), None
    return (kind, "main"), asked.address


def _value_in(runs, place: int | None):
    """The value at a place of what a change had before or after; without a place, how many places have one."""
    runs = [] if runs is None else list(runs)
    if place is None:
        return sum(run.end - run.start for run in runs)
    return next((run.value for run in runs if run.start <= place < run.end), None)
