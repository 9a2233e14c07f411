"""Makes the environments of conda and of Binder from the ranges of the extra ``lab`` in pyproject.toml.

python tools/environment.py           write environment.yml and binder/environment.yml
python tools/environment.py --check   say which would change, and change nothing
"""

import argparse
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PATHS = ("environment.yml", "binder/environment.yml")
PYTHON = "3.12"
CONDA_NAME = {"matplotlib": "matplotlib-base"}  # without Qt, which no notebook needs
WHY = {
    "anywidget": "the pictures of a lab, which are clicked",
    "filelock": "work that is kept, though two notebooks write",
    "ipykernel": "runs the cells",
    "ipywidgets": "the buttons of a lab",
    "jupyterlab": "shows the notebooks",
    "matplotlib": "charts of migrations, figures for print",
    "numpy": "their numbers",
}
HEAD = """\
# For conda, and for Binder, which reads it in binder/. `make lock` makes it from the extra lab in pyproject.toml.
# Nothing is here that no lesson uses: a lean image starts sooner. The simulator itself needs Python alone.
name: uffdsim
channels:
  - conda-forge
  - nodefaults
dependencies:
"""


def requirements(project: dict, extra: str) -> list[Requirement]:
    """What an extra asks for, with what the extras ask for that it names."""
    found = []
    for requirement in map(Requirement, project["optional-dependencies"][extra]):
        if requirement.name == project["name"]:
            found += [one for name in requirement.extras for one in requirements(project, name)]
        else:
            found.append(requirement)
    return found


def environment() -> str:
    """The file for conda, with what each package is there for.

    :raises KeyError: for a package of which nobody has said what it is there for.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    ranges = {one.name: _range(one) for one in requirements(project, "lab")}
    specs = {f"{CONDA_NAME.get(name, name)}{ranges[name]}": WHY[name] for name in sorted(ranges)}
    width = max(map(len, specs))
    lines = [f"  - {spec:{width}}  # {why}\n" for spec, why in specs.items()]
    return HEAD + f"  - python={PYTHON}\n" + "".join(lines)


def _range(requirement: Requirement) -> str:
    """Its versions, the lower end first."""
    return ",".join(sorted(map(str, requirement.specifier), reverse=True))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")
    arguments = parser.parse_args(argv)
    text = environment()
    stale = [name for name in PATHS if (ROOT / name).read_text(encoding="utf-8") != text]
    for name in stale:
        print(f"{'would write' if arguments.check else 'wrote'} {name}")
        if not arguments.check:
            (ROOT / name).write_text(text, encoding="utf-8")
    return int(arguments.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
