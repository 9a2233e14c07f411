"""Asks a simulated kernel and a real one the same random things, until their answers differ.

    python tests/fuzz.py [--real NAME] [--seed N] [--count N] [--length N] [--save NAME]

The real one is this machine's, or one in a box: --real box-7.3. On a difference hypothesis looks for the simplest
scenario that shows it, and that is printed, with both answers to each step. --save keeps that scenario, and what the
real kernel answered, in data/ for good, when the simulated kernel has learnt it. Each seed stands for a hundred
programs, always the same.
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
from uffdsim.box import pc
from uffdsim.compare import Comparison, compare
from uffdsim.doctor import release
from uffdsim.kernel import Simulated
from uffdsim.kernels import OWN, kernel
from uffdsim.linux import program
from uffdsim.linux.real import Restless
from uffdsim.recording import dumps, repeated
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import Kernel, KernelError, Trace

SECONDS = 2
"""How long the live kernel is waited for. What it takes is milliseconds."""
SECONDS_IN_A_BOX = 15
"""The same of a kernel in a box, where it takes tenths of seconds."""
RESTLESS = "faults for ever"
ROUND = 100
"""How many programs a seed stands for."""
OFTEN = 5
"""How often the live kernel must say the same, three times each, to be believed against the simulated one."""


class Live:
    """A real kernel. A step that it never comes to rest in is one of its answers."""

    def __init__(self, kernel: Kernel):
        self.kernel = kernel
        self.name = kernel.name

    def run(self, scenario: Scenario) -> Trace:
        for _ in range(2):  # a machine with much else to do may be late once
            try:
                return self.kernel.run(scenario)
            except Restless:
                pass
        rests, restless, middle = 0, len(scenario), len(scenario) - 1
        while restless - rests > 1:
            try:
                self.kernel.run(Scenario(scenario[:middle]))
                rests = middle
            except Restless:
                restless = middle
            middle = (rests + restless) // 2
        before = self.kernel.run(Scenario(scenario[:rests])).observations
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


def save(scenario: Scenario, kernel: Kernel, folder: str, name: str):
    """Keep a scenario in data/scenarios, and what a kernel answers in a folder of data/recordings.

    :raises KernelError: if it does not answer alike every time.
    """
    answers = dumps(repeated(kernel, scenario))
    (library.data() / "scenarios" / f"{name}.json").write_text(scenario.dumps(), encoding="utf-8")
    library.recording(folder, name).write_text(answers, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="the first one (any)")
    parser.add_argument("--count", type=int, default=1 << 32, help="how many programs, in hundreds (no end)")
    parser.add_argument("--length", type=int, default=30, help="steps beyond the beginning, at most (30)")
    parser.add_argument("--real", default=OWN, help="the real kernel (%(default)s)")
    parser.add_argument("--kernel", help="the simulated kernel (the one of the same version)")
    parser.add_argument("--save", metavar="NAME", help="keep the scenario that makes a difference, and its recording")
    arguments = parser.parse_args()
    pc.LIMIT = SECONDS_IN_A_BOX
    real = kernel(arguments.real)
    version = release() if arguments.real == OWN else arguments.real.replace("box-", "linux-")
    program.LIMIT = SECONDS
    fuzz, began, told = Fuzz(Simulated(arguments.kernel or version), Live(real)), time.monotonic(), 0
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
            save(difference.scenario, real, version.removeprefix("linux-"), arguments.save)
        except KernelError as error:
            print(f"not saved: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
