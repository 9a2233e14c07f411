"""Events that are no faults: FORK, REMAP, REMOVE and UNMAP (fs/userfaultfd.c).

Each has two halves. Where the change begins, ``changing`` is counted up, and from then on nobody fills pages through
that context; where the locks have been dropped, the thread leaves its message and sleeps until it is read. REMOVE is
told before anything goes, so that a monitor can save it; the others when all is done.
"""

from collections.abc import Iterable

from uffdsim import words
from uffdsim.kernel.pages import pages
from uffdsim.kernel.span import Span
from uffdsim.kernel.state import Vma
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.userfaultfd import context, features_of, update, userfaultfd_event_wait_completion
from uffdsim.runs import Run
from uffdsim.uapi import Feature


def listener(task: Task, vma: Vma, feature: Feature) -> str | None:
    """The context that watches a VMA, if it asked to be told; else None."""
    return vma.ctx if features_of(task, vma) & feature else None


def begin_change(task: Task, id: str) -> None:
    """From here until its event is read, nobody fills pages through this context."""
    update(task, id, changing=context(task, id).changing + 1)


def untold(task: Task, runs: Iterable[Run], feature: Feature) -> str:
    """Who watches some of these VMAs and is told nothing, as they did not ask: ``nobody is told: …``; or ""."""
    watched = {run.value.ctx: listener(task, run.value, feature) for run in runs if run.value.ctx is not None}
    silent = [id for id, told in watched.items() if not told]
    if not silent:
        return ""
    not_asked = f"{words.listed(silent)} did not ask for {feature.name}"
    return f"{not_asked}, and is not told" if any(watched.values()) else f"nobody is told: {not_asked}"


def tell(task: Task, function: str, id: str, feature: Feature) -> None:
    """Tell why the thread is about to wait."""
    task.done(function, f"{id} asked for {feature.name}, and {task.name} waits until the message is read")


def userfaultfd_unmap_prep(task: Task, runs: Iterable[Run]) -> list[str]:
    """The contexts that have to be told about an unmapping, each once."""
    told = list(dict.fromkeys(id for run in runs if (id := listener(task, run.value, Feature.EVENT_UNMAP))))
    for id in told:
        begin_change(task, id)
    return told


def userfaultfd_unmap_complete(task: Task, told: list[str], span: Span) -> Sleeping[None]:
    """Tell them, one after the other, of the whole range."""
    task.say("userfaultfd_unmap_complete", f"{', '.join(told) or 'nobody'} has to be told")
    for id in told:
        tell(task, "userfaultfd_unmap_complete", id, Feature.EVENT_UNMAP)
        message = (("event", "UNMAP"), ("start", span.start), ("bytes", span.length))
        yield from userfaultfd_event_wait_completion(task, id, message)


def userfaultfd_remove(task: Task, vma: Vma, start: int, end: int) -> Sleeping[bool]:
    """Tell of a removal before it happens.

    :returns: whether anybody had to be waited for. If so, the locks were dropped, and all that was found out about the
        VMA has to be looked up again.
    """
    id = listener(task, vma, Feature.EVENT_REMOVE)
    if id is None:
        return False
    task.say("userfaultfd_remove", f"{id} has to be told before anything goes from {pages(task, vma, start, end)}")
    begin_change(task, id)
    tell(task, "userfaultfd_remove", id, Feature.EVENT_REMOVE)
    message = (("event", "REMOVE"), ("start", start), ("bytes", end - start))
    yield from userfaultfd_event_wait_completion(task, id, message)
    return True


def mremap_userfaultfd_prep(task: Task, vma: Vma) -> str | None:
    """The context that a VMA which moves stays watched by, and that is to be told; None if there is none."""
    id = listener(task, vma, Feature.EVENT_REMAP)
    if id is not None:
        begin_change(task, id)
    return id


def mremap_userfaultfd_complete(task: Task, id: str | None, span: Span, to: int) -> Sleeping[None]:
    """Tell of a move."""
    task.say("mremap_userfaultfd_complete", f"{id or 'nobody'} has to be told")
    if id is not None:
        tell(task, "mremap_userfaultfd_complete", id, Feature.EVENT_REMAP)
        message = (("event", "REMAP"), ("from", span.start), ("to", to), ("bytes", span.length))
        yield from userfaultfd_event_wait_completion(task, id, message)
