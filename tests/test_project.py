"""The project as a whole: what lies where, and who may know whom."""

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "uffdsim"

TOP = """
    benchmarks .ci .gitattributes .gitignore CONTRIBUTING.md LICENSE Makefile README.md binder data docs environment.yml
    notebooks pyproject.toml requirements.lock tests tools uffdsim
""".split()

# A module may import those of the lines above its own; modules of one line do not know each other.
LAYERS = """
    uapi runs doctor limits whole server
    grammar
    scenario
    trace library
    kernel linux recording
    kernels compare
    machine
    export
    pictures
    migration
    lab
    course
"""
LAYER = {name: depth for depth, line in enumerate(LAYERS.split("\n")) for name in line.split()}
DOORS = {"__init__", "__main__", "cli"}  # they open onto everything, and no module goes back through them

# What a layer may import beside the standard library; a layer not named here, nothing.
GUESTS = {
    "pictures": {"matplotlib", "numpy", "PIL"},
    "migration": {"matplotlib", "numpy", "tqdm"},
    "lab": {"IPython", "anywidget", "ipywidgets", "matplotlib", "numpy", "traitlets"},
    "course": {"anywidget", "ipywidgets", "traitlets"},
}


def tracked():
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listing.split("\0") if name]


def module(path):
    """The name that a file of the package has in LAYERS."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    """Every module that a file imports, by its whole name."""
    package = ["uffdsim", *path.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join(above + ([node.module] if node.module else []))
            whole = origin == "uffdsim"  # then what is imported may be modules
            yield from (f"{origin}.{alias.name}" for alias in node.names) if whole else [origin]


def every_file_of_the_package():
    return sorted(path for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", every_file_of_the_package(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_knows_only_the_layers_above_it(path):
    me = module(path)
    if me in DOORS:
        return
    assert me in LAYER, f"say in LAYERS where {me} belongs"
    for name in imports(path):
        root, _, rest = name.partition(".")
        if root == "uffdsim":
            other = rest.partition(".")[0]
            assert other in LAYER, f"{me} imports {name}: say which module of LAYERS it means"
            assert other == me or LAYER[other] < LAYER[me], f"{me} imports {name}, which is not above it"
        else:
            guests = GUESTS.get(me, set())
            assert root in sys.stdlib_module_names | guests, f"{me} imports {name}: it may import {guests}"


def test_the_top_of_the_repository_is_a_short_list():
    assert {path.parts[0] for path in tracked()} <= set(TOP)


def test_the_project_speaks_of_itself_alone():
    machine = rb"(?<![\w.$}/-])/(?:work|root|home|Users|tmp)\b"
    making = rb"\.\./shared|\b(?:design|ecosystem|anchors|kernel-semantics)\.md|\b(?:AI|LLM)\b"
    elsewhere = re.compile(machine + b"|" + making)
    found = [
        f"{path}:{number}: {line.decode(errors='replace').strip()}"
        for path in tracked()
        if path.name != Path(__file__).name
        for number, line in enumerate((ROOT / path).read_bytes().splitlines(), 1)
        if elsewhere.search(line)
    ]
    assert not found, "\n".join(found)


def test_an_installed_package_has_all_that_a_checkout_has(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    ours = [path for path in tracked() if path.parts[0] in ("data", "uffdsim")]
    installed = {str(path if path.parts[0] == "uffdsim" else "uffdsim" / path) for path in ours}
    assert installed <= shipped
