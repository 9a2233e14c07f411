"""Exercises: something to build, and a look at what it does. The check reads the trace, never the text of an answer.

>>> from uffdsim.course.build.exercise import Exercise
>>> def check(work):
...     n = work.the("load", "let a thread read", vma="watched")
...     work.want(work.observed(n)["status"] == "blocked", "nobody has to wait here", step=n)
>>> ex = Exercise("wait", "Make a thread wait.", check)
>>> ex.check(None)
Not yet. There is nothing to check so far: …
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from uffdsim import kernels, library, words
from uffdsim.course.build.submission import NotYet, Submission
from uffdsim.course.progress import keep_in
from uffdsim.course.render import card, folded, paragraphs
from uffdsim.errors import Mistake, Told, quoted
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Trace


class Result(NamedTuple):
    """What a check says. ``step`` and ``event`` say where an answer goes wrong, if it does in one place."""

    passed: bool
    why: str
    step: int | None = None
    event: int | None = None
    unkept: str = ""
    """What went wrong with keeping it, or ""."""

    def __bool__(self):
        return self.passed

    def __repr__(self):
        return f"{'Done.' if self.passed else 'Not yet.'} {self.why} {self.unkept}".rstrip()

    def __str__(self):
        return repr(self)

    def _repr_html_(self):
        kind = "right" if self.passed else "open" if self == NOTHING else "wrong"
        return card(kind, "Done" if self.passed else "Not yet", paragraphs(self.why, self.unkept))


NOTHING = Result(False, "There is nothing to check so far: build it first, then hand in the machine it is on.")
"""What is said to an answer in which nobody has done anything."""

BROKEN = "The check of this exercise has itself failed, so this counts for nothing."
"""What is said where an answer cannot be judged."""


class Exercise:
    """Something to build. ``check(work)`` returns if it is there, and raises ``NotYet`` through ``work.want`` if not.

    ``start`` are the steps that an answer goes on from, or the name of a scenario; ``hints`` come one after the other,
    before any answer.
    """

    def __init__(
        self,
        name: str,
        task: str,
        check: Callable[[Submission], None],
        *,
        hints: Iterable[str] = (),
        start: Scenario | Iterable[Step] | str = (),
        kernel: str = kernels.DEFAULT,
        keep=None,
    ):
        if not callable(check):
            raise Mistake(f"check must be a function, as def check(work), and {quoted(check)} is none")
        self.name, self.task, self.kernel = name, task, kernel
        self.hints = (hints,) if isinstance(hints, str) else tuple(hints)
        self.start = library.scenario_of(start)
        self.told = 0
        """How many hints have been told."""
        self._check = check
        self.keep = keep
        """Where results are kept (``progress.Progress``); None: beside the notebook."""
        self.kept_as = "exercise"

    def machine(self) -> Machine:
        """A machine on which the steps to start from have been made."""
        return Machine.replay(self.start, self.kernel)

    def check(self, answer) -> Result:
        """What an answer is worth: a machine, a lab, a scenario, its JSON, or a list of steps.

        What is wrong with it comes back as a reason, and never as an exception. If nothing was built, that is no
        try, and nothing is kept.
        """
        result = self._judged(answer)
        if result is NOTHING or result.why.startswith(BROKEN):
            return result
        unkept = keep_in(self.keep, self.kept_as, self.name, result.passed, _handed_in(answer))
        return result._replace(unkept=unkept)

    def _judged(self, answer) -> Result:
        try:
            scenario = scenario_of(answer)
            if len(scenario) <= len(self.start):
                return NOTHING
            if scenario.steps[: len(self.start)] != self.start.steps:
                steps = words.count(len(self.start), "step")
                return Result(False, f"It must begin with the {steps} of the exercise: start from ex.machine().")
            trace = kernels.kernel(self.kernel).run(scenario)
        except Told as error:
            return Result(False, f"This cannot be run: {words.stopped(str(error))}")
        try:
            self._check(Submission(trace))
        except NotYet as wanting:
            return Result(False, _where(trace, wanting), wanting.step, wanting.event)
        except Exception as error:
            what = words.stopped(f"{type(error).__name__}: {error}")
            return Result(False, f"{BROKEN} {what}")
        return Result(True, f"{words.count(len(scenario) - len(self.start), 'step')}, checked on {self.kernel}.")

    def hint(self) -> str:
        """The next hint; when all have been told, the last one again."""
        if not self.hints:
            return "This one has no hints: read the task once more."
        self.told = min(self.told + 1, len(self.hints))
        return f"Hint {self.told} of {len(self.hints)}: {self.hints[self.told - 1]}"

    def __repr__(self):
        hints = f" Hints: {len(self.hints)}; ex.hint() tells the next." if self.hints else ""
        return f"{self.name}: {self.task}\nNot checked yet: ex.check(m) says how far you are.{hints}"

    def _repr_html_(self):
        """The task, and its hints, each of which has to be opened to see that there is another."""
        inside = ""
        for number in range(len(self.hints), 0, -1):
            inside = folded(f"Hint {number} of {len(self.hints)}", paragraphs(self.hints[number - 1]) + inside)
        work = [(self.kept_as, self.name)]
        return card("open", f"Exercise: {self.name}", paragraphs(self.task), inside, work=work)


def scenario_of(answer) -> Scenario:
    """The scenario in what somebody hands in.

    :raises ScenarioError: if there is none in it.
    :raises Unknown: for an unknown name.
    """
    return Scenario() if answer is None or answer in ("", [], {}) else library.scenario_of(answer)


def _handed_in(answer) -> dict | None:
    """The steps of an answer, to be kept; None if it has none."""
    try:
        return {"steps": [step.to_json() for step in scenario_of(answer)]}
    except Told:
        return None


def _where(trace: Trace, wanting: NotYet) -> str:
    """What is missing, at which step, and the event that shows it."""
    if wanting.step is not None:
        told = words.stopped(f"Step {wanting.step}, “{words.step(trace.scenario[wanting.step])}”: {wanting.why}")
    else:
        told = words.sentence(wanting.why, _names(trace.scenario))
    return told if wanting.event is None else f"{told} {words.numbered(trace, wanting.event)}"


def _names(scenario: Scenario) -> set[str]:
    """All that has a name of its own."""
    names = scenario.names
    return {*names.files, *names.mappings, *names.descriptors, *(step.thread for step in scenario)}
