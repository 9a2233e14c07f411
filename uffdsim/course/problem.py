"""Problems without end: made up from a seed, answered by running, and told apart by how hard they are.

>>> p = Problem.make("flags", seed=3)
>>> said = p.answer("a")
>>> bool(said), bool(p.answer(said.truth))
(False, True)
"""

from collections.abc import Iterator
from random import Random

from uffdsim.course.bugs import BUGS, Bug
from uffdsim.course.exercise import Exercise, Work
from uffdsim.course.goal import check, goal
from uffdsim.course.judge import judge
from uffdsim.course.progress import keep_in
from uffdsim.course.question import Question
from uffdsim.course.render import card, listed, paragraphs, shown
from uffdsim.course.situation import Situation
from uffdsim.course.trial import TRIALS
from uffdsim.grammar import meant
from uffdsim.kernel import Simulated
from uffdsim.kernels import DEFAULT
from uffdsim.scenario import Scenario

ASKS = {
    "flags": ("message", ("load", "store"), ("no message",)),
    "errno": ("errno", ("continue", "copy", "zeropage", "unregister", "register", "madvise"), ("success",)),
    "woken": ("woken", ("continue", "copy", "zeropage", "wake", "unregister", "close"), ("nobody",)),
    "value": ("value", ("load",), ("it waits", "0x00")),
    "smaps": ("smaps", ("register", "unregister", "mlock", "close"), ()),
}
"""What kinds of question ask: an aspect, of which ops, and the answers that would be right too often."""
KINDS = (*ASKS, "mend", "build")
"""Every kind of problem."""
LEVELS = (1, 2, 3)
SELDOM = 0.25
"""So often is an answer let through that would be right too often."""
PATIENCE = 2000
"""So many situations are looked at for one problem."""
LEAST = {"woken": 2, "errno": 2, "smaps": 2}
"""So hard these are at least: what they ask about seldom happens in the simplest situations."""


class Problem:
    """One problem. What there is to say to it, ``answer`` takes: a choice, a handler, or a machine."""

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
    def make(cls, kind: str, seed: int, level: int = 1) -> "Problem":
        """The problem of a kind that a seed makes: always the same one.

        :raises ValueError: if there is no such kind or level.
        """
        if kind not in KINDS:
            raise ValueError(f'there is no kind "{kind}" of problems; there are {", ".join(KINDS)}{meant(kind, KINDS)}')
        if level not in LEVELS:
            raise ValueError(f"there is no level {level!r}; there are {', '.join(map(str, LEVELS))}")
        rng = Random(f"{kind} {seed} {level}")
        make = {"mend": _mend, "build": _build}.get(kind, _ask)
        return cls(kind, seed, level, make(kind, rng, level))

    def answer(self, said):
        """What an answer is worth: a Verdict, a Judgement or a Result, which are true if it is right.

        :raises ValueError: if it is none of the choices.
        :raises TypeError: if it is no handler where one was asked for.
        """
        if isinstance(self.task, Question):
            return self.task.answer(said)
        if isinstance(self.task, Exercise):
            return self.task.check(said)
        found = judge(said, self.task.trials)
        keep_in(self.keep, "problem", self.name, bool(found))
        return found

    def machine(self):
        """For a problem to build: a machine with what it begins with.

        :raises TypeError: if there is nothing to build.
        """
        if not isinstance(self.task, Exercise):
            raise TypeError(f"a problem of kind {self.kind} has nothing to build; p.answer(…) takes what you say")
        return self.task.machine()

    @property
    def title(self) -> str:
        return f"Problem {self.name}"

    def __repr__(self):
        return f"{self.title}\n{self.task!r}"

    def _repr_html_(self):
        return paragraphs(self.title) + self.task._repr_html_()

    def _repr_mimebundle_(self, **_):
        return shown(self)


def _situations(rng: Random, level: int) -> Iterator[Situation]:
    """Situations, each as it is after one more act."""
    for _ in range(PATIENCE):
        situation = Situation(rng, level)
        for _ in situation.acts():
            yield situation
    raise RuntimeError(f"{PATIENCE} situations, and none of them makes a problem of level {level}")


def _ask(kind: str, rng: Random, level: int) -> Question:
    aspect, ops, dull = ASKS[kind]
    level = max(level, LEAST.get(kind, 1))
    for situation in _situations(rng, level):
        step = situation.scenario[-1]
        made = len(situation.scenario) - situation.set_up
        if step.op not in ops or made <= level or (kind == "woken" and not _slept(situation)) or rng.random() < 0.4:
            continue
        of = rng.choice(("plain", "watched")) if step.op == "mlock" else "watched"
        question = Question(aspect, situation.scenario, kernel=situation.kernel, of=of, page=step.get("page") or 0)
        if _fair(question, dull, rng):
            return question


def _slept(situation: Situation) -> bool:
    """Whether a thread slept before the last step."""
    observations = situation.session.observations[:-1]
    woken = {entry["step"] for found in observations for entry in found.get("completed", ())}
    return any(found["status"] == "blocked" and found["step"] not in woken for found in observations)


def _fair(question: Question, dull: tuple[str, ...], rng: Random) -> bool:
    """Whether somebody may have a reason for a wrong answer, and the right one is not the usual one too often."""
    tempting = any(question._mistakes.values()) and len(question.choices) >= 3
    return tempting and (question._truth not in dull or rng.random() < SELDOM)


def _mend(kind: str, rng: Random, level: int) -> Bug:
    """A broken handler, and more trials to get through the higher the level."""
    bug = BUGS[rng.choice(sorted(BUGS))]
    others = [name for name in TRIALS if name not in bug.trials and TRIALS[name].level <= level]
    return bug._replace(trials=(*bug.trials, *rng.sample(others, min(level, len(others)))))


def _build(kind: str, rng: Random, level: int) -> Exercise:
    """A situation that somebody reached, of which only its beginning and its end are shown."""
    for situation in _situations(rng, level):
        made = len(situation.scenario) - situation.set_up
        if made < 1 + level or situation.session.dead or situation.kernel != DEFAULT:
            continue
        start = Scenario(situation.scenario.steps[: situation.set_up])
        simulated = Simulated(situation.kernel)
        wanted = goal(simulated.run(start), simulated.run(situation.scenario))
        if len(wanted) >= 1 + level and len(wanted) <= 3 + level:
            return Goal(start, situation.scenario, wanted)


TO_BUILD = "From the beginning that `p.machine()` gives you, go on until this is so:"


class Goal(Exercise):
    """An exercise to reach an end. ``solution`` is one way that leads there."""

    def __init__(self, start: Scenario, solution: Scenario, wanted: list):
        self.wanted, self.solution = wanted, solution
        super().__init__("build", f"{TO_BUILD} {'; '.join(map(str, wanted))}.", self._reached, start=start)

    def _reached(self, work: Work):
        check(work, self.wanted)

    def _repr_html_(self):
        return card("open", "Build", paragraphs(TO_BUILD), listed(map(str, self.wanted)))
