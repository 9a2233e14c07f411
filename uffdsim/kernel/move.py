"""UFFDIO_MOVE: anonymous pages change their address (fs/userfaultfd.c, mm/userfaultfd.c)."""

from uffdsim.kernel.answers import finish, refuse_while_changing, writes_back, written
from uffdsim.kernel.descriptor import check_known, userfaultfd_ioctl
from uffdsim.kernel.mm import anon_vma_prepare, find_vma, place, pte_alloc
from uffdsim.kernel.pages import pages, pieces
from uffdsim.kernel.protection import out_of_reach
from uffdsim.kernel.span import Span, leaves, span_of, unmapped, validate_range
from uffdsim.kernel.state import VM_ACCESS, VM_LOCKED, VM_UFFD_RWP, VM_WRITE, Pte, Vma
from uffdsim.kernel.task import Failed, Task
from uffdsim.kernel.userfaultfd import context
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, Ioctl, MoveMode

SAY = "move_pages"
PAGE = 4096


@writes_back
def userfaultfd_move(task: Task, step: Step) -> int:
    """The system call: its checks, the pages, and who is woken."""
    id = userfaultfd_ioctl(task, step)
    say = "userfaultfd_ioctl"
    check_known(task, Ioctl.MOVE)
    refuse_while_changing(task, id)
    if context(task, id).mm != task.mm:
        task.fail(Errno.EINVAL, say, f"{step['fd']} is for a child's memory: pages move only within one's own")
    span = span_of(task, step)
    mapping = task.state["mapping", step["from"]]
    source = Span(mapping.start + step["from_page"] * mapping.page_size, span.length)
    validate_range(task, span, say)
    validate_range(task, source, say)
    asked = step.bits
    if unknown := asked & ~sum(MoveMode):
        task.fail(Errno.EINVAL, say, f"MOVE has no mode with the bit {unknown:#x}")
    try:
        count, stopped = move_pages(task, id, span, source, bool(asked & MoveMode.ALLOW_SRC_HOLES))
    except Failed as failed:
        raise written(failed) from None
    finish(task, id, span, count, stopped, wake=not asked & MoveMode.DONTWAKE)
    return count


def move_pages(task: Task, id: str, span: Span, source: Span, holes: bool) -> tuple[int, Errno | None]:
    """Move page after page until one refuses.

    :returns: how many bytes were done, more than none; and with what the next page refused, or None.
    :raises Failed: if the two VMAs do not fit each other, or the first page refuses already.
    """
    task.say(SAY, "both ranges must fit each other")
    dst = find_vma(task, span.start)
    if dst is None:
        task.fail(Errno.ENOENT, SAY, f"the destination: {unmapped(task, span)}")
    if not dst.value.is_shared:
        dst = anon_vma_prepare(task, dst)
    src = find_vma(task, source.start)
    if src is None:
        task.fail(Errno.ENOENT, SAY, f"the source: {unmapped(task, source)}")
    if why := validate_move_areas(task, id, dst, src, span, source):
        task.fail(Errno.EINVAL, SAY, why)
    done, moved = 0, []
    while done < span.length:
        try:
            piece = move_pages_ptes(task, dst.value, src.value, span, source, done, holes)
        except Failed as failed:
            if not done:
                raise
            return done, failed.errno
        moved.append(piece)
        done += piece.end - piece.start
    task.done(SAY, lambda: _told(task, dst.value, src.value, source.start - span.start, moved))
    return done, None


def validate_move_areas(task: Task, id: str, dst: Run, src: Run, span: Span, source: Span) -> str:
    """Why these two VMAs can have nothing moved between them; "" if they can."""
    to, of = dst.value, src.value
    for vma in (of, to):
        if vma.is_shared:
            return f"{vma.mapping} is shared: only private anonymous pages move"
    for range, run in ((source, src), (span, dst)):
        if why := leaves(task, range, run, task.mm):
            return why
    if (to.flags ^ of.flags) & VM_ACCESS:
        return f"{place(task, span.start)} and {place(task, source.start)} may not be accessed alike"
    if (to.flags ^ of.flags) & VM_LOCKED:
        return f"only one of {place(task, span.start)} and {place(task, source.start)} is locked"
    if not of.flags & VM_WRITE:
        return f"{place(task, source.start)}, the source, may not be written"
    if to.ctx != id:
        watcher = f"is registered with {to.ctx}, not with {id}" if to.ctx else "is not registered"
        return f"{place(task, span.start)}, the destination, {watcher}"
    for vma in (of, to):
        if not vma.is_anonymous:
            return f"{vma.mapping} maps a file: only private anonymous pages move"
    return ""


def move_pages_ptes(task: Task, dst: Vma, src: Vma, span: Span, source: Span, done: int, holes: bool) -> Run:
    """Move the pages behind those that are done, as far as they are all alike.

    :returns: the range of the destination, and the entry that was moved there: None for a hole, which is passed over.
    :raises Failed: if the first of them refuses.
    """
    key, there, here = ("ptes", task.mm), span.start + done, source.start + done
    _, end, pte = task.state[key].run_at(here)
    _, until, obstacle = task.state[key].run_at(there)
    size = min(end - here, until - there, span.length - done)
    if holes or task.state["tables", task.mm].at(here):
        pte_alloc(task, dst, there, there + PAGE)
        pte_alloc(task, src, here, here + PAGE)
    else:
        obstacle = None  # A source without a page table is a hole; the destination is not even looked at.
    if refusal := _refusal(pte, obstacle, holes):
        errno, why = refusal
        where = f"{place(task, there, dst)}, the destination," if errno is Errno.EEXIST else ""
        task.fail(errno, SAY, f"{where or f'{place(task, here, src)}, the source,'} {why}")
    if pte is None:
        task.do(SAY, f"{pages(task, src, here, here + size)}: nothing there, so nothing moves")
        return Run(there, there + size, None)
    task.do(SAY, f"{pages(task, src, here, here + size)}: the entries move")
    new = pte if pte.kind == "zero" else pte._replace(writable=bool(dst.flags & VM_WRITE))
    new = new._replace(uffd_wp=False, protnone=False)
    if dst.flags & VM_UFFD_RWP:
        task.do(SAY, f"{pages(task, dst, there, there + size)}: out of reach, as what arrives where RWP is registered")
        new = out_of_reach(new)
    task.state.put(key, here, here + size, None)
    task.state.put(key, there, there + size, new)
    return Run(there, there + size, pte)


def _refusal(pte: Pte | None, obstacle: Pte | None, holes: bool) -> tuple[Errno, str] | None:
    """What one page's entries say against moving it."""
    if obstacle is not None:
        return Errno.EEXIST, "is mapped already" if obstacle.present else f"has a marker already: {_marker(obstacle)}"
    if pte is None:
        return None if holes else (Errno.ENOENT, "is not there: nothing to move (ALLOW_SRC_HOLES would pass over it)")
    if not pte.present:
        return Errno.EFAULT, f"has no page, only a marker: {_marker(pte)}"
    if pte.kind == "anon" and not pte.exclusive:
        child = pte.children[-1] if pte.children else "a child"
        shared = f"may be shared with {child} since the fork, for all the kernel knows"
        return Errno.EBUSY, f"{shared}: a write makes it exclusive again"
    return None


def _marker(pte: Pte) -> str:
    return "poison" if pte.kind == "poison-marker" else "write protection"


def _told(task: Task, dst: Vma, src: Vma, distance: int, moved: list[Run]) -> str:
    """The result of a move that was done to its end."""
    came = [(run.start, run.end) for run in moved if run.value is not None]
    empty = [(run.start, run.end) for run in moved if run.value is None]
    told = []
    if came:
        left = pieces(task, src, [(start + distance, end + distance) for start, end in came])
        told.append(f"{left} moved to {pieces(task, dst, came)}")
        if any(run.value is not None and run.value.uffd_wp and not run.value.protnone for run in moved):
            told.append("the write protection stayed behind")
    if empty:
        holes = pieces(task, src, [(start + distance, end + distance) for start, end in empty])
        told.append(f"{holes} had nothing to move")
    return "; ".join(told)
