"""Exercises of the lesson on two mappings and one page."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import TWICE, cached
from uffdsim.scenario import Step


def _there_not_here(work: Submission):
    work.want(cached(work, 1) is not None, "page 1 of F is not in the page cache: somebody has to touch it")
    for name in ("plain", "watched"):
        entry = work.entry(name, 1)
        work.want(entry is None, f"the page table of {name} has an entry for page 1: which call takes only the entry?")


def _shifted(work: Submission):
    made = work.the("mmap", "map F once more, as late, so that it begins with page 1 of the file", id="late")
    work.ok(made)
    work.want(work.scenario[made]["offset"] == 1, "late begins with another page: offset counts in pages", step=made)
    work.want(work.entry("late", 0) is not None, "nobody has touched page 0 of late")
    values = [work.answer(i).get("value") for i in work.steps("store", "load", vma="late", page=0)]
    work.want(0x55 in values, "0x55 has not been read or written through page 0 of late")
    right = cached(work, 1) is not None and cached(work, 0) is None
    work.want(right, "page 1 of F has to be in the page cache, and page 0 not")


def _a_page_of_its_own(work: Submission):
    work.want(cached(work) is not None, "page 0 of F is not in the page cache any more: leave the file as it is")
    plain = work.entry("plain", 0)
    work.want(plain and plain.kind == "file", "plain has to keep the file's page")
    names = [work.scenario[i]["id"] for i in work.steps("mmap", file="F", sharing="private")]
    work.want(names, "map F once more, in the way that may not change the file")
    kinds = [entry.kind for name in names if (entry := work.entry(name, 0))]
    work.want(kinds, "nobody has touched page 0 of the new mapping")
    work.want("anon" in kinds, "the new mapping still has the file's page: reading makes no copy")


TASKS = (
    Exercise(
        "there-not-here",
        "Get page 1 of F into the page cache, with no mapping having an entry for it.",
        _there_not_here,
        hints=(
            "First get the page into the cache. Which touches do that?",
            "Then one mapping has an entry. In section 3 a call took an entry and left the page.",
            '`madvise("DONTNEED", 1)`, on the mapping that has the entry.',
        ),
        start=TWICE,
    ),
    Exercise(
        "shifted",
        "Map F a third time, as `late`, so that page 0 of late is page 1 of the file. Then get the byte 0x55 "
        "through it. Page 0 of the file stays untouched.",
        _shifted,
        hints=(
            "A VMA says from which page of its file on it maps: look at `help(m2.mmap)`.",
            "`offset` is counted in pages, and there is only one page after the first.",
        ),
        start=TWICE,
    ),
    Exercise(
        "a-page-of-its-own",
        "plain has page 0 of F. Make a mapping of F that has another page in that place, while the file keeps its own.",
        _a_page_of_its_own,
        hints=("Which sharing lets a mapping have its own pages?", "It makes the copy when it has to. When is that?"),
        start=TWICE.then(Step("store", vma="plain", page=0, value=0x41)),
    ),
)
