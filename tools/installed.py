"""What an installed uffdsim has to do where there is no checkout; run by the Python that it is installed for.

python -I installed.py
"""

import re
import subprocess
import sys
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

BIN = Path(sys.executable).parent
PATIENCE = 120


def says_its_version() -> None:
    """The command is there, and is of the version that was installed."""
    assert _out("uffdsim", "--version").split() == ["uffdsim", version("uffdsim")]


def answers_as_linux_does() -> None:
    """Every scenario that Linux 6.18 once answered, as it did."""
    from uffdsim.library import data

    assert BIN.parent in data().parents, f"{data()} is not what was installed"
    _out("uffdsim", *comparison(data()))


def comparison(data: Path) -> list[str]:
    """The command that compares the kernel with what was recorded; a scenario may be of younger kernels alone."""
    recorded = (path.stem for path in data.glob("recordings/6.18/*.jsonl"))
    scenarios = [str(data / "scenarios" / f"{name}.json") for name in sorted(recorded)]
    assert len(scenarios) > 90, f"{data} has {len(scenarios)} recordings of Linux 6.18"
    return ["compare", "--kernel", "linux-6.18", "--with", "recorded-6.18", *scenarios]


def opens_the_first_lesson() -> None:
    """``uffdsim lab`` puts the lessons down, and JupyterLab serves the page whose address it prints."""
    command = [BIN / "uffdsim", "lab", "mine", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as lab:
        try:
            address = _address(lab)
            with urllib.request.urlopen(address, timeout=PATIENCE) as page:
                assert page.status == 200 and "/lab/tree/00-start-here.ipynb" in address
        finally:
            lab.terminate()
    assert len(list(Path("mine").glob("[0-9]*.ipynb"))) > 9


def runs_the_first_lesson() -> None:
    """Every cell of lesson 0, in a kernel of this environment."""
    _out("jupyter", "execute", "mine/00-start-here.ipynb")


def _address(lab: subprocess.Popen) -> str:
    end = time.monotonic() + PATIENCE
    said = []
    for line in lab.stdout:
        said.append(line)
        if found := re.search(r"Begin here: (\S+)", line):
            return found[1]
        if time.monotonic() > end:
            break
    raise AssertionError("no address of a page: " + "".join(said))


def _out(command: str, *arguments: object) -> str:
    run = subprocess.run([BIN / command, *arguments], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, f"{command}: {run.stdout[-2000:]}{run.stderr[-2000:]}"
    return run.stdout


if __name__ == "__main__":
    for duty in (says_its_version, answers_as_linux_does, opens_the_first_lesson, runs_the_first_lesson):
        begun = time.monotonic()
        duty()
        print(f"  {duty.__name__.replace('_', ' ')} ({time.monotonic() - begun:.0f} s)", flush=True)
