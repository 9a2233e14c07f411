"""The scenarios and recordings that come with uffdsim, in ``data/``."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from uffdsim import brought
from uffdsim.errors import Mistake, Unknown, quoted
from uffdsim.grammar import meant
from uffdsim.scenario import FORMAT, Scenario, ScenarioError

HERE = Path(__file__).parent
RELEASE = re.compile(r"linux-\d+\.\d+")


def data() -> Path:
    """The folder with all of it: beside the package in a checkout, inside it where it was installed."""
    checkout = HERE.parent / "data"
    return checkout if (checkout / "scenarios").is_dir() else HERE / "data"


def scenarios() -> list[str]:
    """The names of all scenarios, in order."""
    return sorted(path.stem for path in (data() / "scenarios").glob("*.json"))


@cache
def scenario(name: str) -> Scenario:
    """The scenario of that name.

    :raises Unknown: if there is none.
    """
    path = data() / "scenarios" / f"{name}.json"
    if not path.is_file():
        raise Unknown(f'there is no scenario "{name}"{meant(name, scenarios())}')
    return Scenario.load(path)


def scenario_of(what: Any) -> Scenario:
    """The scenario that somebody means: the scenario itself, its name here, its JSON or steps, or a machine or a lab.

    :raises ScenarioError: if what is given is not a scenario, saying what would be one.
    :raises Unknown: for a name that no scenario has.
    """
    found = getattr(getattr(what, "model", what), "scenario", what)
    if isinstance(found, str) and found.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        try:
            found = brought.loads(found)
        except Mistake as mistake:
            raise ScenarioError(str(mistake)) from None
    if isinstance(found, str):
        return scenario(found)
    if isinstance(found, dict):
        return Scenario.from_json({"format": FORMAT} | found)
    if isinstance(found, list | tuple):
        return Scenario(found)
    if isinstance(found, Scenario):
        return found
    given = f"{quoted(what)} ({type(what).__name__})"
    raise ScenarioError(f"{given} is not a scenario: give one, its name, its JSON, its steps, or a machine")


def folders() -> list[str]:
    """The names of the kernels that have recordings."""
    return sorted(path.name for path in (data() / "recordings").glob("*/"))


def derived(kernel: str) -> bool:
    """Whether a simulated kernel of that name is made of when each thing came, with no recording to check."""
    return bool(RELEASE.fullmatch(kernel)) and kernel.removeprefix("linux-") not in folders()


def recording(folder: str, name: str) -> Path:
    """The file with what one kernel answered to one scenario; it need not exist."""
    return data() / "recordings" / folder / f"{name}.jsonl"


def console(folder: str) -> Path:
    """The file with what a kernel printed as it died, scenario by scenario; it need not exist."""
    return data() / "recordings" / folder / "oops.txt"
