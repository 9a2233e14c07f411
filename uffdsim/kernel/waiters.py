"""Who waits where, in words: what is to be said of a call that wakes nobody, or not everybody.

A descriptor wakes only those who wait in its own queues, at an address of the range; whoever is meant may wait in
another descriptor's, or elsewhere.
"""

from collections.abc import Iterable, Iterator

from uffdsim import words
from uffdsim.kernel.span import Span, named
from uffdsim.kernel.state import Wait
from uffdsim.kernel.task import Task
from uffdsim.kernel.userfaultfd import context

MOST = 3
"""How many of those who wait elsewhere are named."""


def waiting(task: Task, mm: str, span: Span | None = None) -> Iterator[tuple[str, Wait]]:
    """Who waits for a fault in an address space, or in a range of it: the context whose queue it is, and the waiter."""
    for thread in task.session.tasks:
        if (known := task.state.get(("thread", thread))) and known.asleep:
            break
    else:
        return  # nobody sleeps at all, as when all have just been woken
    for (_, id), ctx in task.state.of_kind("ctx"):
        if ctx.mm == mm and (ctx.pending or ctx.reading):
            for wait in (*ctx.pending, *ctx.reading):
                if span is None or span.start <= wait.address < span.end:
                    yield id, wait


def asleep(task: Task, mm: str, span: Span) -> str:
    """Who waits in a range, whatever becomes of the call: ``t1 sleeps on``; "" for nobody."""
    threads = [wait.thread for _, wait in waiting(task, mm, span)]
    return _sleep_on(threads) if threads else ""


def tell_unwoken(task: Task, id: str, span: Span, why: str) -> None:
    """Tell who was not woken by a call that has done its work there: of the context's own, for the reason given."""
    threads: dict[str, list[str]] = {}
    for ctx, wait in waiting(task, context(task, id).mm, span):
        threads.setdefault(ctx, []).append(wait.thread)
    for ctx, names in threads.items():
        other = f" in {fd_name(task, ctx)}: {fd_name(task, id)} wakes only its own"
        task.done("userfaultfd_ioctl", _sleep_on(names) + (f": {why}" if ctx == id else other))


def tell_nobody(task: Task, id: str, span: Span) -> None:
    """Tell that WAKE found nobody to wake, and where there is somebody who waits."""
    ctx = context(task, id)
    elsewhere = [_whereabouts(task, id, other, wait, span) for other, wait in waiting(task, ctx.mm)]
    elsewhere += [f"{wait.thread} waits for its {wait.event} to be read, which no WAKE can do" for wait in ctx.events]
    nobody = f"nobody waits in {fd_name(task, id)} for {named(task, span)}"
    task.done("userfaultfd_wake", "; ".join([nobody, *elsewhere[:MOST]]))


def fd_name(task: Task, id: str) -> str:
    """The descriptor that stands for a context; that of a child's memory has a name of its own."""
    return next((fd for (_, fd), ctx in task.state.of_kind("fd") if ctx == id), id)


def _whereabouts(task: Task, id: str, ctx: str, wait: Wait, span: Span) -> str:
    queue = f" in {fd_name(task, ctx)}" if ctx != id else ""
    if span.start <= wait.address < span.end:
        return f"{wait.thread} waits{queue}"
    mapping = task.state["names", task.mm].at(wait.address)
    page, offset = divmod(wait.address - mapping.start, mapping.page_size)
    return f"{wait.thread} waits{queue} for {words.place({'vma': mapping.id, 'page': page, 'offset': offset})}"


def _sleep_on(threads: Iterable[str]) -> str:
    names = list(threads)
    return f"{words.listed(names)} {'sleeps' if len(names) == 1 else 'sleep'} on"
