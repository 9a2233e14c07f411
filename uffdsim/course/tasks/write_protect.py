"""Exercises of the lesson on write protection."""

from uffdsim.course.exercise import Exercise
from uffdsim.course.tasks.stages import WATCHER, registered
from uffdsim.course.work import Work
from uffdsim.scenario import Scenario, Step


def _dirty(work: Work):
    registered(work, "WP")
    api = work.the("api", "ask the descriptor for its API")
    work.want("WP_ASYNC" in work.scenario[api]["features"], "nobody is to wait: which feature is that?", step=api)
    work.want(not work.asleep(), "nobody is to wait")
    written = [work.scenario[i]["page"] for i in work.steps("store", vma="watched")]
    work.want({1, 3} <= set(written), "write to pages 1 and 3")
    marked = [page for page in range(4) if (entry := work.entry("watched", page)) and entry.uffd_wp]
    work.want(marked == [0, 2], f"the pages that count as unwritten are {marked}, and should be 0 and 2 alone")


def _both_in_turn(work: Work):
    registered(work, "MINOR", "WP")
    told = [work.observed(i)["flags"] for i in work.messages()]
    work.want(told, "no message has been read")
    stores = work.steps("store", vma="watched")
    work.want(len(stores) == 1, "one single write to watched is wanted")
    work.want(told == [5, 3], f"the flags of the messages are {told}, not [5, 3]")
    work.want(work.answer(stores[0]), "and now let it through", step=stores[0])


TASKS = (
    Exercise(
        "dirty-pages",
        "watched has four pages. Have the kernel keep the list of written pages, without anybody waiting: in the end "
        "pages 1 and 3 count as written, pages 0 and 2 as unwritten.",
        _dirty,
        hints=(
            "The feature is asked for in the handshake: `u.api(…)`.",
            "Protect all four pages, then write to two of them.",
        ),
        start=Scenario([Step("mmap", id="watched", backing="anon", pages=4), Step("userfaultfd", id="u")]),
    ),
    Exercise(
        "both-in-turn",
        "One write to watched, two messages about it: first a minor fault of a write (flags 5), then a write to a "
        "protected page (flags 3). In the end the write gets through.",
        _both_in_turn,
        hints=(
            "Two modes, and a page that the file has.",
            "The protection has to outlive the answer to the first message. One mode of CONTINUE does that.",
        ),
        start=WATCHER,
    ),
)
