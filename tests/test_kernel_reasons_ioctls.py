"""What an ioctl is said to have done, and why it refused: about the page, and in the kernel's terms."""

import pytest
from reasons import S, descriptor, file, memory, outcome, reason, waits

from uffdsim.kernel.versions import VERSIONS

ON_RAM = {"fd": "u", "vma": "ram"}
ON_WATCHED = {"fd": "u", "vma": "watched"}


def copy(page, pages=1, value=3, **more):
    return S("copy", **ON_RAM, page=page, pages=pages, value=value, **more)


def move(page, source, pages=1, mode=(), **more):
    return S("move", fd="u", vma="ram", page=page, pages=pages, **{"from": "ram"}, from_page=source, mode=mode, **more)


def poison(page):
    return S("poison", **ON_RAM, page=page, pages=1)


def protect(vma, page=0, pages=None, mode=("WP",), fd="u"):
    range = {} if pages is None else {"pages": pages}
    return S("writeprotect", fd=fd, vma=vma, page=page, mode=mode, **range)


# The fills


def test_a_fill_says_what_is_at_which_pages_now():
    assert outcome(*memory("MISSING"), copy(0, 2)) == "8 KiB done: pages 0 to 1 of ram map new pages, filled with 0x03"
    assert reason(*file("MISSING"), S("copy", **ON_WATCHED, page=1, pages=1, value=9)) == (
        "page 1 of watched maps the new page 1 of F, filled with 0x09"
    )
    assert reason(*file("MINOR"), S("store", vma="plain", value=1), S("continue", **ON_WATCHED, pages=1)) == (
        "page 0 of watched maps page 0 of F"
    )
    zero = S("zeropage", **ON_RAM, pages=1)
    assert reason(*memory("MISSING"), zero) == "page 0 of ram maps the zero page, for reading"
    assert reason(*memory("MISSING"), poison(2)) == "page 2 of ram is poisoned: a touch is a SIGBUS from now on"


def test_a_fill_says_what_marker_it_has_overwritten():
    protected = [*memory("MISSING", "WP", features=["WP_UNPOPULATED"]), protect("ram")]
    assert reason(*protected, copy(0)).endswith("and no longer protected: MODE_WP was not asked for")
    assert reason(*protected, copy(0, mode=["WP"])).endswith("filled with 0x03, write-protected")
    assert reason(*memory("MISSING"), poison(0), copy(0)).endswith("and no longer poisoned")


def test_a_fill_says_what_was_there_already():
    steps = memory("MISSING")
    assert outcome(*steps, copy(0), copy(0)) == "EEXIST: page 0 of ram is mapped already"
    assert outcome(*steps, poison(1), poison(1)) == "EEXIST: page 1 of ram is poisoned already"
    filled = [*file("MINOR"), S("store", vma="plain", value=1)]
    assert outcome(*filled, S("copy", **ON_WATCHED, pages=1, value=2)) == (
        "EEXIST: page 0 of watched is no hole: page 0 of F is in the page cache, and CONTINUE would map it"
    )


def test_continue_says_where_there_is_nothing_to_map():
    assert outcome(*file("MINOR"), S("continue", **ON_WATCHED, page=2, pages=1)) == (
        "EFAULT: page 2 of watched has nothing to map: page 2 of F is a hole, which COPY would fill"
    )
    assert "is anonymous memory" in outcome(*memory("MISSING"), S("continue", **ON_RAM, pages=1))


def test_a_page_beyond_the_file_is_said_to_be_so():
    steps = [S("file", id="F", backing="shmem", pages=1), S("mmap", id="w", file="F", pages=2), *descriptor()]
    steps += [S("register", fd="u", vma="w", modes=["MISSING"])]
    assert outcome(*steps, S("copy", fd="u", vma="w", page=1, pages=1, value=1)) == (
        "EFAULT: page 1 of w is beyond the end of F, which has 1 page"
    )


def test_a_short_count_says_what_stopped_it_and_what_comes_next():
    assert outcome(*memory("MISSING"), copy(1), copy(0, 3)) == (
        "EAGAIN after 4 KiB: page 1 of ram is mapped already; called again from there, it answers EEXIST"
    )


# Ranges


def test_a_range_that_ends_beyond_the_mapping_is_told_from_one_that_begins_there():
    assert outcome(*memory("MISSING"), copy(4, 4)) == "ENOENT: ram ends after page 5; the range wants up to page 7"
    assert outcome(*memory("MISSING"), copy(6)) == "ENOENT: ram ends after page 5; the range begins at page 6"


def test_a_range_that_is_not_mapped_or_not_registered_is_told_by_its_page():
    hole = [*memory("MISSING"), S("munmap", vma="ram", page=2, pages=1)]
    assert outcome(*hole, copy(1, 2)) == "ENOENT: nothing is mapped at page 2 of ram"
    assert outcome(*memory(), copy(0)) == "ENOENT: page 0 of ram is not registered"
    part = [*memory(), S("register", **ON_RAM, page=0, pages=2, modes=["MISSING"])]
    assert outcome(*part, copy(1, 2)) == "ENOENT: page 2 of ram is not registered, unlike those before it"


@pytest.mark.parametrize(
    "steps, difference",
    [
        (
            [S("register", **ON_RAM, page=2, pages=2, modes=["MISSING", "WP"])],
            "the pages before it are registered MISSING, these MISSING and WP",
        ),
        (
            [S("unregister", **ON_RAM, page=2, pages=2), *descriptor(fd="v")]
            + [S("register", fd="v", vma="ram", page=2, pages=2, modes=["MISSING"])],
            "u watches the pages before it, and v these",
        ),
        ([S("mprotect", vma="ram", page=2, pages=2, prot="r")], "the two may not be accessed alike"),
        ([copy(2, 2), S("mlock", vma="ram", page=2, pages=2)], "only one of the two is locked"),
    ],
)
def test_a_border_inside_a_range_is_named_with_what_makes_it(steps, difference):
    border = "another VMA begins at page 2 of ram, and one call stays in one"
    assert outcome(*memory("MISSING"), *steps, copy(1, 2)) == f"ENOENT: {border}: {difference}"


def test_ranges_that_are_wrong_in_themselves_say_how():
    steps = file("MINOR", backing="hugetlb-2M", pages=2)
    for skew, told in [
        (1, "the range begins 1 byte into a page, not at its start"),
        (4096, "the range begins 4 KiB into a page, and watched has pages of 2 MiB"),
    ]:
        assert outcome(*steps, S("continue", **ON_WATCHED, pages=1, skew=skew)) == f"EINVAL: {told}"
    assert outcome(*steps, S("continue", **ON_WATCHED, page=5)) == (
        "EINVAL: the range is empty: watched ends after page 1"
    )
    assert outcome(*steps, S("register", **ON_WATCHED, page=7, pages=1, modes=["MINOR"])) == (
        "EINVAL: watched ends after page 1; the range begins at page 7"
    )


# Who is not woken


def test_a_refusal_that_wakes_nobody_says_so_and_who_sleeps_on():
    steps = [*memory("MISSING"), copy(1), waits("ram")]
    assert outcome(*steps, copy(0, mode=["WP"])).endswith("; nobody is woken: t1 sleeps on")
    assert outcome(*steps, copy(0, 9)).endswith("the range wants up to page 8; nobody is woken: t1 sleeps on")
    behind = [*memory("MISSING"), copy(1), waits("ram", 2)]
    assert outcome(*behind, copy(0, 3)).endswith("it answers EEXIST; t1 sleeps on")
    assert "sleep" not in outcome(*memory("MISSING"), copy(1), copy(1))


def test_who_is_not_woken_by_an_answer_is_told_with_the_reason():
    steps = [*memory("MISSING", "WP"), waits("ram")]
    assert reason(*steps, copy(0, mode=["DONTWAKE"])).endswith("; t1 sleeps on: DONTWAKE")
    assert reason(*steps, protect("ram")).endswith("; t1 sleeps on: protecting wakes nobody")
    other = [*steps, *descriptor(fd="v"), S("copy", fd="v", vma="ram", pages=1, value=1)]
    assert reason(*other).endswith("; t1 sleeps on in u: v wakes only its own")


def test_wake_says_whom_it_found():
    steps = [*memory("MISSING"), waits("ram"), waits("ram", thread="t2")]
    assert outcome(*steps, S("wake", **ON_RAM, pages=1)) == "success: t1 and t2 waited there"


def test_wake_that_finds_nobody_says_so_and_where_they_wait():
    steps = memory("MISSING", features=["EXACT_ADDRESS", "EVENT_UNMAP"])
    wake = S("wake", **ON_RAM, page=2, pages=1)
    assert outcome(*steps, wake) == "success: nobody waits in u for page 2 of ram"
    assert outcome(*steps, waits("ram", 1), wake).endswith("; t1 waits for page 1 of ram")
    exact = S("load", vma="ram", page=1, offset=7, thread="t1")
    assert outcome(*steps, exact, wake).endswith("; t1 waits for page 1 of ram, byte 7")
    other = [*descriptor(fd="v"), S("wake", fd="v", vma="ram", page=2, pages=1)]
    assert outcome(*steps, waits("ram", 2), *other) == "success: nobody waits in v for page 2 of ram; t1 waits in u"
    gone = S("munmap", vma="ram", page=2, pages=1, thread="t1")
    assert outcome(*steps, gone, wake).endswith("; t1 waits for its UNMAP to be read, which no WAKE can do")


def test_unregister_says_who_sleeps_on():
    filled = [*file("MINOR"), S("store", vma="plain", value=1), waits("watched")]
    assert outcome(*filled, S("unregister", **ON_WATCHED)) == (
        "success: pages 0 to 3 of watched are not watched any more; "
        "t1 sleeps on: UNREGISTER wakes only who waits where MISSING is registered"
    )
    assert "sleeps" not in outcome(*file("MISSING"), waits("watched"), S("unregister", **ON_WATCHED))


def test_what_is_refused_while_memory_changes_says_what_is_unread():
    steps = [*memory("MISSING", features=["EVENT_REMOVE"]), S("madvise", vma="ram", advice="DONTNEED", thread="t1")]
    assert outcome(*steps, copy(0)) == (
        "EAGAIN: t1's REMOVE is still unread: nothing is filled through u before it is read"
    )


# REGISTER and UNREGISTER


def test_register_says_what_became_of_the_modes_that_there_were():
    steps = file("MISSING", "MINOR")
    assert reason(*file("MINOR")) == "pages 0 to 3 of watched are registered MINOR"
    assert reason(*steps, S("register", **ON_WATCHED, modes=["MISSING"])) == (
        "nothing changes: pages 0 to 3 of watched are registered MISSING and MINOR already"
    )
    assert reason(*steps, S("register", **ON_WATCHED, page=1, pages=1, modes=["WP"])) == (
        "page 1 of watched is registered WP, and no longer MISSING and MINOR; nothing is protected before WRITEPROTECT"
    )


def test_register_of_a_range_of_several_kinds_tells_them_apart():
    part = [*memory(), S("register", **ON_RAM, page=2, pages=1, modes=["MISSING"])]
    assert reason(*part, S("register", **ON_RAM, modes=["MISSING"])) == (
        "pages 0 to 1 and 3 to 5 of ram are registered MISSING; page 2 of ram is registered MISSING already"
    )


def test_register_says_which_mode_is_not_for_what():
    assert "ram is anonymous memory" in outcome(*memory(), S("register", **ON_RAM, modes=["MINOR"]))
    steps = file()
    assert outcome(*steps, S("register", **ON_WATCHED, modes=[], raw=32)) == "EINVAL: no mode has the bit 0x20"
    assert outcome(*steps, S("register", **ON_WATCHED, modes=["MINOR"]), kernel="linux-5.11") == (
        "EINVAL: this kernel has no mode MINOR: it came with 5.13"
    )
    assert "feature MINOR_HUGETLBFS" in outcome(
        *steps, S("register", **ON_WATCHED, modes=["MINOR"]), kernel="linux-5.11-v6"
    )
    assert outcome(*steps, S("register", **ON_WATCHED, modes=["WP"]), kernel="linux-5.11") == (
        "EINVAL: watched maps a file, which can be WP since 5.19"
    )


def test_register_says_who_watches_already():
    other = [*memory("MISSING"), *descriptor(fd="v"), S("register", fd="v", vma="ram", modes=["MISSING"])]
    assert outcome(*other) == "EBUSY: u watches page 0 of ram already, and only one can"


def test_unregister_where_nobody_watches_changes_nothing():
    assert reason(*memory(), S("unregister", **ON_RAM)) == "nothing changes: nobody watches pages 0 to 5 of ram"


def test_where_minor_and_the_lock_are_one_bit_what_happens_to_the_other_is_told():
    steps = [*memory("MISSING"), copy(0, 6), S("mlock", vma="ram")]
    assert reason(*steps, kernel="linux-5.11-v5").endswith("and MINOR, as VM_LOCKED and VM_UFFD_MINOR are one bit")
    assert reason(*steps, S("close", fd="u"), kernel="linux-5.11-v5").endswith(
        "not watched any more, nor locked, as VM_LOCKED and VM_UFFD_MINOR are one bit"
    )
    assert "one bit" in reason(*steps, S("unregister", **ON_RAM), kernel="linux-5.11-v5")
    assert "one bit" not in reason(*steps, S("close", fd="u"), kernel="linux-5.11-v6")


# API


def test_api_names_what_was_asked_for_and_not_what_follows_from_it():
    steps = [S("userfaultfd", id="u"), S("api", fd="u", features=["WP_ASYNC", "SIGBUS", "MOVE"])]
    assert outcome(*steps, kernel="linux-6.1") == (
        "EINVAL: this kernel does not know WP_ASYNC, which came with 6.7; nor MOVE, which came with 6.8"
    )
    raw = [S("userfaultfd", id="u"), S("api", fd="u", raw=1 << 40)]
    assert outcome(*raw) == "EINVAL: this kernel does not know 0x10000000000, for which there is no name"


def test_an_ioctl_that_the_kernel_lacks_says_when_it_came():
    assert outcome(*memory("MISSING"), poison(0), kernel="linux-6.1") == (
        "EINVAL: this kernel has no ioctl POISON, which came with 6.6"
    )
    steps = [*file("MINOR", "WP"), S("store", vma="plain", value=1)]
    assert outcome(*steps, S("continue", **ON_WATCHED, pages=1, mode=["WP"]), kernel="linux-6.1") == (
        "EINVAL: CONTINUE has no MODE_WP, which came with 6.4"
    )


# WRITEPROTECT


def test_writeprotect_says_what_it_did_to_which_pages():
    steps = [*memory("WP"), S("store", vma="ram", page=0, value=1), S("store", vma="ram", page=3, value=1)]
    assert reason(*steps, protect("ram")) == (
        "pages 0 and 3 of ram are protected; "
        "nothing is mapped at pages 1 to 2 and 4 to 5 of ram, so nothing is protected: u did not ask for WP_UNPOPULATED"
    )
    marked = [*file("WP"), S("store", vma="plain", value=1), S("load", vma="watched"), protect("watched")]
    assert reason(*marked) == (
        "page 0 of watched is protected; "
        "nothing is mapped at pages 1 to 3 of watched; a marker keeps the protection there"
    )
    assert reason(*marked, protect("watched", mode=())) == "pages 0 to 3 of watched are unprotected"
    assert reason(*marked, protect("watched", pages=1)) == "page 0 of watched is protected already"
    assert reason(*memory("WP"), protect("ram", mode=())) == "pages 0 to 5 of ram are not protected anyway"


def test_writeprotect_of_many_pieces_says_how_many_pages():
    steps = [*memory("WP", pages=12), *(S("store", vma="ram", page=page, value=1) for page in range(0, 12, 2))]
    assert reason(*steps, protect("ram")).startswith("6 pages of ram from page 0 on are protected; nothing is mapped")


def test_writeprotect_refuses_by_page_and_says_what_is_done_all_the_same():
    steps = [*memory("WP"), S("store", vma="ram", value=1), S("register", **ON_RAM, page=2, pages=1, modes=["MISSING"])]
    assert outcome(*steps, protect("ram", page=0, pages=1), protect("ram", page=2, pages=1)) == (
        "ENOENT: page 2 of ram is not registered WP, only MISSING"
    )
    assert outcome(*steps, protect("ram", pages=3)) == (
        "ENOENT: page 2 of ram is not registered WP, only MISSING; but page 0 of ram is protected; "
        "nothing is mapped at page 1 of ram, so nothing is protected: u did not ask for WP_UNPOPULATED"
    )
    assert outcome(*steps, protect("ram", page=9, pages=1)) == (
        "ENOENT: ram ends after page 5; the range begins at page 9"
    )


# MOVE


@pytest.mark.parametrize(
    "steps, call, told",
    [
        ([copy(0), copy(3)], move(3, 0), "EEXIST: page 3 of ram, the destination, is mapped already"),
        (
            [copy(0), poison(3)],
            move(3, 0),
            "EEXIST: page 3 of ram, the destination, has a marker already: poison",
        ),
        (
            [copy(5)],
            move(3, 0),
            "ENOENT: page 0 of ram, the source, is not there: nothing to move (ALLOW_SRC_HOLES would pass over it)",
        ),
        ([copy(5), poison(0)], move(3, 0), "EFAULT: page 0 of ram, the source, has no page, only a marker: poison"),
        (
            [copy(0), S("fork")],
            move(3, 0),
            "EBUSY: page 0 of ram, the source, may be shared with child1 since the fork, for all the kernel knows: "
            "a write makes it exclusive again",
        ),
        (
            [copy(0), copy(2)],
            move(3, 0, pages=2),
            "EAGAIN after 4 KiB: page 1 of ram, the source, is not there: nothing to move "
            "(ALLOW_SRC_HOLES would pass over it); called again from there, it answers ENOENT",
        ),
        ([copy(0)], move(3, 0), "4 KiB done: page 0 of ram moved to page 3 of ram"),
        (
            [copy(1)],
            move(3, 0, pages=3, mode=["ALLOW_SRC_HOLES"]),
            "12 KiB done: page 1 of ram moved to page 4 of ram; pages 0 and 2 of ram had nothing to move",
        ),
    ],
)
def test_move_says_which_page_on_which_side_and_why(steps, call, told):
    assert outcome(*memory("MISSING"), *steps, call) == told


def test_a_moved_page_leaves_its_protection_behind():
    steps = [*memory("MISSING", "WP"), copy(0, mode=["WP"]), move(3, 0)]
    assert reason(*steps) == "page 0 of ram moved to page 3 of ram; the write protection stayed behind"


def test_move_says_which_mapping_does_not_fit():
    other = [*memory("MISSING"), S("mmap", id="src", backing="anon", pages=2), S("store", vma="src", value=1)]

    def moved(*steps, **keys):
        call = {"fd": "u", "vma": "ram", "page": 0, "pages": 1, "from": "src", **keys}
        return outcome(*other, *steps, S("move", **call))

    assert moved(from_page=2) == "ENOENT: the source: src ends after page 1; the range begins at page 2"
    assert moved(pages=3) == "EINVAL: src ends after page 1; the range wants up to page 2"
    read_only = S("mprotect", vma="src", prot="r")
    assert moved(read_only) == "EINVAL: page 0 of ram and page 0 of src may not be accessed alike"
    assert moved(S("mlock", vma="src")) == "EINVAL: only one of page 0 of ram and page 0 of src is locked"
    assert moved(vma="src", page=1) == "EINVAL: page 1 of src, the destination, is not registered"
    shared = S("mmap", id="both", backing="anon", pages=1, sharing="shared")
    assert moved(shared, **{"from": "both"}) == "EINVAL: both is shared: only private anonymous pages move"


# The descriptor


def test_reading_says_whose_message_it_is_and_why_there_is_none():
    steps = [*memory("MISSING", features=["EVENT_UNMAP"]), waits("ram"), S("munmap", vma="ram", page=3, thread="t2")]
    read = S("read_event", fd="u")
    assert reason(*steps, read) == "t1's fault is the oldest that is unread; t1 moves to fault_wqh and sleeps on"
    assert reason(*steps, read, read) == "no fault is unread, and t2's UNMAP is the oldest event: t2 may go on"
    assert outcome(*steps, read, read, read) == "EAGAIN: nothing to read; the message of t1 was read before"
    assert outcome(*memory("MISSING"), read) == "EAGAIN: nothing to read"


def test_closing_says_what_is_not_watched_any_more():
    two = [*memory("MISSING"), S("mmap", id="more", backing="anon", pages=1)]
    two += [S("register", fd="u", vma="more", modes=["MISSING"])]
    assert reason(*two, S("close", fd="u")) == "pages 0 to 5 of ram and page 0 of more are not watched any more"
    assert reason(*memory(), S("close", fd="u")) == "u watched nothing"


def test_an_older_kernel_keeps_marks_of_protection_and_says_so():
    steps = [*memory("WP"), S("store", vma="ram", value=1), protect("ram"), S("close", fd="u")]
    assert reason(*steps).endswith("not watched any more, nor protected")
    assert reason(*steps, kernel="linux-6.1").endswith("marks of write protection stay, and mean nothing")


def test_a_descriptor_of_a_child_that_has_ended_is_told_by_its_name():
    steps = [*memory("MISSING", features=["EVENT_FORK"]), S("fork", thread="t1"), S("read_event", fd="u", child="c")]
    ended = "c is for the memory of a child that has ended"
    assert outcome(*steps, S("copy", fd="c", vma="ram", value=1)) == f"ESRCH: {ended}"
    assert outcome(*steps, S("register", fd="c", vma="ram", modes=["MISSING"])) == f"ENOMEM: {ended}"


@pytest.mark.parametrize("kernel", VERSIONS)
def test_no_answer_of_an_ioctl_is_without_a_reason(kernel):
    steps = [*memory("MISSING"), copy(0), copy(0), copy(1), S("wake", **ON_RAM), S("unregister", **ON_RAM)]
    for end in range(4, len(steps) + 1):
        assert reason(*steps[:end], kernel=kernel), steps[end - 1]
