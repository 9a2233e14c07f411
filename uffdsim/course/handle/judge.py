"""Judging a handler: through every trial, on any kernel, with the reason where it does not get through."""

import textwrap
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from uffdsim import kernels, words
from uffdsim.course.handle.diagnosis import Diagnosis, diagnosis, refused, told
from uffdsim.course.handle.form import check
from uffdsim.course.handle.rehearsal import rehearsed
from uffdsim.course.handle.runner import run
from uffdsim.course.handle.trials import TRIALS, Trial, trial
from uffdsim.course.render import card, paragraphs, table_html, table_markdown
from uffdsim.errors import Unknown
from uffdsim.grammar import meant
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError, Trace

PASSED, FAILED, SKIPPED = "✓ ok", "✗ no", "– left out"
HEADER = ("trial", "", "what happens, and why it fails")


class Row(NamedTuple):
    """How one trial went: PASSED, FAILED or SKIPPED, why, and the trace, of which ``event`` is the one to look at."""

    trial: str
    result: str
    why: str
    trace: Trace | None = None
    step: int | None = None
    event: int | None = None
    printed: str = ""
    """What the handler printed, or the beginning of it."""

    @property
    def about(self) -> str:
        """What happens in the trial."""
        return TRIALS[self.trial].about

    @property
    def cells(self) -> tuple[str, str, str]:
        """The row of a table: the trial, its result, and in lines what happens, why it fails and what was printed."""
        return self.trial, self.result, "\n".join([self.about, *self.told])

    @property
    def told(self) -> list[str]:
        """Why it fails, and what the handler printed: each line of it if there is anything."""
        printed = ["It printed:", *self.printed.rstrip().split("\n")] if self.printed.strip() else []
        return [*filter(None, [self.why]), *printed]

    @property
    def scenario(self) -> Scenario | None:
        """What was done, for a lab or another kernel."""
        return self.trace.scenario if self.trace else None

    def __repr__(self):
        return f"{self.trial}: {self.result}" + (f". {self.why}" if self.why else "")


class Judgement:
    """How a handler got through trials: true if it failed none. ``judgement["vanished"]`` is one trial's Row."""

    def __init__(self, rows: Iterable[Row], kernel: str):
        self.rows = tuple(rows)
        self.kernel = kernel
        self.unkept = ""
        """What went wrong with keeping it, or ""."""
        self.work: tuple[tuple[str, str], ...] = ()
        """What a handler is judged for, by kind and name, if it is kept."""

    @property
    def failed(self) -> list[str]:
        """The trials that it failed."""
        return [row.trial for row in self.rows if row.result == FAILED]

    @property
    def left_out(self) -> list[str]:
        """The trials that mean nothing on this kernel."""
        return [row.trial for row in self.rows if row.result == SKIPPED]

    def __bool__(self):
        return not self.failed and any(row.result == PASSED for row in self.rows)

    def __getitem__(self, trial: str) -> Row:
        found = {row.trial: row for row in self.rows}
        if trial not in found:
            raise Unknown(f'there is no trial "{trial}" here; there are {", ".join(found)}{meant(trial, found)}')
        return found[trial]

    def __iter__(self):
        return iter(self.rows)

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        passed = sum(row.result == PASSED for row in self.rows)
        left = len(self.left_out)
        also = f"; {left} mean nothing on this kernel" if left else ""
        return f"{passed} of {words.count(len(self.rows) - left, 'trial')} passed on {self.kernel}{also}."

    def __repr__(self):
        lines = [f"{row.result}  {row.trial}" for row in self.rows]
        for i, row in enumerate(self.rows):
            for text in (row.about, *row.told) if row.told else ():
                lines[i] += "\n" + textwrap.fill(text, 110, initial_indent=" " * 6, subsequent_indent=" " * 6)
        return "\n".join(filter(None, [*lines, self.summary, self.unkept]))

    def _repr_html_(self):
        body = table_html(HEADER, [row.cells for row in self.rows])
        return card("right" if self else "wrong", self.summary, body, paragraphs(self.unkept), work=self.work)

    def to_markdown(self) -> str:
        """The table, for Markdown."""
        return table_markdown(HEADER, [row.cells for row in self.rows])


def judge(handler, trials: Iterable[str] | str | None = None, kernel: str = kernels.DEFAULT) -> Judgement:
    """Put a handler through trials, and say how it did.

    :param handler: ``def handler(event, u)``, a class with that as ``__call__``, or a generator; see ``form``.
    :param trials: names of trials; all if left out.
    :param kernel: any kernel: ``"linux"`` is the one at hand.
    :raises TypeError: if it is not a handler.
    :raises Unknown: if there is no trial of that name.
    :raises KernelError: if there is no such kernel, or it cannot run anything here.
    """
    names = list(TRIALS) if trials is None else [trials] if isinstance(trials, str) else list(trials)
    check(handler)
    asked = [trial(name) for name in names]
    hung = rehearsed([partial(run, handler, one, kernel) for one in asked])
    rows = [_hung(one, hung[i]) if i in hung else _row(handler, one, kernel) for i, one in enumerate(asked)]
    if rows and all(row.result == SKIPPED and row.trace is None for row in rows):
        raise KernelError(rows[0].why)
    return Judgement(rows, kernel)


def _hung(one: Trial, why: str) -> Row:
    return Row(one.name, FAILED, words.sentence(f"in “{one.name}”, {why}"))


def _row(handler, one: Trial, kernel: str) -> Row:
    try:
        ran = run(handler, one, kernel)
    except KernelError as error:
        return Row(one.name, SKIPPED, str(error))
    trace = told(ran)
    if why := refused(ran):
        return Row(one.name, SKIPPED, why, trace)
    found = diagnosis(ran, trace)
    if found is None:
        return Row(one.name, PASSED, "", trace, printed=ran.printed)
    return Row(one.name, FAILED, _because(trace, found), trace, found.step, found.event, ran.printed)


def _because(trace: Trace, found: Diagnosis) -> str:
    return found.why if found.event is None else f"{found.why} {words.numbered(trace, found.event)}"
