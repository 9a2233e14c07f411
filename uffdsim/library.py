"""The scenarios and recordings that come with uffdsim, in ``data/``."""

from functools import cache
from pathlib import Path

from uffdsim.errors import Unknown
from uffdsim.grammar import meant
from uffdsim.scenario import Scenario

HERE = Path(__file__).parent


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


def folders() -> list[str]:
    """The names of the kernels that have recordings."""
    return sorted(path.name for path in (data() / "recordings").glob("*/"))


def recording(folder: str, name: str) -> Path:
    """The file with what one kernel answered to one scenario; it need not exist."""
    return data() / "recordings" / folder / f"{name}.jsonl"


def console(folder: str) -> Path:
    """The file with what a kernel printed as it died, scenario by scenario; it need not exist."""
    return data() / "recordings" / folder / "oops.txt"
