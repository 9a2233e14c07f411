"""The first minute: what stands beside the picture in the first lab, what it comes to, and what is asked after it.

Its guide is the lab's, so it needs widgets, and the other modules of this folder do not know it.
"""

from uffdsim.lab import Guide, Line

GUIDE = Guide(
    [
        Line(
            "Press Write. main writes 0x41 through plain, and the byte comes into the page cache of F.",
            {"op": "store", "vma": "plain", "page": 0, "value": 0x41},
        ),
        Line(
            "Click page 0 of watched, and let t1 Read. Nothing comes back: t1 waits.",
            {"op": "load", "thread": "t1", "vma": "watched", "page": 0},
            comes={"status": "blocked"},
        ),
        Line(
            "Press Read message. It says which page, and that the fault is MINOR. The handler learns no more.",
            {"op": "read_event", "fd": "u"},
            comes={"event": "PAGEFAULT", "flags": 4, "vma": "watched", "page": 0},
        ),
        Line(
            "Click page 0 of plain, and let main Write 0x42. The page changes while t1 sleeps.",
            {"op": "store", "vma": "plain", "page": 0, "value": 0x42},
        ),
        Line(
            "Click t1's message, and choose CONTINUE. t1 wakes up, and has read 0x42.",
            {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1, "mode": []},
            then={"t1": {"value": 0x42}},
        ),
    ],
    end="You have answered a page fault.",
    next="Watch it again. Or go on: let t2 read page 1 of watched, which nobody has written to. Is the handler told?",
)

MINUTE = [line.act for line in GUIDE.lines]
"""What somebody has done who followed the guide."""

QUESTIONS = [
    {"op": "store", "vma": "plain", "page": 0, "value": 0x41},
    {"op": "load", "thread": "t2", "vma": "watched", "page": 1},
    {"op": "load", "thread": "t1", "vma": "watched", "page": 0},
    {"op": "copy", "fd": "u", "vma": "watched", "page": 0, "pages": 1, "value": 0x43},
    {"op": "wake", "fd": "u", "vma": "watched", "page": 0, "pages": 1},
]
"""Five acts, each of which is asked about before it is seen."""
