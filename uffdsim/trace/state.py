"""What a simulated kernel knows at one place of a trace, and a cursor that moves from place to place."""

from collections.abc import Iterator, Sequence
from typing import Any

from uffdsim.errors import Mistake
from uffdsim.runs import Runs
from uffdsim.trace.event import Change, Event


class State(dict[tuple, Any]):
    """Everything a simulated kernel knows: named entries, some of them plain immutable values, some Runs.

    Keys are tuples that begin with the kind of entry; ``kernel.state`` lists them.
    Every write goes through ``set``, ``put`` or ``map`` and is noted in ``journal``, so that any
    earlier state can be restored.
    """

    __slots__ = ("journal",)

    def __init__(self) -> None:
        self.journal: list[Change] = []

    def of_kind(self, kind: str) -> Iterator[tuple[tuple, Any]]:
        """The entries whose keys begin with the kind, in the order in which they came."""
        return ((key, value) for key, value in list(self.items()) if key[0] == kind)

    def set(self, key: tuple, value: object) -> None:
        """Give an entry a value; None removes it."""
        self.journal.append(Change(key, self.get(key), value))
        self._store(key, value)

    def put(self, key: tuple, start: int, end: int, value: object) -> None:
        """Give a range of a ranged entry a value; None makes it a gap."""
        self.journal.append(Change(key, *self[key].put(start, end, value)))

    def replay(self, change: Change) -> None:
        """Do a change again."""
        self._move(change.key, change.before, change.after)

    def undo(self, change: Change) -> None:
        """Take a change back; it must be the last one done."""
        self._move(change.key, change.after, change.before)

    def _move(self, key: tuple, old: Any, new: Any) -> None:
        if isinstance(new if new is not None else old, list):
            self[key].swap(old, new)
        else:
            self._store(key, new)

    def _store(self, key: tuple, value: Any) -> None:
        if value is None:
            self.pop(key, None)
        else:
            self[key] = value.copy() if isinstance(value, Runs) else value


class Cursor:
    """A place among events, and the state there. Moving it does their changes again, or takes them back.

    :param state: what is known there, if it is at hand; it moves with the cursor.
    """

    def __init__(self, events: Sequence[Event], at: int = 0, state: State | None = None):
        self.events = events
        self.at = 0 if state is None else at
        self.state = State() if state is None else state
        self.seek(at)

    def seek(self, at: int) -> "Cursor":
        """Go to just after the first ``at`` events.

        :raises Mistake: if the trace has no such place.
        """
        if not 0 <= at <= len(self.events):
            raise Mistake(f"there is no event {at}; there are 1 to {len(self.events)}")
        while self.at < at:
            for change in self.events[self.at].changes:
                self.state.replay(change)
            self.at += 1
        while self.at > at:
            self.at -= 1
            for change in reversed(self.events[self.at].changes):
                self.state.undo(change)
        return self
