"""Asks the simulated kernel and this machine's the same random things, until their answers differ.

    python tests/fuzz.py [--seed N] [--count N] [--length N] [--save NAME]

On a difference hypothesis looks for the simplest scenario that shows it, and that is printed, with both answers to
each step. --save keeps that scenario, and what this machine answered, in data/ for good, when the simulated kernel has
learnt it. Each seed stands for a hundred programs, always the same.
"""

import argparse
import math
import random
import sys
import time
from typing import NamedTuple

from hypothesis import Phase, errors, find, settings
from programs import programs

from uffdsim import library
from uffdsim.compare import Comparison, compare
from uffdsim.doctor import release
from uffdsim.kernel import Simulated
from uffdsim.linux import Linux, program
from uffdsim.linux.real import Restless
from uffdsim.recording import dumps, repeated
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError, Trace

SECONDS = 2
"""How long the live kernel is waited for. What it takes is milliseconds."""
RESTLESS = "faults for ever"
ROUND = 100
"""How many programs a seed stands for."""
OFTEN = 5
"""How often the live kernel must say the same, three times each, to be believed against the simulated one."""


class Live(Linux):
    """The kernel of this machine. A step that it never comes to rest in is one of its answers."""

    def run(self, scenario: Scenario) -> Trace:
        try:
            return super().run(scenario)
        except Restless:
            rests, restless, middle = 0, len(scenario), len(scenario) - 1
        while restless - rests > 1:
            try:
                super().run(Scenario(scenario[:middle]))
                rests = middle
            except Restless:
                restless = middle
            middle = (rests + restless) // 2
        before = super().run(Scenario(scenario[:rests])).observations
        return Trace(scenario, self.name, [*before, {"step": rests, "status": RESTLESS}])


class Difference(NamedTuple):
    """A scenario up to the step that two kernels answer differently, and what they answer."""

    scenario: Scenario
    comparison: Comparison

    def __str__(self):
        return f"{self.scenario.dumps()}\n{self.comparison}"


class Fuzz:
    """Asks two kernels, of which the second is to be believed, and counts."""

    def __init__(self, simulated: Simulated, live):
        self.simulated = simulated
        self.live = live
        self.programs = self.steps = self.races = 0

    def __str__(self):
        return f"{self.programs} programs, {self.steps} steps, {self.races} of no defined answer"

    def ask(self, scenario: Scenario) -> Difference | None:
        """Where the two differ, if they do, and if the second answers so every time."""
        self.programs += 1
        self.steps += len(scenario)
        try:
            comparison = compare(scenario, self.simulated, self.live)
        except ScenarioError:
            # One of them has a thread blocked where the other has not; that shows in an earlier step.
            return self.ask(Scenario(scenario[:-1], scenario.name))
        if comparison.parting is None:
            return None
        scenario = Scenario(scenario[: comparison.parting + 1], scenario.name)
        try:
            for _ in range(OFTEN if comparison.rows[comparison.parting].second["status"] != RESTLESS else 0):
                repeated(self.live, scenario)
        except KernelError:
            self.races += 1
            return None
        comparison = compare(scenario, self.simulated, self.live)
        return Difference(scenario, comparison) if comparison.parting is not None else None

    def search(self, seed: int, length: int) -> Difference | None:
        """The simplest difference that the programs of a seed lead to, if there is any."""
        found = settings(max_examples=ROUND, phases=[Phase.generate, Phase.shrink], database=None, deadline=None)
        try:
            scenario = find(programs(self.simulated.name, length), self.ask, settings=found, random=random.Random(seed))
        except errors.NoSuchExample:
            return None
        return self.ask(scenario)


def save(scenario: Scenario, name: str):
    """Keep a scenario in data/scenarios, and what this machine answers in data/recordings.

    :raises KernelError: if it does not answer alike every time.
    """
    answers = dumps(repeated(Linux(), scenario))
    folder = release().removeprefix("linux-")
    (library.data() / "scenarios" / f"{name}.json").write_text(scenario.dumps(), encoding="utf-8")
    library.recording(folder, name).write_text(answers, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="the first one (any)")
    parser.add_argument("--count", type=int, default=1 << 32, help="how many programs, in hundreds (no end)")
    parser.add_argument("--length", type=int, default=30, help="steps beyond the beginning, at most (30)")
    parser.add_argument("--kernel", default=release(), help="the simulated kernel (%(default)s)")
    parser.add_argument("--save", metavar="NAME", help="keep the scenario that makes a difference, and its recording")
    arguments = parser.parse_args()
    program.LIMIT = SECONDS
    fuzz, began, told = Fuzz(Simulated(arguments.kernel), Live()), time.monotonic(), 0
    last = arguments.seed + math.ceil(arguments.count / ROUND) - 1
    for seed in range(arguments.seed, last + 1):
        difference = fuzz.search(seed, arguments.length)
        seconds = time.monotonic() - began
        if difference or seconds > told + 10 or seed == last:
            told = seconds
            print(f"seed {seed}: {fuzz}, {seconds:.0f} s", file=sys.stderr, flush=True)
        if difference:
            break
    else:
        return 0
    print(difference)
    if arguments.save:
        try:
            save(difference.scenario, arguments.save)
        except KernelError as error:
            print(f"not saved: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
