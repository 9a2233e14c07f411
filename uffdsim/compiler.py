"""C programs that come with uffdsim: compiled when they are first needed, and kept."""

import hashlib
import os
import subprocess
from pathlib import Path

from uffdsim import cache, doctor


class CompileError(Exception):
    """A program that the compiler refuses; the message says which, and why."""


def compiled(source: Path, *options: str) -> str:
    """The path of the program whose C files are in a folder.

    :param options: more options for the compiler, such as ``-static``.
    :raises CompileError: if the compiler refuses them.
    """
    files = sorted(source.glob("*.[ch]"))
    text = b"".join([*(file.read_bytes() for file in files), *map(str.encode, options)])
    path = cache.folder() / f"{source.name}-{hashlib.sha256(text).hexdigest()[:16]}"
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}")
        parts = [str(file) for file in files if file.suffix == ".c"]
        command = [doctor.compiler().found, "-O2", "-pthread", *options, "-o", str(half), *parts]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            first = (done.stderr.strip().splitlines() or ["no reason given"])[0]
            raise CompileError(f"{command[0]} cannot compile {source.name}: {first}")
        half.replace(path)
    return str(path)
