"""What is done to a range costs by what differs in it, not by its length."""

from collections import namedtuple

import pytest

from uffdsim.kernel import Simulated
from uffdsim.scenario import Step

Work = namedtuple("Work", "events runs answer")
FEW, MANY = 4, 1 << 20


def session(pages, *steps):
    session = Simulated("linux-6.18").session()
    for step in [
        Step("file", id="F", backing="shmem", pages=pages),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
        Step("mmap", id="own", backing="anon", pages=pages),
        Step("userfaultfd", id="u"),
        Step("api", fd="u"),
        Step("register", fd="u", vma="watched", modes=["MISSING", "MINOR", "WP"]),
        Step("register", fd="u", vma="own", modes=["MISSING", "WP"]),
        *steps,
    ]:
        session.step(step)
    return session


def work(session, step):
    """What a step takes, and what it answers but for sizes."""
    before = len(session.events)
    answer = session.step(step)
    events = session.events[before:]
    runs = sum(len(change.before or ()) + len(change.after or ()) for e in events for change in e.changes
               if isinstance(change.before, list))  # fmt: skip
    return Work(len(events), runs, (answer["status"], answer.get("errno")))


POPULATED = Step("madvise", vma="plain", advice="POPULATE_WRITE")
COPIED = Step("copy", fd="u", vma="own", value=1)

STEPS = [
    ([], Step("register", fd="u", vma="watched", modes=["MINOR"])),
    ([], Step("copy", fd="u", vma="own", value=7)),
    ([], Step("copy", fd="u", vma="watched", value=7)),
    ([], Step("zeropage", fd="u", vma="own")),
    ([], Step("poison", fd="u", vma="watched")),
    ([], POPULATED),
    ([], Step("writeprotect", fd="u", vma="watched", mode=["WP"])),
    ([POPULATED], Step("continue", fd="u", vma="watched")),
    ([POPULATED], Step("punch", file="F")),
    ([POPULATED], Step("madvise", vma="plain", advice="DONTNEED")),
    ([COPIED], Step("mprotect", vma="own", prot="r")),
    ([COPIED], Step("mlock", vma="own")),
    ([COPIED], Step("mremap", vma="own", to="moved")),
    ([COPIED], Step("munmap", vma="own")),
    ([COPIED], Step("fork")),
    ([COPIED], Step("unregister", fd="u", vma="own")),
    ([POPULATED], Step("load", vma="watched", page=2, thread="t1")),
]


@pytest.mark.parametrize("before, step", STEPS, ids=[step.op + str(i) for i, (_, step) in enumerate(STEPS)])
def test_a_million_pages_take_the_work_of_four(before, step):
    many, few = work(session(MANY, *before), step), work(session(FEW, *before), step)
    assert many.events == few.events and many.answer == few.answer
    assert many.runs <= few.runs + 4  # one page table is enough for few, and not for many


def test_memory_torn_to_pieces_stays_usable():
    torn = session(MANY)
    for page in range(0, 20_000, 2):
        torn.step(Step("copy", fd="u", vma="own", page=page, pages=1, value=page % 256))
    assert len(torn.state["ptes", "main"]) == 10_000
    done = work(torn, Step("madvise", vma="own", advice="DONTNEED"))
    assert done.answer == ("done", None) and done.events < 10
    assert len(torn.state["ptes", "main"]) == 0
