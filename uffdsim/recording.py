"""Recordings: what real kernels once answered, as kernels that answer again."""

import json

from uffdsim import library
from uffdsim.scenario import Scenario
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
        """What was recorded for the scenario with these steps, whatever its name and notes.

        :raises KernelError: if there is no such recording.
        """
        name = _find(scenario)
        path = library.recording(self.folder, name) if name else None
        if path is None or not path.is_file():
            what = f'the scenario "{name}"' if name else "a scenario with these steps"
            raise KernelError(f"there is no recording of {what} on {self.folder}; take a simulated kernel")
        return Trace(scenario, self.name, loads(path.read_text(encoding="utf-8")))


def _find(scenario: Scenario) -> str | None:
    """The name of the scenario in data/scenarios that has the same steps."""
    asked = _bare(scenario)
    for name in library.scenarios():
        known = library.scenario(name)
        if len(known) == len(scenario) and _bare(known) == asked:
            return name
    return None


def _bare(scenario: Scenario) -> list[dict]:
    return [{"op": step.op, "thread": step.thread} | dict(step) for step in scenario]


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
