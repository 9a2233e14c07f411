"""Our C programs: compiled when they are first needed, and kept."""

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from uffdsim import doctor
from uffdsim.migration.units import MigrationError

SOURCES = Path(__file__).with_name("programs")


def refusal() -> str:
    """Why no program that uses userfaultfd can be run here, and what would allow it; "" if one can."""
    checks = (doctor.linux, doctor.compiler, lambda: doctor.userfaultfd(kernel_faults=False))
    return next((found.refusal() for found in (check() for check in checks) if not found.ok), "")


@cache
def compiled(name: str) -> str:
    """The path of the program of that name.

    :raises MigrationError: if it cannot be run here, or not be compiled.
    """
    if why := refusal():
        raise MigrationError(f"this {why}")
    files = sorted((SOURCES / name).glob("*.[ch]"))
    source = b"".join(file.read_bytes() for file in files)
    path = _folder() / f"{name}-{hashlib.sha256(source).hexdigest()[:16]}"
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}")
        parts = [str(file) for file in files if file.suffix == ".c"]
        command = [doctor.compiler().found, "-O2", "-pthread", "-o", str(half), *parts]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            first = (done.stderr.strip().splitlines() or ["no reason given"])[0]
            raise MigrationError(f"{command[0]} cannot compile {name}: {first}")
        half.replace(path)
    return str(path)


def _folder() -> Path:
    """Where compiled programs are kept: in the user's cache, or else until Python ends."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(home, "uffdsim")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    passing = tempfile.mkdtemp(prefix="uffdsim-")
    atexit.register(shutil.rmtree, passing, ignore_errors=True)
    return Path(passing)
