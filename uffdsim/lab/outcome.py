"""Outcomes: where a list of acts led under some settings.

The acts are carried out one by one, each followed by the handler's answers. What cannot be done any more, as
its thread sleeps or what it names is not there, is left out, and a note says why.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from uffdsim import kernels, words
from uffdsim.kernel import VERSIONS, Simulated
from uffdsim.kernel.session import Session
from uffdsim.lab.handlers import HANDLERS, PATIENCE, descriptors
from uffdsim.lab.settings import Settings
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import KernelError, Kind, Trace

Acts = tuple[Step, ...]


class Place(NamedTuple):
    """A place in time that means the same in every outcome: in an act (-1: the base) so many events ``far``, or at
    its end (None)."""

    act: int
    far: int | None


class Outcome:
    """The outcome of acts: the scenario that they became, and its trace on a simulated kernel, which grows with them.

    ``ends[0]`` is how many events the base has, ``ends[k + 1]`` how many there were when act ``k`` and the
    handler's answers to it were over. ``notes`` says for each act that was left out (-1: a step of the base) why.
    ``set_up`` is how many steps the base has; ``firsts[k]`` is the step of act ``k`` in the scenario, or None.
    ``turns`` is how often acts were taken back: with it, equal lengths are equal stories.
    """

    def __init__(self, settings: Settings, base: Iterable[Step], acts: Sequence[Step] = ()):
        self.settings = settings
        self.kernel = simulated(settings.kernel)
        self.notes: dict[int, str] = {}
        self.acts: list[Step] = []
        self.ends: list[int] = []
        self.firsts: list[int | None] = []
        self.turns = 0
        self._session: Session = Simulated(self.kernel).session()
        for step in settings.applied(base):
            self._do(step, -1)
        self.set_up = len(self.scenario)
        self._close()
        for act in acts:
            self.add(act)

    @property
    def trace(self) -> Trace:
        """Everything that happened."""
        return self._session.trace

    @property
    def scenario(self) -> Scenario:
        """All that was carried out."""
        return self.trace.scenario

    # Acts

    def add(self, act: Step) -> None:
        """One more act at the end, with what the handler answers to it."""
        index = len(self.acts)
        self.acts.append(act)
        first = len(self.scenario)
        self.firsts.append(first if self._do(act, index) else None)
        if self.firsts[-1] is not None:
            self._handle(index)
        self._close()

    def go_on(self, count: int, acts: Iterable[Step]) -> None:
        """Take back all but the first ``count`` acts, and do these."""
        if count < len(self.acts):
            self._back(count)
        for act in acts:
            self.add(act)

    def _back(self, count: int) -> None:
        self.turns += 1
        steps = [first for first in self.firsts[count:] if first is not None]
        if steps:
            self._session.back(steps[0])
        for act in range(count, len(self.acts)):
            self.notes.pop(act, None)
        del self.acts[count:], self.firsts[count:], self.ends[count + 1 :]

    def answer(self, act: int, at: int) -> dict | None:
        """What an act has answered when ``at`` events have happened; None if it was left out."""
        first = self.firsts[act]
        return None if first is None else self.trace.answer(first, at)

    def left_out(self) -> Iterator[tuple[Step | None, str]]:
        """What could not be done, and why; None stands for a step of the base."""
        for act, note in self.notes.items():
            if act < 0 or self.firsts[act] is None:
                yield None if act < 0 else self.acts[act], note

    def refused(self) -> list[int]:
        """The steps of the base that the kernel refused."""
        return [index for index in range(self.set_up) if self.trace.observations[index].get("errno")]

    def _close(self) -> None:
        self.ends.append(len(self.trace.events))

    def _do(self, step: Step, act: int) -> bool:
        """Carry a step out; or note why not."""
        before = self.scenario
        note = self.hindrance(step.thread)
        if not note:
            try:
                self.trace.scenario = before.then(step)
                self._session.step(step)
            except ScenarioError as error:
                note = error.why
            except KernelError as error:
                note = str(error)
                self._session.back(len(before))  # it has stopped somewhere in the step
        if note:
            self.notes[act] = note
        return not note

    def hindrance(self, thread: str, at: int | None = None) -> str:
        """Why a thread can do nothing when ``at`` events have happened, or in the end; "" if it can."""
        last = len(self.trace.events) if at is None else at
        if last and self.trace.events[last - 1].kind is Kind.OOPS:
            return "the kernel is dead, and does nothing any more"
        if any(nap.thread == thread for nap in self.trace.asleep(at)):
            return f"{thread} is asleep in the kernel, and can do nothing until it is woken"
        return ""

    def _handle(self, act: int) -> None:
        """Let the handler read and answer, until nothing is left to read or its patience is."""
        handler = HANDLERS[self.settings.handler]
        tries: dict[tuple[str, int], int] = {}
        while handler.reads and not self._session.dead and (found := descriptors(self._session.state)):
            fd = found[0]
            if not self._do(Step("read_event", fd=fd), act):
                return
            message = self.trace.observations[-1]
            if message.get("event") != "PAGEFAULT":
                continue
            page = (message["vma"], message["page"])
            tries[page] = tries.get(page, 0) + 1
            if tries[page] > PATIENCE:
                times = words.count(tries[page], "time")
                self.notes[act] = f"{words.page(*page)} has faulted {times} by now; here the handler gives up"
                return
            for step in handler.answer(self._session.state, fd, message):
                if not self._do(step, act):
                    return

    # Places

    def place(self, at: int) -> Place:
        """Where event number ``at`` is: its act (-1: the base), and how far in it; None for the act's end.

        Acts that were left out end where the one before them does: then it is the last of these.
        """
        act = bisect_left(self.ends, at)
        if at == self.ends[act]:
            return Place(bisect_right(self.ends, at) - 2, None)
        return Place(act - 1, at - (self.ends[act - 1] if act else 0))

    def at(self, place: Place) -> int:
        """The event number of a place of this outcome or another; the nearest there is here."""
        act = min(place.act + 1, len(self.ends) - 1)
        end, start = self.ends[act], self.ends[act - 1] if act else 0
        return end if place.far is None or act != place.act + 1 else min(start + place.far, end)


def simulated(kernel: str) -> str:
    """The simulated kernel that stands for a kernel: itself, or the one of a real kernel's version.

    :raises KernelError: if there is no kernel of that name.
    """
    if kernel in VERSIONS:
        return kernel
    if kernel == kernels.OWN:
        from uffdsim.doctor import release

        name = release()
    else:
        name = kernels.kernel(kernel).name.replace("recorded-", "linux-").replace("box-", "linux-")
    return name if name in VERSIONS else next(iter(VERSIONS))


def parting(one: Acts, other: Acts) -> int:
    """The first act in which two lists of them differ, or the length of the shorter one."""
    most = min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    return next(k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
