"""Exercises of the lesson on answers."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import WATCHER, registered

ERRNOS = ("EEXIST", "EFAULT", "ENOENT", "EINVAL", "EAGAIN")


def _errno_collection(work: Submission):
    registered(work)
    calls = work.steps("continue")
    work.want(calls, "call CONTINUE")
    found = {work.observed(i).get("errno") for i in calls}
    missing = [errno for errno in ERRNOS if errno not in found]
    work.want(not missing, f"CONTINUE has not been refused yet with {' nor '.join(missing)}")


def _asleep_beside_its_page(work: Submission):
    registered(work)
    asleep = work.asleep()
    work.want(asleep, "nobody sleeps at the end")
    for i in work.steps("load", "store", vma="watched"):
        if work.scenario[i].thread in asleep and not work.answer(i):
            entry = work.entry("watched", work.scenario[i]["page"])
            work.want(entry is not None and entry.present, "the page that it waits for is not mapped", step=i)


def _all_but_one(work: Submission):
    registered(work)
    partial = [i for i in work.steps("copy", "continue") if work.observed(i).get("errno") == "EAGAIN"]
    partial = [i for i in partial if work.observed(i)["done"] > 0]
    work.want(partial, "no COPY or CONTINUE has stopped after a part of its range")
    work.want(not work.asleep(), "somebody still sleeps", step=partial[-1])
    pages = [work.entry("watched", page) for page in range(2)]
    work.want(all(pages), "page 0 or page 1 of watched is not mapped in the end", step=partial[-1])
    work.want(work.steps("load", "store", vma="watched"), "let a thread wait for page 1 first")
    late = [i for i in work.steps("load", "store", vma="watched") if work.observed(i).get("status") == "blocked"]
    work.want(late and late[0] < partial[0], "a thread has to wait before the call that does only a part")


TASKS = (
    Exercise(
        "errno-collection",
        "Get UFFDIO_CONTINUE to refuse with each of EEXIST, EFAULT, ENOENT, EINVAL and EAGAIN.",
        _errno_collection,
        hints=(
            "Section 2 has a table of the five. Start with one page that is in the cache, and one that is not.",
            "EAGAIN: let it begin well, and get stuck on the second page.",
            "ENOENT: a mapping that nobody watches. EINVAL: a range that begins within a huge page (`skew=4096`).",
        ),
        start=WATCHER,
    ),
    Exercise(
        "asleep-beside-its-page",
        "A lost wake-up: make a thread sleep waiting for a page of watched that is already mapped there.",
        _asleep_beside_its_page,
        hints=("One mode of CONTINUE and COPY is made for it.", "Or let another descriptor do the work."),
        start=WATCHER,
    ),
    Exercise(
        "all-but-one",
        "t1 waits for page 1 of watched. Call COPY or CONTINUE on both pages, so that it does only the first of them. "
        "Then finish, until nobody sleeps.",
        _all_but_one,
        hints=(
            "Registered both ways, COPY stops at a page that the file has, and CONTINUE at one that it lacks.",
            "Then only the page that t1 waits for is missing: which call brings it?",
        ),
        start=WATCHER,
    ),
)
