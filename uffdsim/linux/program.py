"""The program that carries out steps: compiled when it is first needed, and run once for every scenario."""

import os
import subprocess
from functools import cache
from pathlib import Path

from uffdsim import compiler
from uffdsim.linux.real import Restless
from uffdsim.trace import KernelError

SOURCE = Path(__file__).with_name("steps")
"""The folder with its source, in C."""
LIMIT = 60
"""Seconds after which a scenario is given up; what it takes is milliseconds."""


def run(orders: str, threads: int, slots: int) -> list[str]:
    """Give the program its orders, and return the lines it answers with. Nothing of it is left afterwards.

    :raises KernelError: if it cannot be compiled, or gives up; Restless, if it does not come to an end.
    """
    try:
        return _run(orders, threads, slots)
    except OSError:  # it was there a moment ago, and can no longer be run
        program.cache_clear()
    try:
        return _run(orders, threads, slots)
    except OSError as error:
        raise KernelError(f"the program that carries out the steps cannot be run: {error.strerror}") from None


def _run(orders: str, threads: int, slots: int) -> list[str]:
    command = [program(), str(os.getpid()), str(threads), str(slots)]
    try:
        # Where run() is left early, by Ctrl-C or by the limit, it kills the program first.
        done = subprocess.run(command, input=orders, capture_output=True, text=True, timeout=LIMIT)
    except subprocess.TimeoutExpired as late:
        lines = (late.output or b"").decode().splitlines()
        raise Restless(f"the live kernel did not come to rest in {LIMIT} seconds", lines) from None
    if done.returncode:
        why = done.stderr.strip() or f"it ended with {done.returncode}"
        raise KernelError(f"the program that carries out the steps failed: {why}")
    return done.stdout.splitlines()


def refusal() -> str:
    """Why it can be neither found nor compiled, and what would help; "" if it can."""
    return "" if program.cache_info().currsize else compiler.refusal(SOURCE)


@cache
def program() -> str:
    """The path of the compiled program.

    :raises KernelError: if there is no compiler, or it refuses.
    """
    try:
        return compiler.compiled(SOURCE)
    except compiler.CompileError as refused:
        raise KernelError(str(refused)) from None
