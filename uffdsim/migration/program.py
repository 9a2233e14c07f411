"""Our C programs: compiled when they are first needed, and kept."""

from functools import cache
from pathlib import Path

from uffdsim import compiler, doctor
from uffdsim.migration.units import MigrationError

SOURCES = Path(__file__).with_name("programs")


def refusal(name: str) -> str:
    """Why the program of that name cannot be run here, and what would allow it; "" if it can."""
    if not doctor.linux().ok:
        return doctor.linux().refusal()
    right = doctor.userfaultfd(kernel_faults=False)
    return compiler.refusal(SOURCES / name) or ("" if right.ok else right.refusal())


@cache
def compiled(name: str) -> str:
    """The path of the program of that name.

    :raises MigrationError: if it cannot be run here, or not be compiled.
    """
    if why := refusal(name):
        raise MigrationError(f"this {why}")
    try:
        return compiler.compiled(SOURCES / name)
    except compiler.CompileError as refused:
        raise MigrationError(str(refused)) from None
