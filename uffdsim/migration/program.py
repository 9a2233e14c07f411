"""Our C programs: compiled when they are first needed, and kept."""

from functools import cache
from pathlib import Path

from uffdsim import compiler, doctor
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
    try:
        return compiler.compiled(SOURCES / name)
    except compiler.CompileError as refused:
        raise MigrationError(str(refused)) from None
