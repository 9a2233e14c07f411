"""A session: one simulated kernel at work on one scenario, step after step, in virtual time."""

from uffdsim.grammar import Trait
from uffdsim.kernel.state import Mm, Thread
from uffdsim.kernel.syscalls import SYSCALLS
from uffdsim.kernel.task import Answer, Failed, Oops, Sleeping, Task, through
from uffdsim.kernel.versions import Version
from uffdsim.runs import Runs
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.story import stuck
from uffdsim.trace import Cursor, Event, KernelError, Kind, State, Trace
from uffdsim.words import unmodelled


class Session:
    """Runs steps one by one: ``step`` answers each with its observation, ``trace`` tells all so far, and grows.

    It can go ``back``, and then on from there.

    :param scenario: steps that are known beforehand. Nothing is carried out yet.
    """

    def __init__(self, version: Version, scenario: Scenario | None = None) -> None:
        self.version = version
        self.state = State()
        self.events: list[Event] = []
        self.observations: list[dict] = []
        self.trace = Trace(scenario or Scenario(), version.name, self.observations, self.events)
        self.tasks: dict[str, Task] = {}
        self.ready: list[Task] = []
        self.now = 0
        first = Event(-1, "", Kind.CALL, text="a process with an empty address space")
        self.events.append(first)
        self.state.journal = first.changes
        self.state.set(("mm", "main"), Mm())
        for kind, joins in (("vmas", False), ("ptes", True), ("tables", True), ("names", False)):
            self.state.set((kind, "main"), Runs(joins))

    def step(self, step: Step) -> dict:
        """Carry out one more step and whatever it sets going, and observe.

        :raises ScenarioError: if the step's thread is blocked.
        :raises KernelError: for what the model leaves out. The ``trace`` of either has what was answered before.
        """
        self.now = len(self.observations)
        if step.op not in SYSCALLS:
            raise KernelError(unmodelled(self.now, step, "the simulated kernel"))
        task = self._task(step)
        if self.now == len(self.trace.scenario):
            self.trace.scenario = self.trace.scenario.then(step)
        task.step = self.now
        if Trait.LOOK not in step.traits:
            task.tell(Kind.TOUCH)
        task.generator = _carry_out(task, step)
        self.ready.append(task)
        try:
            answers = self._run()
        except KernelError as error:
            error.trace = self.trace
            raise
        except Oops as oops:
            observation = {"step": self.now, "status": "oops", "at": oops.function}
        else:
            observation = self._observe(task, answers)
        self.observations.append(observation)
        return observation

    @property
    def dead(self) -> bool:
        """Whether the kernel has died."""
        return bool(self.observations) and self.observations[-1]["status"] == "oops"

    def back(self, count: int) -> None:
        """Go back to where the first ``count`` steps had been observed; what came after them is forgotten.

        What has changed since then is taken back. A thread that slept there and sleeps still is not disturbed; one
        that went on meanwhile is led to its sleep again.
        """
        place = self.trace.end(count - 1)
        asleep = self.trace.asleep(place)
        Cursor(self.events, len(self.events), self.state).seek(place)
        self.trace.back(count)
        self.state.journal = self.events[-1].changes
        self.ready.clear()
        self.tasks = {name: self.tasks[name] for name in self.trace.scenario.threads}
        still = {nap.thread for nap in asleep if nap.end is None}
        for name in self.tasks.keys() - still:
            self.tasks[name].generator = None
        for nap in asleep:
            if nap.thread not in still:
                self._lead(nap.thread, nap.step)

    def _lead(self, thread: str, step: int) -> None:
        """Lead a thread to where it sleeps: it does its step again, each part of it in the state of that time; that was
        told already, and what it changes was changed."""
        task, events = self.tasks[thread], self.events
        task.step = step
        task.generator = _carry_out(task, self.trace.scenario[step])
        there = Cursor(events, len(events), self.state)
        for place in self.trace.starts(step):
            there.seek(place)
            self.events = [Event(self.now, thread, Kind.TOUCH)]
            self.state.journal = self.events[0].changes
            next(task.generator)
            Cursor(self.events, len(self.events), self.state).seek(0)
        self.events = events
        there.seek(len(events))
        self.state.journal = events[-1].changes
        self.ready.clear()

    def _task(self, step: Step) -> Task:
        task = self.tasks.get(step.thread)
        if task is None:
            task = self.tasks[step.thread] = Task(self, step.thread, len(self.tasks))
        elif task.generator is not None:
            raise ScenarioError(stuck(self.trace, step), self.now, self.trace)
        return task

    def _run(self) -> dict[str, Answer]:
        """Let every thread go on that can, until all have finished or sleep; the fields of those that finished."""
        answers: dict[str, Answer] = {}
        while self.ready:
            # Which of several woken threads is first, real kernels leave to chance; here, the one first named.
            task = min(self.ready, key=lambda task: task.number)
            self.ready.remove(task)
            assert task.generator is not None, "a thread that is ready is in a system call"
            try:
                next(task.generator)
            except StopIteration as finished:
                task.generator = None
                answers[task.name] = finished.value
                task.tell(Kind.ANSWER)
                self.state.set(("thread", task.name), Thread())
        return answers

    def _observe(self, task: Task, answers: dict[str, Answer]) -> dict:
        own = answers.pop(task.name, None)
        status = "blocked" if own is None else "done"
        observation = {"step": self.now, "status": status} | (own or {})
        if answers:
            observation["completed"] = [
                {"step": self.tasks[name].step, "thread": name} | answers[name]
                for name in self.tasks
                if name in answers
            ]
        return observation


def _carry_out(task: Task, step: Step) -> Sleeping[Answer]:
    try:
        answer = yield from through(SYSCALLS[step.op](task, step))
    except Failed as failed:
        return {"errno": failed.errno.name}
    return answer
