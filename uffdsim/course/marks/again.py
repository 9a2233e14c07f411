"""Again: an answer that somebody kept is checked as if it were given now.

>>> again("problem", "flags/1/3", {"said": "no message"})
Checked(right=False, why='“no message” was said')
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from uffdsim import library
from uffdsim.course.build.exercise import Exercise, Result
from uffdsim.course.build.tasks import TASKS
from uffdsim.course.handle.bugs import BUGS
from uffdsim.course.handle.source import brought
from uffdsim.course.lessons.challenges import CHALLENGES
from uffdsim.course.predict.question import Question
from uffdsim.course.problems.problem import Problem
from uffdsim.errors import Mistake, Told
from uffdsim.kernel import VERSIONS
from uffdsim.kernels import DEFAULT

MADE = re.compile(r"[a-z?]+-[0-9a-f]{10}")
"""The name of a question that has no other name."""
ANOTHER = {"something else": ""}
"""A wrong answer to begin with, so that no others have to be found."""


class Unknown(Exception):
    """An answer that nobody here can check; the message says why."""


class Checked(NamedTuple):
    """Whether an answer is right (None: nobody knows), and why not."""

    right: bool | None
    why: str = ""


def again(kind: str, name: str, answer: dict) -> Checked:
    """Check an answer again. It may be anything: what is wrong with it comes back as a reason.

    A handler's source is run: only ``apart`` should ask about one.

    :param kind: one of ``progress.KINDS``, and ``name``: what was answered.
    """
    try:
        return CHECKS[kind](name, answer)
    except Unknown as error:
        return Checked(None, str(error))
    except ImportError as error:
        return Checked(None, f"a library is missing here: {error}")
    except Told as error:
        return Checked(False, str(error))
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException as error:  # a handler's source may raise anything
        return Checked(False, f"it is not an answer: {type(error).__name__}: {error}")


def _question(name: str, answer: dict) -> Checked:
    scenario, kernel = library.scenario_of(answer["steps"]), answer["kernel"]
    keys = {"of": answer["of"], "page": answer["page"], "wrong": ANOTHER, "choices": 2}
    asked = Question(answer["what"], scenario, kernel=kernel, **keys)
    if not MADE.fullmatch(name):
        raise Unknown("whoever asked gave it a name of their own, which does not say what is asked")
    if asked.name != name:
        return Checked(False, "it answers another question than the one that has this name")
    return _said(asked, answer)


def _said(asked: Question, answer: dict) -> Checked:
    return Checked(answer["said"] == asked.truth, f"“{answer['said']}” was said")


def _exercise(name: str, answer: dict) -> Checked:
    if name.startswith("move-"):
        return _move(name.removeprefix("move-"), answer)
    if name not in TASKS:
        raise Unknown("there is no exercise of this name here")
    result = TASKS[name].check(answer["steps"])
    return Checked(result.passed, result.why)


def _move(machine: str, answer: dict) -> Checked:
    """The exercises of the lesson on migration, which needs more libraries than others."""
    from uffdsim.course.move import choose, never_ends

    if machine == "never-ends":
        verdict = never_ends(answer["hot"])
    else:
        verdict = choose(machine, answer["page"], answer["way"], answer["answer"])
    return Checked(bool(verdict), verdict.summary)


def _handler(name: str, answer: dict) -> Checked:
    if name == "moving":
        from uffdsim.course.move import move

        moved = move(brought(answer), _simulated(answer))
        return Checked(bool(moved), moved.summary)
    bug = BUGS.get(name) or CHALLENGES.get(name)
    if bug is None:
        raise Unknown("there is no handler of this name to be written here")
    found = bug.judge(brought(answer), _simulated(answer))
    return Checked(bool(found), found.summary)


def _simulated(answer: dict) -> str:
    """The kernel that a handler worked on; the usual one in place of one that is not here everywhere."""
    return answer["kernel"] if answer.get("kernel") in VERSIONS else DEFAULT


def _problem(name: str, answer: dict) -> Checked:
    kind, level, seed = name.split("/")
    problem = Problem.make(kind, int(seed), int(level))
    if problem.name != name:
        raise Mistake(f"its name is written {problem.name}")
    if isinstance(problem.task, Question):
        return _said(problem.task, answer)
    found = problem.answer(answer["steps"] if isinstance(problem.task, Exercise) else brought(answer))
    return Checked(bool(found), found.why if isinstance(found, Result) else found.summary)


CHECKS: dict[str, Callable[[str, dict], Checked]] = {
    "question": _question,
    "exercise": _exercise,
    "handler": _handler,
    "problem": _problem,
}
