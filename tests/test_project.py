"""The project as a whole: what lies where, and who may know whom."""

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "uffdsim"

TOP = """
    benchmarks .ci .gitattributes .github .gitignore CHANGELOG.md CITATION.cff CONTRIBUTING.md LICENSE Makefile
    README.md binder data docs environment.yml notebooks pyproject.toml requirements.lock tests tools uffdsim
""".split()

DOORS = {"__init__", "__main__"}  # they open onto everything, and no module goes back through them


def layers():
    """The rows of the table in CONTRIBUTING: the modules of each, and the libraries that they may import."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page.partition("| modules of `uffdsim/` |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        modules, _, libraries = row.strip("|").split("|")
        yield re.findall(r"`([\w/]+)`", modules), set(re.findall(r"`(\w+)`", libraries))


LAYER = {name.strip("/"): depth for depth, (names, _) in enumerate(layers()) for name in names}
LIBRARIES = {name.strip("/"): libraries for names, libraries in layers() for name in names}

# The test that a module has, if it is not called after it.
MIRRORS = {
    "uapi": "test_kernel",  # numbers of the interface, as every recording has them
    "grammar": "test_scenario",
    "library": "test_recording",
    "kernels": "test_main",
    "commands": "test_main",
    "compiler": "test_linux",
    "cache": "test_linux",
}
# What other tests are about, by the first word of their names.
APART = """
    browser cheat environment figures ftrace fuzz large lessons main new notebooks project reference release site slides
    teachers
""".split()


def tracked():
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [Path(name) for name in listing.split("\0") if name]


def module(path):
    """The name that a file of the package has in the table."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def dotted(path):
    """The name of a file of the package as it is imported."""
    return ".".join(("uffdsim", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def imports(tree):
    """What a file imports: from which module, and that as if it were a module too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "write out from where"
            yield from ((node.module, f"{node.module}.{alias.name}") for alias in node.names)


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


class Running(ast.NodeTransformer):
    """Takes out what is for annotations alone."""

    def visit_If(self, node):
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def every_file_of_the_package():
    return sorted(path for path in PACKAGE.rglob("*.py"))


def test_every_module_is_in_the_table_and_every_row_is_a_module():
    listed = [name for names, _ in layers() for name in names]
    files = {path.stem for path in PACKAGE.glob("[!_]*.py")}
    folders = {f"{path.name}/" for path in PACKAGE.glob("[!_]*/")}
    assert sorted(listed) == sorted(files | folders)


@pytest.mark.parametrize("path", every_file_of_the_package(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_knows_only_the_rows_above_its_own(path):
    me = module(path)
    if me in DOORS:
        return
    for origin, whole in imports(parsed(path)):
        name = whole if origin == "uffdsim" else origin
        root, _, rest = name.partition(".")
        if root == "uffdsim":
            other = rest.partition(".")[0]
            assert other in LAYER, f"{me} imports {name}: say which module it means"
            assert other == me or LAYER[other] < LAYER[me], f"{me} imports {name}, which is not above it"
        else:
            allowed = sys.stdlib_module_names | LIBRARIES[me]
            assert root in allowed, f"{me} imports {name}: beside the standard library it may import {LIBRARIES[me]}"


def test_imports_run_in_no_circle():
    """An import within a function counts too; one for annotations alone does not."""
    known = {dotted(path): list(imports(Running().visit(parsed(path)))) for path in every_file_of_the_package()}
    below = {name: {whole if whole in known else origin for origin, whole in found} for name, found in known.items()}
    list(TopologicalSorter(below).static_order())


def test_every_module_has_its_test_and_every_test_its_module():
    tests = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    for name in LAYER:
        mine = MIRRORS.get(name, f"test_{name}")
        assert any(test == mine or test.startswith(f"{mine}_") for test in tests), f"{name} has no {mine}.py"
    for test in tests:
        about = test.removeprefix("test_")
        names = [name for name in LAYER if about == name or about.startswith(f"{name}_")]
        assert names or about.partition("_")[0] in APART, f"{test} is about no module: say in APART what it is about"


def test_the_top_of_the_repository_is_a_short_list():
    assert {path.parts[0] for path in tracked()} <= set(TOP)


def test_the_project_speaks_of_itself_alone():
    machine = rb"(?<![\w.$}/-])/(?:work|root|home|Users|tmp)\b"
    making = rb"\.\./shared|\b(?:design|ecosystem|anchors|kernel-semantics)\.md|\b(?:AI|LLM)\b"
    elsewhere = re.compile(machine + b"|" + making)
    found = [
        f"{path}:{number}: {line.decode(errors='replace').strip()}"
        for path in tracked()
        if path.name != Path(__file__).name and path.suffix != ".webp"  # whose bytes may be any letters
        for number, line in enumerate((ROOT / path).read_bytes().splitlines(), 1)
        if elsewhere.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """What a wheel of this checkout has in it, when a reader has worked there."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in tracked():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    for mine in ("my-own.ipynb", ".uffdsim/lab.json", "uffdsim-progress.json"):
        (folder / "notebooks" / mine).parent.mkdir(exist_ok=True)
        (folder / "notebooks" / mine).touch()
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=folder, capture_output=True, check=True
    )
    (wheel,) = folder.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_an_installed_package_has_all_that_a_checkout_has(shipped):
    ours = [path for path in tracked() if path.parts[0] in ("data", "uffdsim")]
    installed = {str(path if path.parts[0] == "uffdsim" else "uffdsim" / path) for path in ours}
    assert installed <= shipped


def test_an_installed_package_has_the_lessons_and_nothing_of_a_readers_own(shipped):
    lessons = {f"uffdsim/lessons/{path.name}" for path in tracked() if path.match("notebooks/*.ipynb")}
    assert lessons and lessons == {name for name in shipped if name.startswith("uffdsim/lessons/")}
