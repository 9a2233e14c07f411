"""The course: questions to predict, exercises to build, handlers to write, and problems without end.

    from uffdsim.course import Question, bug, judge, problem, progress, table, task

    Question("message", scenario("01-hugetlb-minor-continue"), at=8)    what comes next? (a notebook shows choices)
    Answer(watched.load(0, thread="t1"))                                what a call shows, folded away to begin with
    task("there-not-here").check(m)                                     an exercise, checked on what was built
    judge(handler)                                                      a handler of yours, through every trial
    bug("hot again")                                                    a handler to mend, and its story
    problem("flags", seed=3, level=2)                                   one of as many as there are seeds
    table(modes=["MISSING", "MINOR"], cache=["hit", "miss"])            every case, run
    progress()                                                          what you have done so far

All answers come from running, and all reasons from the kernel. A folder stands for what a reader does: ``predict``,
``build``, ``handle``, and ``problems``, which are made of those three; in ``move`` a whole machine moves; ``lessons``
has what lessons show besides. Each says in which order to read it. All of them keep results in ``progress``, which
``marks`` checks again, and show themselves with ``render``. Nothing here needs widgets but ``predict.view`` and
``move.panel``.
"""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.tasks import TASKS, task
from uffdsim.course.handle.bugs import BUGS, Bug, bug
from uffdsim.course.handle.judge import judge
from uffdsim.course.handle.trials import TRIALS
from uffdsim.course.lessons.tables import table
from uffdsim.course.predict.answer import Answer
from uffdsim.course.predict.question import Question
from uffdsim.course.problems.practice import Practice
from uffdsim.course.problems.problem import Problem
from uffdsim.course.progress import Progress, beside

__all__ = [
    "Answer",
    "BUGS",
    "Bug",
    "Exercise",
    "Practice",
    "Problem",
    "Progress",
    "Question",
    "TASKS",
    "TRIALS",
    "bug",
    "judge",
    "problem",
    "progress",
    "table",
    "task",
]


problem = Problem.make
progress = beside
