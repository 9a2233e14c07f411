"""What an engine needs to know, in whole picoseconds: everything that guest, link and destination come down to."""

from typing import NamedTuple

from uffdsim.migration.destination import Destination
from uffdsim.migration.guest import Guest
from uffdsim.migration.link import Link
from uffdsim.migration.units import pico

LATER = (1 << 63) - 1
"""The time of arrival of a page that has not been sent yet."""


class Plan(NamedTuple):
    """Times in picoseconds.

    A page is pushed in ``pieces``. While the wire has them, one after the other, nothing but the pushing thread's
    next look at its requests decides who is next. ``pace`` is the time from one piece to the next: on the wire, or at
    the destination, where that is slower.
    """

    guest: Guest
    order: str
    pieces: int
    pace: int
    wire: int
    """A piece of a page that was asked for, on the wire."""
    half: int
    """Half a round trip."""
    lead: int
    """How far the sender is ahead of the wire: the time that the buffer takes."""
    ahead: int
    """How long a page that was asked for waits for what is in the buffer: for all of it, or, on a channel of its own,
    for as much as goes over the wire beside it, half and half."""
    answer: int
    """How long an answer without a page waits for what is in the buffer."""
    trap: int
    read: int
    wake: int
    place: int
    """To place a page that somebody waits for."""
    place_pushed: int
    """From the arrival of a pushed page until it is mapped."""
    local: int
    """To answer where the content is there already."""
    lock: int
    lock_each: int
    crowd: int
    handlers: int
    placers: int
    exits: bool

    @classmethod
    def of(cls, guest: Guest, link: Link, to: Destination, new: bool = True) -> "Plan":
        """The plan for such a migration.

        :param new: whether the destination has no memory for the pages yet.
        """
        costs = to.costs_for(guest.page)
        if to.mode == "minor":
            write = 0 if to.direct else costs.write + costs.allocate * new
            place, pushed = write + costs.continue_, write + costs.batched + costs.call
        else:
            place, pushed = costs.copy, costs.pushed_copy
        piece = link.piece(guest.page)
        pieces = guest.page // piece
        pace = max(link.wire(piece), pico(pushed / to.placers / pieces))
        lead = pace * link.buffer // piece
        return cls(
            guest=guest,
            order=link.order,
            pieces=pieces,
            pace=pace,
            wire=link.wire(piece),
            half=pico(link.rtt / 2),
            lead=lead,
            ahead=lead if link.channel == "shared" else link.wire(min(guest.page, link.buffer)),
            answer=lead if link.channel == "shared" else 0,
            trap=pico(costs.trap),
            read=pico(costs.read),
            wake=pico(costs.wake),
            place=pico(place),
            place_pushed=pico(pushed),
            local=pico(costs.continue_),
            lock=pico(costs.lock),
            lock_each=pico(costs.lock_each),
            crowd=pico(costs.crowd),
            handlers=to.handlers,
            placers=to.placers,
            exits=to.exits,
        )
