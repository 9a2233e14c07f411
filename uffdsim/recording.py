"""Recordings: what real kernels once answered, as kernels that answer again."""

import json

from uffdsim import library, words
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Kernel, KernelError, Trace

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
        alike = {name: _alike(library.scenario(name), scenario) for name in library.scenarios()}
        whole = [name for name, steps in alike.items() if steps == len(scenario)]
        for name in sorted(whole, key=lambda name: len(library.scenario(name))):
            path = library.recording(self.folder, name)
            if path.is_file():
                observations = loads(path.read_text(encoding="utf-8"))
                return Trace(scenario, self.name, observations[: len(scenario)])
        if whole:
            what = f'of the scenario "{whole[0]}" on {self.folder}'
            raise KernelError(f"there is no recording {what}; take a simulated kernel")
        name, steps = max(alike.items(), key=lambda item: item[1])
        what = f"goes on with step {steps}" if steps else "begins with step 0"
        like = f" (up to there it is {name})" if steps else ""
        raise KernelError(
            f"there is no recording that {what}, {words.step(scenario[steps])}{like}; take a simulated kernel"
        )


def _alike(known: Scenario, asked: Scenario) -> int:
    """How many of the first steps of both are the same."""
    pairs = zip(known, asked, strict=False)
    return next((index for index, pair in enumerate(pairs) if not _same(*pair)), min(len(known), len(asked)))


def _same(one: Step, other: Step) -> bool:
    return one.op == other.op and one.thread == other.thread and dict(one) == dict(other)


def loads(text: str) -> list[dict]:
    """The observations in the text of a recording."""
    return [json.loads(line) for line in text.splitlines()]


def dumps(observations: list[dict]) -> str:
    """Observations as the text of a recording: one a line."""
    return "".join(json.dumps(observation) + "\n" for observation in observations)


def repeated(kernel: Kernel, scenario: Scenario) -> list[dict]:
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
