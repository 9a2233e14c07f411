"""Exercises of the lesson on pages that are out of reach."""

from uffdsim import words
from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import cached, finished, registered
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import PagefaultFlag

KERNEL = "linux-7.3"
PAGES = 6
WRITTEN = Scenario(
    [
        Step("mmap", id="watched", backing="anon", pages=PAGES),
        *(Step("store", vma="watched", page=page, value=page + 1) for page in range(PAGES)),
        Step("userfaultfd", id="u"),
    ]
)
"""Anonymous pages that are there, and a userfaultfd that watches nothing yet."""
SHARED = Scenario(
    [
        Step("file", id="F", backing="shmem", pages=2),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
        Step("userfaultfd", id="u"),
        Step("api", fd="u", features=["RWP"]),
    ]
)
"""A file that is mapped twice, and a userfaultfd that may use RWP."""


def _cold_pages(work: Submission):
    registered(work, "RWP")
    api = work.the("api", "ask the descriptor for its API")
    work.want("RWP_ASYNC" in work.scenario[api]["features"], "nobody should wait: which feature is that?", step=api)
    work.want(not work.asleep(), "nobody should wait")
    scans = work.steps("pagemap_scan", vma="watched")
    work.want(scans, "look for the cold pages with watched.pagemap_scan(…)")
    entries = {page: work.entry("watched", page) for page in range(PAGES)}
    work.want(all(entries.values()), "all pages have to stay where they are")
    shut = [page for page, entry in entries.items() if entry and entry.protnone]
    work.want(shut == [1, 4], f"the pages that nobody has touched are {shut}, and should be 1 and 4 alone")
    found = [page for region in work.answer(scans[-1]).get("regions", ()) for page in _pages(region)]
    work.want(found == [1, 4], f"the last scan finds the pages {found}, and should find 1 and 4", step=scans[-1])


def _pages(region: dict) -> range:
    first = region["start"]["page"]
    return range(first, first + region["bytes"] // 4096)


def _away_and_back(work: Submission):
    registered(work, "RWP")
    shut = work.the("rwprotect", "put page 0 of watched out of reach before you move it", vma="watched", mode="RWP")
    gone = [i for i in range(shut + 1, len(work.scenario)) if cached(work, 0, i) is None]
    work.want(gone, "the page has to leave the page cache of F after it was put out of reach: F.punch(0)")
    asked = [i for i in work.messages() if i > gone[0] and work.observed(i)["flags"] == 0]
    work.want(asked, "when t1 touches the page that was moved away, a message has to say that it is missing")
    read = [answer for i, answer in finished(work, "load", "t1") if i > gone[0]]
    work.want(read, "t1 has to get through in the end")
    got = words.byte(read[-1]["value"])
    work.want(read[-1]["value"] == 7, f"t1 has read {got} where it had left 0x07: bring back what was there")


def _two_reasons(work: Submission):
    registered(work, "MINOR", "RWP")
    told = [work.observed(i)["flags"] for i in work.messages()]
    work.want(told, "no message has been read")
    loads = work.steps("load", vma="watched")
    work.want(len(loads) == 1, "there has to be exactly one read of watched")
    wanted = [PagefaultFlag.MINOR, PagefaultFlag.RWP]
    said, right = (", then ".join(map(words.flags, flags)) for flags in (told, wanted))
    work.want(told == wanted, f"the flags of the messages are {said}, and have to be {right}")
    work.want(work.answer(loads[0]), "and now let it through", step=loads[0])


TASKS = (
    Exercise(
        "cold-pages",
        "All six pages of watched have been written. Find out which are in use, without anybody waiting: in the end "
        "pages 1 and 4 are out of reach, the others were touched, and one PAGEMAP_SCAN finds pages 1 and 4.",
        _cold_pages,
        hints=(
            "Ask for two features in the handshake: `u.api(…)`.",
            "Put all pages out of reach, and then touch four of them.",
            "Cold pages are PRESENT and not ACCESSED: both go into `mask`, and the second into `inverted` too.",
        ),
        start=WRITTEN,
        kernel=KERNEL,
    ),
    Exercise(
        "away-and-back",
        "Page 0 of watched holds 0x07 and is cold. Move it away: put it out of reach, so that nobody can change it "
        "meanwhile, and take it out of the file by `F.punch(0)`. Then t1 reads the page, and has to get 0x07.",
        _away_and_back,
        hints=(
            "While the page is away it is a hole. Which mode reports the touch of a hole?",
            "Register watched for two modes at once.",
            "The answer to a missing page is COPY, and you know what was in it.",
        ),
        start=SHARED.then(
            Step("store", vma="plain", page=0, value=7),
            Step("load", vma="watched", page=0),
        ),
        kernel=KERNEL,
    ),
    Exercise(
        "two-reasons",
        "One read of watched, two messages about it: first a minor fault (MINOR), then a page out of reach (RWP). In "
        "the end the read gets through.",
        _two_reasons,
        hints=(
            "The page has to be put out of reach after it was mapped, and before t1 tries again.",
            "One mode of CONTINUE maps a page and wakes nobody.",
            "UFFDIO_WAKE lets t1 try again.",
        ),
        start=SHARED.then(Step("store", vma="plain", page=0, value=1)),
        kernel=KERNEL,
    ),
)
