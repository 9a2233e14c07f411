"""Two kernels and one scenario: where their answers differ.

Kernels of different age offer different features and ioctls, and say so in the masks that API and REGISTER answer. That
alone is no difference: it is told by name, and the comparison goes on to the first answer that differs in more.
"""

import json
import shutil
import textwrap
from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from uffdsim import words
from uffdsim.errors import Told
from uffdsim.names import Names
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Kernel

OFFERS = {"features": words.features, "ioctls": words.ioctls}
"""The fields of an answer in which a kernel says what it has to offer, and how they are read."""


class Row(NamedTuple):
    """One step, and what each of the two answered; None after a kernel has died."""

    step: Step
    first: dict | None
    second: dict | None

    @property
    def equal(self) -> bool:
        """Whether both answered the same."""
        return self.first == self.second

    @property
    def matters(self) -> bool:
        """Whether they differ in more than what they offer."""
        return _less(self.first) != _less(self.second)


class Comparison(NamedTuple):
    """The answers of two kernels to one scenario, step by step; ``stopped``: why it ends before the scenario does."""

    kernels: tuple[str, str]
    rows: list[Row]
    stopped: str = ""

    @property
    def parting(self) -> int | None:
        """The step at which they differ: the first that they answer differently in more than what they offer, or, if
        there is none, the first in which they offer different things. None if they are alike in every step."""
        different = [index for index, row in enumerate(self.rows) if not row.equal]
        return next((index for index in different if self.rows[index].matters), next(iter(different), None))

    def __str__(self) -> str:
        return "\n".join(_lines(self, max(60, shutil.get_terminal_size((120, 0)).columns)))


def compare(scenario: Scenario, first: Kernel, second: Kernel) -> Comparison:
    """Run a scenario on two kernels.

    If one of them cannot go on, as a sleeping thread would have to take another step, they are compared up to there.

    :raises KernelError: if one of them cannot run it at all.
    """
    answers, reasons = zip(*(_answers(scenario, kernel) for kernel in (first, second)), strict=True)
    rows = [Row(step, *pair) for step, pair in zip(scenario, zip_longest(*answers), strict=False)]
    stopped = [f"{kernel.name}: {why}" for kernel, why in zip((first, second), reasons, strict=True) if why]
    return Comparison((first.name, second.name), rows, "\n".join(stopped))


def _answers(scenario: Scenario, kernel: Kernel) -> tuple[list[dict], str]:
    """What a kernel answered, and why it stopped before the end; "" if it did not."""
    try:
        return kernel.run(scenario).observations, ""
    except Told as error:
        if error.trace is None:
            raise
        return error.trace.observations, str(error)


def _less(answer: dict | None) -> dict:
    """An answer without what the kernel offers."""
    return {key: value for key, value in (answer or {}).items() if key not in OFFERS}


def _lines(comparison: Comparison, width: int) -> Iterator[str]:
    """A table with a row for each step. Steps that differ are marked: where they part by an arrow, mere offers by ~."""
    parting, rows = comparison.parting, comparison.rows
    known = Scenario(row.step for row in rows).names
    names = [f"{index:3} {words.step(row.step)}" for index, row in enumerate(rows)]
    left = min(max(map(len, names), default=0), width // 3) + 2
    column = (width - left - 3) // 2
    yield from (words.kernel(name) for name in comparison.kernels if words.kernel(name) != name)
    yield f"{'':{left + 3}}{comparison.kernels[0]:{column}}{comparison.kernels[1]}"
    for index, (name, row) in enumerate(zip(names, rows, strict=True)):
        mark = "  " if row.equal else " ~" if not row.matters else "->" if index == parting else " |"
        texts = [textwrap.wrap(name, left - 2, subsequent_indent="    ")]
        texts += [textwrap.wrap(text, column - 2) for text in _cells(row, rows, known)]
        for place, first, second in zip_longest(*texts, fillvalue=""):
            yield f"{mark} {place:{left}}{first:{column}}{second}".rstrip()
            mark = "  "
    if comparison.stopped:
        yield comparison.stopped
    if parting is None:
        yield f"alike in every step{' up to there' if comparison.stopped else ''}"
    elif rows[parting].matters:
        yield f"they differ at step {parting}"
    else:
        yield "they answer alike in all but what they offer"


def _cells(row: Row, rows: list[Row], known: Names) -> list[str]:
    """Both answers in words; and where these are the same words, the fields in which they differ."""
    first, second = row.first, row.second
    if first is not None and second is not None and not row.equal and not row.matters:
        return [_offers(row.step, first, second), _offers(row.step, second, first)]
    told = [_answer(row.step, answer, rows, known) for answer in (first, second)]
    if row.equal or told[0] != told[1] or first is None or second is None:
        return told
    return [f"{words}: {'; '.join(fields)}" for words, fields in zip(told, _differences(first, second), strict=True)]


def _answer(step: Step, answer: dict | None, rows: list[Row], known: Names) -> str:
    """An answer, without what the kernel offers, and what the threads answered that it let go on."""
    if answer is None:
        return "nothing any more"
    told = [words.result(step, _less(answer), known)]
    for done in answer.get("completed", ()):
        told.append(f"{done['thread']} goes on: {words.result(rows[done['step']].step, {'status': 'done', **done})}")
    return "; ".join(told)


def _offers(step: Step, mine: dict, other: dict) -> str:
    """An answer, and what this kernel alone offers."""
    alone = [name for key, named in OFFERS.items() for name in named(mine.get(key, 0) & ~other.get(key, 0))]
    return words.answer(step, mine) + (f", and alone offers {', '.join(alone)}" if alone else "")


def _differences(first: dict, second: dict) -> list[list[str]]:
    """The fields in which two answers differ, as each has them; of a report, by runs of pages that differ alike."""
    one, other = _by_page(first), _by_page(second)
    runs: list[tuple[str, int, int, list[str]]] = []
    for vma, number in one | other:
        texts = _unlike(one.get((vma, number), {}), other.get((vma, number), {}))
        if runs and runs[-1][0] == vma and runs[-1][2:] == (number, texts):
            runs[-1] = (vma, runs[-1][1], number + 1, texts)
        else:
            runs.append((vma, number, number + 1, texts))
    found = [(f"{words.pages(vma, a, b - a)}: " if vma else "", texts) for vma, a, b, texts in runs if any(texts)]
    return [[where + (texts[side] or "not there") for where, texts in found] for side in (0, 1)]


def _unlike(first: dict, second: dict) -> list[str]:
    """The fields in which they differ, as each has them."""
    keys = [key for key in first | second if first.get(key) != second.get(key)]
    return [", ".join(f"{key} {json.dumps(one[key])}" for key in keys if key in one) for one in (first, second)]


def _by_page(answer: dict) -> dict[tuple[str, int], dict]:
    """The fields of an answer: those of a report by mapping and page, and all others under no mapping."""
    files = {f"pages of {id}": pages for id, pages in answer.get("files", {}).items()}
    found = {("", 0): {key: value for key, value in answer.items() if key not in ("vmas", "files")} | files}
    for vma, pages in answer.get("vmas", {}).items():
        found |= {(vma, number): page for number, page in enumerate(pages)}
    return found
