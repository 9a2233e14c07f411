"""UFFDIO_MOVE: anonymous pages change their address (fs/userfaultfd.c, mm/userfaultfd.c)."""

from uffdsim.kernel.descriptor import initialised
from uffdsim.kernel.mfill import failure_written, finish, refuse_while_changing, writes_back
from uffdsim.kernel.mm import anon_vma_prepare, find_vma, pte_alloc
from uffdsim.kernel.span import Span, span_of, validate_range
from uffdsim.kernel.state import VM_ACCESS, VM_LOCKED, VM_WRITE, Pte
from uffdsim.kernel.userfaultfd import context
from uffdsim.uapi import Errno, Ioctl, MoveMode

SAY = "move_pages"


@writes_back
def move(task, step):
    """The system call: its checks, the pages, and who is woken (userfaultfd_move)."""
    id = initialised(task, step)
    say = "userfaultfd_ioctl"
    if Ioctl.MOVE not in task.version.ioctls:
        task.fail(Errno.EINVAL, say, "this kernel has no ioctl MOVE")
    refuse_while_changing(task, id)
    if context(task, id).mm != task.mm:
        task.fail(Errno.EINVAL, say, "the descriptor is for another process's memory")
    span = span_of(task, step)
    source = Span(span_of(task, step, "from", "from_page", skew=False).start, span.length)
    validate_range(task, span, say)
    validate_range(task, source, say)
    modes = step.bits
    if modes & ~int(MoveMode.DONTWAKE | MoveMode.ALLOW_SRC_HOLES):
        task.fail(Errno.EINVAL, say, "a mode bit means nothing here")
    with failure_written():
        count = _move_pages(task, id, span, source, bool(modes & MoveMode.ALLOW_SRC_HOLES))
    finish(task, id, span, count, wake=not modes & MoveMode.DONTWAKE)
    return count


def _move_pages(task, id: str, span: Span, source: Span, holes: bool) -> int:
    """Move page after page until one refuses; how many bytes, more than none (move_pages).

    :raises Failed: if nothing can be moved.
    """
    task.say(SAY, "both ranges must fit each other")
    dst = find_vma(task, span.start)
    if dst is not None and not dst.value.is_shared:
        dst = anon_vma_prepare(task, dst)
    src = find_vma(task, source.start)
    if dst is None or src is None:
        task.fail(Errno.ENOENT, SAY, "nothing is mapped at one of the two")
    if why := _unfit(id, dst, src, span, source):
        task.fail(Errno.EINVAL, SAY, why)
    key, moved = ("ptes", task.mm), 0
    while moved < span.length:
        here, there = source.start + moved, span.start + moved
        _, end, pte = task.state[key].run_at(here)
        _, until, obstacle = task.state[key].run_at(there)
        size = min(end - here, until - there, span.length - moved)
        table = task.state["tables", task.mm].at(here)
        if table or holes:
            pte_alloc(task, there, there + 4096)
            pte_alloc(task, here, here + 4096)
        errno = _refusal(pte, obstacle, holes) if table or holes else Errno.ENOENT
        if errno is not None:
            if moved == 0:
                task.fail(errno, SAY, "the first page cannot be moved")
            return moved
        task.do(SAY, f"{size // 4096} pages" + (" of nothing" if pte is None else ""))
        if pte is not None:
            new = pte if pte.kind == "zero" else pte._replace(writable=bool(dst.value.flags & VM_WRITE))
            task.state.put(key, here, here + size, None)
            task.state.put(key, there, there + size, new._replace(uffd_wp=False))
        moved += size
    return moved


def _unfit(id: str, dst, src, span: Span, source: Span) -> str:
    """Why these two VMAs can have nothing moved between them; "" if they can (validate_move_areas)."""
    to, of = dst.value, src.value
    if to.is_shared or of.is_shared:
        return "a mapping is shared"
    if span.end > dst.end or source.end > src.end:
        return "a range leaves its VMA"
    if (to.flags ^ of.flags) & VM_ACCESS or (to.flags ^ of.flags) & VM_LOCKED:
        return "the two are not protected or not locked alike"
    if not of.flags & VM_WRITE:
        return "the source cannot be written"
    if to.ctx != id:
        return "the destination is not watched by this descriptor"
    if not (to.is_anonymous and of.is_anonymous):
        return "a mapping is not anonymous"
    return ""


def _refusal(pte: Pte | None, obstacle: Pte | None, holes: bool) -> Errno | None:
    """What one page's entries say against moving it, once there are page tables for both (move_pages_ptes)."""
    if obstacle is not None:
        return Errno.EEXIST
    if pte is None:
        return None if holes else Errno.ENOENT
    if not pte.present:
        return Errno.EFAULT
    if pte.kind == "anon" and not pte.exclusive:
        return Errno.EBUSY
    return None
