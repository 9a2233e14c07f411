"""Apart: answers are checked in other processes, as students' handlers are programs, and may do anything.

Each handler has a process to itself, so that it spoils no other result; all else of one person shares one. A process
has so many seconds, so much memory, an empty folder, and may write no file. That stops mistakes, not malice: it runs
with the rights of whoever marks.
"""

import contextlib
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from uffdsim.course.marks.again import Checked, again

Asked = tuple[str, str, dict]
"""The kind of an answer, its name, and what was answered."""
SECONDS = 30
"""How long a process may take, and ``MORE`` for each answer; most take milliseconds."""
MORE = 1.0
MEMORY = 2 << 30
"""Bytes of address space."""
LATE = "it took more than {:.0f} seconds to check"
ENDED = "the process that checked it ended ({})"


def checked(asked: Sequence[Asked]) -> list[Checked]:
    """What each answer is worth now, in the same order."""
    found: dict[int, Checked] = {}
    plain = [number for number, (_, _, answer) in enumerate(asked) if "source" not in answer]
    alone = [[number] for number, (_, _, answer) in enumerate(asked) if "source" in answer]
    for numbers in filter(None, [plain, *alone]):
        found |= zip(numbers, _elsewhere([asked[number] for number in numbers]), strict=True)
    return [found[number] for number in range(len(asked))]


def _elsewhere(asked: list[Asked]) -> list[Checked]:
    seconds = _seconds(asked)
    with tempfile.TemporaryDirectory() as folder:
        options = {"cwd": folder, "start_new_session": True, "text": True, "encoding": "utf-8"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        command = [sys.executable, "-P", "-m", __name__]
        with subprocess.Popen(command, **pipes, **options) as process:  # type: ignore[call-overload]
            try:
                out, _ = process.communicate(json.dumps(asked), seconds)
                why = ENDED.format(f"exit status {process.returncode}")
            except subprocess.TimeoutExpired as late:
                out, why = late.stdout or "", LATE.format(seconds)
                out = out.decode("utf-8", "replace") if isinstance(out, bytes) else out
            finally:
                _end(process)
    found = [_read(line) for line in out.splitlines()[: len(asked)]]
    return found + [Checked(None, why)] * (len(asked) - len(found))


def _seconds(asked: list[Asked]) -> float:
    return SECONDS + MORE * len(asked)


def _read(line: str) -> Checked:
    try:
        right, why = json.loads(line)
    except ValueError:
        return Checked(None, "it was not checked, as its process said something else")
    return Checked(right, str(why))


def _end(process: subprocess.Popen) -> None:
    """End a process, and whatever it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, 9) if hasattr(os, "killpg") else process.kill()


def _limit(seconds: float) -> None:
    """What a process may take of the machine, where the machine knows limits.

    Its processor time has one too, for whoever would end it may have been killed.
    """
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _main() -> None:
    asked = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):  # what a handler says or asks for when it is made
        os.dup2(nowhere, fd)
    _limit(_seconds(asked))
    for kind, name, answer in asked:
        print(json.dumps(again(kind, name, answer)), file=answers, flush=True)


if __name__ == "__main__":
    _main()
