"""Exercises of the lesson on the life of a minor fault."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission
from uffdsim.course.build.tasks.beginnings import WATCHER, finished, registered


def _waited(work: Submission) -> tuple[int, int]:
    """The first load of watched that waited, and the step that let it go on."""
    loads = [i for i in work.steps("load", vma="watched") if work.observed(i).get("status") == "blocked"]
    work.want(loads, "no read of watched has had to wait")
    answer = work.answer(loads[0])
    work.want(answer, "the read still waits", step=loads[0])
    return loads[0], answer["woken_in"]


def _changed_meanwhile(work: Submission):
    registered(work, "MINOR")
    load, end = _waited(work)
    work.want(work.answer(load).get("value") == 0x42, "it has to read 0x42 in the end", step=end)
    before = [work.scenario[i]["value"] for i in work.steps("store", vma="plain") if i < load]
    between = [i for i in work.steps("store", vma="plain", value=0x42) if load < i < end]
    work.want(before and before[-1] == 0x41, "when it began to wait, the page had to hold 0x41", step=load)
    work.want(between, "0x42 has to be written while it waits", step=load)


def _told_twice(work: Submission):
    registered(work, "MINOR")
    loads = work.steps("load", vma="watched")
    work.want(loads, "let a thread read watched")
    work.want(len(work.messages()) == 2, "there have to be exactly two messages, and both have to be read")
    told = [work.observed(i)["page"] for i in work.messages()]
    work.want(len(loads) == 1 and len(set(told)) == 1, "one touch of one page is enough: keep to that")


def _never_read(work: Submission):
    registered(work, "MINOR")
    _, end = _waited(work)
    work.want(not work.messages(), "a message has been read: answer before you read")
    late = [i for i in work.steps("read_event") if i > end]
    work.want(late, "now look for the message", step=end)
    work.want(finished(work, "load"), "nobody has read anything")


TASKS = (
    Exercise(
        "changed-meanwhile",
        "watched[0] holds 0x41 when t1 begins to wait for it. When t1 goes on, it reads 0x42.",
        _changed_meanwhile,
        hints=("Two mappings, and only one of them is watched.", "Write through plain between the touch and CONTINUE."),
        start=WATCHER,
    ),
    Exercise(
        "told-twice",
        "One thread, one single read, and two messages about it, both of which you read.",
        _told_twice,
        hints=("When does a thread fault a second time?", "Wake it without mapping anything."),
        start=WATCHER,
    ),
    Exercise(
        "never-read",
        "A thread waits for a minor fault and is answered, and afterwards there is no message to be read. Look for it.",
        _never_read,
        hints=("The handler may know without being told. Answer first.",),
        start=WATCHER,
    ),
)
