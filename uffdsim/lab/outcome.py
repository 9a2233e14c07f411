"""Outcomes: what came of a list of acts under some settings.

The acts are carried out one by one, each followed by the handler's answers. What cannot be done any more, as
its thread sleeps or what it names is not there, is left out, and a note says why.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from uffdsim import kernels
from uffdsim.kernel import VERSIONS, Simulated
from uffdsim.kernel.session import Session
from uffdsim.lab.handlers import HANDLERS, PATIENCE, descriptors
from uffdsim.lab.settings import Settings
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import Event, KernelError, Kind, Trace


class Place(NamedTuple):
    """A place in time that means the same in every outcome: in an act (-1: the base) so many events ``far``, or at
    its end (None)."""

    act: int
    far: int | None


class Outcome:
    """What came of acts: the scenario that they became, and its trace on a simulated kernel.

    ``ends[0]`` is how many events the base has, ``ends[k + 1]`` how many there were when act ``k`` and the
    handler's answers to it were over. ``notes`` says for each act that was left out (-1: a step of the base) why.
    ``set_up`` is how many steps the base has; ``firsts[k]`` is the step of act ``k`` in the scenario, or None.
    """

    def __init__(self, settings: Settings, base: Iterable[Step], acts: Sequence[Step] = ()):
        self.settings = settings
        self.kernel = simulated(settings.kernel)
        self.scenario = Scenario()
        self.notes: dict[int, str] = {}
        self.acts: list[Step] = []
        self.ends: list[int] = []
        self.firsts: list[int | None] = []
        self._trace: Trace | None = None
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
        if self._trace is None:
            self._trace = self._session.trace(self.scenario)
        return self._trace

    def add(self, act: Step):
        """One more act at the end, with what the handler answers to it."""
        index = len(self.acts)
        self.acts.append(act)
        first = len(self.scenario)
        self.firsts.append(first if self._do(act, index) else None)
        if self.firsts[-1] is not None:
            self._handle(index)
        self._close()

    def forget(self):
        """Drop the last act, which was left out."""
        self.acts.pop()
        self.firsts.pop()
        self.ends.pop()
        del self.notes[len(self.acts)]

    def _close(self):
        self.ends.append(len(self._session.events))
        self._trace = None

    def _do(self, step: Step, act: int) -> bool:
        """Carry a step out; or note why not."""
        if self._session.dead:
            self.notes[act] = "the kernel is dead, and does nothing any more"
            return False
        if self._asleep(step.thread):
            self.notes[act] = f"{step.thread} is asleep in the kernel, and can do nothing until it is woken"
            return False
        try:
            longer = self.scenario.then(step)
            self._session.step(step)
        except ScenarioError as error:
            self.notes[act] = _why(error)
            return False
        except KernelError as error:
            self.notes[act] = str(error)
            self._session = _again(self.kernel, self.scenario)
            return False
        self.scenario = longer
        return True

    def _handle(self, act: int):
        """Let the handler read and answer, until nothing is left to read or its patience is."""
        handler = HANDLERS[self.settings.handler]
        tries: dict[tuple, int] = {}
        while handler.reads and not self._session.dead and (found := descriptors(self._session)):
            fd = found[0]
            if not self._do(Step("read_event", fd=fd), act):
                return
            message = self._session.observations[-1]
            if message.get("event") != "PAGEFAULT":
                continue
            page = (message["vma"], message["page"])
            tries[page] = tries.get(page, 0) + 1
            if tries[page] > PATIENCE:
                where = f"page {message['page']} of {message['vma']}"
                self.notes[act] = f"{where} has faulted {tries[page]} times by now; here the handler gives up"
                return
            for step in handler.answer(self._session, fd, message):
                if not self._do(step, act):
                    return

    def _asleep(self, thread: str) -> bool:
        record = self._session.state.get(("thread", thread))
        return bool(record and record.asleep)

    # What is known at a place

    def answered(self, act: int, now: int) -> dict | None:
        """What an act has answered when ``now`` events have happened; None if it was left out."""
        index = self.firsts[act]
        if index is None:
            return None
        first, *later = self.trace.observations[index:]
        if first["status"] != "blocked":
            return first
        for found in later:
            for entry in found.get("completed", ()):
                if entry["step"] == index and self._back(found["step"], entry["thread"]) <= now:
                    return {"status": "done"} | entry
        return first

    def _back(self, step: int, thread: str) -> int:
        """The number of the event at which a thread that had slept was back, in a step of another."""
        first, end = self.trace.end(step - 1), self.trace.end(step)
        for number, event in enumerate(self.trace.events[first:end], first + 1):
            if event.thread == thread and event.kind is Kind.ANSWER:
                return number
        return len(self.trace.events)

    def refusals(self) -> Iterator[tuple[Step, str]]:
        """The steps of the base that the kernel refused, each with its reason and the errno."""
        for index in range(self.set_up):
            errno = self.trace.observations[index].get("errno")
            if errno:
                why = self.trace.events[self.trace.end(index) - 2].text
                yield self.scenario[index], why if errno in why else f"{why}: {errno}"

    def back(self, event: Event) -> tuple[Step, dict]:
        """The step that a thread is back from at an ANSWER, and what it has got."""
        found = self.trace.observations[event.step]
        if self.scenario[event.step].thread != event.thread:
            found = next(entry for entry in found["completed"] if entry["thread"] == event.thread)
        return self.scenario[found["step"]], {"status": "done"} | found

    def left_out(self) -> Iterator[tuple[Step | None, str]]:
        """What could not be done, and why; None stands for a step of the base."""
        for act, note in self.notes.items():
            if act < 0 or self.firsts[act] is None:
                yield None if act < 0 else self.acts[act], note

    # Places

    def place(self, at: int) -> Place:
        """Where event number ``at`` is: its act (-1: the base), and how far in it; None for the act's end."""
        act = next((k for k, end in enumerate(self.ends) if at <= end), len(self.ends) - 1)
        if at == self.ends[act]:
            return Place(act - 1, None)
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
    if kernel == "linux":
        from uffdsim.doctor import release

        name = release()
    else:
        name = kernel.replace("recorded-", "linux-")
        if kernel not in kernels.names():
            raise KernelError(f'there is no kernel "{kernel}"; the kernels are {", ".join(kernels.names())}')
    return name if name in VERSIONS else next(iter(VERSIONS))


def _again(kernel: str, scenario: Scenario) -> Session:
    session = Simulated(kernel).session()
    for step in scenario:
        session.step(step)
    return session


def _why(error: ScenarioError) -> str:
    """The error without the number of the step, which nobody has seen."""
    text = str(error)
    return text.split(": ", 1)[1] if text.startswith("step ") and ": " in text else text
