"""Exercises of the lesson on write protection."""

from collections.abc import Iterable

from uffdsim import words
from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import WATCHER, registered
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import PagefaultFlag


def _dirty(work: Submission):
    registered(work, "WP")
    api = work.the("api", "ask the descriptor for its API")
    work.want("WP_ASYNC" in work.scenario[api]["features"], "nobody should wait: which feature is that?", step=api)
    work.want(not work.asleep(), "nobody should wait")
    written = [work.scenario[i]["page"] for i in work.steps("store", vma="watched")]
    work.want({1, 3} <= set(written), "write to pages 1 and 3")
    marked = [page for page in range(4) if (entry := work.entry("watched", page)) and entry.uffd_wp]
    work.want(marked == [0, 2], f"the pages that count as unwritten are {marked}, and should be 0 and 2 alone")


def _both_in_turn(work: Submission):
    registered(work, "MINOR", "WP")
    told = [work.observed(i)["flags"] for i in work.messages()]
    work.want(told, "no message has been read")
    stores = work.steps("store", vma="watched")
    work.want(len(stores) == 1, "there has to be exactly one write to watched")
    wanted = [PagefaultFlag.WRITE | PagefaultFlag.MINOR, PagefaultFlag.WRITE | PagefaultFlag.WP]
    work.want(told == wanted, f"the flags of the messages are {_flags(told)}, and have to be {_flags(wanted)}")
    work.want(work.answer(stores[0]), "and now let it through", step=stores[0])


def _flags(messages: Iterable[int]) -> str:
    return ", then ".join(map(words.flags, messages))


TASKS = (
    Exercise(
        "dirty-pages",
        "watched has four pages. Have the kernel keep the list of written pages, without anybody waiting: in the end "
        "pages 1 and 3 count as written, pages 0 and 2 as unwritten.",
        _dirty,
        hints=(
            "Ask for the feature in the handshake: `u.api(…)`.",
            "Protect all four pages, then write to two of them.",
        ),
        start=Scenario([Step("mmap", id="watched", backing="anon", pages=4), Step("userfaultfd", id="u")]),
    ),
    Exercise(
        "both-in-turn",
        "One write to watched, two messages about it: first a minor fault of a write (WRITE | MINOR), then a "
        "write to a protected page (WRITE | WP). In the end the write gets through.",
        _both_in_turn,
        hints=(
            "Two modes, and a page that the file has.",
            "The protection has to outlive the answer to the first message. One mode of CONTINUE does that.",
        ),
        start=WATCHER,
    ),
)
