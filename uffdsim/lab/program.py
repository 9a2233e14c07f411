"""The program beside a lab: what is done, as Python or as C, and which of its lines run at a place."""

from collections.abc import Callable, Iterator
from typing import Any

from uffdsim import export
from uffdsim.export import Line
from uffdsim.lab.model import Model
from uffdsim.scenario import Scenario, ScenarioError

LANGUAGES: dict[str, Callable[[Scenario, Model], list[Line]]] = {
    "python": lambda scenario, model: export.python_lines(scenario, model.outcome.kernel),
    "C": lambda scenario, model: export.c_lines(scenario),
}
"""What it can be shown as, and its lines."""


def program(language: str, model: Model) -> dict[str, Any]:
    """The program as far as it may be seen: each of its ``lines``, the step that it carries out (None: none), and the
    event at which that is over (None where it may not be gone to)."""
    known = Scenario(model.scenario.steps[: _known(model)])
    try:
        written = LANGUAGES[language](known, model)
    except ScenarioError as error:
        written = [Line(f"There is no such program: {error}.")]
    ends = [model.trace.end(index) for index in range(len(known))]
    events = [end if end <= model.last else None for end in ends]
    lines = [[line.text, line.step, None if line.step is None else events[line.step]] for line in written]
    return {"language": language, "lines": lines}


def running(model: Model) -> dict[str, Any]:
    """The step that runs at the place that is looked at, or is asked about (None: none does yet), and those whose
    threads sleep in the kernel, each with its thread."""
    asked = model.question and model.outcome.firsts[model.question.act]
    now = asked if model.question else model.event and model.event.step
    return {"runs": now, "waits": [[nap.step, nap.thread] for nap in model.trace.asleep(model.at)]}


def _known(model: Model) -> int:
    """How many steps may be seen: those that have begun, and that which is asked about."""
    if not model.hides:
        return len(model.scenario)
    return max(_begun(model), default=0)


def _begun(model: Model) -> Iterator[int]:
    if model.last:
        yield model.trace.events[model.last - 1].step + 1
    if model.question and (first := model.outcome.firsts[model.question.act]) is not None:
        yield first + 1
