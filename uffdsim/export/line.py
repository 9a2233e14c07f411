"""Lines of a program, each with the step that it stands for."""

from collections.abc import Iterable
from typing import NamedTuple


class Line(NamedTuple):
    """A line, and the index of the step that it carries out (None: it carries out none)."""

    text: str
    step: int | None = None


def lines(text: str, step: int | None = None) -> list[Line]:
    """The lines of a text, all for one step or for none."""
    return [Line(line, step) for line in text.split("\n")]


def joined(program: Iterable[Line]) -> str:
    """The text of a program."""
    return "".join(f"{line.text}\n" for line in program)
