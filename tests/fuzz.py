"""Asks the simulated kernel and this machine's the same random things, until their answers differ.

    python tests/fuzz.py [--seed N] [--count N] [--length N] [--save NAME]

On a difference it prints the shortest scenario it finds that shows it, and both answers to each step. --save keeps
that scenario, and what this machine answered, in data/ for good, when the simulated kernel has learnt it.
"""

import argparse
import random
import sys
import time

from programs import program as random_program

from uffdsim import library
from uffdsim.compare import Comparison, compare
from uffdsim.doctor import release
from uffdsim.kernel import Simulated
from uffdsim.linux import Linux, program
from uffdsim.recording import dumps, repeated
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError, Trace

SECONDS = 2
"""How long the live kernel is waited for. What it takes is milliseconds."""
RESTLESS = "faults for ever"
OFTEN = 5
"""How often the live kernel must say the same, three times each, to be believed against the simulated one."""


class Live(Linux):
    """The kernel of this machine. A step that it never comes to rest in is one of its answers."""

    def run(self, scenario: Scenario) -> Trace:
        try:
            return super().run(scenario)
        except program.Restless:
            rests, restless, middle = 0, len(scenario), len(scenario) - 1
        while restless - rests > 1:
            try:
                super().run(Scenario(scenario[:middle]))
                rests = middle
            except program.Restless:
                restless = middle
            middle = (rests + restless) // 2
        before = super().run(Scenario(scenario[:rests])).observations
        return Trace(scenario, self.name, [*before, {"step": rests, "status": RESTLESS}])


class Fuzz:
    """Asks a simulated kernel and this machine's, and counts."""

    def __init__(self, version: str):
        self.simulated = Simulated(version)
        self.live = Live()
        self.programs = self.steps = self.races = 0

    def __str__(self):
        return f"{self.programs} programs, {self.steps} steps, {self.races} of no defined answer"

    def ask(self, scenario: Scenario) -> Comparison | None:
        """Where the two differ, if they do, and if the live kernel answers so every time."""
        self.programs += 1
        self.steps += len(scenario)
        try:
            comparison = compare(scenario, self.simulated, self.live)
        except ScenarioError:
            # One of them has a thread blocked where the other has not; that shows in an earlier step.
            return self.ask(Scenario(scenario[:-1], scenario.name))
        if comparison.parting is None:
            return None
        if comparison.rows[comparison.parting].second["status"] == RESTLESS:
            return comparison
        try:
            for _ in range(OFTEN):
                repeated(self.live, scenario)
        except KernelError:
            self.races += 1
            return None
        comparison = compare(scenario, self.simulated, self.live)
        return comparison if comparison.parting is not None else None

    def shortest(self, scenario: Scenario) -> Scenario:
        """The scenario without the steps, from the last to the first, that its difference does not need."""
        for index in reversed(range(len(scenario))):
            if index < len(scenario):
                try:
                    shorter = Scenario([*scenario[:index], *scenario[index + 1 :]], scenario.name)
                    comparison = self.ask(shorter)
                except (ScenarioError, KernelError):
                    continue  # a later step needs this one
                if comparison:
                    scenario = Scenario(shorter[: comparison.parting + 1], scenario.name)
        return scenario


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
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="the first program's (any)")
    parser.add_argument("--count", type=int, default=1 << 32, help="how many programs (no end)")
    parser.add_argument("--length", type=int, default=30, help="steps beyond the beginning (30)")
    parser.add_argument("--kernel", default=release(), help="the simulated kernel (%(default)s)")
    parser.add_argument("--save", metavar="NAME", help="keep the scenario that makes a difference, and its recording")
    arguments = parser.parse_args()
    program.LIMIT = SECONDS
    fuzz, began, told = Fuzz(arguments.kernel), time.monotonic(), 0
    comparison = None
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        scenario = random_program(seed, arguments.kernel, arguments.length)
        comparison = fuzz.ask(scenario)
        seconds = time.monotonic() - began
        if comparison or seconds > told + 10 or seed == arguments.seed + arguments.count - 1:
            told = seconds
            print(f"seed {seed}: {fuzz}, {seconds:.0f} s", file=sys.stderr, flush=True)
        if comparison:
            break
    if not comparison:
        return 0
    scenario = fuzz.shortest(Scenario(scenario[: comparison.parting + 1], scenario.name))
    print(scenario.dumps(), compare(scenario, fuzz.simulated, fuzz.live), sep="\n")
    if arguments.save:
        try:
            save(scenario, arguments.save)
        except KernelError as error:
            print(f"not saved: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
