"""Names of a scenario's things as identifiers of a program."""

import re
from collections.abc import Iterable

C_WORDS = """
    asm auto bool break case char const continue default do double else enum extern false float for goto if inline int
    long main register restrict return short signed sizeof static struct switch true typedef typeof union unsigned void
    volatile while

    abort abs access alarm calloc clock clone close creat daemon div dup environ err errno errx exit fork free index
    kill link linux lockf malloc nice open optarg optind pause pipe prctl printf puts raise rand random read realloc
    remove rename rewind rindex rmdir seek select signal sleep splice stat stderr stdin stdout swab sync syscall system
    tee time timezone truncate ulong unix unlink ushort uint usleep wait warn warnx write

    ceil cos erf exp fabs floor fma fmax fmin gamma hypot j0 j1 jn log logb modf pow rint round sin sqrt tan trunc y0 y1
""".split()
"""Keywords, names from the headers of C programs, and functions a compiler knows, that a thing might have too."""


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
