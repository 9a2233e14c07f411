"""Documents: all that a person did in a lab, as one line of text that another lab understands."""

import json
from dataclasses import asdict, dataclass
from typing import Any

from uffdsim import brought
from uffdsim.errors import Mistake
from uffdsim.lab.settings import BASE, NAMES, Settings, split
from uffdsim.scenario import FORMAT as SCENARIO
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import KernelError

FORMAT = "uffdsim-lab/1"
KEYS = ("format", "settings", "base", "acts")


@dataclass(frozen=True)
class Document:
    """The steps that a lab begins with, what was chosen, and what was done."""

    base: tuple[Step, ...] = BASE.steps
    settings: Settings = Settings.of(BASE)
    acts: tuple[Step, ...] = ()

    @classmethod
    def of(cls, scenario: Scenario, **choices: Any) -> "Document":
        """The document of a scenario: what it sets up is the base, and what it does are the acts."""
        base, acts = split(scenario)
        return cls(base, Settings.of(base).changed(**choices), acts)

    def dumps(self) -> str:
        """The document as one line of JSON."""
        head = json.dumps({"format": FORMAT, "settings": asdict(self.settings)}, ensure_ascii=False)
        base, acts = (", ".join(step.line for step in steps) for steps in (self.base, self.acts))
        return f'{head[:-1]}, "base": [{base}], "acts": [{acts}]}}'

    @classmethod
    def loads(cls, text: str) -> "Document":
        """The document in a text: what ``dumps`` gave, or a scenario.

        :raises ScenarioError: if it is neither, naming what is wrong in it.
        """
        try:
            data = brought.loads(text)
        except Mistake as error:
            raise ScenarioError(f"not a line from a lab, nor a scenario: {error}") from None
        if not isinstance(data, dict) or data.get("format") not in (FORMAT, SCENARIO):
            raise ScenarioError(f'neither a line from a lab ("format": "{FORMAT}") nor a scenario ("{SCENARIO}")')
        if data["format"] == SCENARIO:
            return cls.of(Scenario.from_json(data))
        return cls._from(data)

    @classmethod
    def _from(cls, data: dict) -> "Document":
        for key in data:
            if key not in KEYS:
                raise ScenarioError(f'"{key}" is not a key of a lab; its keys are {", ".join(KEYS)}')
        for key in ("base", "acts"):
            if not isinstance(data.get(key), list):
                raise ScenarioError(f'"{key}" must be a list of steps')
        base = Scenario(data["base"]).steps
        acts = tuple(step_of(index, act) for index, act in enumerate(data["acts"]))
        if not isinstance(choices := data.get("settings"), dict):
            raise ScenarioError(f'"settings" must be an object with any of {", ".join(NAMES)}')
        try:
            return cls(base, Settings.of(base).changed(**choices), acts)
        except (Mistake, KernelError) as error:
            raise ScenarioError(f'"settings": {error}') from None


def step_of(index: int, act: object) -> Step:
    """An act, read without a look at names: what it names may come back with another setting.

    :raises ScenarioError: naming what is wrong in it.
    """
    if not isinstance(act, dict) or not isinstance(act.get("op"), str):
        raise ScenarioError(f'act {index}: must be an object with an "op"')
    try:
        return Step(act["op"], **{key: value for key, value in act.items() if key != "op"})
    except ScenarioError as error:
        raise ScenarioError(f"act {index}: {error}") from None
