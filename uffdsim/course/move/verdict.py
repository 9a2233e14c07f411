"""What somebody's choice comes to: numbers beside what is allowed, and a sentence."""

from typing import NamedTuple

from uffdsim.course.progress import Progress, keep_in
from uffdsim.course.render import card, paragraphs, table_html, table_text

HEADER = ("", "comes to", "should be", "")


class Measure(NamedTuple):
    """One number: its name, what it came to, what is allowed, both in words; and whether it holds."""

    name: str
    is_: str
    allowed: str
    holds: bool

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row of a table."""
        return self.name, self.is_, self.allowed, "✓" if self.holds else "✗"


class Verdict:
    """True if every measure holds and nothing went wrong.

    :param wrong: what went wrong, so that numbers alone would say too little; "" for nothing.
    """

    def __init__(self, title: str, measures: list[Measure], wrong: str = ""):
        self.title, self.measures, self.wrong = title, tuple(measures), wrong
        self.notes: list[str] = []
        """What is to be said beside, as that it could not be kept."""
        self.work: tuple[tuple[str, str], ...] = ()
        """What it is kept as, by kind and name."""

    def keep(self, progress: Progress | None, kind: str, name: str, answer: dict | None, begun: bool = False):
        """Note it in a Progress; beside the notebook without one.

        :param begun: the answer is the one that the lesson begins with, which is no try.
        """
        self.work = ((kind, name),)
        if not begun:
            self.notes.append(keep_in(progress, kind, name, bool(self), answer))

    def __bool__(self):
        return not self.wrong and all(measure.holds for measure in self.measures)

    @property
    def summary(self) -> str:
        """The verdict in a sentence."""
        if self.wrong:
            return f"Not yet. {self.wrong}"
        missed = [measure.name for measure in self.measures if not measure.holds]
        return f"Not yet: {', '.join(missed)}." if missed else "Done: all of it is as it should be."

    def __repr__(self):
        rows = [measure.cells for measure in self.measures]
        table = table_text(HEADER, rows) if rows else ""
        return "\n".join(filter(None, [self.title, self.summary, table, *self.notes]))

    def _repr_html_(self):
        rows = [measure.cells for measure in self.measures]
        body = table_html(HEADER, rows) if rows else ""
        parts = (paragraphs(self.summary), body, paragraphs(*self.notes))
        return card("right" if self else "wrong", self.title, *parts, work=self.work)


def at_most(name: str, is_: float, allowed: float, said) -> Measure:
    """A measure that is to be no more than what is allowed; ``said`` puts a number into words."""
    return Measure(name, said(is_), f"at most {said(allowed)}" if allowed else said(allowed), is_ <= allowed)
