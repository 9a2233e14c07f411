"""C programs that come with uffdsim: compiled when they are first needed, and kept.

A program that is kept ends in the digest of all before it, which whoever loads it does not read. One that is broken, or
lies where no program may be run, is compiled again, and in the end somewhere else.
"""

import contextlib
import hashlib
import os
import platform
import signal
import subprocess
import time
from pathlib import Path

from uffdsim import cache, doctor

LIMIT = 120
"""Seconds after which compiling is given up; what it takes is one or two."""


class CompileError(Exception):
    """A program that the compiler refuses, or that cannot be kept; the message says which, and why."""


def refusal(source: Path, *options: str) -> str:
    """Why the program in a folder can be neither found nor compiled, and what would help; "" if it can."""
    check = doctor.compiler()
    return "" if check.ok or _kept(_name(source, options)) else check.refusal()


def compiled(source: Path, *options: str) -> str:
    """The path of the program whose C files are in a folder.

    :param options: more options for the compiler, such as ``-static``.
    :raises CompileError: if the compiler refuses them, or there is no room for what it makes.
    """
    name = _name(source, options)
    if kept := _kept(name):
        return str(kept)
    why = ""
    for folder in cache.folders():
        try:
            _sweep(folder)
            _compile(source, options, folder / name)
        except OSError as error:
            why = f"{folder}: {error.strerror or error}"
        except CompileError as error:
            why = str(error)
        else:
            if _whole(folder / name):
                return str(folder / name)
            why = f"no program may be run in {folder}; let TMPDIR name a folder where one may"
    raise CompileError(why)


def _name(source: Path, options: tuple[str, ...]) -> str:
    told = [*(file.read_bytes() for file in _files(source)), *map(str.encode, options), platform.machine().encode()]
    return f"{source.name}-{hashlib.sha256(b''.join(told)).hexdigest()[:16]}"


def _files(source: Path) -> list[Path]:
    return sorted(source.glob("*.[ch]"))


def _kept(name: str) -> Path | None:
    return next((folder / name for folder in cache.folders() if _whole(folder / name)), None)


def _whole(path: Path) -> bool:
    """Whether a program is as it was written, and may be run where it is."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    size = hashlib.sha256().digest_size
    return hashlib.sha256(data[:-size]).digest() == data[-size:] and os.access(path, os.X_OK)


def _compile(source: Path, options: tuple[str, ...], path: Path) -> None:
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    parts = [str(file) for file in _files(source) if file.suffix == ".c"]
    command = [doctor.compiler().found, "-O2", "-pthread", *options, "-o", str(half), *parts]
    try:
        code, said = _run(command, source.name)
        if code:
            first = (said.strip().splitlines() or ["no reason given"])[0]
            raise CompileError(f"{command[0]} cannot compile {source.name}: {first}")
        with half.open("r+b") as program:
            digest = hashlib.sha256(program.read()).digest()
            program.write(digest)
        half.replace(path)
    finally:
        with contextlib.suppress(OSError):
            half.unlink()


def _run(command: list[str], name: str) -> tuple[int, str]:
    """What the compiler came to, and said. It has a group of its own, so that what it starts is ended with it."""
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, process_group=0) as running:
        try:
            _, said = running.communicate(timeout=LIMIT)
        except BaseException as error:
            os.killpg(running.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise CompileError(f"{command[0]} has not compiled {name} in {LIMIT} seconds") from None
            raise
    return running.returncode, said


def _sweep(folder: Path) -> None:
    """Remove what somebody began to write, and was stopped at."""
    for half in folder.glob("*.half"):
        with contextlib.suppress(OSError):
            if time.time() - half.stat().st_mtime > 2 * LIMIT:
                half.unlink()
