"""Exercises of the lesson on the bit that two flags shared."""

from uffdsim.course.build.exercise import Exercise
from uffdsim.course.build.submission import Submission

KERNEL = "linux-5.11-v5"


def _another_way_to_die(work: Submission):
    last = work.trace.observations[-1]
    work.want(last["status"] == "oops", "the kernel is still alive", step=last["step"])
    work.want(last["at"] == "userfaultfd_register", f"it died in {last['at']}", step=last["step"])


def _a_lock_that_is_lost(work: Submission):
    work.ok(work.the("mlock", "lock the mapping with the id key", vma="key"))
    last = work.trace.observations[-1]
    work.want(last["status"] != "oops", "the kernel has died, and it has to survive", step=last["step"])
    for op in ("munlock", "munmap", "mremap"):
        work.want(not work.steps(op), f"{op} takes the lock away properly; it has to get lost")
    work.want(not work.steps("close"), "close does that in section 4; find another call")
    seen = work.steps("inspect")
    work.want(seen, "look at the flags with m.inspect() when you are done")
    flags = work.observed(seen[-1])["vmas"]["key"][0]["vm_flags"]
    work.want("ui" not in flags, f'smaps still shows "{flags}": the bit is there', step=seen[-1])
    work.want(work.steps("mlock", vma="key")[-1] < seen[-1], "look once more, after the lock is lost")


TASKS = (
    Exercise(
        "another-way-to-die",
        "Kill linux-5.11-v5 in `userfaultfd_register`, and not in `userfaultfd_release`. Five calls are enough.",
        _another_way_to_die,
        hints=("REGISTER looks at the range that it is given.", "Lock first, register then."),
        kernel=KERNEL,
    ),
    Exercise(
        "a-lock-that-is-lost",
        'A mapping with the id "key" is locked. Lose its lock on linux-5.11-v5 without munlock, munmap, mremap or '
        "close, and with the kernel alive. Then show it by `m.inspect()`.",
        _a_lock_that_is_lost,
        hints=(
            "Locked and not watched is what kills. In which order must you lock and register, then?",
            "REGISTER replaces the modes that were there, if the new ones are not among them.",
            "mlock touches the page. If it waits, bring the page first: `u.copy(key, 0, value=1)`.",
        ),
        kernel=KERNEL,
    ),
)
