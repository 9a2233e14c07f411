"""Builds a release into dist/, and tries it where there is no checkout. It publishes nothing.

python tools/release.py

The sdist is built from what is committed, the wheel from the sdist. The wheel is then installed with its lab, in the
versions of requirements.lock, for each Python of PYTHONS that uv finds in the path, and does what installed.py says.
``uvx`` runs it once without installing it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
PYTHONS = ("3.11", "3.12", "3.13")


def build() -> list[Path]:
    """The sdist and the wheel, in dist/, which had nothing else in it."""
    shutil.rmtree(DIST, ignore_errors=True)
    _run("uv", "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", DIST, ROOT)
    return sorted(path for path in DIST.iterdir() if path.suffix in (".gz", ".whl"))


def interpreter(version: str) -> str | None:
    """A Python of that version on this machine."""
    command = ("uv", "python", "find", "--system", "--no-project", "--no-python-downloads", version)
    found = subprocess.run(command, capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else None


def try_out(wheel: Path, python: str) -> None:
    """Install a wheel into an environment of its own, and see it work from there.

    :raises subprocess.CalledProcessError: if it does not.
    """
    with tempfile.TemporaryDirectory() as folder:
        _run("uv", "venv", "--quiet", "--python", python, "env", cwd=folder)
        own = Path(folder, "env", "bin", "python")
        lock = ROOT / "requirements.lock"
        _run("uv", "pip", "install", "--quiet", "--python", own, "--constraint", lock, f"{wheel}[lab]", cwd=folder)
        shutil.copy(ROOT / "tools" / "installed.py", folder)
        _run(own, "-I", "installed.py", cwd=folder)


def try_without_installing(wheel: Path) -> None:
    """Run the command from a wheel as ``uvx`` does: in an environment that is made for it, and put away.

    :raises subprocess.CalledProcessError: if it does not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        _run("uv", "tool", "run", "--isolated", "--quiet", "--from", wheel, "uffdsim", "--version", cwd=folder)


def _run(*command: object, cwd: str | Path = ROOT) -> None:
    others = ("PYTHONPATH", "VIRTUAL_ENV", "JUPYTER_CONFIG_DIR", "JUPYTER_PATH")
    env = {name: value for name, value in os.environ.items() if name not in others}
    subprocess.run([str(word) for word in command], cwd=cwd, env=env, check=True)


def main() -> int:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    changed = subprocess.run(("git", "status", "--porcelain"), cwd=ROOT, capture_output=True, text=True, check=True)
    if changed.stdout:
        print(f"a release is made of what is committed; commit first, or put away:\n{changed.stdout}", file=sys.stderr)
        return 1
    made = build()
    for path in made:
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    wheel = next(path for path in made if path.suffix == ".whl")
    try_without_installing(wheel)
    for version in PYTHONS:
        python = interpreter(version)
        if python:
            print(f"Python {version}, {python}", flush=True)
            try_out(wheel, python)
        else:
            print(f"Python {version}: not in the path, so not tried")
    return 0


if __name__ == "__main__":
    sys.exit(main())
