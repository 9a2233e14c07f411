"""What exercises start from, and what several of their checks ask."""

from uffdsim.course.build.submission import Submission
from uffdsim.kernel.state import Content
from uffdsim.scenario import Scenario, Step

TWICE = Scenario(
    [
        Step("file", id="F", backing="hugetlb-2M", pages=2),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="watched", file="F"),
    ]
)
"""A file of two huge pages, mapped twice."""
WATCHER = TWICE.then(Step("userfaultfd", id="u"), Step("api", fd="u"))
"""And a userfaultfd that watches nothing yet."""


def registered(work: Submission, *modes: str) -> int:
    """The first step that registers watched, with these modes at least; it must have been allowed."""
    at = work.the("register", f"register watched {' and '.join(modes)}".strip(), vma="watched", modes=modes)
    work.ok(at)
    return at


def cached(work: Submission, page: int = 0, after: int | None = None) -> Content | None:
    """What the page cache of F has for a page; None for a hole."""
    return work.state(after)["cache", "F"].at(page)


def finished(work: Submission, op: str, thread: str = "") -> list[tuple[int, dict]]:
    """The touches of watched that came to an end, with their answers."""
    found = [(i, work.answer(i)) for i in work.steps(op, vma="watched")]
    return [(i, answer) for i, answer in found if answer and thread in ("", work.scenario[i].thread)]
