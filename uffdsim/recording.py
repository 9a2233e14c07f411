"""Recordings: what real kernels once answered, as kernels that answer again."""

import json

from uffdsim import library
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import KernelError, Trace

TIMES = 3
"""How often a scenario is run before its answers are believed."""


def folders() -> list[str]:
    """The names of the kernels that have recordings."""
    return library.folders()


class Recorded:
    """A kernel as it was recorded. It answers the scenarios that were recorded on it, and no other."""

    def __init__(self, folder: str):
        self.folder = folder
        self.name = f"recorded-{folder}"
        self.about = f"what a real Linux {folder} answered to the scenarios in data/scenarios"

    def run(self, scenario: Scenario) -> Trace:
        """What was recorded for these steps, whatever the scenario's name and notes.

        They may also be the first steps of a recorded scenario: what came later changed no earlier answer.

        :raises KernelError: if there is no such recording.
        """
        known = _beginning_with(scenario)
        for name in known:
            path = library.recording(self.folder, name)
            if path.is_file():
                observations = loads(path.read_text(encoding="utf-8"))
                return Trace(scenario, self.name, observations[: len(scenario)])
        what = f'the scenario "{known[0]}"' if known else "a scenario that begins with these steps"
        raise KernelError(f"there is no recording of {what} on {self.folder}; take a simulated kernel")


def _beginning_with(scenario: Scenario) -> list[str]:
    """The names of the scenarios in data/scenarios whose first steps these are, the one that has no more first."""
    longer = {name: len(known) for name in library.scenarios() if _begins(known := library.scenario(name), scenario)}
    return sorted(longer, key=longer.get)


def _begins(known: Scenario, asked: Scenario) -> bool:
    return len(known) >= len(asked) and all(map(_same, known, asked))


def _same(one: Step, other: Step) -> bool:
    return one.op == other.op and one.thread == other.thread and dict(one) == dict(other)


def loads(text: str) -> list[dict]:
    """The observations in the text of a recording."""
    return [json.loads(line) for line in text.splitlines()]


def dumps(observations: list[dict]) -> str:
    """Observations as the text of a recording: one a line."""
    return "".join(json.dumps(observation) + "\n" for observation in observations)


def repeated(kernel, scenario: Scenario) -> list[dict]:
    """What a kernel answers to a scenario every time.

    :raises KernelError: if it does not answer alike every time, or cannot run it.
    """
    first = kernel.run(scenario).observations
    for _ in range(TIMES - 1):
        again = kernel.run(scenario).observations
        if again != first:
            step = next(a["step"] for a, b in zip(first, again, strict=True) if a != b)
            raise KernelError(f"step {step} is not answered alike every time, so nothing is recorded")
    return first
