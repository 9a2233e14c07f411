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
from uffdsim.kernel.userfaultfd import context, update, userfaultfd_event_wait_completion
from uffdsim.runs import Run
from uffdsim.uapi import Feature


def wants(task, vma: Vma, feature: Feature) -> bool:
    """Whether a VMA's descriptor asked to be told."""
    return vma.ctx is not None and bool(context(task, vma.ctx).features & feature)


def begin_change(task, id: str):
    """From here until its event is read, nobody fills pages through this context."""
    update(task, id, changing=context(task, id).changing + 1)


def untold(task, runs: Iterable[Run], feature: Feature) -> str:
    """Who watches some of these VMAs and is told nothing, as they did not ask: ``nobody is told of this: …``; or ""."""
    watched = {run.value.ctx: wants(task, run.value, feature) for run in runs if run.value.ctx is not None}
    silent = [id for id, told in watched.items() if not told]
    if not silent:
        return ""
    not_asked = f"{words.listed(silent)} did not ask for {feature.name}"
    return f"{not_asked}, and is not told" if any(watched.values()) else f"nobody is told of this: {not_asked}"


def tell(task, function: str, id: str, feature: Feature):
    """Tell why the thread is about to wait."""
    task.done(function, f"{id} asked for {feature.name}, and {task.name} waits until the message is read")


def userfaultfd_unmap_prep(task, runs: Iterable[Run]) -> list[str]:
    """The contexts that are to be told of an unmapping, each once."""
    told = list(dict.fromkeys(run.value.ctx for run in runs if wants(task, run.value, Feature.EVENT_UNMAP)))
    for id in told:
        begin_change(task, id)
    return told


def userfaultfd_unmap_complete(task, told: list[str], span: Span):
    """Tell them, one after the other, of the whole range."""
    task.say("userfaultfd_unmap_complete", f"{', '.join(told) or 'nobody'} is to be told")
    for id in told:
        tell(task, "userfaultfd_unmap_complete", id, Feature.EVENT_UNMAP)
        yield from userfaultfd_event_wait_completion(
            task, id, (("event", "UNMAP"), ("start", span.start), ("bytes", span.length))
        )


def userfaultfd_remove(task, vma: Vma, start: int, end: int):
    """Tell of a removal before it happens.

    :returns: whether anybody had to be waited for. If so, the locks were dropped, and all that was found out about the
        VMA has to be looked up again.
    """
    if not wants(task, vma, Feature.EVENT_REMOVE):
        return False
    task.say("userfaultfd_remove", f"{vma.ctx} is to be told before anything goes from {pages(task, vma, start, end)}")
    begin_change(task, vma.ctx)
    tell(task, "userfaultfd_remove", vma.ctx, Feature.EVENT_REMOVE)
    yield from userfaultfd_event_wait_completion(
        task, vma.ctx, (("event", "REMOVE"), ("start", start), ("bytes", end - start))
    )
    return True


def mremap_userfaultfd_prep(task, vma: Vma) -> bool:
    """Whether a VMA that moves stays watched."""
    if not wants(task, vma, Feature.EVENT_REMAP):
        return False
    begin_change(task, vma.ctx)
    return True


def mremap_userfaultfd_complete(task, id: str | None, span: Span, to: int):
    """Tell of a move."""
    task.say("mremap_userfaultfd_complete", f"{id or 'nobody'} is to be told")
    if id is not None:
        tell(task, "mremap_userfaultfd_complete", id, Feature.EVENT_REMAP)
        message = (("event", "REMAP"), ("from", span.start), ("to", to), ("bytes", span.length))
        yield from userfaultfd_event_wait_completion(task, id, message)
