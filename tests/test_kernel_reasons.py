"""Whoever touches memory is told why it was answered so, in the kernel's terms, and about this page."""

import pytest

from uffdsim import library, words
from uffdsim.grammar import Trait
from uffdsim.kernel import Simulated
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import KernelError, Kind, Trace


def run(*steps: Step, kernel: str = "linux-6.18") -> Trace:
    return Simulated(kernel).run(Scenario(steps))


def why(*steps: Step, kernel: str = "linux-6.18") -> str:
    """The result of the last of some steps, and why."""
    trace = run(*steps, kernel=kernel)
    return words.outcome(trace, len(steps) - 1)


def opened(*features: str, fd: str = "u", **keys) -> list[Step]:
    return [Step("userfaultfd", id=fd, **keys), Step("api", fd=fd, features=list(features))]


def anon(*modes: str, features: tuple[str, ...] = (), pages: int = 2, **keys) -> list[Step]:
    """Anonymous memory, m, registered with u."""
    return [
        Step("mmap", id="m", backing="anon", pages=pages),
        *opened(*features, **keys),
        Step("register", fd="u", vma="m", modes=list(modes)),
    ]


def file(*modes: str, backing: str = "shmem", features: tuple[str, ...] = (), sharing: str = "shared") -> list[Step]:
    """A file of two pages, F, the first of which is there; mapped as plain, and as m, registered with u."""
    return [
        Step("file", id="F", backing=backing, pages=2),
        Step("mmap", id="plain", file="F"),
        Step("mmap", id="m", file="F", sharing=sharing),
        *opened(*features),
        Step("register", fd="u", vma="m", modes=list(modes)),
        Step("store", vma="plain", value=1),
    ]


def touch(op: str = "load", page: int = 0, **keys) -> Step:
    return Step(op, vma="m", page=page, thread="t1", **keys)


STORE = touch("store", value=9)
BACKINGS = pytest.mark.parametrize("backing", ["shmem", "hugetlb-2M"])


# Every touch


@pytest.mark.parametrize("kernel", VERSIONS)
def test_every_touch_that_a_recorded_scenario_makes_has_a_reason_about_its_page(kernel):
    touches = 0
    for name in library.scenarios():
        trace = Simulated(kernel).run(library.scenario(name))
        for index in range(len(trace.observations)):
            step = trace.scenario[index]
            if Trait.TOUCH in step.traits:
                touches += 1
                reason = words.why(trace, index, trace.end(index))
                over = [one["id"] for one in trace.scenario.first(index) if one.op == "mmap" and one["over"]]
                assert words.page(step["vma"], step["page"]) in reason or any(
                    f" of {id}" in reason for id in over  # what has been mapped in its place
                ), (name, index)
                assert "VMA" not in reason, (name, index)
    assert touches > 200


# Why nothing happened


def test_a_mapped_page_needs_no_fault_and_the_kernel_never_runs():
    trace = run(*anon("MISSING"), Step("zeropage", fd="u", vma="m"), touch())
    at = len(trace.scenario) - 1
    assert words.outcome(trace, at) == "0x00: page 0 of m is mapped: no fault, and nobody is asked"
    assert [event.function for _, event in trace.of(at)] == ["", "", ""]
    assert [event.answer for _, event in trace.of(at) if event.kind is Kind.DECIDE] == ["present"]


def test_where_nobody_watches_nobody_could_be_asked():
    assert why(*file("MISSING"), Step("load", vma="plain")) == "0x01: page 0 of plain is mapped: no fault"


def test_the_kernel_too_needs_no_fault_for_a_mapped_page():
    trace = run(*anon("MISSING"), Step("zeropage", fd="u", vma="m"), touch("kload"))
    decided = trace.events[trace.reasons(len(trace.scenario) - 1)[-1] - 1]
    assert (decided.function, decided.question, decided.answer) == ("copy_from_user", "entry?", "present")


def test_registered_with_wp_and_not_protected_is_written_without_a_message():
    steps = [Step("mmap", id="m", backing="anon", pages=2), STORE, *anon("WP")[1:], STORE]
    assert why(*steps) == (
        "done: page 0 of m is mapped and writable: no fault, as WP asks only about what WRITEPROTECT protected"
    )


def test_a_protected_page_is_read_without_a_message():
    protect = Step("writeprotect", fd="u", vma="m", mode=["WP"])
    steps = [Step("mmap", id="m", backing="anon", pages=2), STORE, *anon("WP")[1:], protect, touch()]
    assert why(*steps) == "0x09: page 0 of m is mapped, and protected from writes only: no fault"


@pytest.mark.parametrize(
    "features, kernel, reason",
    [
        ((), "linux-6.18", "which without WP_UNPOPULATED protects only pages that are there"),
        ((), "linux-6.1", "which protects only pages that are there"),
        (("WP_UNPOPULATED",), "linux-6.18", "which asks only about writes to what WRITEPROTECT protected"),
    ],
)
def test_a_page_that_was_not_there_to_be_protected(features, kernel, reason):
    found = why(*anon("WP", features=features), STORE, kernel=kernel)
    assert found == (
        f"done: the page table has no entry for page 0 of m; page 0 of m is registered WP, {reason}: "
        "it gets a page of zeros"
    )


@BACKINGS
def test_missing_asks_only_for_holes(backing):
    assert why(*file("MISSING", backing=backing), touch()) == (
        "0x01: page 0 of F is in the page cache; page 0 of m is registered MISSING, which asks only for holes in the "
        "file: the file's page is mapped"
    )


@BACKINGS
def test_minor_asks_only_for_pages_that_the_file_has(backing):
    assert why(*file("MINOR", backing=backing), touch(page=1)) == (
        "0x00: page 1 of F is not in the page cache (a hole); page 1 of m is registered MINOR, which asks only for "
        "pages that the file has: the file gets a page of zeros"
    )


@BACKINGS
def test_two_modes_and_the_third_was_meant(backing):
    assert "page 1 of m is registered WP and MINOR, not MISSING: " in why(
        *file("MINOR", "WP", backing=backing), touch(page=1)
    )


@BACKINGS
def test_a_part_that_is_not_registered(backing):
    steps = [*file("MINOR", backing=backing), Step("unregister", fd="u", vma="m", page=0, pages=1), touch()]
    assert why(*steps).endswith("page 0 of m is not registered: the file's page is mapped")


def test_version_6_of_the_patch_asks_the_descriptor():
    steps = [*file("MISSING", backing="hugetlb-2M"), touch()]
    assert why(*steps, kernel="linux-5.11-v6").endswith(
        "page 0 of m is registered MISSING, but u did not ask for MINOR_HUGETLBFS: the file's page is mapped"
    )


def test_a_write_that_nobody_is_asked_about_says_what_becomes_of_the_page():
    lifted = [Step("writeprotect", fd="u", vma="m", mode=["WP"]), Step("writeprotect", fd="u", vma="m")]
    steps = [*file("WP"), touch(), *lifted, STORE]
    assert why(*steps).endswith("page 0 of m is registered WP, but not write-protected: it becomes writable")


def test_a_page_of_the_file_is_copied_for_a_private_mapping():
    steps = [*file("MINOR", backing="hugetlb-2M", sharing="private"), Step("continue", fd="u", vma="m", pages=1), STORE]
    assert why(*steps).endswith("which asks only for pages that the file has: the writer gets a copy")


def test_wp_async_lets_the_write_through():
    steps = [*anon("WP", features=("WP_ASYNC",)), Step("writeprotect", fd="u", vma="m", mode=["WP"]), STORE]
    assert why(*steps).endswith("write-protected, but u has WP_ASYNC, and asks nobody: it becomes writable")


# Why it waits


def test_a_touch_waits_for_what_its_mode_asks():
    assert why(*anon("MISSING"), touch()).endswith("page 0 of m is registered MISSING: user space has to fill it")
    assert why(*file("MINOR"), touch()).endswith("page 0 of m is registered MINOR: user space has to map it")
    protect = Step("writeprotect", fd="u", vma="m", mode=["WP"])
    assert why(*file("WP"), protect, STORE).endswith("m is write-protected (uffd-wp): user space has to allow it")


def test_a_touch_that_waited_says_why_and_what_it_found_when_it_was_woken():
    trace = run(*file("MINOR"), touch(), Step("continue", fd="u", vma="m", page=0, pages=1))
    assert words.outcome(trace, len(trace.scenario) - 2) == (
        "0x01: page 0 of m is registered MINOR: user space has to map it; page 0 of m is mapped by now"
    )


def test_a_locked_page_looks_minor_where_both_have_one_bit():
    locked = Step("mmap", id="m", backing="anon", pages=1, locked=True)
    trace = run(locked, Step("mlock", vma="m"), kernel="linux-6.1-v5bit")
    assert trace.observations[-1]["errno"] is None
    found = why(*file("MISSING", backing="shmem")[:-1], Step("store", vma="plain", value=1),
                Step("mlock", vma="m"), kernel="linux-6.1-v5bit")  # fmt: skip
    assert found.endswith("page 0 of m has the bit of MINOR and VM_LOCKED: user space has to map it")


# What cannot be had


@pytest.mark.parametrize(
    "steps, last, kind, instead",
    [
        (anon("MISSING", features=("SIGBUS",)), touch(), "missing", "a signal"),
        (file("MINOR", features=("SIGBUS",)), touch(), "minor", "a signal"),
        (
            [*file("WP", features=("SIGBUS",)), Step("writeprotect", fd="u", vma="m", mode=["WP"])],
            STORE, "write-protect", "a signal",
        ),
        (anon("MISSING", features=("SIGBUS",)), touch("kload"), "missing", "an error"),
    ],
)  # fmt: skip
def test_the_feature_sigbus_says_what_would_have_been_asked(steps, last, kind, instead):
    found = why(*steps, last)
    assert found.startswith("EFAULT: " if last.op == "kload" else "SIGBUS, code 2: ")
    assert found.endswith(f"u has the feature SIGBUS: a {kind} fault of page 0 of m is {instead}, and no message")


@pytest.mark.parametrize(
    "last, errno",
    [
        (touch("kload"), "EFAULT"),
        (Step("madvise", vma="m", advice="POPULATE_READ"), "EFAULT"),
        (Step("mlock", vma="m"), "ENOMEM"),
    ],
)
def test_an_access_of_the_kernels_own_names_what_refuses_it(last, errno):
    found = why(*anon("MISSING", user_mode_only=True), last)
    assert found.startswith(
        f"{errno}: u takes faults of user mode only: the kernel's missing fault of page 0 of m is an error"
    )


def test_a_minor_fault_of_the_kernels_own_is_called_so():
    steps = file("MINOR")
    steps[3] = Step("userfaultfd", id="u", user_mode_only=True)
    assert "the kernel's minor fault of page 0 of m is an error" in why(*steps, touch("kload"))


@pytest.mark.parametrize(
    "last, answer",
    [
        (touch(), "SIGBUS, code 2"),
        (touch("kload"), "EFAULT"),
        (Step("madvise", vma="m", advice="POPULATE_READ"), "EHWPOISON"),
        (Step("mlock", vma="m"), "ENOMEM"),
    ],
)
@pytest.mark.parametrize("memory", [anon("MISSING"), file("MISSING", backing="hugetlb-2M")[:-1]])
def test_a_poisoned_page_is_named(memory, last, answer):
    found = why(*memory, Step("poison", fd="u", vma="m"), last)
    assert found.startswith(f"{answer}: page 0 of m is poisoned")


@pytest.mark.parametrize(
    "last, answer",
    [
        (STORE, "SIGSEGV, code 2: page 0 of m may not be written: SEGV_ACCERR"),
        (Step("madvise", vma="m", advice="POPULATE_WRITE"), "EINVAL: page 0 of m may not be written"),
    ],
)
def test_memory_that_may_not_be_written(last, answer):
    assert why(Step("mmap", id="m", backing="anon", pages=1, prot="r"), last).startswith(answer)


@pytest.mark.parametrize(
    "last, answer",
    [
        (touch(), "SIGSEGV, code 1: nothing is mapped at page 0 of m: SEGV_MAPERR"),
        (touch("kload"), "EFAULT: nothing is mapped at page 0 of m"),
    ],
)
def test_memory_that_is_not_mapped(last, answer):
    assert why(Step("mmap", id="m", backing="anon", pages=1), Step("munmap", vma="m"), last) == answer


def test_memory_that_may_not_be_accessed_is_not_locked_in():
    assert why(Step("mmap", id="m", backing="anon", pages=1, prot="none"), Step("mlock", vma="m")).startswith(
        "ENOMEM: page 0 of m may not be read"
    )


def test_a_page_beyond_the_end_of_the_file():
    steps = [Step("file", id="F", backing="shmem", pages=1), Step("mmap", id="m", file="F", pages=3)]
    assert why(*steps, touch(page=2)).endswith("page 2 of m is beyond the end of F, which has 1 page")


# Who is woken, and who is not


WAIT = [*anon("MISSING", features=("PAGEFAULT_FLAG_WP",)), touch(), Step("read_event", fd="u")]


def last_lines(*steps: Step) -> list[str]:
    """All that is told of the last of some steps, but its own line."""
    trace = run(*steps)
    return words.explained(trace, len(steps) - 1)[1:]


def real_lines(*steps: Step) -> list[str]:
    """The same of a kernel that answers, and does not tell."""
    trace = run(*steps)
    return words.explained(Trace(trace.scenario, "linux", trace.observations), len(steps) - 1)[1:]


def test_who_was_woken_into_the_next_fault_is_told_with_its_flags():
    protect = Step("writeprotect", fd="u", vma="m", page=0, pages=1, mode=["WP"])
    found = last_lines(*file("WP"), protect, STORE, Step("wake", fd="u", vma="m"))
    assert found[0].startswith("t1 was woken, faulted again with flags WRITE | WP, and waits: page 0 of m is mapped")


def test_who_was_woken_and_waits_for_another_event_did_not_fault():
    trace = Simulated("linux-6.18").run(library.scenario("found-05-split-while-madvise-waits"))
    told = [line for index in range(len(trace.observations)) for line in words.woken(trace, index)]
    assert any(line.startswith("t1 was woken, and waits again: u asked for EVENT_REMOVE") for line in told)


@pytest.mark.parametrize(
    "last",
    [
        Step("copy", fd="u", vma="m", page=0, pages=4, value=1),  # leaves the mapping
        Step("zeropage", fd="u", vma="m", mode=["DONTWAKE"]),
        Step("copy", fd="u", vma="m", raw=1 << 40, value=1),
    ],
)
def test_who_still_waits_for_what_a_real_kernel_answered_is_told(last):
    assert real_lines(*WAIT, last) == ["nobody was woken; t1 still waits for page 0 of m"]


def test_where_an_answer_wakes_nobody_who_waits_elsewhere_is_told():
    told = real_lines(*WAIT, Step("zeropage", fd="u", vma="m", page=1, pages=1))
    assert told == ["nobody was woken; t1 waits for page 0 of m"]


def test_a_sleep_knows_what_it_waits_for():
    trace = run(*anon("MISSING"), STORE)
    (nap,) = trace.asleep()
    assert (nap.thread, nap.place, nap.flags) == ("t1", ("m", 0), 1)


# Errors


def test_a_thread_that_would_have_to_wake_itself_leaves_what_was_answered():
    with pytest.raises(ScenarioError, match="step 4") as raised:
        run(*WAIT, Step("copy", fd="u", vma="m", value=1, thread="t1"))
    assert len(raised.value.trace.observations) == len(WAIT)
    assert [nap.thread for nap in raised.value.trace.asleep()] == ["t1"]


def test_a_fault_without_end_leaves_what_was_answered():
    steps = [
        *file("WP", backing="hugetlb-2M"),
        touch("store", value=1),
        Step("writeprotect", fd="u", vma="m", mode=["WP"]),
        Step("register", fd="u", vma="m", modes=["MISSING"]),
        STORE,
    ]
    with pytest.raises(KernelError, match="would fault for ever") as raised:
        run(*steps)
    trace = raised.value.trace
    assert len(trace.observations) == len(steps) - 1
    assert trace.events[-1].step == len(steps) - 1
    assert any("still marked uffd-wp, but not registered WP any more" in event.text for event in trace.events)
