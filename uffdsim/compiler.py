"""C programs that come with uffdsim: compiled when they are first needed, and kept."""

import atexit
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from uffdsim import doctor


class CompileError(Exception):
    """A program that the compiler refuses; the message says which, and why."""


def compiled(source: Path) -> str:
    """The path of the program whose C files are in a folder.

    :raises CompileError: if the compiler refuses them.
    """
    files = sorted(source.glob("*.[ch]"))
    text = b"".join(file.read_bytes() for file in files)
    path = _folder() / f"{source.name}-{hashlib.sha256(text).hexdigest()[:16]}"
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}")
        parts = [str(file) for file in files if file.suffix == ".c"]
        command = [doctor.compiler().found, "-O2", "-pthread", "-o", str(half), *parts]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            first = (done.stderr.strip().splitlines() or ["no reason given"])[0]
            raise CompileError(f"{command[0]} cannot compile {source.name}: {first}")
        half.replace(path)
    return str(path)


def _folder() -> Path:
    """Where the compiled program is kept: in the user's cache, or else until Python ends."""
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
