"""The guest runs at the destination, and not all of its pages are there: the fast engine.

What happens between two faults costs nothing here. Touches of pages that are there are left out, many at a time; pushed
pages are decided on when somebody wants to know; and because every queue on the way of a fault is first come, first
served, all that becomes of a fault is known when it begins. So one event a fault is enough.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush, heapreplace
from struct import Struct
from typing import NamedTuple

import numpy as np

from uffdsim.migration.guest import in_order
from uffdsim.migration.plan import LATER, Plan
from uffdsim.migration.source import source

FETCHED, SHARED, LOCAL, CHECKED = range(4)
"""How a fault ended: its page was asked for and sent; was on its way already; was here and only had to be mapped; or
the source was asked and said that it is up to date."""
KINDS = ("fetched", "on its way", "mapped", "checked")
_FEWEST, _MOST = 1024, 32768
"""Touches that are looked at together."""
_NONE = np.empty(0, np.int64)
_BITS = 10
_CPU = (1 << _BITS) - 1
"""An event is its time and its CPU in one number."""


class Faults(NamedTuple):
    """All faults, in the order in which they began; times in picoseconds."""

    begin: np.ndarray
    end: np.ndarray
    page: np.ndarray
    cpu: np.ndarray
    kind: np.ndarray


class PostCopy:
    """One post-copy.

    :param arrival: when each page is mapped, in picoseconds; LATER, if it has to come over the network. Written to.
    :param clean: of each page, whether it has come already, and only is mapped at its time of arrival: in the
        background, or earlier if somebody touches it. None if there are no such pages. Written to.
    :param resume: when the guest runs at the destination.
    :param ran: how long it had run before, in guest time.
    :param known: when the destination learns which pages are clean; until then it asks for each.
    :param pushes: when the first pushed page is on the wire.
    """

    def __init__(
        self, plan: Plan, arrival: np.ndarray, clean: np.ndarray | None, resume: int, ran: int, known: int, pushes: int
    ) -> None:
        guest = plan.guest
        self.plan, self.guest, self.arrival, self.resume, self.known = plan, guest, arrival, resume, known
        self.clean = None if clean is None else clean.data
        hot = guest.hot_pages(ran)
        self.source = source(plan, arrival, pushes, hot[0].start if hot and plan.order == "hot first" else 0)
        self._shift = [resume - ran] * guest.vcpus
        """Of each CPU, real time less guest time."""
        self._until = [ran] * guest.vcpus
        """Of each CPU, the guest time until which its touches have been looked at."""
        self._many = [_FEWEST] * guest.vcpus
        self._hot_here: dict[int, int] = {}
        self._look_again = resume
        self._all_here = LATER

    def run(self) -> Faults:
        """Let it happen, until every page is there."""
        look, fault, view, shifts = self.source.look, self._faulting(), self.arrival.data, self._shift
        touches: list[Iterator[tuple[int, int]]] = [iter(())] * self.guest.vcpus
        next_page = [-1] * self.guest.vcpus
        """Of each CPU, the page of its next touch; -1 where it first has to be looked for."""
        heap = [self.resume << _BITS | cpu for cpu in range(self.guest.vcpus)]
        log, pack = bytearray(), Struct("<qqihb").pack
        while heap:
            now, cpu = heap[0] >> _BITS, heap[0] & _CPU
            page = next_page[cpu]
            if page < 0:
                if not self._ahead(cpu, now):
                    heappop(heap)
                    continue
                touches[cpu] = self._look_ahead(cpu, now)
            else:
                mapped = view[page]
                if mapped == LATER:
                    mapped = look(page, now)
                if mapped > now:
                    end, kind = fault(page, now, mapped)
                    log += pack(now, end, page, cpu, kind)
                    shifts[cpu] += end - now
            shift = shifts[cpu]
            for when, page in touches[cpu]:
                when += shift
                if view[page] > when:
                    next_page[cpu] = page
                    heapreplace(heap, when << _BITS | cpu)
                    break
            else:
                next_page[cpu] = -1
                heapreplace(heap, self._until[cpu] + shift << _BITS | cpu)
        self.source.settle(LATER)
        rows = np.frombuffer(log, [*zip(Faults._fields, ("<i8", "<i8", "<i4", "<i2", "i1"), strict=True)])
        return Faults(*(np.ascontiguousarray(rows[name]) for name in Faults._fields))

    def _faulting(self) -> Callable[[int, int, int], tuple[int, int]]:
        """What becomes of a fault: of its page, the time now, and when the page will be mapped, as far as is known.

        :return: a function that says when the touch returns, and of which kind the fault was.
        """
        # All in one place, and its names at hand: a call for each of these lines would cost more than the line.
        plan, clean, known, ask, view = self.plan, self.clean, self.known, self.source.ask, self.arrival.data
        trap, read, wake, half, place, local = plan.trap, plan.read, plan.wake, plan.half, plan.place, plan.local
        exits, lock_each, crowd = plan.exits, plan.lock_each, plan.crowd if plan.exits else 0
        lock = plan.lock + lock_each * plan.handlers
        counts = lock_each or crowd
        # When each has time again, the first one first; the queue's lock; and when those wake up who wait.
        handlers, placers, held = [0] * plan.handlers, [0] * plan.placers, 0
        awake: list[int] = []

        def fault(page: int, now: int, mapped: int) -> tuple[int, int]:
            nonlocal held
            if counts:
                while awake and awake[0] <= now:
                    heappop(awake)
            waiting = len(awake)
            # To the queue, through its lock, and to a handler.
            queued = now + trap
            if exits:
                answer = begin = queued
            else:
                queued = held = (held if held > queued else queued) + lock + lock_each * waiting
                handled = handlers[0]
                begin = handled if handled > queued else queued
                answer = begin + read
            # What answers it; a page that is on its way needs no answer.
            busy, kind = answer, SHARED
            if clean is not None and clean[page]:
                clean[page] = False
                kind = LOCAL if begin >= known else CHECKED
                done = answer + local + crowd * waiting
                if kind == LOCAL:
                    busy = done
                else:
                    done += 2 * half + plan.answer
                if done < mapped:
                    view[page] = mapped = done
            elif mapped == LATER:
                here = ask(page, answer + half)
                if here:
                    kind = FETCHED
                    if exits:
                        mapped = here + place + crowd * waiting
                    else:
                        placed = placers[0]
                        mapped = (placed if placed > here else here) + place
                        heapreplace(placers, mapped)
                    view[page] = mapped
                else:
                    mapped = view[page]
            if not exits:
                heapreplace(handlers, busy)
            end = (mapped if mapped > queued else queued) + wake
            if counts:
                heappush(awake, end)
            return end, kind

        return fault

    def _ahead(self, cpu: int, now: int) -> bool:
        """Whether a CPU may still touch a page that is not there."""
        self.source.look(-1, now)
        if not self.source.unsent and self._all_here == LATER:
            self._all_here = int(self.arrival.max())
        return self._all_here > now and self._until[cpu] < self.guest.last_touch(cpu)

    def _look_ahead(self, cpu: int, now: int) -> Iterator[tuple[int, int]]:
        """The next touches of a CPU that may be faults: when, in guest time, and of which page."""
        guest, begin, many = self.guest, self._until[cpu], self._many[cpu]
        end = self._until[cpu] = min(begin + many * guest.step, guest.phase_at(begin)[1])
        late = []
        for when, page, _ in guest.streams(cpu, begin, end, hot=not self._hot_is_here(begin, now)):
            found = self.arrival[page] > when + self._shift[cpu]
            late.append((when[found], page[found]))
        when, page = in_order(late or [(_NONE, _NONE)])
        if len(when) * 4 < many:
            self._many[cpu] = min(2 * many, _MOST)
        elif len(when) * 2 > many:
            self._many[cpu] = max(many // 2, _FEWEST)
        return zip(when.tolist(), page.tolist(), strict=True)

    def _hot_is_here(self, ran: int, now: int) -> bool:
        """Whether all of the hot part is mapped, so that nobody need look at touches of it."""
        number = self.guest.phase_at(ran)[0]
        if number not in self._hot_here and now >= self._look_again:
            last = max((int(self.arrival[part].max()) for part in self.guest.hot_pages(ran)), default=0)
            if last < LATER:
                self._hot_here[number] = last
            self._look_again = now + (now - self.resume) // 8
        return self._hot_here.get(number, LATER) <= now
