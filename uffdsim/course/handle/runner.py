"""The runner: takes a handler through a trial on a kernel, step by step."""

from typing import NamedTuple

from uffdsim import kernels
from uffdsim.course.handle.calls import Calls
from uffdsim.course.handle.form import check
from uffdsim.course.handle.handler import DELAYS, Misstep, Printed, called, started
from uffdsim.course.handle.message import Message
from uffdsim.course.handle.patience import Endless
from uffdsim.course.handle.trials import ANSWER, READ, SERVE, WATCHED, Act, Trial
from uffdsim.grammar import OPS
from uffdsim.machine import Machine
from uffdsim.scenario import ScenarioError

ROUNDS = 12
"""How often messages are read and answered in one place of a trial."""


class Stopped(Exception):
    """A trial that cannot go on; the message says why."""


class Stuck(Stopped):
    """A trial that cannot go on, because the thread that has to do something sleeps."""


class Run(NamedTuple):
    """A handler's way through a trial: the machine it went, the index of each act's step, and why it stopped (None: at
    its end). ``answered`` are the steps of the handler's calls, by the step that read their message, and ``printed`` is
    what it printed."""

    trial: Trial
    machine: Machine
    steps: dict[int, int]
    stopped: Stopped | None
    answered: dict[int, list[int]]
    printed: str


class Runner:
    """One handler in one trial."""

    def __init__(self, handler, trial: Trial, kernel: str):
        check(handler)
        self.trial = trial
        self.handler = handler
        self.machine = Machine.replay(trial.setup, kernel)
        self.calls = Calls(self.machine, WATCHED)
        self.children: dict[str, Calls] = {}
        self.read: list[Message] = []
        self.delays: dict[int, int] = {}
        self.answered: dict[int, list[int]] = {}
        self.steps: dict[int, int] = {}
        self.printed = Printed()

    def run(self) -> Run:
        """Go through the trial as far as it goes.

        :raises KernelError: if the kernel cannot carry out a step.
        """
        stopped = None
        try:
            self._start()
            for number, act in enumerate(self.trial.acts):
                self._act(number, act)
        except Stopped as stop:
            stopped = stop
        return Run(self.trial, self.machine, self.steps, stopped, self.answered, self.printed.text)

    def _start(self):
        try:
            self.handler = started(self.handler, self.printed)
        except (Endless, Misstep) as error:
            raise Stopped(f"the handler's __init__: {error}") from None

    def _act(self, number: int, act: Act | str):
        if isinstance(act, Act):
            self._step(number, act)
        else:
            {READ: self._read, ANSWER: self._answer, SERVE: self._serve}[act]()

    def _step(self, number: int, act: Act):
        thread = act.step.thread
        if thread in self.machine.blocked:
            asleep = self.machine.blocked[thread]
            raise Stuck(f"{thread} cannot go on: it sleeps in step {asleep.index}, “{asleep.text}”")
        self.steps[number] = len(self.machine.scenario)
        self.machine.step(act.step)

    def _read(self):
        """Read until there is nothing left."""
        for _ in range(ROUNDS):
            child = f"child{len(self.machine.scenario)}"
            call = self.machine.call("read_event", fd=WATCHED, **({"child": child} if self._forks() else {}))
            if call.errno or call.status == "oops":
                return
            if call.event == "FORK":
                self.children[child] = Calls(self.machine, child)
            self.read.append(Message(call, self.trial.data_of, self.children.get(child)))
        raise Stopped(f"{ROUNDS} messages came one after the other, with no end in sight")

    def _forks(self) -> bool:
        return any(OPS[step.op].tells == "FORK" for step in self.machine.scenario)

    def _answer(self):
        """Give the handler what was read."""
        given, self.read = self.read, []
        for message in given:
            self._give(message)

    def _give(self, message: Message):
        first = len(self.machine.scenario)
        try:
            called(self.handler, message, self.calls, self.printed)
        except (Endless, Misstep) as error:
            raise Stopped(f"the handler, given {message}: {error}") from None
        except ScenarioError as error:
            raise Stopped(f"the handler, given {message}, made a call that cannot be: {error}") from None
        finally:
            self.answered.setdefault(message.step, []).extend(range(first, len(self.machine.scenario)))
        delayed, self.calls._delayed = self.calls._delayed, []
        for late in delayed:
            self.delays[late.step] = self.delays.get(late.step, 0) + 1
            if self.delays[late.step] > DELAYS:
                raise Stopped(f"the handler has put {late} off {DELAYS + 1} times, and nothing new came in between")
        self.read += delayed

    def _serve(self):
        """Read and answer, until nothing is left of either."""
        for _ in range(ROUNDS):
            self._read()
            if not self.read:
                return
            last = self.read[-1]
            self._answer()
        raise Stopped(
            f"a message has come {ROUNDS} times in a row, now {last}: a thread that is woken and finds nothing changed "
            "faults again; put the page there first"
        )


def run(handler, trial: Trial, kernel: str = kernels.DEFAULT) -> Run:
    """Take a handler through a trial.

    :raises TypeError: if it is not a handler.
    :raises KernelError: if there is no such kernel, or it cannot run the trial.
    """
    return Runner(handler, trial, kernel).run()
