"""The questions of the fault path as a map: boxes, and the ways between them that answers lead along."""

from typing import NamedTuple

COLUMNS, ROWS = 4, 6
"""How many columns and rows of boxes the map has."""


class Node(NamedTuple):
    """A question, or (``look`` is the role of its box) what a fault comes to. Its middle is in columns and rows."""

    words: str
    x: float
    y: float
    look: str = "question"
    wide: float = 1


class Way(NamedTuple):
    """From a question to what follows one of ``answers``, along points; its words begin at ``label``."""

    start: str
    end: str
    answers: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float] = (0, 0)
    words: str = ""


NODES = {
    "vma?": Node("is there a VMA?", 0, 0),
    "allowed?": Node("access allowed?", 1, 0),
    "entry?": Node("which entry?", 2, 0),
    "cache?": Node("in the cache?", 1, 2),
    "minor?": Node("is it MINOR?", 0, 3),
    "missing?": Node("is it MISSING?", 2, 3),
    "wp?": Node("uffd-wp?", 3, 2),
    "gate?": Node("may it be asked?", 1.5, 5),
    "SIGSEGV": Node("SIGSEGV", 0.5, 1, "signal", 0.66),
    "touched": Node("touch it", 3, 0, "present"),
    "poisoned": Node("SIGBUS", 3, 1, "signal", 0.66),
    "beyond": Node("SIGBUS", 1, 3.2, "signal", 0.66),
    "mapped": Node("map that page", 0, 4, "present"),
    "filled": Node("make a page", 2, 4, "present"),
    "writable": Node("writable, or a copy", 3, 3.2, "present"),
    "SIGBUS": Node("SIGBUS", 0, 5, "signal", 0.66),
    "asleep": Node("message, sleep", 3, 5, "asleep"),
}

WAYS = (
    Way("vma?", "SIGSEGV", ("none",), ((0, 0), (0, 1), (0.5, 1)), (0.05, 0.64), "no"),
    Way("vma?", "allowed?", ("there",), ((0, 0), (1, 0))),
    Way("allowed?", "SIGSEGV", ("no",), ((1, 0), (1, 1), (0.5, 1)), (1.05, 0.64), "no"),
    Way("allowed?", "entry?", ("yes",), ((1, 0), (2, 0))),
    Way("entry?", "touched", ("present",), ((2, 0), (3, 0))),
    Way("entry?", "poisoned", ("poison",), ((2, 0), (2, 1), (3, 1)), (2.06, 0.8), "poison"),
    Way("entry?", "wp?", ("read-only",), ((2, 0), (2, 2), (3, 2)), (2.06, 1.8), "read-only"),
    Way("entry?", "cache?", ("none", "marker"), ((2, 0), (2, 2), (1, 2)), (1.5, 1.8), "no page"),
    Way("cache?", "minor?", ("hit",), ((1, 2), (1, 2.5), (0, 2.5), (0, 3)), (0.3, 2.3), "hit"),
    Way("cache?", "missing?", ("miss",), ((1, 2), (1, 2.5), (2, 2.5), (2, 3)), (1.5, 2.3), "miss"),
    Way("cache?", "beyond", ("beyond",), ((1, 2), (1, 3.2)), (1.05, 2.74), "beyond"),
    Way("minor?", "mapped", ("none",), ((0, 3), (0, 4)), (0.05, 3.52), "no"),
    Way("minor?", "gate?", ("MINOR",), ((0, 3), (0.5, 3), (0.5, 4.5), (1.5, 4.5), (1.5, 5)), (0.54, 4.3), "yes"),
    Way("missing?", "filled", ("none",), ((2, 3), (2, 4)), (2.05, 3.52), "no"),
    Way("missing?", "gate?", ("MISSING",), ((2, 3), (1.5, 3), (1.5, 5)), (1.27, 3.8), "yes"),
    Way("wp?", "writable", ("no", "async"), ((3, 2), (3, 3.2)), (3.05, 2.6), "no, async"),
    Way(
        "wp?", "gate?", ("uffd-wp",), ((2.6, 2.2), (2.51, 2.2), (2.51, 4.5), (1.5, 4.5), (1.5, 5)), (2.55, 2.62), "yes"
    ),
    Way("gate?", "SIGBUS", ("SIGBUS", "user mode only", "may not wait"), ((1.5, 5), (0, 5)), (0.72, 4.82), "no"),
    Way("gate?", "asleep", ("asked",), ((1.5, 5), (3, 5)), (2.2, 4.82), "yes"),
)
STRAIGHT = Way("entry?", "missing?", ("none", "marker"), ((2, 0), (2, 3)), (2.06, 2.42), "no page")
NOT_ANONYMOUS = {"cache?", "minor?", "mapped", "beyond"}
"""What memory without a file has no need to ask."""


def plan(anonymous: bool) -> tuple[dict[str, Node], list[Way]]:
    """The map for memory with a file, or without one."""
    if not anonymous:
        return NODES, list(WAYS)
    nodes = {name: node for name, node in NODES.items() if name not in NOT_ANONYMOUS}
    return nodes, [way for way in (*WAYS, STRAIGHT) if not {way.start, way.end} & NOT_ANONYMOUS]
