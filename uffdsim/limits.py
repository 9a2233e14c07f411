"""What the model leaves out, in one place: a row for each simplification, and what no scenario can ask.

``docs/limits.md`` and ``uffdsim limits`` are made from these tables.
"""

from typing import NamedTuple


class Limit(NamedTuple):
    """One simplification: what it concerns, what Linux does, what the model does, and whether answers can show it."""

    what: str
    linux: str
    model: str
    shows: str


LIMITS = (
    Limit(
        "time",
        "Every step takes time, and two processors work at once.",
        "Steps take none. Threads run one at a time until they sleep; of several that are woken, the one first named.",
        "Only where threads race, and a scenario should not ask for that.",
    ),
    Limit(
        "locks",
        "mmap lock, per-VMA locks, page locks and page table locks are taken, contended for and given back.",
        "The story names the locks that decide something. None is ever contended for, and none causes EAGAIN.",
        "No.",
    ),
    Limit(
        "the pool of huge pages",
        "It is finite. An empty pool makes a touch SIGBUS, mmap ENOMEM, and COPY, oddly, EEXIST.",
        "It has no end.",
        "Only when the pool runs dry.",
    ),
    Limit(
        "the lost huge page of versions 5 and 6",
        "The patch as posted never gave back the page that it had found: each minor fault cost one of the pool.",
        "The page is given back.",
        "Only in the pool's size.",
    ),
    Limit(
        "shared page tables of huge pages",
        "Two mappings of 1 GiB and more of one hugetlb file may share a page table, so that filling one fills both; "
        "REGISTER with MINOR or WP ends that, and with version 5's bit it can come back.",
        "No part of a page table is shared.",
        "Only in mappings of at least 1 GiB.",
    ),
    Limit(
        "transparent huge pages",
        "Anonymous and shared memory may be mapped by 2 MiB at once, and split again.",
        "All of it is mapped by 4 KiB.",
        "Not in scenarios, which keep them out.",
    ),
    Limit(
        "swap, reclaim, migration, NUMA, KSM",
        "Pages move and leave. A touch of shared memory in swap is a minor fault too.",
        "Pages stay where they are until somebody takes them away. MADV_FREE changes nothing that can be seen.",
        "Only under memory pressure.",
    ),
    Limit(
        "broken memory",
        "A page that the hardware has given up makes CONTINUE answer EIO, and a touch a SIGBUS.",
        "Memory does not break. POISON is there.",
        "No.",
    ),
    Limit(
        "permissions and limits",
        "Who may open a userfaultfd, lock memory or ask for FORK events depends on capabilities and limits.",
        "The process is root, without limits. With `user` a call is made by somebody who has no rights; "
        "vm.unprivileged_userfaultfd is 0, and the mode of /dev/userfaultfd 0600.",
        "Only where these are set otherwise, or a limit is reached.",
    ),
    Limit(
        "how much is locked",
        "VmLck counts locked memory. With version 5's bit it goes wrong: it stays charged, or falls below zero.",
        "The mark VM_LOCKED is there, the count is not.",
        "Only in VmLck, which no step reports.",
    ),
    Limit(
        "children",
        "A child runs on and faults on its own.",
        "A child ends as soon as it may run, as the scenario format has it. Until then its memory is there, "
        "and can be filled through the descriptor of its FORK event.",
        "Not in scenarios.",
    ),
    Limit(
        "signals",
        "A signal with a handler ends a fault's wait; the thread then faults again, with a second message.",
        "There are no signals but those that a touch itself causes.",
        "Not in scenarios.",
    ),
    Limit(
        "a fault without end",
        "A store to a huge page whose uffd-wp bit outlived its registration faults for ever.",
        "It is detected and refused with a sentence: there would be nothing to observe.",
        "The step is refused.",
    ),
    Limit(
        "addresses",
        "Mappings lie where there is room.",
        "Each mapping begins at a multiple of 1 GiB, apart from all others. What depends on it: the 64 KiB windows "
        "in which a read of shared memory maps the neighbours.",
        "Only for mappings that begin elsewhere.",
    ),
    Limit(
        "kernel builds",
        "The code of a poisoned page's SIGBUS depends on CONFIG_MEMORY_FAILURE; with CONFIG_MEM_SOFT_DIRTY memory is "
        "SOFT_DIRTY to PAGEMAP_SCAN; other options add flags to VMAs.",
        "Each kernel is built as the recorded one was.",
        "In si_code, and in SOFT_DIRTY.",
    ),
    Limit(
        "other architectures",
        "32-bit kernels have no MINOR; arm64 had its own collision of bits in 6.13.",
        "x86_64 only.",
        "No.",
    ),
)


class Unasked(NamedTuple):
    """Something that a program can do and a scenario cannot express, and the names under which people look for it."""

    what: str
    names: tuple[str, ...]


UNASKED = (
    Unasked("Growing and shrinking a mapping: mremap to another size, brk(2).", ("brk",)),
    Unasked("Asking about memory with calls other than PAGEMAP_SCAN: mincore(2).", ("mincore",)),
    Unasked(
        "Advice about huge pages, reclaim, guards and what forks inherit, other than DONTFORK; process_madvise(2).",
        ("COLD", "COLLAPSE", "DOFORK", "GUARD_INSTALL", "HUGEPAGE", "NOHUGEPAGE", "PAGEOUT", "process_madvise"),
    ),
    Unasked("Waiting for one of several descriptors: select(2), epoll(7).", ("select", "epoll")),
    Unasked("Copying, splicing or sending a file: copy_file_range(2), splice(2), sendfile(2).", ("splice", "sendfile")),
    Unasked(
        "Other processes and signals: a child that runs on, exec, a signal's handler, another process's memory.",
        ("clone", "vfork", "exec", "kill", "process_vm_readv", "ptrace"),
    ),
)


def unasked(name: str) -> str:
    """What to say of a name that a scenario does not know, if it stands for something that none can ask; or ""."""
    known = {name.lower() for entry in UNASKED for name in entry.names}
    return "; no scenario can ask for that, see `uffdsim limits`" if name.lower() in known else ""


def markdown() -> str:
    """The table as a page."""
    lines = [
        "# What the model leaves out",
        "",
        "The simulated kernels answer as real ones do, and are checked against them. But a model is a model. This is "
        "what it leaves out, and whether an answer could ever show it. What it cannot do at all it refuses in "
        "words; it never guesses.",
        "",
        "| what | Linux | the model | does it show? |",
        "| --- | --- | --- | --- |",
        *(f"| {limit.what} | {limit.linux} | {limit.model} | {limit.shows} |" for limit in LIMITS),
        "",
        "## What no scenario can ask",
        "",
        "A scenario that names one of these is refused, and the error says so.",
        "",
        *(f"- {entry.what} ({', '.join(f'`{name}`' for name in entry.names)})" for entry in UNASKED),
        "",
        "This page is made from `uffdsim/limits.py`: `uffdsim limits > docs/limits.md`.",
    ]
    return "\n".join(lines)
