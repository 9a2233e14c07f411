"""Names of a scenario's things as identifiers of a program."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

KEYWORDS = """
    alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false
    float for goto if inline int long main nullptr register restrict return short signed sizeof static static_assert
    struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while
""".split()
"""What C has words for itself."""


@cache
def c_words() -> frozenset[str]:
    """What no thing of a C program may be called: keywords, functions that a compiler knows, and what the headers in
    helpers/ declare (glibc 2.36, and some that came later)."""
    declared = Path(__file__).with_name("helpers") / "words.txt"
    return frozenset([*KEYWORDS, *declared.read_text(encoding="utf-8").split()])


class Names:
    """Gives each thing an identifier of its own: its id where that is possible, or else one like it."""

    def __init__(self, reserved: Iterable[str]):
        self._taken = set(reserved)
        self._names: dict[tuple[str, str], str] = {}

    def __call__(self, kind: str, id: str) -> str:
        """The identifier of the thing of that kind with that id; a thread is a thing too."""
        if (kind, id) not in self._names:
            name = re.sub(r"\W", "_", id)
            if not name[0].isalpha():
                name = f"{kind}_{name}"
            if name in self._taken:
                name += f"_{kind}"
            while name in self._taken:
                name += "_"
            self._taken.add(name)
            self._names[kind, id] = name
        return self._names[kind, id]
