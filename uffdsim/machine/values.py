"""What may be written in a call, and what the scenario format has for it."""

import re
from collections.abc import Container
from enum import Flag
from itertools import chain, count
from types import EllipsisType

Name = str | None
"""What may be named: a thread, a note, an id of a new thing."""
Number = int | None
Pages = int | EllipsisType | None
"""How many pages: a number, ``...`` for all the rest, or None for what is usual."""
Names = str | Flag | list | tuple | None
"""Modes or features: one or several, by name or as ``uapi`` has them."""

LETTERS = {"file": "FGHKLMNPQRST", "mapping": "abcdefghijklmnopqrst", "descriptor": "uvwxyz"}
"""What things are called that are given no id."""
PREFIX = re.compile(r"UFFD_FEATURE_|UFFDIO_[A-Z]+_MODE_|PAGE_IS_|PM_SCAN_")


def fresh(kind: str, taken: Container[str]) -> str:
    """The id of the next file, mapping or descriptor, where ``taken`` are the ids there are."""
    letters = LETTERS[kind]
    numbered = (f"{letters[0]}{n}" for n in count(2))
    return next(id for id in chain(letters, numbered) if id not in taken)


def page_range(page: Number, pages: Pages, skew: Number = None, bytes: Number = None) -> dict[str, Number]:
    """The keys for a range: ``page`` alone is one page, ``...`` for ``pages`` all from there on."""
    if pages is None and page is not None and bytes is None:
        pages = 1
    return {"page": page, "pages": None if isinstance(pages, EllipsisType) else pages, "skew": skew, "bytes": bytes}


def flag_names(value: Names) -> list:
    """The names of some flags, given one by one or as ``"A|B"``, as ``uapi`` has them or with the kernel's prefix."""
    names: list = []
    for part in value if isinstance(value, list | tuple) else [value]:
        text = part.name if isinstance(part, Flag) else part
        names += [PREFIX.sub("", name.strip()) for name in text.split("|")] if isinstance(text, str) else [part]
    return names


def listed(names: tuple) -> Names:
    """Names given one by one, or all in a list; None where there are none."""
    return names[0] if len(names) == 1 else list(names) or None
