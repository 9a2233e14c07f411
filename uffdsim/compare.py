"""Two kernels and one scenario: where their answers part."""

import json
import shutil
import textwrap
from itertools import zip_longest
from typing import NamedTuple

from uffdsim.scenario import Scenario, Step


class Row(NamedTuple):
    """One step, and what each of the two answered; None after a kernel has died."""

    step: Step
    first: dict | None
    second: dict | None

    @property
    def equal(self) -> bool:
        return self.first == self.second


class Comparison(NamedTuple):
    """The answers of two kernels to one scenario, step by step."""

    kernels: tuple[str, str]
    rows: list[Row]

    @property
    def parting(self) -> int | None:
        """The first step that they answer differently; None if there is none."""
        return next((index for index, row in enumerate(self.rows) if not row.equal), None)

    def __str__(self):
        return "\n".join(_lines(self, max(60, shutil.get_terminal_size((120, 0)).columns)))


def compare(scenario: Scenario, first, second) -> Comparison:
    """Run a scenario on two kernels.

    :raises KernelError: if one of them cannot run it.
    :raises ScenarioError: if a blocked thread is to take another step.
    """
    answers = [kernel.run(scenario).observations for kernel in (first, second)]
    rows = [Row(step, *pair) for step, pair in zip(scenario, zip_longest(*answers), strict=False)]
    return Comparison((first.name, second.name), rows)


def _lines(comparison: Comparison, width: int):
    """A table with a row for each step; the steps that differ are marked, the first one with an arrow."""
    parting = comparison.parting
    names = [f"{index:3} {_name(row.step)}" for index, row in enumerate(comparison.rows)]
    left = min(max(map(len, names), default=0), width // 3) + 2
    column = (width - left - 3) // 2
    yield f"{'':{left + 3}}{comparison.kernels[0]:{column}}{comparison.kernels[1]}"
    for index, (name, row) in enumerate(zip(names, comparison.rows, strict=True)):
        mark = "  " if row.equal else "->" if index == parting else " |"
        cells = [name[: left - 2]], *(textwrap.wrap(text, column - 2) for text in _cells(row))
        for place, first, second in zip_longest(*cells, fillvalue=""):
            yield f"{mark} {place:{left}}{first:{column}}{second}".rstrip()
            mark = "  "
    yield "alike in every step" if parting is None else f"they part at step {parting}"


def _name(step: Step) -> str:
    what = next((step[key] for key in ("vma", "id", "fd", "file") if step.get(key) is not None), "")
    page = f" {step['page']}" if "page" in step else ""
    return f"{step.op} {what}{page} ({step.thread})"


def _cells(row: Row) -> list[str]:
    """Both answers in words; of an inspect, only where they differ."""
    both = [row.first, row.second]
    if row.step.op == "inspect" and all(both):
        return ["done"] * 2 if row.equal else _differences("", *both)
    return [_words(answer) for answer in both]


def _words(answer: dict | None) -> str:
    if answer is None:
        return "nothing any more"
    fields = {key: value for key, value in answer.items() if key not in ("step", "status")}
    return ", ".join([answer["status"], *(f"{key} {json.dumps(value)}" for key, value in fields.items())])


def _differences(where: str, first, second) -> list[str]:
    """Two JSON values' differences, each with the way to it, as two texts."""
    if isinstance(first, dict) and isinstance(second, dict):
        pairs = [(f"{where}.{key}", first.get(key), second.get(key)) for key in {**first, **second}]
    elif isinstance(first, list) and isinstance(second, list):
        pairs = [(f"{where}[{index}]", *pair) for index, pair in enumerate(zip_longest(first, second))]
    else:
        return [f"{where[1:]} {json.dumps(value)}" for value in (first, second)]
    found = [_differences(*pair) for pair in pairs if pair[1] != pair[2]]
    return ["; ".join(texts) for texts in zip(*found, strict=True)]
