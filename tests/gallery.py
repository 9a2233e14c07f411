"""The worst that pictures have to show: of every scenario its fullest moment, and moments made for the purpose.

    python tests/gallery.py

writes build/gallery.html, a page of all of them, for somebody to look at, in every size and in both themes.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from drawn import MINOR, run, run_steps

from uffdsim import library
from uffdsim.lab.screen import HEIGHTS, ROOMS
from uffdsim.pictures import NAMES, Picture, draw
from uffdsim.pictures.painters import page, style
from uffdsim.pictures.painters.frames import picture_json
from uffdsim.trace import Trace

TEMPLATE = Path(__file__).with_name("gallery.html")
PAGE = Path(__file__).parents[1] / "build" / "gallery.html"


class Exhibit(NamedTuple):
    """A moment that is hard to draw: a trace, the place in it, and how else ``draw`` is asked."""

    name: str
    trace: Trace
    at: int
    how: dict[str, Any] = {}

    def draw(self, picture: str, size: tuple[float, float] | None = None) -> Picture:
        """A picture of it."""
        return draw(picture, self.trace, self.at, size=size, **self.how)


def fullest(trace: Trace) -> int:
    """The end of the step after which most threads sleep; of several the last."""
    return max(trace.ends(), key=lambda at: (len(trace.asleep(at)), at))


@cache
def exhibits() -> tuple[Exhibit, ...]:
    """All of them: scenarios by their name, and what was made for the purpose."""
    of_scenarios = [Exhibit(name, run(name), fullest(run(name))) for name in library.scenarios()]
    return (*of_scenarios, *_made())


def _made() -> Iterator[Exhibit]:
    crowd = run_steps(*_crowd())
    yield Exhibit("a crowd", crowd, len(crowd.events))
    yield Exhibit("a crowd, in the middle", crowd, len(crowd.events) // 2)
    yield Exhibit("a crowd, beside another kernel", crowd, len(crowd.events), {"against": run_steps(*_crowd(), kernel="linux-5.11")})
    pages = run_steps(*_sixteen())
    yield Exhibit("sixteen pages", pages, len(pages.events))
    yield Exhibit("thousands of pages", *_end(run_steps(*_thousands())))
    yield Exhibit("thousands of events", *_end(run_steps(*_long())))
    yield Exhibit("long names", *_end(run_steps(*_long_names())))
    yield Exhibit("features without end", *_end(run_steps(*_features())))
    child = run("found-07-filling-a-child-before-it-runs")
    yield Exhibit("a child that does not run yet", child, _asleep_in_fork(child))
    minor, other = run(MINOR), run(MINOR, "linux-5.11")
    asleep = next(nap.begin for nap in minor.naps())
    yield Exhibit("beside another kernel", minor, asleep, {"against": other})
    yield Exhibit("beside itself", other, min(asleep, len(other.events)), {"against": minor})
    yield Exhibit("with the future hidden", minor, asleep - 3, {"hide_after": True})
    yield Exhibit("a real kernel", *_end(run(MINOR, "recorded-6.12")))
    yield Exhibit("a kernel that dies", *_end(run("45-mlock-then-register", "linux-5.11-v5")))
    yield Exhibit("nothing yet", minor, 0)


def _end(trace: Trace) -> tuple[Trace, int]:
    return trace, len(trace.events)


def _asleep_in_fork(trace: Trace) -> int:
    return next(nap.begin for nap in trace.naps() if trace.scenario[nap.step].op == "fork")


def _crowd() -> list[dict]:
    """Three mappings of a file, seven threads, two descriptors, and more than a hundred events."""
    steps: list[dict] = [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 4},
        {"op": "mmap", "id": "plain", "file": "F"},
        {"op": "mmap", "id": "watched", "file": "F"},
        {"op": "mmap", "id": "third", "file": "F"},
    ]
    for fd, name in (("u", "watched"), ("v", "third")):
        steps += [
            {"op": "userfaultfd", "id": fd},
            {"op": "api", "fd": fd, "features": ["MINOR_HUGETLBFS", "EVENT_REMOVE", "THREAD_ID"]},
            {"op": "register", "fd": fd, "vma": name, "modes": ["MISSING", "MINOR", "WP"]},
        ]
    steps += [
        {"op": "store", "vma": "plain", "page": 0, "value": 176},
        {"op": "store", "vma": "plain", "page": 1, "value": 1},
        {"op": "continue", "fd": "u", "vma": "watched", "page": 1, "pages": 1},
        {"op": "writeprotect", "fd": "u", "vma": "watched", "page": 1, "pages": 1, "mode": ["WP"]},
        {"op": "poison", "fd": "v", "vma": "third", "page": 2, "pages": 1},
        {"op": "load", "thread": "t1", "vma": "watched", "page": 0},
        {"op": "store", "thread": "t2", "vma": "watched", "page": 1, "value": 2},
        {"op": "load", "thread": "t3", "vma": "watched", "page": 3},
        {"op": "store", "thread": "t4", "vma": "third", "page": 0, "value": 7},
        {"op": "read_event", "fd": "u"},
        {"op": "read_event", "fd": "v"},
        {"op": "load", "thread": "t5", "vma": "third", "page": 1},
        {"op": "load", "thread": "t6", "vma": "watched", "page": 0},
        {"op": "madvise", "thread": "t7", "vma": "watched", "page": 2, "pages": 1, "advice": "DONTNEED"},
    ]
    return steps


def _sixteen() -> list[dict]:
    """As many pages as a lab can have; each with a fate of its own."""
    steps: list[dict] = [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 16},
        {"op": "mmap", "id": "plain", "file": "F"},
        {"op": "mmap", "id": "watched", "file": "F"},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": []},
        {"op": "register", "fd": "u", "vma": "watched", "modes": ["MISSING", "WP"]},
        {"op": "poison", "fd": "u", "vma": "watched", "page": 3, "pages": 1},
        {"op": "load", "thread": "t1", "vma": "watched", "page": 2},
        {"op": "load", "thread": "t2", "vma": "watched", "page": 4},
        {"op": "writeprotect", "fd": "u", "vma": "watched", "page": 9, "pages": 2, "mode": ["WP"]},
        {"op": "copy", "fd": "u", "vma": "watched", "page": 12, "pages": 2, "value": 5},
    ]
    return steps


def _thousands() -> list[dict]:
    """So many pages that they share rows."""
    return [
        {"op": "file", "id": "F", "backing": "shmem", "pages": 5000},
        {"op": "mmap", "id": "plain", "file": "F"},
        {"op": "mmap", "id": "watched", "file": "F", "offset": 1000, "pages": 4000},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": []},
        {"op": "register", "fd": "u", "vma": "watched", "modes": ["MISSING", "WP"]},
        {"op": "store", "vma": "plain", "page": 17, "value": 3},
        {"op": "copy", "fd": "u", "vma": "watched", "page": 100, "pages": 700, "value": 5},
        {"op": "poison", "fd": "u", "vma": "watched", "page": 500, "pages": 100},
        {"op": "writeprotect", "fd": "u", "vma": "watched", "page": 700, "pages": 1000, "mode": ["WP"]},
        {"op": "load", "thread": "t1", "vma": "watched", "page": 2000},
    ]


def _long() -> list[dict]:
    """So much that events have numbers of four digits."""
    steps: list[dict] = [{"op": "mmap", "id": "a", "backing": "anon", "pages": 4}]
    for turn in range(45):
        steps.append({"op": "store", "vma": "a", "page": turn % 4, "value": turn})
        steps.append({"op": "madvise", "vma": "a", "page": turn % 4, "pages": 1, "advice": "DONTNEED"})
    return steps


def _long_names() -> list[dict]:
    """People give things the names they like."""
    file, mapping, fd = "the-file-of-the-guest", "guest-memory-of-the-2nd-machine", "the-descriptor-of-the-pager"
    return [
        {"op": "file", "id": file, "backing": "shmem", "pages": 3},
        {"op": "mmap", "id": mapping, "file": file},
        {"op": "userfaultfd", "id": fd},
        {"op": "api", "fd": fd, "features": ["THREAD_ID"]},
        {"op": "register", "fd": fd, "vma": mapping, "modes": ["MISSING"]},
        {"op": "load", "thread": "virtual-processor-1", "vma": mapping, "page": 1},
        {"op": "store", "thread": "virtual-processor-2", "vma": mapping, "page": 1, "value": 9},
    ]


def _features() -> list[dict]:
    """Every event there is to be told of, and memory of two kinds."""
    features = ["EVENT_FORK", "EVENT_REMAP", "EVENT_REMOVE", "EVENT_UNMAP", "MISSING_HUGETLBFS", "MISSING_SHMEM", "EXACT_ADDRESS"]
    return [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 4},
        {"op": "mmap", "id": "b", "backing": "anon-hugetlb-2M", "pages": 2},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": features},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING", "WP"]},
        {"op": "register", "fd": "u", "vma": "b", "modes": ["MISSING"]},
        {"op": "load", "thread": "t1", "vma": "b", "page": 1},
        {"op": "zeropage", "fd": "u", "vma": "a", "page": 0, "pages": 1},
        {"op": "writeprotect", "fd": "u", "vma": "a", "page": 0, "pages": 1, "mode": ["WP"]},
        {"op": "munmap", "thread": "t2", "vma": "a", "page": 2, "pages": 1},
    ]


SIZES = [(room, height) for room in (ROOMS[0], 660, ROOMS[-1]) for height in HEIGHTS]
"""The narrowest and the widest picture that a lab shows, and the usual one; as the first picture and as the second."""


def main() -> None:
    """Write the page."""
    shown = []
    for exhibit in exhibits():
        for picture in NAMES:
            for size in SIZES[::2] if picture == "tables" else SIZES[1::2]:
                shown.append({"exhibit": exhibit.name, **picture_json(exhibit.draw(picture, size))})
    text = TEMPLATE.read_text(encoding="utf-8")
    parts = {"STYLE": style.css(), "DEFS": style.defs(), "SOURCE": page.SOURCE, "SHOWN": json.dumps(shown).replace("</", "<\\/")}
    for name, part in parts.items():
        text = text.replace(f"\n{name}\n", f"\n{part}\n").replace(f"= {name};", f"= {part};")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    print(PAGE)


if __name__ == "__main__":
    main()
