"""Which variables a C program has for files and descriptors, and how long each is of use."""

from uffdsim.export.memory import blocking
from uffdsim.export.names import Names
from uffdsim.grammar import Trait
from uffdsim.scenario import Scenario


class Variables:
    """Files and descriptors. ``name`` gives them their identifiers."""

    def __init__(self, scenario: Scenario, name: Names):
        self._name = name
        self.last_use = {step["fd"]: index for index, step in enumerate(scenario) if "fd" in step}
        """The last step on each descriptor that is used at all."""
        self.last_look = max((index for index, step in enumerate(scenario) if Trait.LOOK in step.traits), default=-1)
        """The last step that inspects everything; -1 if there is none."""
        over, waiting = {step["file"] for step in scenario if step.get("over")}, blocking(scenario)
        files = [("file", id) for id in scenario.files if self.last_look >= 0 or id in over]
        made = {step["id"] for step in scenario if step.op == "userfaultfd"} | self.last_use.keys()
        self.shared = files + [("descriptor", id) for id in scenario.names.descriptors if id in waiting & made]
        """Those that functions use beside main, by kind and id."""

    def defined(self, kind: str, id: str) -> str:
        """One that is given its number: main's own, or one that others know too."""
        name = self._name(kind, id)
        return name if (kind, id) in self.shared else f"int {name}"
