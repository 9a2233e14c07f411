"""The exercises of the lessons: what the teacher's guide says is an answer; what people try first is none."""

import pytest

from uffdsim.course.build.tasks import TASKS, task


def answer(name, *calls):
    """The verdict on an exercise whose machine was given these calls, as Python with its things by their names."""
    exercise = task(name)
    m = exercise.machine()
    for call in calls:
        names = {"m": m} | m.mappings | m.files | m.descriptors
        exec(call, names)
    return exercise.check(m)


REGISTER = 'u.register(watched, "MINOR")'
WAIT = 'watched.load(0, thread="t1")'
MINOR = [REGISTER, "plain[0] = 9", WAIT, "u.read_event()"]
BOTH = ['u.register(watched, "MISSING", "MINOR")']
LATE = 'watched.load(1, thread="t1")'
PROTECT = ['u.api("WP_ASYNC")', 'u.register(watched, "WP")', 'u.writeprotect(watched, mode="WP")']
FIRST = ['u.register(watched, "MINOR", "WP")', "plain[0] = 1", 'watched.store(0, 2, thread="t1")', "u.read_event()"]
AGAIN = ['watched.load(0, thread="t2")', "u.read_event()"]
LOCKED = ['m.mmap("anon", "key", pages=1).mlock()']
OPENED = ["m.userfaultfd().api()"]
KEY_WATCHED = ['m.mmap("anon", "key", pages=1)', 'u.register(key, "MISSING")', "u.copy(key, 0, value=1)"]
TOUCH_ALL_BUT_1_4 = ["watched[0]", "watched[2] = 0", "watched[3]", "watched[5]"]
SCAN = 'watched.pagemap_scan(mask=["PRESENT", "ACCESSED"], inverted="ACCESSED", returns="PRESENT")'
UNNOTICED = ['u.api("RWP", "RWP_ASYNC")', 'u.register(watched, "RWP")', 'u.rwprotect(watched, mode="RWP")']
BOTH_REACHES = 'u.register(watched, "MISSING", "RWP")'
AWAY = ['u.rwprotect(watched, 0, mode="RWP")', "F.punch(0)", WAIT, "u.read_event()"]
SHUT_AGAIN = [
    *('u.register(watched, "MINOR", "RWP")', WAIT, "u.read_event()", 'u.continue_(watched, 0, mode="DONTWAKE")'),
    *('u.rwprotect(watched, 0, mode="RWP")', "u.wake(watched, 0)", "u.read_event()"),
]

RIGHT = {
    "there-not-here": [["plain[1] = 7", 'plain.madvise("DONTNEED", 1)'], ["watched[1]", 'watched.madvise("DONTNEED")']],
    "shifted": [['m.mmap("F", "late", offset=1)[0] = 0x55'], ["plain[1] = 0x55", 'm.mmap("F", "late", offset=1)[0]']],
    "a-page-of-its-own": [['m.mmap("F", "p", sharing="private")[0] = 9']],
    "one-of-each": [['u.register(watched, "MISSING", "MINOR")', "plain[0] = 1", WAIT, 'watched.load(1, thread="t2")']],
    "nobody-was-told": [[REGISTER, WAIT], [REGISTER, "plain[0] = 1", "watched[1]"]],
    "minor-again": [[*MINOR, "u.continue_(watched, 0)", 'watched.madvise("DONTNEED", 0)', *AGAIN]],
    "changed-meanwhile": [[REGISTER, "plain[0] = 0x41", WAIT, "plain[0] = 0x42", "u.continue_(watched, 0)"]],
    "told-twice": [[*MINOR, "u.wake(watched, 0)", "u.read_event()"]],
    "errno-collection": [
        [
            *(REGISTER, "plain[0] = 1", "u.continue_(watched, 1)", "u.continue_(watched, 0, 2)"),
            *("u.continue_(watched, 0)", "u.continue_(plain, 0)", "u.continue_(watched, 0, skew=4096)"),
        ]
    ],
    "asleep-beside-its-page": [
        [REGISTER, "plain[0] = 1", WAIT, 'u.continue_(watched, 0, mode="DONTWAKE")'],
        [REGISTER, "plain[0] = 1", WAIT, "v = m.userfaultfd(); v.api(); v.continue_(watched, 0)"],
    ],
    "all-but-one": [[*BOTH, "plain[0] = 1", LATE, "u.continue_(watched, 0, 2)", "u.copy(watched, 1, value=7)"]],
    "dirty-pages": [
        [*PROTECT, "watched[1] = 1", "watched[3] = 1"],
        [*(f"watched[{page}] = 0" for page in range(4)), *PROTECT, "watched[3] = 1", "watched[1] = 1"],
    ],
    "both-in-turn": [[*FIRST, 'u.continue_(watched, 0, mode="WP")', "u.read_event()", "u.writeprotect(watched, 0)"]],
    "never-read": [[REGISTER, "plain[0] = 1", WAIT, "u.continue_(watched, 0)", "u.read_event()"]],
    "another-way-to-die": [[*LOCKED, *OPENED, 'u.register(key, "MISSING")']],
    "a-lock-that-is-lost": [[*OPENED, *KEY_WATCHED, "key.mlock()", 'u.register(key, "WP")', "m.inspect()"]],
    "cold-pages": [[*UNNOTICED, *TOUCH_ALL_BUT_1_4, SCAN]],
    "away-and-back": [[BOTH_REACHES, *AWAY, "u.copy(watched, 0, value=7)"]],
    "two-reasons": [[*SHUT_AGAIN, "u.rwprotect(watched, 0)"]],
}
WRONG = {
    "there-not-here": [
        ([], "nothing to check"),
        (["plain[0] = 7"], "not in the page cache"),
        (["plain[1] = 7"], "plain has an entry"),
    ],
    "shifted": [
        (['m.mmap("F", "late")'], "another page"),
        (['m.mmap("F", "late", offset=1)'], "nobody has touched"),
        (['m.mmap("F", "late", offset=1)[0] = 1'], "0x55"),
        (['m.mmap("F", "late", offset=1)[0] = 0x55', "plain[0]"], "and page 0 not"),
    ],
    "a-page-of-its-own": [
        (['m.mmap("F", "p")[0] = 9'], "may not change the file"),
        (['m.mmap("F", "p", sharing="private")[0]'], "makes no copy"),
        (["F.punch(0)", 'm.mmap("F", "p", sharing="private")[0] = 9'], "leave the file"),
    ],
    "one-of-each": [
        ([REGISTER, "plain[0] = 1", WAIT, 'watched.load(1, thread="t2")'], "two threads"),
        (['u.register(watched, "MISSING")', WAIT, 'watched.load(1, thread="t2")'], "minor fault"),
    ],
    "nobody-was-told": [
        ([WAIT], "register watched"),
        (['u.register(watched, "MISSING")', WAIT], "somebody was told"),
        ([REGISTER, "plain[0] = 0", "u.continue_(watched, 0)", WAIT], "nobody has read zeros"),
    ],
    "minor-again": [
        (MINOR, "there is one message"),
        ([*MINOR, "u.continue_(watched, 0)", "F.punch(0)", "plain[0] = 1", *AGAIN], "has changed"),
        ([*MINOR, "u.wake(watched, 0)", "u.read_event()"], "CONTINUE before"),
    ],
    "changed-meanwhile": [
        ([REGISTER, "plain[0] = 0x42", WAIT], "still waits"),
        ([REGISTER, "plain[0] = 0x42", WAIT, "u.continue_(watched, 0)"], "had to hold 0x41"),
        ([REGISTER, "plain[0] = 0x41", WAIT, "u.continue_(watched, 0)", "plain[0] = 0x42"], "read 0x42 in the end"),
    ],
    "told-twice": [
        (MINOR, "exactly two messages"),
        ([*MINOR, *AGAIN], "one touch"),
    ],
    "errno-collection": [
        ([REGISTER], "call CONTINUE"),
        ([REGISTER, "u.continue_(watched, 1)"], "EEXIST nor ENOENT"),
    ],
    "asleep-beside-its-page": [
        ([REGISTER, "plain[0] = 1", WAIT, "u.continue_(watched, 0)"], "nobody sleeps"),
        ([REGISTER, "plain[0] = 1", WAIT, "u.read_event()"], "is not mapped"),
    ],
    "all-but-one": [
        ([*BOTH, LATE, "u.copy(watched, 0, 2, value=7)"], "after a part"),
        ([*BOTH, "plain[0] = 1", LATE, "u.continue_(watched, 0, 2)"], "still sleeps"),
        ([*BOTH, "plain[0] = 1", "u.continue_(watched, 0, 2)", "u.copy(watched, 1, value=7)"], "let a thread wait"),
    ],
    "dirty-pages": [
        (["u.api()", *PROTECT[1:], "watched[1] = 1", "watched[3] = 1"], "which feature"),
        ([*PROTECT, "watched[1] = 1"], "write to pages 1 and 3"),
        ([*PROTECT, "watched[1] = 1", "watched[3] = 1", "watched[0] = 1"], "should be 0 and 2"),
    ],
    "both-in-turn": [
        ([*FIRST, "u.continue_(watched, 0)"], "have to be WRITE | MINOR, then WRITE | WP"),
        ([*FIRST, 'u.continue_(watched, 0, mode="WP")', "u.read_event()"], "let it through"),
    ],
    "never-read": [
        ([*MINOR, "u.continue_(watched, 0)"], "answer before you read"),
        ([REGISTER, "plain[0] = 1", WAIT, "u.continue_(watched, 0)"], "look for the message"),
    ],
    "another-way-to-die": [
        (LOCKED, "still alive"),
        ([*LOCKED, *OPENED, "u.close()"], "died in userfaultfd_release"),
    ],
    "a-lock-that-is-lost": [
        ([*LOCKED, *OPENED, 'u.register(key, "MISSING")'], "has died"),
        ([*LOCKED, "key.munlock()", "m.inspect()"], "properly"),
        ([*OPENED, *KEY_WATCHED, "key.mlock()", "u.close()", "m.inspect()"], "another call"),
        ([*OPENED, *KEY_WATCHED, "key.mlock()"], "look at the flags"),
        ([*OPENED, *KEY_WATCHED, "key.mlock()", "m.inspect()"], 'shows "um ui"'),
        ([*OPENED, *KEY_WATCHED, "m.inspect()", "key.mlock()"], "once more"),
    ],
    "cold-pages": [
        (['u.api("RWP")', *UNNOTICED[1:]], "which feature"),
        ([*UNNOTICED, *TOUCH_ALL_BUT_1_4], "look for the cold pages"),
        ([*UNNOTICED, "watched[0]", SCAN], "should be 1 and 4 alone"),
        ([*UNNOTICED, *TOUCH_ALL_BUT_1_4, 'watched.pagemap_scan(mask="ACCESSED")'], "should find 1 and 4"),
        ([*UNNOTICED, 'watched.madvise("DONTNEED", 0)', SCAN], "stay where they are"),
    ],
    "away-and-back": [
        ([BOTH_REACHES, "F.punch(0)"], "before you move it"),
        ([BOTH_REACHES, AWAY[0], WAIT], "leave the page cache"),
        (['u.register(watched, "RWP")', *AWAY], "is missing"),
        ([BOTH_REACHES, *AWAY], "get through"),
        ([BOTH_REACHES, *AWAY, "u.zeropage(watched, 0)"], "has read 0x00"),
    ],
    "two-reasons": [
        (['u.register(watched, "MINOR", "RWP")', WAIT], "no message"),
        ([*SHUT_AGAIN[:3], "u.continue_(watched, 0)"], "have to be MINOR, then RWP"),
        (SHUT_AGAIN, "let it through"),
    ],
}


@pytest.mark.parametrize("name", TASKS)
def test_what_the_teachers_guide_says_is_an_answer(name):
    for calls in RIGHT[name]:
        assert answer(name, *calls), answer(name, *calls)


@pytest.mark.parametrize("name", TASKS)
def test_what_people_try_first_is_none_and_they_are_told_why(name):
    for calls, why in WRONG[name]:
        result = answer(name, *calls)
        assert not result and why.lower() in result.why.lower()


def test_an_exercise_that_is_none():
    with pytest.raises(KeyError, match="minor-again"):
        task("minor-agian")
