"""Moments: places in a trace, by the one numbering of events that all pictures share."""

from dataclasses import dataclass

from uffdsim import words
from uffdsim.errors import Mistake
from uffdsim.trace import Event, Trace


@dataclass(frozen=True)
class Moment:
    """A trace when ``at`` of its events have happened, and how to look at it.

    ``since`` is an earlier place: what changed after it stands out. ``against`` is another trace, or None: what is
    different from it is marked, at its place ``there``; None takes the same step, as far along. ``hide_after``: nothing
    that comes after this moment is to be seen.

    :raises Mistake: if the trace has no such place.
    """

    trace: Trace
    at: int
    since: int
    against: Trace | None = None
    hide_after: bool = False
    there: int | None = None

    def __post_init__(self) -> None:
        for name in ("at", "since"):
            if not 0 <= getattr(self, name) <= len(self.events):
                raise Mistake(f"{name}={getattr(self, name)}: the trace has events 1 to {len(self.events)}")

    @property
    def events(self) -> list[Event]:
        """Everything that happens in the trace; event number n is the n-th."""
        return self.trace.events

    @property
    def event(self) -> Event | None:
        """What happened last."""
        return self.events[self.at - 1] if self.at else None

    @property
    def shown(self) -> int:
        """The number of the last event that may be seen."""
        return self.at if self.hide_after else len(self.events)

    @property
    def step(self) -> int:
        """The index of the step that is being carried out; -1 before the first."""
        return self.events[self.at - 1].step if self.at else -1

    @property
    def steps_done(self) -> int:
        """How many steps are over, as far as they ever are."""
        begun = self.step + 1
        return begun if self.at == len(self.events) or self.events[self.at].step >= begun else begun - 1

    @property
    def told(self) -> str:
        """What happened last, as a sentence with the number of the event."""
        if self.event is None:
            return "Nothing has happened yet."
        return words.stopped(f"Event {self.at} of {len(self.events)}: {words.told(self.trace, self.event)}")

    @property
    def may_differ(self) -> bool:
        """Whether anything that is known may have changed since the earlier place."""
        first, last = sorted((self.since, self.at))
        return not self.trace.narrated or any(event.changes for event in self.events[first:last])

    def before(self) -> "Moment":
        """The earlier place that this one is compared with."""
        return Moment(self.trace, self.since, self.since)

    def counterpart(self) -> "Moment | None":
        """The place in the other trace that goes with this one: in the same step, as far along; None without one."""
        if self.against is None:
            return None
        if self.there is not None:
            return Moment(self.against, self.there, self.there)
        end = self.against.end(self.step)
        far = self.at - self.trace.begin(self.step)
        at = end if self.steps_done > self.step else min(self.against.begin(self.step) + far, end)
        return Moment(self.against, at, at)
