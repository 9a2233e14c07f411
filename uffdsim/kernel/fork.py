"""fork, with a child that ends at once (kernel/fork.c, mm/memory.c, fs/userfaultfd.c)."""

from uffdsim.kernel.descriptor import fput
from uffdsim.kernel.events import begin_change, listener, tell, untold
from uffdsim.kernel.state import VM_DONTCOPY, VM_LOCKED, VM_UFFD_RWP, VM_UFFD_WP, Context, Mm, Vma
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.kernel.userfaultfd import context, update, userfaultfd_event_wait_completion
from uffdsim.runs import Run, Runs
from uffdsim.scenario import Step
from uffdsim.uapi import Feature


def copy_process(task: Task, step: Step) -> Sleeping[Answer]:
    """The op fork. The child has its own references to all descriptors until it ends, before which it does nothing."""
    state, parent = task.state, task.mm
    number = state["mm", parent].forks + 1
    child = f"child{number}"
    state.set(("mm", parent), state["mm", parent]._replace(forks=number))
    task.say("copy_process", f"{child} gets a copy of the descriptors and of the address space")
    held = list(dict.fromkeys(id for (_, _), id in state.of_kind("fd") if id))
    for id in held:
        update(task, id, refs=context(task, id).refs + 1)
    inherited = [run for run in state["vmas", parent] if not run.value.flags & VM_DONTCOPY]
    told = dup_mmap(task, parent, child)
    # Only when the whole of it is copied and the locks are dropped: a reader may fill the child's memory at once.
    for ctx, new in told:
        task.say("dup_userfaultfd_complete", f"{ctx} has to be told about {child}")
        tell(task, "dup_userfaultfd_complete", ctx, Feature.EVENT_FORK)
        yield from userfaultfd_event_wait_completion(task, ctx, (("event", "FORK"),), new)
        if context(task, ctx).released:
            _forget_child(task, child, new)
    if why := untold(task, inherited, Feature.EVENT_FORK):
        task.done("copy_process", f"{why}; the memory of {child} is not watched")
    task.say("do_exit", f"{child} runs, and ends at once")
    state.set(("mm", child), Mm(alive=False))
    for id in held:
        fput(task, id)
    return {"errno": None}


def dup_mmap(task: Task, parent: str, child: str) -> list[tuple[str, str]]:
    """Copy the VMAs and the page tables; which contexts are to be told, and of which new one."""
    state = task.state
    state.set(("mm", child), Mm(anon_vmas=state["mm", parent].anon_vmas))
    for kind, joins in (("vmas", False), ("ptes", True), ("tables", True)):
        state.set((kind, child), Runs(joins))
    told: dict[str, str] = {}
    for run in list(state["vmas", parent]):
        vma = run.value
        if vma.flags & VM_DONTCOPY:
            continue
        copy = dup_userfaultfd(task, vma, child, told)
        copy = copy._replace(flags=copy.flags & ~VM_LOCKED)  # locks are not inherited, nor is what shares their bit
        state.put(("vmas", child), run.start, run.end, copy)
        if vma_needs_copy(task, vma, copy):
            copy_page_range(task, run, copy, parent, child)
    return list(told.items())


def dup_userfaultfd(task: Task, vma: Vma, child: str, told: dict[str, str]) -> Vma:
    """The child's VMA: watched by a new context, if the parent's asked for fork events, else by none.

    :param told: the new context of each that is to be told; a context met for the first time is added.
    """
    id = listener(task, vma, Feature.EVENT_FORK)
    if id is None:
        return vma._replace(flags=vma.flags & ~task.version.uffd_flags, ctx=None)
    if id not in told:
        told[id] = f"{id}/{child}"
        old = context(task, id)
        begin_change(task, id)
        new = Context(child, old.user_mode_only, old.features, True, refs=0, blocking=old.blocking)
        task.state.set(("ctx", told[id]), new)
    return vma._replace(ctx=told[id])


def vma_needs_copy(task: Task, vma: Vma, copy: Vma) -> bool:
    """Whether the child could not find the pages by faulting: protection and anonymous pages are nowhere else."""
    if vma.is_hugetlb and task.version.fork_copies_hugetlb:
        return True
    return bool(copy.flags & (VM_UFFD_WP | VM_UFFD_RWP)) or vma.anon_vma is not None


def copy_page_range(task: Task, run: Run, copy: Vma, parent: str, child: str) -> None:
    """Share the pages with the child: what is anonymous is nobody's own any more."""
    state = task.state
    for start, end, pte in state["ptes", parent].cut(run.start, run.end):
        if pte is None:
            continue
        if pte.kind == "anon":
            pte = pte._replace(writable=False, exclusive=False, children=(*pte.children, child))
            state.put(("ptes", parent), start, end, pte)
        if pte.uffd_wp and not copy.flags & (VM_UFFD_WP | VM_UFFD_RWP):
            if pte.kind == "wp-marker":
                continue
            pte = pte._replace(uffd_wp=False, protnone=False)
        state.put(("ptes", child), start, end, pte._replace(children=()))


def _forget_child(task: Task, child: str, id: str) -> None:
    """Nobody will ever have the child's context: its VMAs are not watched (userfaultfd_event_wait_completion)."""
    for run in list(task.state["vmas", child]):
        if run.value.ctx == id:
            vma = run.value._replace(ctx=None, flags=run.value.flags & ~task.version.uffd_flags)
            task.state.put(("vmas", child), run.start, run.end, vma)
