"""fork, with a child that ends at once (kernel/fork.c, mm/memory.c, fs/userfaultfd.c)."""

from uffdsim.kernel.descriptor import drop
from uffdsim.kernel.events import begin_change, wants
from uffdsim.kernel.state import VM_DONTCOPY, VM_LOCKED, VM_UFFD_WP, Context, Mm, Vma
from uffdsim.kernel.userfaultfd import context, update, userfaultfd_event_wait_completion
from uffdsim.runs import Run, Runs
from uffdsim.uapi import Feature


def fork(task, step):
    """The op fork. The child has its own references to all descriptors until it ends, before which it does nothing."""
    state, parent = task.state, task.mm
    number = state["mm", parent].forks + 1
    child = f"child{number}"
    state.set(("mm", parent), state["mm", parent]._replace(forks=number))
    task.say("copy_process", f"{child} gets a copy of the descriptors and of the address space")
    held = list(dict.fromkeys(id for (_, _), id in state.of_kind("fd") if id))
    for id in held:
        update(task, id, refs=context(task, id).refs + 1)
    told = _dup_mmap(task, parent, child)
    for ctx, new in told:
        task.say("dup_userfaultfd_complete", f"{ctx} is to be told of {child}")
        yield from userfaultfd_event_wait_completion(task, ctx, (("event", "FORK"),), new)
        if context(task, ctx).released:
            _forget_child(task, child, new)
    task.say("do_exit", f"{child} runs, and ends at once")
    state.set(("mm", child), Mm(alive=False))
    for id in held:
        drop(task, id)
    return {"errno": None}


def _dup_mmap(task, parent: str, child: str) -> list[tuple[str, str]]:
    """Copy the VMAs and the page tables; which contexts are to be told, and of which new one (dup_mmap)."""
    state = task.state
    state.set(("mm", child), Mm())
    for kind, joins in (("vmas", False), ("ptes", True), ("tables", True)):
        state.set((kind, child), Runs(joins))
    told: dict[str, str] = {}
    for run in list(state["vmas", parent]):
        vma = run.value
        if vma.flags & VM_DONTCOPY:
            continue
        flags, ctx = vma.flags, None
        if wants(task, vma, Feature.EVENT_FORK):
            if vma.ctx not in told:
                told[vma.ctx] = f"{vma.ctx}/{child}"
                old = context(task, vma.ctx)
                begin_change(task, vma.ctx)
                new = Context(child, old.user_mode_only, old.features, True, refs=0)
                state.set(("ctx", told[vma.ctx]), new)
            ctx = told[vma.ctx]
        else:
            flags &= ~task.version.uffd_flags
        copy = vma._replace(flags=flags & ~VM_LOCKED, ctx=ctx)
        state.put(("vmas", child), run.start, run.end, copy)
        if _needs_copy(task, vma, copy):
            _copy_page_range(task, run, copy, parent, child)
    return list(told.items())


def _needs_copy(task, vma: Vma, copy: Vma) -> bool:
    """Whether the child could not find the pages by faulting (vma_needs_copy)."""
    if vma.is_hugetlb and task.version.fork_copies_hugetlb:
        return True
    return bool(copy.flags & VM_UFFD_WP) or vma.anon_vma is not None


def _copy_page_range(task, run: Run, copy: Vma, parent: str, child: str):
    """Share the pages with the child: what is anonymous is nobody's own any more (copy_page_range)."""
    state = task.state
    for start, end, pte in state["ptes", parent].cut(run.start, run.end):
        if pte is None:
            continue
        if pte.kind == "anon":
            pte = pte._replace(writable=False, exclusive=False, children=(*pte.children, child))
            state.put(("ptes", parent), start, end, pte)
        if pte.uffd_wp and not copy.flags & VM_UFFD_WP:
            if pte.kind == "wp-marker":
                continue
            pte = pte._replace(uffd_wp=False)
        state.put(("ptes", child), start, end, pte._replace(children=()))


def _forget_child(task, child: str, id: str):
    """Nobody will ever have the child's context: its VMAs are not watched (userfaultfd_event_wait_completion)."""
    for run in list(task.state["vmas", child]):
        if run.value.ctx == id:
            vma = run.value._replace(ctx=None, flags=run.value.flags & ~task.version.uffd_flags)
            task.state.put(("vmas", child), run.start, run.end, vma)
