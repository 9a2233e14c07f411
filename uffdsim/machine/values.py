"""What may be written in a call, and what the scenario format has for it."""

import re
from enum import Flag

LETTERS = {"file": "FGHKLMNPQRST", "mapping": "abcdefghijklmnopqrst", "descriptor": "uvwxyz"}
"""What things are called that are given no id."""
PREFIX = re.compile(r"UFFD_FEATURE_|UFFDIO_[A-Z]+_MODE_")


def fresh(kind: str, taken) -> str:
    """The id of the next file, mapping or descriptor, where ``taken`` are the ids there are."""
    letters = LETTERS[kind]
    numbered = (f"{letters[0]}{n}" for n in range(2, len(taken) + 3))
    return next(id for id in [*letters, *numbered] if id not in taken)


def page_range(page, pages) -> dict:
    """The keys for a range: ``page`` alone is one page, ``...`` for ``pages`` all from there on."""
    if pages is None and page is not None:
        pages = 1
    return {"page": page, "pages": None if pages is ... else pages}


def flag_names(value) -> list:
    """The names of some flags, given one by one or as ``"A|B"``, as ``uapi`` has them or with the kernel's prefix."""
    names = []
    for part in value if isinstance(value, list | tuple) else [value]:
        text = part.name if isinstance(part, Flag) else part
        names += [PREFIX.sub("", name.strip()) for name in text.split("|")] if isinstance(text, str) else [part]
    return names


def listed(names: tuple):
    """Names given one by one, or all in a list; None where there are none."""
    return names[0] if len(names) == 1 else list(names) or None
