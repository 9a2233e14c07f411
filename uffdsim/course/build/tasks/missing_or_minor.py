"""Exercises of the lesson on missing and minor faults."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import WATCHER, cached, registered
from uffdsim.uapi import PagefaultFlag


def _one_of_each(work: Submission):
    registered(work)
    ctx = work.state().get(("ctx", "u"))
    flags = {dict(wait.message)["flags"] for wait in (*ctx.pending, *ctx.reading)} if ctx else set()
    work.want(len(work.asleep()) == 2, "two threads have to wait at the end")
    minor = {bits for bits in flags if bits & PagefaultFlag.MINOR}
    work.want(minor, "nobody waits for a minor fault: which page does the file have, and which mode does that need?")
    work.want(flags - minor, "nobody waits for a missing page: which one is that, and which mode does it need?")


def _nobody_was_told(work: Submission):
    at = registered(work)
    reads = [i for i in work.steps("load", vma="watched") if i > at]
    work.want(reads, "let a thread read a page of watched after it was registered")
    work.want(not work.asleep(), "somebody waits, so somebody was told", step=reads[-1])
    found = {i: work.decided(i, "cache?") for i in reads if work.answer(i).get("value") == 0}
    zeros = {i: decided[0] for i, decided in found.items() if decided}
    work.want(zeros, "nobody has read zeros that the kernel made just then", step=reads[-1])
    work.want("miss" in zeros.values(), "those zeros were in the file already", step=max(zeros, default=None))


def _minor_again(work: Submission):
    registered(work, "MINOR")
    minor = [i for i in work.messages() if work.observed(i)["flags"] & PagefaultFlag.MINOR]
    work.want(minor, "no message about a minor fault has been read")
    page = work.observed(minor[0])["page"]
    both = [i for i in minor if work.observed(i)["page"] == page]
    work.want(len(both) > 1, "there is one message about it, and there have to be two: take the entry away in between")
    done = [i for i in work.steps("continue") if both[0] < i < both[-1] and not work.observed(i).get("errno")]
    work.want(done, "the first has to be answered with CONTINUE before the second comes")
    same = cached(work, page, both[0]) == cached(work, page, both[-1])
    work.want(same, "the page in the file has changed in between")


TASKS = (
    Exercise(
        "one-of-each",
        "Let two threads wait at the same time: one for a minor fault, one for a missing page, both reported to the "
        "descriptor u.",
        _one_of_each,
        hints=(
            "Each kind of fault needs its mode. A range can have more than one.",
            "For a minor fault, page 0 has to be in the cache first; for a missing one, page 1 must be untouched.",
            '`watched.load(0, thread="t1")` lets a thread of its own read.',
        ),
        start=WATCHER,
    ),
    Exercise(
        "nobody-was-told",
        "Register watched, in any mode you like, and then let a thread read zeros from it that the kernel made just "
        "then: no message, nobody waits.",
        _nobody_was_told,
        hints=("Look at the fields of your table. Which of the silent ones reads 0x00?",),
        start=WATCHER,
    ),
    Exercise(
        "minor-again",
        "One page, two minor faults: the first is answered with CONTINUE, then comes a second message about the same "
        "page, and the page in the file has not changed in between.",
        _minor_again,
        hints=(
            "After CONTINUE there is an entry, and no fault comes any more.",
            "Which call takes the entry and leaves the page? Lesson 1, section 3.",
            "Read both messages with `u.read_event()`.",
        ),
        start=WATCHER,
    ),
)
