"""The questions of the fault path as a map: boxes, and the ways between them that answers lead along."""

from typing import NamedTuple

COLUMNS, ROWS = 4, 5
"""How many columns and rows of boxes the map has."""


class Node(NamedTuple):
    """A question, or (``look`` is the role of its box) what a fault comes to. Its middle is in columns and rows.
    It may be ``wide`` columns wide."""

    words: str
    x: float
    y: float
    look: str = "question"
    wide: float = 1


class Way(NamedTuple):
    """From a question to what follows one of ``answers``, along points; its words stand at ``label``, or end there
    where ``anchor`` says so, a little beside or above its line."""

    start: str
    end: str
    answers: tuple[str, ...]
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float] = (0, 0)
    words: str = ""
    anchor: str = "start"


NODES = {
    "vma?": Node("is there a VMA?", 0, 0),
    "allowed?": Node("allowed?", 1, 0),
    "entry?": Node("which entry?", 2, 0),
    "touched": Node("touch it", 3, 0, "present"),
    "SIGSEGV": Node("SIGSEGV", 0, 1, "signal"),
    "cache?": Node("in the cache?", 1, 1),
    "poisoned": Node("poisoned: SIGBUS", 3, 0.77, "signal"),
    "minor?": Node("is it MINOR?", 0, 2),
    "beyond": Node("past the end: SIGBUS", 1, 2, "signal"),
    "missing?": Node("is it MISSING?", 2, 2),
    "wp?": Node("uffd-wp?", 3, 1.85),
    "mapped": Node("map that page", 0, 3, "present"),
    "filled": Node("make a page", 2, 3, "present"),
    "rwp?": Node("uffd-rwp?", 3, 1.85),
    "writable": Node("writable, or a copy", 3, 2.9, "present"),
    "reached": Node("in reach again", 3, 2.9, "present"),
    "SIGBUS": Node("SIGBUS", 0, 4, "signal"),
    "gate?": Node("may it be asked?", 1.5, 4, wide=1.2),
    "asleep": Node("message, sleep", 3, 4, "asleep"),
}

_ASK = ((1.5, 3.5), (1.5, 4))
"""Where all ways to "gate?" meet, and how they go on."""
_PROTECTED = ((2, 0), (2.5, 0), (2.5, 1.85), (3, 1.85))
_GIVEN = ((3, 1.85), (3, 2.9))
_ROUND = ((3, 1.85), (3.46, 1.85), (3.46, 3.5), *_ASK)
"""To the question about a protected entry; and from there to the page, and to whoever protected it."""

WAYS = (
    Way("vma?", "SIGSEGV", ("none",), ((0, 0), (0, 1)), (0, 0.5), "no"),
    Way("vma?", "allowed?", ("there",), ((0, 0), (1, 0))),
    Way("allowed?", "SIGSEGV", ("no",), ((1, 0), (1, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)), (1, 0.45), "no"),
    Way("allowed?", "entry?", ("yes",), ((1, 0), (2, 0))),
    Way("entry?", "touched", ("present",), ((2, 0), (3, 0))),
    Way("entry?", "poisoned", ("poison",), ((2, 0), (2.5, 0), (2.5, 0.77), (3, 0.77))),
    Way("entry?", "wp?", ("read-only",), _PROTECTED, (2.5, 1.34), "read-only"),
    Way("entry?", "rwp?", ("out of reach",), _PROTECTED, (2.5, 1.34), "out of reach"),
    Way("entry?", "cache?", ("none", "marker"), ((2, 0), (2, 1), (1, 1)), (2, 0.5), "no page"),
    Way("cache?", "minor?", ("hit",), ((1, 1), (1, 1.5), (0, 1.5), (0, 2)), (0.6, 1.25), "hit", "end"),
    Way("cache?", "missing?", ("miss",), ((1, 1), (1, 1.5), (2, 1.5), (2, 2)), (1.5, 1.25), "miss"),
    Way("cache?", "beyond", ("beyond",), ((1, 1), (1, 2))),
    Way("minor?", "mapped", ("none",), ((0, 2), (0, 3)), (0, 2.5), "no"),
    Way("minor?", "gate?", ("MINOR",), ((0, 2), (0.5, 2), (0.5, 3.5), *_ASK), (0.5, 3), "yes"),
    Way("missing?", "filled", ("none",), ((2, 2), (2, 3)), (2, 2.5), "no"),
    Way("missing?", "gate?", ("MISSING",), ((2, 2), (1.5, 2), *_ASK), (1.5, 3), "yes", "end"),
    Way("wp?", "writable", ("no", "async"), _GIVEN, (3, 2.28), "no, async", "end"),
    Way("wp?", "gate?", ("uffd-wp",), _ROUND, (3.46, 2.28), "yes", "end"),
    Way("rwp?", "reached", ("async",), _GIVEN, (3, 2.28), "async", "end"),
    Way("rwp?", "gate?", ("uffd-rwp",), _ROUND, (3.46, 2.28), "yes", "end"),
    Way("gate?", "SIGBUS", ("SIGBUS", "user mode only", "may not wait"), ((1.5, 4), (0, 4)), (0.7, 3.77), "no"),
    Way("gate?", "asleep", ("asked",), ((1.5, 4), (3, 4)), (2.2, 3.77), "yes"),
)
STRAIGHT = Way("entry?", "missing?", ("none", "marker"), ((2, 0), (2, 2)), (2, 1), "no page")
FILES = {"cache?", "minor?", "mapped", "beyond"}
"""What memory without a file has no need to ask."""
WP, RWP = {"wp?", "writable"}, {"rwp?", "reached"}
"""What is asked about an entry that is protected from writes, and about one that is out of reach: in the same place."""


def plan(anonymous: bool, out_of_reach: bool = False) -> tuple[dict[str, Node], list[Way]]:
    """The map for memory with a file, or without one; and for a page that is out of reach, or for any other."""
    left_out = (WP if out_of_reach else RWP) | (FILES if anonymous else set())
    ways = (*WAYS, STRAIGHT) if anonymous else WAYS
    nodes = {name: node for name, node in NODES.items() if name not in left_out}
    return nodes, [way for way in ways if not {way.start, way.end} & left_out]
