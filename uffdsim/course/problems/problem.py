"""Problems without end: made up from a seed, answered by running, and told apart by how hard they are.

>>> p = Problem.make("flags", seed=3)
>>> said = p.answer("a")
>>> bool(said), bool(p.answer(said.truth))
(False, True)
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from uffdsim import kernels, words
from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.handle.bugs import BUGS, Bug
from uffdsim.course.handle.judge import judge
from uffdsim.course.handle.source import handed_in
from uffdsim.course.handle.trials import TRIALS
from uffdsim.course.predict.question import Question
from uffdsim.course.problems.generator import Generator
from uffdsim.course.problems.goal import Fact, check, goal
from uffdsim.course.render import card, listed, paragraphs, shown
from uffdsim.errors import Mistake, WrongType
from uffdsim.grammar import Trait, meant, ops
from uffdsim.kernel import Simulated
from uffdsim.questions.answers import SUCCESS
from uffdsim.questions.aspect import WAITS
from uffdsim.questions.wakes import NOBODY
from uffdsim.scenario import Scenario


class Asks(NamedTuple):
    """What the questions of a kind ask: an aspect, of which ops, which answers would be right too often, and how hard
    they are at least, as what they ask about seldom happens in the simplest programs."""

    aspect: str
    ops: tuple[str, ...]
    dull: tuple[str, ...] = ()
    least: int = 1


FILLS = ops(Trait.FILL)
ASKS = {
    "flags": Asks("message", ops(Trait.TOUCH), (words.NO_MESSAGE,)),
    "errno": Asks("errno", (*FILLS, "register", "unregister", "madvise"), (SUCCESS,), 2),
    "woken": Asks("woken", (*FILLS, "wake", "unregister", "close"), (NOBODY,), 2),
    "value": Asks("value", ("load",), (WAITS, words.byte(0))),
    "smaps": Asks("smaps", ("register", "unregister", "mlock", "close"), (), 2),
}
"""The kinds of problems that ask a question."""
KINDS = (*ASKS, "mend", "build")
"""Every kind of problem."""
LEVELS = (1, 2, 3)
SELDOM = 0.25
"""How often an answer is let through that would be right too often."""
PATIENCE = 2000
"""How many programs are looked at for one problem."""


class Problem:
    """One problem. ``answer`` takes what there is to say to it: a choice, a handler, or a machine."""

    def __init__(self, kind: str, seed: int, level: int, task: Question | Bug | Exercise):
        self.kind, self.seed, self.level, self.task = kind, seed, level, task
        self._keep = None
        if not isinstance(task, Bug):
            task.name, task.kept_as = self.name, "problem"

    @property
    def name(self) -> str:
        """Under which the result is kept."""
        return f"{self.kind}/{self.level}/{self.seed}"

    @property
    def keep(self):
        """Where results are kept (``progress.Progress``); None: beside the notebook."""
        return self._keep

    @keep.setter
    def keep(self, keep):
        self._keep = keep
        if not isinstance(self.task, Bug):
            self.task.keep = keep

    @classmethod
    def make(cls, kind: str, seed: int = 1, level: int = 1) -> "Problem":
        """The problem of a kind that a seed makes: always the same one.

        :raises Mistake: if there is no such kind or level.
        """
        if kind not in KINDS:
            raise Mistake(f'there is no kind "{kind}" of problems; there are {", ".join(KINDS)}{meant(kind, KINDS)}')
        if level not in LEVELS:
            raise Mistake(f"there is no level {level!r}; there are {', '.join(map(str, LEVELS))}")
        rng = Random(f"{kind} {seed} {level}")
        if kind in ASKS:
            return cls(kind, seed, level, _ask(ASKS[kind], rng, level))
        return cls(kind, seed, level, _mend(rng, level) if kind == "mend" else _build(rng, level))

    def answer(self, said):
        """What an answer is worth: a Verdict, a Judgement or a Result, which are true if it is right.

        :raises Mistake: if it is not one of the choices.
        :raises WrongType: if it is no handler where one was asked for.
        """
        if isinstance(self.task, Question):
            return self.task.answer(said)
        if isinstance(self.task, Exercise):
            return self.task.check(said)
        written = handed_in(said)
        found = judge(said, self.task.trials)
        self.task.keep(said, found, "problem", self.name, self.keep, written)
        return found

    def machine(self):
        """For a problem to build: a machine with what it begins with.

        :raises WrongType: if there is nothing to build.
        """
        if not isinstance(self.task, Exercise):
            raise WrongType(f"a problem of kind {self.kind} has nothing to build; p.answer(…) takes what you say")
        return self.task.machine()

    @property
    def title(self) -> str:
        return f"Problem {self.name}"

    def __repr__(self):
        return f"{self.title}\n{self.task!r}"

    def _repr_html_(self):
        task = self.task.card("problem", self.name) if isinstance(self.task, Bug) else self.task._repr_html_()
        return paragraphs(self.title) + task

    def _repr_mimebundle_(self, **_):
        return shown(self, self._widget if isinstance(self.task, Question) else None)

    def _widget(self):
        from uffdsim.course.predict.view import Ask

        assert isinstance(self.task, Question)
        return Ask(self.task, title=self.title)


def _programs(rng: Random, level: int) -> Iterator[Generator]:
    """Programs, each as it is after one more act."""
    for _ in range(PATIENCE):
        program = Generator(rng, level)
        for _ in program.acts():
            yield program


def _unlucky(level: int) -> RuntimeError:
    return RuntimeError(f"{PATIENCE} programs, and none of them makes a problem of level {level}")


def _ask(asks: Asks, rng: Random, level: int) -> Question:
    level = max(level, asks.least)
    for program in _programs(rng, level):
        step = program.scenario[-1]
        made = len(program.scenario) - program.set_up
        awake = asks.aspect == "woken" and not program.trace.asleep(program.trace.begin(len(program.scenario) - 1))
        if step.op not in asks.ops or made <= level or awake or rng.random() < 0.4:
            continue
        of = rng.choice(("plain", "watched")) if step.op == "mlock" else "watched"
        question = Question(asks.aspect, program.scenario, kernel=program.kernel, of=of, page=step.get("page") or 0)
        if _fair(question, asks.dull, rng):
            return question
    raise _unlucky(level)


def _fair(question: Question, dull: tuple[str, ...], rng: Random) -> bool:
    """Whether somebody may have a reason for a wrong answer, and the right one is not the usual one too often."""
    tempting = any(question.mistakes.values()) and len(question.choices) >= 3
    return tempting and (question.truth not in dull or rng.random() < SELDOM)


def _mend(rng: Random, level: int) -> Bug:
    """A broken handler, and more trials to get through the higher the level."""
    bug = BUGS[rng.choice(sorted(BUGS))]
    others = [name for name in TRIALS if name not in bug.trials and TRIALS[name].level <= level]
    return bug._replace(trials=(*bug.trials, *rng.sample(others, min(level, len(others)))))


def _build(rng: Random, level: int) -> Exercise:
    """A program of which only the beginning and the end are shown."""
    for program in _programs(rng, level):
        made = len(program.scenario) - program.set_up
        if made < 1 + level or program.session.dead or program.kernel != kernels.DEFAULT:
            continue
        start = program.scenario.first(program.set_up)
        wanted = goal(Simulated(program.kernel).run(start), program.trace)
        if len(wanted) >= 1 + level and len(wanted) <= 3 + level:
            return Goal(start, program.scenario, wanted)
    raise _unlucky(level)


TO_BUILD = "From the beginning that `machine()` of this problem gives you, go on until this is so:"


class Goal(Exercise):
    """An exercise to reach an end. ``solution`` is one way that leads there."""

    def __init__(self, start: Scenario, solution: Scenario, wanted: list[Fact]):
        self.wanted, self.solution = wanted, solution
        super().__init__("build", f"{TO_BUILD} {'; '.join(map(str, wanted))}.", self._reached, start=start)

    def _reached(self, work: Submission):
        check(work, self.wanted)

    def _repr_html_(self):
        return card("open", "Build", paragraphs(TO_BUILD), listed(map(str, self.wanted)))
