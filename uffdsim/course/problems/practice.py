"""Practice: one problem after the other, harder as they go right, and never the same one twice.

    practice = Practice(Progress())
    p = practice.next()
    p.answer("b")
"""

from itertools import count

from uffdsim import words
from uffdsim.course.problems.problem import KINDS, LEVELS, Problem
from uffdsim.course.progress import Progress, beside
from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import meant

ENOUGH = 4
"""How many right answers at the first try lead to the next level."""


class Practice:
    """The problems that somebody has not tried yet. All that it knows is in the Progress, so a restart loses nothing.

    :param keep: where results are kept; in the folder of the notebook if left out.
    :param seed: with which problems begin; who has the same seed gets the same problems, in the same order.
    :param kinds: which kinds of problems to give; all of ``problem.KINDS`` if left out.
    :raises Mistake: for an unknown kind.
    """

    def __init__(self, keep: Progress | None = None, seed: int = 1, kinds: tuple[str, ...] = KINDS):
        if keep is not None and not isinstance(keep, Progress):
            raise Mistake(f"keep must be a Progress, and is {quoted(keep)}; kinds of problems go to kinds=")
        kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        for kind in kinds:
            if kind not in KINDS:
                known = f"there are {', '.join(KINDS)}{meant(kind, KINDS)}"
                raise Mistake(f'there are no problems of kind "{kind}"; {known}')
        self.keep, self.seed, self.kinds = keep or beside(), seed, kinds

    @property
    def level(self) -> int:
        """How hard the next problem is."""
        ready = (level for level in LEVELS[:-1] if self._right(level) < ENOUGH)
        return next(ready, LEVELS[-1])

    def next(self) -> Problem:
        """The first problem of this level that has not been tried; its answer will be kept."""
        tried, level = self.keep.entries, self.level
        all_there_are = ((kind, seed) for seed in count(self.seed) for kind in self.kinds)
        kind, seed = next(one for one in all_there_are if ("problem", f"{one[0]}/{level}/{one[1]}") not in tried)
        problem = Problem.make(kind, seed, level)
        problem.keep = self.keep
        return problem

    def _entries(self, level: int) -> list:
        """How the problems of a level went."""
        problems = [(name, entry) for (kind, name), entry in self.keep.entries.items() if kind == "problem"]
        return [entry for name, entry in problems if name.split("/")[1] == str(level)]

    def _right(self, level: int) -> int:
        return sum(entry.first for entry in self._entries(level))

    def __repr__(self):
        lines = []
        for level in LEVELS[: self.level]:
            entries = self._entries(level)
            tried = words.count(len(entries), "problem")
            lines.append(f"level {level}: {self._right(level)} right at first, of {tried}")
        wanting = ENOUGH - self._right(self.level)
        if self.level < LEVELS[-1]:
            lines.append(f"{wanting} more right at the first try, and you reach level {self.level + 1}.")
        return "\n".join(filter(None, [*lines, self.keep.notice]))
