"""What a real kernel answers, beside the simulated one that stands for it."""

from uffdsim import kernels
from uffdsim.compare import Comparison, Row
from uffdsim.kernel import VERSIONS
from uffdsim.lab.outcome import Outcome
from uffdsim.scenario import ScenarioError
from uffdsim.trace import KernelError


class Reality:
    """Asks the kernel of an outcome, if that is a real one, and remembers what it said last."""

    def __init__(self):
        self._asked: object = None
        self._said: tuple[Comparison | None, str] = (None, "")

    def of(self, outcome: Outcome) -> tuple[Comparison | None, str]:
        """Both kernels' answers, or why there are none of the real one; neither for a simulated one."""
        name = outcome.settings.kernel
        if name in VERSIONS:
            return None, ""
        if self._asked != (name, outcome.scenario):
            self._asked, self._said = (name, outcome.scenario), _ask(name, outcome)
        return self._said


def _ask(name: str, outcome: Outcome) -> tuple[Comparison | None, str]:
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
