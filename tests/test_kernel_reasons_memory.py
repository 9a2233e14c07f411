"""What a change of memory is said to have done, who is told of it, and why it refused."""

import pytest
from reasons import S, descriptor, file, memory, outcome, reason, waits

TOLD = "nobody is told: u did not ask for"


def madvise(vma, advice, **more):
    return S("madvise", vma=vma, advice=advice, **more)


def test_who_drops_pages_is_told_what_is_kept():
    shared = [*file("MISSING"), S("store", vma="watched", page=1, value=1)][:-1]
    shared += [S("store", vma="plain", page=1, value=1), S("load", vma="watched", page=1)]
    assert reason(*shared, madvise("watched", "DONTNEED")) == (
        f"page 1 of watched is not mapped any more, and kept by F; {TOLD} EVENT_REMOVE"
    )
    own = [S("mmap", id="own", file="F", sharing="private"), S("store", vma="own", value=1)]
    assert reason(*shared, *own, madvise("own", "DONTNEED")) == (
        "page 0 of own is gone: the file knows nothing of private copies"
    )
    anon = [*memory(), S("store", vma="ram", value=1)]
    assert reason(*anon, madvise("ram", "DONTNEED")) == "page 0 of ram is gone: anonymous memory is kept nowhere else"
    nothing = "nothing changes: nothing is mapped at pages 2 to 5 of ram"
    assert reason(*anon, madvise("ram", "DONTNEED", page=2)) == nothing


def test_dropping_poison_heals():
    steps = [*memory("MISSING"), S("poison", fd="u", vma="ram", pages=1)]
    assert reason(*steps, madvise("ram", "DONTNEED")) == f"page 0 of ram is not poisoned any more; {TOLD} EVENT_REMOVE"
    assert "what was poisoned is healed" in reason(*steps, madvise("ram", "FREE"))


def test_a_hole_in_a_file_is_told_to_nobody():
    steps = [*file("MISSING"), S("store", vma="plain", value=1)]
    gone = "is gone, from the file and from every mapping of it"
    assert reason(*steps, S("punch", file="F", page=0, pages=1)) == f"page 0 of F {gone}; nobody is told"
    assert reason(*steps, S("punch", file="F", page=2)) == (
        "pages 2 to 3 of F are no more than a hole, as before; nobody is told"
    )
    assert reason(*steps, madvise("watched", "REMOVE", pages=1)) == f"page 0 of F {gone}; {TOLD} EVENT_REMOVE"
    assert reason(*steps, madvise("plain", "REMOVE", pages=1)) == f"page 0 of F {gone}"


@pytest.mark.parametrize(
    "feature, call",
    [
        ("EVENT_REMOVE", madvise("ram", "DONTNEED", thread="t1")),
        ("EVENT_UNMAP", S("munmap", vma="ram", thread="t1")),
        ("EVENT_REMAP", S("mremap", vma="ram", to="ram2", thread="t1")),
        ("EVENT_FORK", S("fork", thread="t1")),
    ],
)
def test_who_asked_for_an_event_is_waited_for(feature, call):
    steps = [*memory("MISSING", features=[feature]), S("copy", fd="u", vma="ram", value=1)]
    assert outcome(*steps, call) == f"waits: u asked for {feature}, and t1 waits until the message is read"
    without = [*memory("MISSING"), S("copy", fd="u", vma="ram", value=1), call]
    assert f"did not ask for {feature}" in reason(*without)


def test_unmapping_says_who_sleeps_on_there():
    steps = [*memory("MISSING"), waits("ram", 1), S("munmap", vma="ram", page=1, pages=2)]
    assert reason(*steps) == f"pages 1 to 2 of ram are unmapped; {TOLD} EVENT_UNMAP; t1 sleeps on: munmap wakes nobody"
    assert reason(*memory(), *2 * [S("munmap", vma="ram", pages=1)]) == (
        "nothing changes: nothing is mapped at page 0 of ram"
    )


def test_a_mapping_that_moves_unwatched_is_told_of():
    assert reason(*memory("MISSING"), S("mremap", vma="ram", to="far")) == (
        "ram is far now, at another address; u did not ask for EVENT_REMAP: far is not watched"
    )
    halves = [*memory("MISSING"), S("mprotect", vma="ram", page=2, pages=2, prot="r"), S("mremap", vma="ram", to="far")]
    border = "ram is more than one VMA: another one begins at page 2 of ram"
    assert outcome(*halves, kernel="linux-6.12") == f"EFAULT: {border}"
    assert outcome(*halves) == "EFAULT: page 0 of ram is watched, and several VMAs should move"


def test_what_hugetlb_cannot_says_since_when_it_can():
    steps = [S("file", id="H", backing="hugetlb-2M", pages=1), S("mmap", id="h", file="H")]
    assert outcome(*steps, madvise("h", "DONTNEED"), kernel="linux-5.11").endswith("can be dropped since 5.18")
    assert outcome(*steps, S("mremap", vma="h", to="far"), kernel="linux-5.11").endswith("can be moved since 5.16")
    assert outcome(*steps, madvise("h", "POPULATE_READ"), kernel="linux-5.11").endswith("which came with 5.14")


def test_advice_that_is_refused_says_which_mapping_is_not_for_it():
    locked = [*memory(), S("mlock", vma="ram")]
    assert outcome(*locked, madvise("ram", "DONTNEED")) == "EINVAL: ram is locked: it keeps its pages"
    assert "there is no file to punch" in outcome(*memory(), madvise("ram", "REMOVE"))
    private = [S("file", id="F", backing="shmem", pages=1), S("mmap", id="own", file="F", sharing="private")]
    assert outcome(*private, madvise("own", "REMOVE")) == "EACCES: own is private, and may not take pages from the file"
    assert outcome(*private, madvise("own", "FREE")).startswith("EINVAL: own maps a file")
    huge = [S("file", id="H", backing="hugetlb-2M", pages=2), S("mmap", id="h", file="H"), *descriptor()]
    huge += [S("register", fd="u", vma="h", modes=["MINOR"])]
    assert outcome(*huge, madvise("h", "REMOVE"), kernel="linux-5.11-v5") == (
        "EINVAL: h counts as locked, as VM_LOCKED and VM_UFFD_MINOR are one bit: it keeps its pages"
    )


@pytest.mark.parametrize(
    "call", [madvise("ram", "DONTNEED"), S("mlock", vma="ram"), S("mprotect", vma="ram", prot="r")]
)
def test_a_hole_in_the_range_is_told_by_its_page(call):
    hole = [*memory(), S("store", vma="ram", value=1), S("munmap", vma="ram", page=2, pages=1)]
    assert "nothing is mapped at page 2 of ram" in outcome(*hole, call)


def test_locking_says_what_it_did():
    assert reason(*memory(), S("mlock", vma="ram")) == "pages 0 to 5 of ram are locked"
    assert reason(*memory(), S("mlock", vma="ram"), S("mlock", vma="ram")) == "pages 0 to 5 of ram are locked already"
    assert reason(*memory(), S("munlock", vma="ram")) == "pages 0 to 5 of ram are not locked anyway"
    for op in ("mlock", "munlock"):
        assert reason(*memory(), S(op, vma="ram", bytes=0)) == "the range is empty"
    huge = [*file(backing="hugetlb-2M", pages=2), S("mlock", vma="plain")]
    assert reason(*huge) == "pages 0 to 1 of plain are not marked as locked: huge pages never are"
    locked = S("mmap", id="a", backing="anon", pages=1, locked=True)
    assert reason(locked) == "all of a is there at once, as it is locked"


def test_what_cannot_be_faulted_in_is_told_by_its_page():
    steps = [*memory("MISSING", features=["SIGBUS"]), S("zeropage", fd="u", vma="ram", pages=1)]
    why = "u has the feature SIGBUS: a missing fault of page 1 of ram is an error, and no message"
    assert outcome(*steps, madvise("ram", "POPULATE_READ")) == f"EFAULT: {why}"
    locked = outcome(*steps, S("mlock", vma="ram", page=1, pages=2))
    assert locked == f"ENOMEM: {why}; the range stays locked all the same"
    assert reason(*steps, madvise("ram", "POPULATE_READ", pages=1)) == "all of page 0 of ram is there now"


def test_another_protection_is_told():
    steps = [*memory(), S("mprotect", vma="ram", prot="r")]
    assert reason(*steps) == "pages 0 to 5 of ram may only be read now"
    assert reason(*steps, S("mprotect", vma="ram", prot="r")) == (
        "nothing changes: pages 0 to 5 of ram may only be read already"
    )


def test_a_child_that_is_not_watched_is_told_of():
    assert reason(*memory("MISSING"), S("fork")) == f"{TOLD} EVENT_FORK; the memory of child1 is not watched"
    assert reason(*memory(), S("fork")) == ""
    two = [*memory("MISSING"), S("mmap", id="more", backing="anon", pages=1), *descriptor("EVENT_FORK", fd="v")]
    two += [S("register", fd="v", vma="more", modes=["MISSING"])]
    fork = S("fork", thread="t1")
    assert "u did not ask for EVENT_FORK, and is not told" in reason(*two, fork, S("read_event", fd="v"), of=fork)
