"""A session: one simulated kernel at work on one scenario, step after step, in virtual time."""

from functools import partial

from uffdsim.kernel.state import Mm, Thread
from uffdsim.kernel.syscalls import SYSCALLS
from uffdsim.kernel.task import Failed, Oops, Task, through
from uffdsim.kernel.versions import Version
from uffdsim.runs import Runs
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import Event, Kind, State, Trace


class Session:
    """Runs steps one by one: ``step`` answers each with its observation, ``trace`` tells all so far."""

    def __init__(self, version: Version):
        self.version = version
        self.state = State()
        self.events: list[Event] = []
        self.steps: list[Step] = []
        self.observations: list[dict] = []
        self.tasks: dict[str, Task] = {}
        self.ready: list[Task] = []
        self.now = 0
        self.anon_vmas = 0
        self.children = 0
        self.dead = False
        first = Event(0, "", Kind.CALL, "", "a process with an empty address space")
        self.events.append(first)
        self.state.journal = first.changes
        self.state.set(("mm", "main"), Mm())
        for kind, joins in (("vmas", False), ("ptes", True), ("tables", True), ("names", False)):
            self.state.set((kind, "main"), Runs(joins))

    def step(self, step: Step) -> dict:
        """Carry out one more step and whatever it sets going, and observe.

        :raises ScenarioError: if the step's thread is blocked.
        :raises KernelError: for what the model leaves out.
        """
        self.now = len(self.steps)
        task = self._task(step)
        self.steps.append(step)
        if step.op != "inspect":
            self._say(task.name, Kind.TOUCH, partial(step_text, step))
        task.step = self.now
        task.generator = _carry_out(task, step)
        self.ready.append(task)
        try:
            answers = self._run()
        except Oops as oops:
            self.dead = True
            observation = {"step": self.now, "status": "oops", "at": oops.function}
        else:
            observation = self._observe(task, answers)
        self.observations.append(observation)
        return observation

    def trace(self, scenario: Scenario | None = None) -> Trace:
        """Everything so far."""
        return Trace(scenario or Scenario(self.steps), self.version.name, self.observations, self.events)

    def _task(self, step: Step) -> Task:
        task = self.tasks.get(step.thread)
        if task is None:
            task = self.tasks[step.thread] = Task(self, step.thread, len(self.tasks))
        elif task.generator is not None:
            raise ScenarioError(
                f'step {self.now}: {step.op}: "thread": "{step.thread}" is blocked in step {task.step} '
                "and cannot take another step until it is woken"
            )
        return task

    def _run(self) -> dict[str, dict]:
        """Let every thread go on that can, until all have finished or sleep; the fields of those that finished."""
        answers = {}
        while self.ready:
            # Which of several woken threads is first, real kernels leave to chance; here, the one first named.
            task = min(self.ready, key=lambda task: task.number)
            self.ready.remove(task)
            try:
                next(task.generator)
            except StopIteration as finished:
                task.generator = None
                answers[task.name] = finished.value
                self._say(task.name, Kind.ANSWER, partial(answer_text, finished.value))
                self.state.set(("thread", task.name), Thread())
        return answers

    def _observe(self, task: Task, answers: dict[str, dict]) -> dict:
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

    def _say(self, thread: str, kind: Kind, text):
        event = Event(self.now, thread, kind, "", text)
        self.events.append(event)
        self.state.journal = event.changes


def _carry_out(task: Task, step: Step):
    try:
        answer = yield from through(SYSCALLS[step.op](task, step))
    except Failed as failed:
        return {"errno": failed.errno.name}
    return answer


def step_text(step: Step) -> str:
    """A step in words: what its thread sets out to do."""
    given = {key: value for key, value in step.given.items() if key not in ("thread", "note")}
    where = given.pop("vma", None) or given.pop("file", None) or given.pop("fd", None)
    if where is not None and "page" in given:
        where = f"page {given.pop('page')} of {where}"
    rest = ", ".join(f"{key} {_words(value)}" for key, value in given.items())
    return " ".join(filter(None, [step.op, where, f"({rest})" if rest else ""]))


def answer_text(fields: dict) -> str:
    """An answer in words."""
    if "vmas" in fields:
        return "reports"
    if fields.get("errno"):
        return f"answers {fields['errno']}"
    if "signal" in fields:
        return f"gets {fields['signal']}, code {fields['code']}"
    if "value" in fields:
        return f"has the byte {fields['value']:#04x}"
    if "event" in fields:
        rest = ", ".join(f"{key} {_words(fields[key])}" for key in fields if key not in ("errno", "event"))
        return f"has the message {fields['event']}" + (f": {rest}" if rest else "")
    return "answers 0"


def _words(value) -> str:
    if isinstance(value, dict):
        return f"page {value['page']} of {value['vma']}"
    return " ".join(value) or "none" if isinstance(value, tuple) else str(value)
