"""Recordings: what real kernels once answered, as kernels that answer again."""

import json
import re
from typing import NamedTuple

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


class Console(NamedTuple):
    """What a real kernel printed as it died: in which ``folder`` that is, of which ``scenario``, and the ``text``, in
    which registers and raw bytes are left out. ``same`` is whether it died of these very steps, ``remark`` what has to
    be said of the text, or ""."""

    folder: str
    scenario: str
    text: str
    remark: str
    same: bool


def console(trace: Trace) -> Console | None:
    """What the real kernel of a trace printed as it died in the same function: of the same steps, or else of others.

    :returns: None if the kernel lives on, or no such death was recorded.
    """
    last = trace.observations[-1] if trace.observations else {}
    folder = trace.kernel.removeprefix("linux-").removeprefix("recorded-")
    found = []
    for name, (remark, text) in _consoles(folder).items():
        died = loads(library.recording(folder, name).read_text(encoding="utf-8"))[-1]
        if (died["status"], died["at"]) == (last.get("status"), last.get("at")):
            known = library.scenario(name).first(died["step"] + 1)
            same = len(known) == len(trace.observations) == _alike(known, trace.scenario)
            found.append(Console(folder, name, text, remark, same))
    return next((one for one in found if one.same), found[0] if found else None)


def _consoles(folder: str) -> dict[str, tuple[str, str]]:
    """What a kernel printed as it died, by the scenario of which it did: a remark, and the text."""
    path = library.console(folder)
    told = path.read_text(encoding="utf-8") if path.is_file() else ""
    parts = re.findall(r"^== (\S+), .*\n(?:\((.*)\)\n)?((?:(?!== ).*\n?)*)", told, re.MULTILINE)
    return {name: (remark, text.strip()) for name, remark, text in parts}


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
