"""Traces: what a kernel answered to a scenario, all that happened between the answers, and how to read it."""

from bisect import bisect_right
from operator import attrgetter
from typing import NamedTuple, Protocol, runtime_checkable

from uffdsim.errors import Told
from uffdsim.grammar import Trait
from uffdsim.scenario import Scenario
from uffdsim.trace.event import Event, Kind
from uffdsim.trace.state import Cursor, State


class KernelError(Told):
    """A kernel that cannot run this, here; the message says in one sentence why, and what would allow it.

    ``trace`` has the answers of the steps before it, where they were carried out.
    """


@runtime_checkable
class Kernel(Protocol):
    """Whatever answers scenarios: a simulated kernel, the Linux at hand, a recording."""

    name: str
    about: str
    """A line about it."""

    def run(self, scenario: Scenario) -> "Trace":
        """What it answers.

        :raises KernelError: if it cannot run this, here.
        :raises ScenarioError: if a blocked thread would have to take another step.
        """


OVER = (Kind.ANSWER, Kind.OOPS)
"""With these, a step is over."""


class Nap(NamedTuple):
    """A thread's sleep in the kernel: the step that it is at, the numbers of the events at which it fell asleep and
    was woken (None: it sleeps on), the function it sleeps in, the page it waits for, if it waits for one, and the
    flags of its PAGEFAULT message (None if not told)."""

    thread: str
    step: int
    begin: int
    end: int | None
    function: str
    place: tuple[str, int] | None
    flags: int | None

    def lasts(self, at: int) -> bool:
        """Whether the thread sleeps when ``at`` events have happened."""
        return self.begin <= at and (self.end is None or at < self.end)


class Wake(NamedTuple):
    """One thread wakes another: the number of the event, both threads, and the sleep into which the woken one fell
    again before the step was over (None: it went on)."""

    number: int
    by: str
    thread: str
    again: Nap | None


class Trace:
    """What one kernel did with one scenario, and what can be read from that.

    ``observations`` are the answers, a JSON object a step. ``events`` are what happened, in order: event number n is
    the n-th, and a *place* in the trace is how many events have happened. A simulated kernel tells them all
    (``narrated``). Of a real one we know the steps, who slept, and the answers; these are events then, without a
    function and without changes. ``kernel`` is its name. A trace may grow while it is being made.
    """

    def __init__(self, scenario: Scenario, kernel: str, observations: list[dict], events: list[Event] | None = None):
        self.scenario = scenario
        self.kernel = kernel
        self.observations = observations
        self.narrated = events is not None
        self.events = _from_observations(scenario, observations) if events is None else events
        self._cursor: Cursor | None = None
        self._naps: list[Nap] = []
        self._by_thread: dict[str, list[int]] = {}
        self._by_step: dict[int, list[int]] = {}
        self._napped = 0
        self._completed: dict[int, dict] = {}
        self._complete = 0

    def __repr__(self) -> str:
        return f"<Trace of {self.scenario.name!r} on {self.kernel}: {len(self.observations)} steps>"

    # Places

    def end(self, step: int) -> int:
        """The place at which a step was observed; of -1, where the first one begins."""
        return bisect_right(self.events, step, key=attrgetter("step"))

    def begin(self, step: int) -> int:
        """The place at which a step is about to begin."""
        return self.end(step - 1)

    def ends(self) -> list[int]:
        """For each observed step, the place at which it was observed."""
        return [self.end(step) for step in range(len(self.observations))]

    def state(self, at: int | None = None) -> State:
        """What the simulated kernel knew when ``at`` events had happened; at the end if left out.

        Do not write to it, nor keep it: the next call turns it into the state of another place.

        :raises Mistake: if the trace has no such place.
        """
        if self._cursor is None:
            self._cursor = Cursor(self.events)
        return self._cursor.seek(len(self.events) if at is None else at).state

    def cursor(self, at: int | None = None) -> Cursor:
        """A cursor of one's own, with a state of its own, after the first ``at`` events; at the end if left out."""
        return Cursor(self.events, len(self.events) if at is None else at)

    # Answers

    def answer(self, step: int, at: int | None = None) -> dict | None:
        """What a step has answered when ``at`` events have happened; in the end, if left out.

        Its ``status`` is ``done``, ``blocked``, ``oops``, or ``running`` while nothing is known yet; the other fields
        are those of its observation. A step that slept and is over has ``woken_in``, the step that let it go on.

        :returns: None for a step that was never carried out.
        """
        if step >= len(self.observations) and (at is None or at >= len(self.events)):
            return None
        if at is not None and at < self._answered_at(step):
            asleep = any(nap.lasts(at) for nap in self._naps_of(step))
            return {"status": "blocked" if asleep else "running"}
        return self._completion(step) or self.observations[step]

    def _answered_at(self, step: int) -> int:
        """The number of the event at which a step's last answer was known."""
        if step >= len(self.observations):
            return len(self.events) + 1
        found, told = self._completion(step), self.observations[step]
        if not found and told["status"] == "blocked":
            return self._naps_of(step)[-1].begin
        over = found["woken_in"] if found else step
        events = range(self.begin(over), self.end(over))
        return next((n + 1 for n in events if self.events[n].of == step and self.events[n].kind in OVER), events.stop)

    def _completion(self, step: int) -> dict | None:
        while self._complete < len(self.observations):
            observation = self.observations[self._complete]
            for entry in observation.get("completed", ()):
                self._completed[entry["step"]] = {"status": "done", **entry, "woken_in": observation["step"]}
            self._complete += 1
        return self._completed.get(step)

    def back(self, count: int) -> None:
        """Forget all but the first ``count`` steps and their answers."""
        place = self.end(count - 1)
        if self._cursor is not None:
            self._cursor.seek(min(self._cursor.at, place))
        while self._naps and self._naps[-1].begin > place:
            nap = self._naps.pop()
            self._by_thread[nap.thread].pop()
            self._by_step[nap.step].pop()
        for last in (numbers[-1] for numbers in self._by_thread.values() if numbers):
            if (self._naps[last].end or 0) > place:
                self._naps[last] = self._naps[last]._replace(end=None)
        self._napped = min(self._napped, place)
        for observation in self.observations[count : self._complete]:
            for entry in observation.get("completed", ()):
                del self._completed[entry["step"]]
        self._complete = min(self._complete, count)
        del self.events[place:], self.observations[count:]
        self.scenario = self.scenario.first(count)

    # Who sleeps, and who wakes whom

    def naps(self) -> list[Nap]:
        """Every sleep of every thread, in the order in which they began."""
        for number, event in enumerate(self.events[self._napped :], self._napped + 1):
            if event.kind is Kind.SLEEP:
                self._by_thread.setdefault(event.thread, []).append(len(self._naps))
                self._by_step.setdefault(event.of, []).append(len(self._naps))
                self._naps.append(Nap(event.thread, event.of, number, None, event.function, event.place, event.flags))
            elif event.kind is Kind.WAKE and self._by_thread.get(event.target):
                last = self._by_thread[event.target][-1]
                self._naps[last] = self._naps[last]._replace(end=number)
        self._napped = len(self.events)
        return self._naps

    def starts(self, step: int) -> list[int]:
        """The places from which a step's thread went on: where it was begun, and after each of its sleeps."""
        naps = self._naps_of(step)
        return [self.begin(step), *(self._next(nap) for nap in naps if nap.end is not None)]

    def _next(self, nap: Nap) -> int:
        """The place before a woken thread's own next event."""
        return next(n for n in range(nap.end or 0, len(self.events)) if self.events[n].thread == nap.thread)

    def _naps_of(self, step: int) -> list[Nap]:
        naps = self.naps()
        return [naps[index] for index in self._by_step.get(step, ())]

    def _nap_at(self, thread: str, at: int) -> Nap | None:
        """The sleep that a thread is in when ``at`` events have happened."""
        naps, mine = self.naps(), self._by_thread.get(thread, [])
        last = bisect_right(mine, at, key=lambda index: naps[index].begin) - 1
        return naps[mine[last]] if last >= 0 and naps[mine[last]].lasts(at) else None

    def asleep(self, at: int | None = None) -> list[Nap]:
        """Who sleeps in the kernel when ``at`` events have happened, the one who fell asleep first first."""
        self.naps()
        at = len(self.events) if at is None else at
        found = (self._nap_at(thread, at) for thread in self._by_thread)
        return sorted((nap for nap in found if nap), key=attrgetter("begin"))

    def wakes(self, step: int, at: int | None = None) -> list[Wake]:
        """Who was woken while a step was carried out, up to a place; and into which sleep they fell again."""
        first, last = self.begin(step), self.end(step)
        last = last if at is None else min(last, at)
        found = []
        for number in range(first + 1, last + 1):
            event = self.events[number - 1]
            if event.kind is Kind.WAKE:
                nap = self._nap_at(event.target, last)
                found.append(Wake(number, event.thread, event.target, nap if nap and nap.begin > number else None))
        return found

    # Events of a step, and those that decided it

    def during(self, step: int) -> list[tuple[int, Event]]:
        """What happened from when a step began until it was observed, whoever did it, numbered."""
        first, last = self.begin(step), self.end(step)
        return list(enumerate(self.events[first:last], first + 1))

    def of(self, step: int, at: int | None = None) -> list[tuple[int, Event]]:
        """What a step's thread did for it, until it was over, numbered; up to a place."""
        found = []
        for index in range(self.begin(step), len(self.events) if at is None else at):
            event = self.events[index]
            if event.of == step:
                found.append((index + 1, event))
                if event.kind in OVER:
                    break
        return found

    def reasons(self, step: int, at: int | None = None) -> list[int]:
        """The numbers of the events from which a step's answer came: the last is what decided it.

        Of a refusal, all that refused, and what was said of that; of a kernel's death, its last; else what is said to
        have come of it (while it waits, the last of that), or what was decided last on the way, or what was done. None
        for a step that went as it always goes, or of a kernel that does not tell.
        """
        told = [(n, e) for n, e in self.of(step, at) if e.kind not in (Kind.TOUCH, Kind.ANSWER)]
        errno = (self.answer(step, at) or {}).get("errno")
        refused = next((n for n, e in told if e.errno), 0) if errno else 0
        came = [n for n, e in told if e.outcome]
        waits = (self.answer(step, at) or {}).get("status") == "blocked"
        choices = (
            [n for n, e in told if refused and n >= refused and (e.errno or e.outcome)],
            [n for n, e in told if e.kind is Kind.OOPS],
            came[-1:] if waits else came,
            [n for n, e in told if e.decides][-2:],
            [n for n, e in told if e.kind is Kind.DO][-1:],
            [n for n, e in told if e.changes and e.kind is not Kind.CALL][-1:],
        )
        return next((numbers for numbers in choices if numbers), [])


def _from_observations(scenario: Scenario, observations: list[dict]) -> list[Event]:
    """What can be known of a real kernel: who began what, who slept, went on, and came back."""
    events = []
    for index, seen in enumerate(observations):
        step = scenario[index]
        events.append(Event(index, step.thread, Kind.TOUCH))
        for done in seen.get("completed", ()):
            events.append(Event(index, step.thread, Kind.WAKE, target=done["thread"]))
            events.append(Event(index, done["thread"], Kind.ANSWER, of=done["step"]))
        if seen["status"] == "oops":
            events.append(Event(index, step.thread, Kind.OOPS, seen["at"]))
        elif seen["status"] == "blocked":
            place = (step["vma"], step["page"]) if Trait.TOUCH in step.traits else None
            events.append(Event(index, step.thread, Kind.SLEEP, place=place))
        else:
            events.append(Event(index, step.thread, Kind.ANSWER))
    return events
