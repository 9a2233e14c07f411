"""What each role looks like: the one place that knows of colours.

The colours are those of Okabe and Ito, which people see apart whose eyes lack a kind of cone. No two roles that
stand for different things differ by colour alone: a dash, a hatch, or a word goes with it.
"""

from typing import NamedTuple

INK = "#111111"
MUTED = "#5b6470"
FAINT = "#c3c9d1"
PAPER = "#ffffff"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"

SANS = ("DejaVu Sans", "Verdana", "Helvetica", "Arial", "sans-serif")
MONO = ("DejaVu Sans Mono", "Menlo", "Consolas", "monospace")


class Look(NamedTuple):
    """How a shape is painted: ``fill`` and ``stroke`` are colours or "" for none, ``dash`` lengths of ink and gap,
    ``hatch`` one of HATCHES or "", drawn in ``stroke`` over the fill."""

    fill: str = ""
    stroke: str = ""
    width: float = 1.2
    dash: tuple[float, ...] = ()
    hatch: str = ""


HATCHED = 0.4
"""How opaque the lines of a hatch are: words upon them are to be read."""
HATCHES = {"rising": "/", "falling": "\\", "crossed": "x"}
"""The hatches, and what matplotlib calls them."""

LOOKS = {
    # The panel behind a picture, and quiet furniture.
    "panel": Look(PAPER),
    "frame": Look(PAPER, MUTED),
    "rule": Look("", FAINT, 1.4),
    # Entries of a page table.
    "entry": Look(PAPER, INK),
    "present": Look("#8fd3bd", GREEN, 1.4),
    "read-only": Look("#cfe8f8", BLUE, 1.4, (6, 2)),
    "uffd-wp": Look("#fbe3b0", ORANGE, 1.4, hatch="rising"),
    "out of reach": Look("#fbe3b0", ORANGE, 2, (2, 2), "falling"),
    "zero page": Look("#eceff3", MUTED, 1.2, (1.5, 2.5)),
    "marker": Look(PAPER, ORANGE, 1.6, (5, 3), "rising"),
    "poison": Look("#4a4a4a", INK, 1.6, hatch="crossed"),
    "empty": Look(PAPER, FAINT, 1),
    "unmapped": Look("#f1f2f4", FAINT, 1.2, (2, 3), "falling"),
    "mixed": Look("#f5f6f8", MUTED),
    # The page cache.
    "cached": Look("#e8eef6", INK),
    "hole": Look(PAPER, "#9aa3af", 1.2, (5, 4)),
    "unknown": Look(PAPER, "#9aa3af", 1.2, (1, 4)),
    "maps": Look("", GREEN, 2),
    "maps read-only": Look("", BLUE, 2, (7, 2)),
    "minor": Look("", VERMILLION, 2.2, (6, 5)),
    "not mapped": Look("", FAINT, 1.4, (3, 4)),
    # What stands out.
    "just changed": Look(YELLOW, INK, 1.2),
    "differs": Look("", BLUE, 2.2, (3, 2)),
    "waiting": Look("", VERMILLION, 2.6),
    "badge": Look(PAPER, VERMILLION, 2),
    "uffd flag": Look("#a84a00"),
    "locked flag": Look(BLUE),
    # userfaultfd.
    "uffd": Look("#fbf4f9", PURPLE, 1.6),
    "child": Look("#f5f6f8", MUTED, 1.4, (8, 3)),
    "message": Look(PAPER, PURPLE, 1.6),
    "empty queue": Look(PAPER, "#9aa3af", 1, (4, 3)),
    # Questions and answers.
    "question": Look(PAPER, "#9aa3af"),
    "question asked": Look("#fdf9d3", INK, 1.8),
    "outcome": Look("#f1f2f4", "#9aa3af", 1, (3, 2)),
    "signal": Look("#4a4a4a", INK, 1.6),
    "way": Look("", FAINT, 1.4),
    "way taken": Look("", INK, 2.6),
    "way later": Look("", INK, 1.4, (2, 3)),
    # Bits.
    "index": Look("#e8eef6", BLUE, 1.2),
    "bit set": Look("#cfe8f8", INK, 1.4),
    "bit clear": Look(PAPER, FAINT),
    "no bit": Look("#f5f6f8", FAINT, 1, (2, 2)),
    "two flags in one bit": Look("#fbd9c2", VERMILLION, 2.6),
    # Time.
    "event": Look(PAPER, INK),
    "deed": Look("#c9ced6", INK),
    "current": Look(YELLOW, INK, 2.4),
    "later": Look(PAPER, FAINT, 1.2, (2, 2)),
    "cursor": Look("", INK, 1.6, (3, 3)),
    "asleep": Look(PAPER, VERMILLION, 1.2, hatch="rising"),
    "wakes": Look("", GREEN, 2.2),
    "tells": Look("", PURPLE, 2.2, (2, 2)),
    "enters": Look("", MUTED, 1.2),
    "falls asleep": Look("", VERMILLION, 1.8, (6, 2)),
    "stem": Look("", FAINT, 1),
    "oops": Look(INK, VERMILLION, 2.4),
    "hidden": Look("#f5f6f8", "#9aa3af", 1.2, (4, 4)),
}
"""Role to look, of boxes and lines."""

INKS = {
    "text": INK,
    "muted": MUTED,
    "faint": "#6b737d",
    "reversed": PAPER,
    "waits": "#a84a00",
    "told": "#93426f",
    "other": "#005a8e",
    "woken": "#00684c",
}
"""Role to colour, of texts. All of them can be read on white."""

DARK = {
    INK: "#eceef1",
    MUTED: "#aab3bf",
    FAINT: "#565f6b",
    PAPER: "#1b1e23",
    ORANGE: "#dfa335",
    GREEN: "#3ccfa2",
    YELLOW: "#473f00",
    BLUE: "#5db4ea",
    VERMILLION: "#ff8a3d",
    PURPLE: "#e39fc4",
    "#8fd3bd": "#17513f",
    "#cfe8f8": "#163a54",
    "#fbe3b0": "#40300a",
    "#eceff3": "#2d323a",
    "#4a4a4a": "#c9ced6",
    "#f1f2f4": "#272b31",
    "#f5f6f8": "#23272d",
    "#e8eef6": "#22354a",
    "#9aa3af": "#7d8794",
    "#fbf4f9": "#2a2129",
    "#fdf9d3": "#46420f",
    "#fbd9c2": "#5c2f10",
    "#c9ced6": "#4a525d",
    "#6b737d": "#98a2ae",
    "#a84a00": "#ff9e5e",
    "#93426f": "#e8a3cb",
    "#00684c": "#4fd6ab",
    "#005a8e": "#6fbdf0",
}
"""What each colour is in a dark theme: boxes are dark there, and texts light."""
