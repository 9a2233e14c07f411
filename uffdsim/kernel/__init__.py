"""Simulated kernels."""

from uffdsim.kernel.session import Session
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Scenario
from uffdsim.trace import Trace


class Simulated:
    """The simulated kernel of that name."""

    def __init__(self, name: str):
        self.version = VERSIONS[name]
        self.name = name
        self.about = self.version.about

    def session(self, scenario: Scenario | None = None) -> Session:
        """This kernel, about to be given steps one by one; those of a scenario, if it is known already."""
        return Session(self.version, scenario)

    def run(self, scenario: Scenario) -> Trace:
        """Run a scenario from an empty process on.

        :raises ScenarioError: if a step is given to a thread that is blocked.
        :raises KernelError: for what the model leaves out. The ``trace`` of either has what was answered before.
        """
        session = self.session(scenario)
        for step in scenario:
            session.step(step)
            if session.dead:
                break
        return session.trace
