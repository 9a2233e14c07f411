"""The monitor at the destination: a handler of somebody's own answers the guest's faults, and brings the rest.

    def handler(event, u):
        if event:
            u.continue_(event.page)

It is called for each message; and with None, where nobody waits and the monitor has time.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from uffdsim import kernels, words
from uffdsim.course.handle.calls import CALLS, Result
from uffdsim.course.handle.form import alike, check
from uffdsim.course.handle.handler import Misstep, Printed, called, started
from uffdsim.course.handle.patience import Endless
from uffdsim.course.handle.rehearsal import rehearsed, unhurried
from uffdsim.course.handle.source import handed_in
from uffdsim.course.move.verdict import Verdict, at_most
from uffdsim.course.move.world import END, GUEST, LINK, PAGES, SOURCE, STALE, World
from uffdsim.course.progress import Progress
from uffdsim.errors import Mistake
from uffdsim.machine import Call
from uffdsim.migration.units import PICO, said_time
from uffdsim.scenario import Scenario, ScenarioError

TITLE = "A small machine moves"
FETCHES = 3.5
"""How many fetches a fault may take: one that is under way, one of another vCPU, its own, and the answers."""
MOST_CALLS = 500
"""A handler that has made this many calls is not coming to an end."""
SPARE = 1.25
"""All pages have to be there within this many times the time that the stale pages need on the network."""


class Asked(NamedTuple):
    """A message: somebody touched a page that the guest's mapping has not, and the page cache has."""

    page: int


class Monitor:
    """What a handler may do, and what it knows. Each call takes time, in which the guest runs on."""

    def __init__(self, world: World):
        self._world = world
        self._left = CALLS
        self.calls = 0

    @property
    def stale(self) -> frozenset[int]:
        """The pages whose content here is old: the map that the source has sent, less those fetched since."""
        return frozenset(self._world.stale)

    @property
    def left(self) -> list[int]:
        """The pages that are not in the guest's mapping yet, in order."""
        return [page for page in range(PAGES) if page not in self._world.mapped]

    def fetch(self, page: int) -> None:
        """Ask the source for a page, wait until it has come, and write it through the monitor's own mapping."""
        world = self._world
        self._do(page, fetch_s(world), "store", vma="monitor", value=SOURCE[page % PAGES], thread="handler")
        world.fetched += 1
        world.stale.discard(page)

    def continue_(self, page: int, pages: int = 1) -> Result:
        """UFFDIO_CONTINUE: map pages as they are here, and wake those who wait for them."""
        costs = self._world.costs
        cost = costs.continue_ if pages == 1 else costs.call + costs.batched * pages
        result = Result(self._do(page, cost, "continue", fd="u", vma="guest", pages=pages), GUEST.page)
        self._world.mapped.update(range(page, page + result.pages))
        return result

    def wake(self, page: int) -> Result:
        """UFFDIO_WAKE: threads that wait for a page try again."""
        return Result(self._do(page, self._world.costs.call, "wake", fd="u", vma="guest", pages=1), GUEST.page)

    def _do(self, page: int, cost: float, op: str, **keys: object) -> Call:
        if not isinstance(page, int) or not 0 <= page < PAGES:
            raise Mistake(f"{page!r} is not a page of the guest: take a number from 0 to {PAGES - 1}")
        self.calls += 1
        self._left -= 1
        if self._left < 0:
            raise Endless(
                f"it made {words.count(CALLS, 'call')} at a time, and would go on: do a little, then return: "
                "somebody may be waiting"
            )
        with unhurried():
            return self._world.call(cost, op, page=page, **keys)


def fetch_s(world: World) -> float:
    """How long a fetch takes: the round trip, the page on the wire, and its writing."""
    return LINK.rtt + LINK.wire(GUEST.page) / PICO + world.costs.write


class Moved(Verdict):
    """How a handler did. ``scenario`` is all that happened, for a lab."""

    scenario = Scenario()


def move(handler: Callable, kernel: str = kernels.DEFAULT, keep: Progress | None = None) -> Moved:
    """Let a handler answer the faults of a small machine that has just moved, in a simulated kernel and by the clock.

    :param handler: ``def handler(event, u)``; ``event.page`` was touched, or event is None; ``u`` is a Monitor.
    :param keep: where it is noted; beside the notebook if left out.
    :raises WrongType: if it is not a handler.
    """
    check(handler)
    written = handed_in(handler, kernel=kernel)
    hung = rehearsed([partial(_moved, handler, kernel)])
    moved = Moved(TITLE, [], words.sentence(hung[0])) if hung else _moved(handler, kernel)
    moved.keep(keep, "handler", "moving", written, begun=alike(handler, _begun))
    return moved


# The handler that the lesson begins with: nobody's try, so it is not noted. A docstring would make it another.
def _begun(event, u):
    if event:
        u.continue_(event.page)


def _moved(handler: Callable, kernel: str) -> Moved:
    world, printed = World(kernel), Printed()
    why = _run(handler, world, printed)
    world.check()
    longest, fetch = max(world.latency, default=0.0), fetch_s(world)
    measures = [
        at_most("pages fetched", world.fetched, len(STALE), str),
        at_most("longest wait for a page", longest, FETCHES * fetch, said_time),
        at_most("until every page is there", world.now, SPARE * len(STALE) * fetch, said_time),
    ]
    moved = Moved(TITLE, measures, why or (world.wrong or [""])[0])
    moved.scenario = world.machine.scenario
    moved.notes = [f"It printed: {printed.text}"] if printed.text else []
    return moved


def _run(handler: Callable, world: World, printed: Printed) -> str:
    """Let it happen until every page is there, or something is wrong. Returns what is wrong, or ""."""
    monitor, waiting, event = Monitor(world), list[int](), None
    try:
        answer = started(handler, printed)
        while monitor.left:
            waiting += world.messages()
            event = Asked(waiting.pop(0)) if waiting else None
            before = monitor.calls
            called(answer, event, monitor, printed)
            if event is None and monitor.calls == before:
                world.idle()
            if world.wrong or world.now >= END or monitor.calls > MOST_CALLS:
                return (world.wrong or [_unfinished(world, monitor)])[0]
    except (Endless, Misstep) as error:
        return f"The handler, given {event}: {words.stopped(str(error))}"
    except ScenarioError as error:
        return f"The handler, given {event}, made a call that cannot be: {words.stopped(str(error))}"
    return ""


def _unfinished(world: World, monitor: Monitor) -> str:
    asleep = [f"{vcpu.thread} has slept for page {vcpu.waits.step['page']}" for vcpu in world.vcpus if vcpu.waits]
    after = f"{words.count(monitor.calls, 'call')} and {said_time(world.now)}"
    told = f"After {after}, {words.count(len(monitor.left), 'page')} of the guest are still not there"
    return f"{told}, and {' and '.join(asleep) or 'nobody brought them'}."
