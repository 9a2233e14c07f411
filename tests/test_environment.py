"""One environment, by four roads: pip's extras, conda, Binder, and the lock that `make` installs from."""

import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from rattler import MatchSpec

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text())
PYTHON, *PACKAGES = CONDA["dependencies"]
VERSION = PYTHON.removeprefix("python=")
PIP_NAME = {"matplotlib-base": "matplotlib"}  # what conda calls otherwise


def requirements(*extras):
    """What the package requires with these extras, by name, with the extras that extras name."""
    found = {}
    for extra in extras:
        for line in PROJECT["optional-dependencies"][extra]:
            requirement = Requirement(line)
            if requirement.name == PROJECT["name"]:
                found |= requirements(*requirement.extras)
            else:
                found[requirement.name] = requirement.specifier
    return found | {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}


def locked(**environment):
    """The versions that requirements.lock has for a marker environment, by name."""
    lines = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if "==" in line]
    pins = [Requirement(line) for line in lines if not line.lstrip().startswith("#")]
    mine = [pin for pin in pins if pin.marker is None or pin.marker.evaluate(environment)]
    assert len(mine) == len({pin.name for pin in mine})
    return {pin.name: next(iter(pin.specifier)).version for pin in mine}


def test_conda_is_asked_for_what_pip_is_asked_for():
    conda = [Requirement(package) for package in PACKAGES]
    assert {PIP_NAME.get(r.name, r.name): r.specifier for r in conda} == requirements("lab")


def test_one_command_makes_the_environments_of_conda_and_binder():
    check = [sys.executable, ROOT / "tools" / "environment.py", "--check"]
    run = subprocess.run(check, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_conda_can_read_its_environment():
    assert list(CONDA) == ["name", "channels", "dependencies"]
    assert CONDA["name"] == PROJECT["name"]
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]
    for spec in CONDA["dependencies"]:
        MatchSpec(spec, strict=True)


def test_conda_and_binder_get_one_python_that_the_package_supports():
    assert re.fullmatch(r"python=3\.\d+", PYTHON)  # Binder understands nothing but this form
    assert VERSION in SpecifierSet(PROJECT["requires-python"])


def test_binder_gets_the_same_file():
    assert (ROOT / "binder/environment.yml").read_bytes() == (ROOT / "environment.yml").read_bytes()


def test_binder_adds_the_package_and_nothing_else():
    script = ROOT / "binder/postBuild"
    shebang, *lines = script.read_text().splitlines()
    assert shebang == "#!/bin/bash"
    commands = [line for line in lines if not line.startswith("#")]
    assert commands == ["set -eu", "python -m pip install --no-deps --no-cache-dir ."]
    assert script.stat().st_mode & 0o111


def test_binder_would_build_this_environment():
    command = "repo2docker --no-build --debug --user-id 1000 --user-name jovyan".split()
    run = subprocess.run([sys.executable, "-m", *command, ROOT], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert f"Building conda environment for {PYTHON}\n" in run.stdout + run.stderr
    steps = [
        'env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"',
        "COPY --chown=1000:1000 src/ ",  # last, so that an edited notebook costs no new environment
        "RUN ./binder/postBuild",
    ]
    places = [run.stdout.find(step) for step in steps]
    assert -1 not in places and places == sorted(places), dict(zip(steps, places, strict=True))


REPLACED = {"ipykernel"}
"""What Binder has to exchange in its base: its kernel may hang when a page is opened."""


def test_binder_adds_to_its_base_and_replaces_nothing_else():
    (repo2docker,) = find_spec("repo2docker").submodule_search_locations
    lock = Path(repo2docker, "buildpacks/conda", f"environment.py-{VERSION}-linux-64.lock")
    base = dict(re.findall(r"/([\w-]+)-([\w.]+)-[\w.]+\.(?:conda|tar\.bz2)", lock.read_text()))
    wanted = {name: specifier for name, specifier in requirements("lab").items() if name in base}
    assert {"ipywidgets", "jupyterlab"} <= set(wanted)
    assert {name for name, specifier in wanted.items() if base[name] not in specifier} == REPLACED


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_the_lock_meets_every_requirement(python, platform):
    pins = locked(python_version=python, python_full_version=f"{python}.9", sys_platform=platform)
    for name, specifier in requirements("dev").items():
        assert pins[name] in specifier, name


def test_the_lock_leaves_the_choice_of_an_index_to_the_machine():
    assert "://" not in (ROOT / "requirements.lock").read_text()
