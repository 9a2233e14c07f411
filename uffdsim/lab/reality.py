"""What a real kernel answers, beside the simulated one that stands for it."""

from typing import TYPE_CHECKING

from uffdsim import kernels
from uffdsim.kernel import VERSIONS
from uffdsim.lab.outcome import Outcome
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError

if TYPE_CHECKING:
    from uffdsim.compare import Comparison

Said = tuple["Comparison | None", str]
"""Both kernels' answers, or why there are none of the real one; neither, where no real one is meant."""


class Reality:
    """The real kernels. One is asked by ``ask``, which may run a program; ``said`` is its last answer."""

    def __init__(self) -> None:
        self.said: Said = (None, "")
        self._asked: object = None

    def ask(self, outcome: Outcome) -> None:
        """Give the kernel of an outcome, if that is a real one, what the simulated one was given, but not twice."""
        name = outcome.settings.kernel
        if name in VERSIONS:
            self._asked, self.said = None, (None, "")
        elif self._asked != (name, outcome.scenario.steps):
            self._asked = (name, outcome.scenario.steps)
            self.said = _answers(name, outcome)


def _answers(name: str, outcome: Outcome) -> Said:
    from uffdsim.compare import Comparison, Row  # where no real kernel is chosen, nothing is compared

    try:
        theirs = kernels.kernel(name).run(outcome.scenario).observations
    except (KernelError, ScenarioError) as error:
        return None, str(error)
    both = (outcome.trace.observations, theirs)
    rows = [
        Row(step, *(found[index] if index < len(found) else None for found in both))
        for index, step in enumerate(outcome.scenario)
    ]
    return Comparison((outcome.kernel, name), rows), ""
