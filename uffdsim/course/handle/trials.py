"""Trials: situations from real programs that a handler must get through.

A trial is a scenario with places in it where the handler reads and where it answers, so that something may happen
between the two. ``event.data`` of its messages is ``DATA`` wherever nothing else is said.
"""

from collections.abc import Iterable
from typing import NamedTuple

from uffdsim import words
from uffdsim.errors import Unknown
from uffdsim.grammar import meant
from uffdsim.scenario import Scenario, Step

DATA = 0x41
"""The byte that belongs in every page."""
WATCHED = "u"
"""The descriptor that every trial gives to the handler."""
READ, ANSWER, SERVE = "read", "answer", "serve"
"""The handler reads all there is; answers all it has read; does both until nothing is left."""


class Wants(NamedTuple):
    """What a touch must come to: a byte, or a signal."""

    value: int | None = None
    signal: str = ""

    def __str__(self):
        return self.signal if self.value is None else words.byte(self.value)


class Act(NamedTuple):
    """A step of a trial, and what has to come of it in the end (None: anything)."""

    step: Step
    wants: Wants | None = None


class Trial(NamedTuple):
    """One situation: what it is called and about, how it begins, what is done, and which pages' data are not DATA."""

    name: str
    about: str
    setup: Scenario
    acts: tuple[Act | str, ...]
    data: dict[tuple[str, int], int | None] = {}
    level: int = 1

    def data_of(self, vma: str, page: int) -> int | None:
        """The byte that the other machine has for a page; None if it has lost it."""
        return self.data.get((vma, page), DATA)


def reads(thread: str, page: int = 0, value: int = DATA, vma: str = "watched", offset: int = 0) -> Act:
    """A thread reads a byte of a page, and must get this one."""
    return Act(Step("load", vma=vma, page=page, thread=thread, **_at(offset)), Wants(value))


def writes(thread: str, value: int, page: int = 0, vma: str = "watched", offset: int = 0) -> Act:
    """A thread writes a byte of a page, and must get through."""
    return Act(Step("store", vma=vma, page=page, value=value, thread=thread, **_at(offset)), Wants(value))


def _at(offset: int) -> dict:
    return {"offset": offset} if offset else {}


def dies(thread: str, signal: str, page: int = 0, vma: str = "watched") -> Act:
    """A thread reads a page, and must get that signal."""
    return Act(Step("load", vma=vma, page=page, thread=thread), Wants(signal=signal))


def does(op: str, **keys) -> Act:
    """Something happens."""
    return Act(Step(op, **keys))


def twice(
    *modes: str, pages: int = 2, backing: str = "hugetlb-2M", features: Iterable[str] = (), sharing: str = "shared",
    cached: Iterable[int] = (), name: str = "",
) -> Scenario:  # fmt: skip
    """One file, mapped twice: ``plain``, through which some pages are filled, and ``watched``, which is registered."""
    steps = [
        Step("file", id="F", backing=backing, pages=pages),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F", **({"sharing": sharing} if sharing != "shared" else {})),
        Step("userfaultfd", id=WATCHED),
        Step("api", fd=WATCHED, features=list(features)),
        *(Step("store", vma="plain", page=page, value=DATA) for page in cached),
        Step("register", fd=WATCHED, vma="watched", modes=list(modes)),
    ]
    return Scenario(steps, name)


def _protected() -> Scenario:
    steps = [
        Step("mmap", id="watched", backing="anon", pages=2),
        Step("userfaultfd", id=WATCHED),
        Step("api", fd=WATCHED),
        Step("store", vma="watched", page=0, value=DATA),
        Step("register", fd=WATCHED, vma="watched", modes=["WP"]),
        Step("writeprotect", fd=WATCHED, vma="watched", page=0, pages=1, mode=["WP"]),
    ]
    return Scenario(steps)


BOTH = ("MISSING", "MINOR")

_ALL = (
    Trial(
        "minor",
        "The page is in the page cache, but not in the page table.",
        twice("MINOR", cached=[0]),
        (reads("t1"), SERVE),
    ),
    Trial("missing", "There is no page at all.", twice("MISSING"), (reads("t1"), SERVE)),
    Trial(
        "both",
        "Registered both ways: one page is in the page cache, the other is not.",
        twice(*BOTH, cached=[0]),
        (reads("t1"), SERVE, reads("t2", 1), SERVE),
    ),
    Trial(
        "two threads",
        "Two threads touch one page. Both messages are read before either is answered.",
        twice("MINOR", cached=[0]),
        (reads("t1"), reads("t2"), READ, ANSWER, SERVE),
    ),
    Trial(
        "write",
        "A thread writes to the page, and reads it again.",
        twice("MINOR", cached=[0]),
        (writes("t1", 0x42), SERVE, reads("t1", 0, 0x42), SERVE, reads("main", 0, 0x42, "plain")),
    ),
    Trial(
        "private",
        "The watched mapping is private: what is written there stays there, beside what was in the page.",
        twice("MINOR", sharing="private", cached=[0]),
        (
            writes("t1", 0x42, offset=1),
            SERVE,
            reads("t1"),
            reads("t1", value=0x42, offset=1),
            reads("main", value=0, vma="plain", offset=1),
            SERVE,
        ),
        level=2,
    ),
    Trial(
        "zeros on huge pages",
        "The page should hold nothing but zeros, and it is huge.",
        twice("MISSING"),
        (reads("t1", value=0), SERVE),
        {("watched", 0): 0},
    ),
    Trial(
        "filled meanwhile",
        "Before the message of a missing page is answered, another thread fills the page through the other mapping.",
        twice("MISSING"),
        (reads("t1"), READ, does("store", vma="plain", page=0, value=DATA), ANSWER, SERVE),
        level=2,
    ),
    Trial(
        "vanished",
        "Before the message of a minor fault is answered, the page is punched out of the file.",
        twice(*BOTH, cached=[0]),
        (reads("t1"), READ, does("punch", file="F", page=0, pages=1), ANSWER, SERVE),
        level=2,
    ),
    Trial(
        "half there",
        "Of four pages the third is there already. Somebody touches the fourth, and then the first.",
        twice("MISSING", pages=4, backing="shmem", cached=[2]),
        (reads("t1", 3), SERVE, reads("t2", 0), SERVE),
        level=2,
    ),
    Trial(
        "while the ground moves",
        "A fault was read and not yet answered, when another thread gives a page of the range back (REMOVE).",
        twice("MISSING", pages=2, backing="shmem", features=["EVENT_REMOVE"]),
        (
            reads("t1"),
            READ,
            does("madvise", vma="watched", page=1, pages=1, advice="REMOVE", thread="t2"),
            ANSWER,
            SERVE,
        ),
        level=3,
    ),
    Trial(
        "given back",
        "A page is given back (REMOVE), and touched once more: now it holds zeros, whatever the other machine has.",
        twice("MISSING", backing="shmem", features=["EVENT_REMOVE"]),
        (
            reads("t1"),
            SERVE,
            does("madvise", vma="watched", page=0, pages=1, advice="REMOVE", thread="t2"),
            SERVE,
            reads("t1", value=0),
            SERVE,
        ),
        level=3,
    ),
    Trial(
        "unmapped",
        "A thread waits for a page, and the mapping goes away under it (UNMAP).",
        twice("MINOR", cached=[0], features=["EVENT_UNMAP"]),
        (dies("t1", "SIGSEGV"), READ, does("munmap", vma="watched", thread="t2"), ANSWER, SERVE),
        level=3,
    ),
    Trial(
        "moved",
        "The mapping moves elsewhere and stays watched (REMAP); then it is touched there.",
        twice("MINOR", backing="shmem", cached=[0], features=["EVENT_REMAP"]),
        (does("mremap", vma="watched", to="elsewhere", thread="t2"), SERVE, reads("t1", 0, DATA, "elsewhere"), SERVE),
        level=3,
    ),
    Trial(
        "forked",
        "The process forks, and waits until that is read; then a page is touched.",
        twice("MINOR", cached=[0], features=["EVENT_FORK"]),
        (does("fork", thread="t2"), SERVE, reads("t1"), SERVE),
        level=3,
    ),
    Trial(
        "protected",
        "A thread writes to a page that was write-protected.",
        _protected(),
        (writes("t1", 0x42), SERVE, reads("t1", 0, 0x42)),
        level=2,
    ),
    Trial(
        "lost",
        "The other machine has lost the page. A thread that touches it must get a SIGBUS, and not zeros.",
        twice("MISSING", features=["POISON"]),
        (dies("t1", "SIGBUS"), SERVE),
        {("watched", 0): None},
        level=3,
    ),
    Trial(
        "woken too early",
        "Somebody wakes the thread before the page is there: it faults again, and leaves a second message.",
        twice("MINOR", cached=[0]),
        (reads("t1"), READ, does("wake", fd=WATCHED, vma="watched", page=0, pages=1, thread="t2"), ANSWER, SERVE),
        level=2,
    ),
)

TRIALS: dict[str, Trial] = {one.name: one for one in _ALL}
"""Every trial, by name."""


def trial(name: str) -> Trial:
    """The trial of that name.

    :raises Unknown: if there is none.
    """
    if name not in TRIALS:
        raise Unknown(f'there is no trial "{name}"; there are {", ".join(TRIALS)}{meant(name, TRIALS)}')
    return TRIALS[name]
