"""A whole migration in virtual time."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from uffdsim.migration.costs import Costs
from uffdsim.migration.destination import Destination
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.plan import LATER, Plan
from uffdsim.migration.postcopy import Faults
from uffdsim.migration.postcopy import PostCopy as Engine
from uffdsim.migration.precopy import PreCopy as Rounds
from uffdsim.migration.result import Result
from uffdsim.migration.units import PICO, MigrationError, pico, said_time
from uffdsim.migration.ways import Hybrid, PostCopy, PreCopy, StopAndCopy, Way

_TOUCHES = 10**11
"""More than these are not looked at; that would take an hour."""
_NO_FAULTS = Faults(*(np.empty(0, np.int64) for _ in Faults._fields))


def simulate(guest: Guest, link: Link | None = None, to: Destination | None = None, way: Way | None = None) -> Result:
    """Let a guest migrate over a link to a destination, in some way; what is not given is as usual.

    :raises MigrationError: if that is impossible; the message says what would be possible.
    """
    link, to, way = link or Link(), to or Destination(), way or PostCopy()
    if to.costs is None:
        to = replace(to, costs=Costs.recorded(guest.page))
    _check_length(guest, link, way)
    return _WAYS[type(way)](_Move(guest, link, to), way)


def _check_length(guest: Guest, link: Link, way: Way) -> None:
    """Whether it ends before the numbers do, and before whoever waits for the simulation."""
    long = guest.pages * link.wire(guest.page)
    if long * (1 + getattr(way, "rounds", 0)) > 1 << 62:
        raise MigrationError(f"that would take {long / PICO / 86400:,.0f} days: take more bandwidth, or less memory")
    if not guest.sweep and long // guest.step * guest.vcpus > _TOUCHES:
        think = said_time(long * guest.vcpus / _TOUCHES / PICO)
        raise MigrationError(f"the vCPUs would touch too often to look at it all: let them think for at least {think}")


class _Move:
    """What the ways have in common; times in picoseconds."""

    def __init__(self, guest: Guest, link: Link, to: Destination) -> None:
        self.guest, self.link, self.to = guest, link, to
        self.half = pico(link.rtt / 2)
        self.map = link.wire(-(-guest.pages // 8))
        """A bit for each page, on the wire."""

    def rounds(self) -> Rounds:
        """The rounds of a pre-copy, before the first: a page takes its time on the wire or, where that is slower,
        writable at the destination."""
        costs, wire = self.to.costs_for(self.guest.page), self.link.wire(self.guest.page)
        write = (0 if self.to.direct else costs.write) / self.to.placers
        new = (0 if self.to.direct else costs.allocate) / self.to.placers
        return Rounds(self.guest, max(wire, pico(write + new)), max(wire, pico(write)), self.half)

    def parts(self, **more: int) -> dict[str, int]:
        """The parts of a downtime, in order."""
        handover = self.to.handover
        state = {"state": pico(handover.state) + self.half}
        return {"pause": pico(handover.pause)} | more | state | {"start": pico(handover.start)}

    def result(
        self,
        way: Way,
        parts: dict[str, int],
        rounds: Rounds,
        arrival: np.ndarray,
        faults: Faults = _NO_FAULTS,
        **more: Any,
    ) -> Result:
        stale = int(np.count_nonzero(rounds.stale))
        done = {"stale": stale, "sent": rounds.sent + stale, "rounds": tuple(rounds.rounds), "ran": rounds.now, **more}
        return Result(way.name, self.guest, self.link, self.to, parts, rounds.now, arrival, faults, **done)


def _stopped(move: _Move, way: StopAndCopy | PreCopy) -> Result:
    """All that is stale is sent while the guest stands still."""
    rounds, limit = move.rounds(), pico(getattr(way, "downtime", 0))
    rounds.run(getattr(way, "rounds", 0), limit)
    pause = move.parts()["pause"]
    parts = move.parts(memory=rounds.send(rounds.now + pause))
    enough = not rounds.rounds or rounds.is_short(limit)
    return move.result(way, parts, rounds, rounds.arrival, enough=enough)


def _post_copy(move: _Move, way: PostCopy) -> Result:
    """Nothing is sent before the guest runs at the destination."""
    rounds = move.rounds()
    parts = move.parts()
    resume = sum(parts.values())
    arrival = np.full(move.guest.pages, LATER)
    engine = Engine(Plan.of(move.guest, move.link, move.to), arrival, None, resume, 0, resume, resume)
    return move.result(way, parts, rounds, arrival, engine.run())


def _hybrid(move: _Move, way: Hybrid) -> Result:
    """Rounds of pre-copy first."""
    guest, costs, minor = move.guest, move.to.costs_for(move.guest.page), move.to.mode == "minor"
    early = minor if way.early is None else way.early
    if early and not minor:
        raise MigrationError("the guest can only run before the map of stale pages is there in mode 'minor'")
    rounds = move.rounds()
    rounds.run(way.rounds)
    stale = np.count_nonzero(rounds.stale)
    unmap = {} if minor else {"unmap": int(stale) * pico(costs.zap + costs.free)}
    parts = move.parts(**{} if early else {"map": move.map}, **unmap)
    resume = rounds.now + sum(parts.values())
    known = resume + (move.map + move.half if early else 0)
    arrival = np.where(rounds.stale, LATER, _mapped(move, rounds.stale, known) if minor else rounds.arrival)
    clean = ~rounds.stale if minor else None
    pushes = resume + (move.map if early else 0)
    engine = Engine(Plan.of(guest, move.link, move.to, new=False), arrival, clean, resume, rounds.now, known, pushes)
    faults = engine.run()
    came = np.where(rounds.stale, arrival, rounds.arrival) if minor else None
    return move.result(way, parts, rounds, arrival, faults, came=came, known=known)


def _mapped(move: _Move, stale: np.ndarray, known: int) -> np.ndarray:
    """When the pages that are not stale are mapped in the background, batch after batch."""
    costs, batch = move.to.costs_for(move.guest.page), move.to.batch
    each = pico((costs.batched * batch + costs.call) / move.to.placers)
    return known + ((np.cumsum(~stale) + batch - 1) // batch) * each


_WAYS: dict[type, Callable[[_Move, Any], Result]] = {
    StopAndCopy: _stopped,
    PreCopy: _stopped,
    PostCopy: _post_copy,
    Hybrid: _hybrid,
}
