"""Events that are no faults: FORK, REMAP, REMOVE and UNMAP (fs/userfaultfd.c).

While one waits to be read, its context's ``changing`` keeps others from filling pages.
"""

from uffdsim.kernel.span import Span
from uffdsim.kernel.state import Vma
from uffdsim.kernel.userfaultfd import context, update, userfaultfd_event_wait_completion
from uffdsim.uapi import Feature


def wants(task, vma: Vma, feature: Feature) -> bool:
    """Whether a VMA's descriptor asked to be told."""
    return vma.ctx is not None and bool(context(task, vma.ctx).features & feature)


def begin_change(task, id: str):
    """From here until its event is read, nobody fills pages through this context."""
    update(task, id, changing=context(task, id).changing + 1)


def unmap_prepare(task, runs) -> list[str]:
    """The contexts that are to be told of an unmapping, each once (userfaultfd_unmap_prep)."""
    told = list(dict.fromkeys(run.value.ctx for run in runs if wants(task, run.value, Feature.EVENT_UNMAP)))
    for id in told:
        begin_change(task, id)
    return told


def unmap_complete(task, told: list[str], span: Span):
    """Tell them, one after the other, of the whole range (userfaultfd_unmap_complete)."""
    task.say("userfaultfd_unmap_complete", f"{', '.join(told) or 'nobody'} is to be told")
    for id in told:
        yield from userfaultfd_event_wait_completion(
            task, id, (("event", "UNMAP"), ("start", span.start), ("bytes", span.length))
        )


def remove(task, vma: Vma, start: int, end: int):
    """Tell of a removal before it happens (userfaultfd_remove).

    :returns: whether anybody had to be waited for.
    """
    if not wants(task, vma, Feature.EVENT_REMOVE):
        return False
    task.say("userfaultfd_remove", f"{vma.ctx} is to be told before anything goes")
    begin_change(task, vma.ctx)
    yield from userfaultfd_event_wait_completion(
        task, vma.ctx, (("event", "REMOVE"), ("start", start), ("bytes", end - start))
    )
    return True


def remap_prepare(task, vma: Vma) -> bool:
    """Whether a VMA that moves stays watched (mremap_userfaultfd_prep)."""
    if not wants(task, vma, Feature.EVENT_REMAP):
        return False
    begin_change(task, vma.ctx)
    return True


def remap_complete(task, id: str | None, span: Span, to: int):
    """Tell of a move (mremap_userfaultfd_complete)."""
    task.say("mremap_userfaultfd_complete", f"{id or 'nobody'} is to be told")
    if id is not None:
        message = (("event", "REMAP"), ("from", span.start), ("to", to), ("bytes", span.length))
        yield from userfaultfd_event_wait_completion(task, id, message)
