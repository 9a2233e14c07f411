"""UFFDIO_REGISTER, UFFDIO_UNREGISTER and UFFDIO_WAKE: which ranges a context watches (fs/userfaultfd.c)."""

from uffdsim.kernel.descriptor import check_invariant, clear_vma, initialised
from uffdsim.kernel.mm import change, pages, place, vmas
from uffdsim.kernel.span import Span, span_of, validate_range
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, Vma
from uffdsim.kernel.userfaultfd import context, nobody_waits, wake_userfault
from uffdsim.uapi import Errno, Feature, Ioctl, Mode, ioctl_bits, names

HUGETLB_IOCTLS = frozenset({Ioctl.COPY, Ioctl.CONTINUE, Ioctl.WRITEPROTECT, Ioctl.POISON})
"""What there is of ioctls for huge pages: neither ZEROPAGE nor MOVE."""


def vm_flags_of(task, modes: int) -> int:
    """The VMA flags that the modes of REGISTER stand for."""
    flags = VM_UFFD_MISSING if modes & Mode.MISSING else 0
    flags |= VM_UFFD_WP if modes & Mode.WP else 0
    return flags | (task.version.minor_flag if modes & Mode.MINOR else 0)


def vma_can_userfault(task, vma: Vma, flags: int, ctx) -> bool:
    """Whether this kind of memory can be watched in these modes (vma_can_userfault)."""
    version = task.version
    minor = flags & version.minor_flag
    if minor and not (vma.is_hugetlb or (vma.is_shmem and version.minor_shmem)):
        return False
    return bool(vma.is_anonymous or version.wp_files or not flags & VM_UFFD_WP)


def register(task, step):
    """UFFDIO_REGISTER (userfaultfd_register): all VMAs are checked before any is changed."""
    id = initialised(task, step)
    span, modes = span_of(task, step), step.bits
    say = "userfaultfd_register"
    known = Mode.MISSING | Mode.WP | (Mode.MINOR if task.version.minor_flag else 0)
    task.say(say, f"{id} is to watch {step['vma']} for {names(Mode, modes)}")
    if not modes or modes & ~int(known):
        task.fail(
            Errno.EINVAL, say, "no mode is asked for" if not modes else "a mode is asked for that this kernel lacks"
        )
    flags = vm_flags_of(task, modes)
    validate_range(task, span, say)
    found = find_range(task, span, say, id)
    for run in found:
        _check(task, run, span, flags, id)
    for run in found:
        vma = run.value
        if vma.ctx == id and vma.flags & flags == flags:
            task.do(say, f"the VMA of {place(task, run.start, vma)} is watched so already: it stays as it is")
            continue
        start, end = max(run.start, span.start), min(run.end, span.end)
        run = task.state["vmas", context(task, id).mm].run_at(start)
        task.do(say, f"{pages(vma, start, end)} from {place(task, start, vma)} on have exactly these modes now")
        new = vma._replace(flags=vma.flags & ~task.version.uffd_flags | flags, ctx=id, anon_vma=run.value.anon_vma)
        change(task, run, start, end, new, context(task, id).mm)
    return {"errno": None, "ioctls": _ioctls(task, found, flags, id)}


def find_range(task, span: Span, function: str, id: str) -> list:
    """The VMAs of a range of the context's process; there must be one, and a hugetlb one first must fit.

    :raises Failed: with ENOMEM where the process is gone, with EINVAL for an empty range.
    """
    mm = context(task, id).mm
    if not task.state["mm", mm].alive:
        task.fail(Errno.ENOMEM, function, "the process is gone")
    found = vmas(task, span.start, span.end, mm)
    if not found:
        task.fail(Errno.EINVAL, function, "nothing is mapped there")
    if found[0].value.is_hugetlb and span.start % found[0].value.page_size:
        task.fail(Errno.EINVAL, function, "the range does not begin at a huge page")
    return found


def _check(task, run, span: Span, flags: int, id: str):
    vma, say = run.value, "userfaultfd_register"
    check_invariant(task, run, say)
    if not vma_can_userfault(task, vma, flags, context(task, id)):
        task.fail(Errno.EINVAL, say, f"{vma.mapping} is not of a kind of memory that has these modes")
    if vma.is_hugetlb and span.end < run.end and span.end % vma.page_size:
        task.fail(Errno.EINVAL, say, "the range ends inside a huge page")
    if vma.ctx not in (None, id):
        task.fail(Errno.EBUSY, say, f"{vma.ctx} watches {place(task, run.start, vma)} already")


def _ioctls(task, found, flags: int, id: str) -> int:
    """What REGISTER offers for the range: advice, as the ioctls themselves do not look at it."""
    offered = task.version.ioctls
    hugetlb = any(run.value.is_hugetlb for run in found)
    if hugetlb:
        offered &= HUGETLB_IOCTLS
    if not flags & VM_UFFD_WP:
        offered -= {Ioctl.WRITEPROTECT}
    if task.version.minor_by_feature:
        minor = hugetlb and context(task, id).features & Feature.MINOR_HUGETLBFS
    else:
        minor = flags & task.version.minor_flag
    if not minor:
        offered -= {Ioctl.CONTINUE}
    return ioctl_bits(Ioctl.WAKE, *offered)


def unregister(task, step):
    """UFFDIO_UNREGISTER (userfaultfd_unregister): wakes who waits in MISSING ranges, and nobody else."""
    id = initialised(task, step)
    span, say = span_of(task, step), "userfaultfd_unregister"
    task.say(say, f"{id} is to watch {step['vma']} no longer")
    validate_range(task, span, say)
    found = find_range(task, span, say, id)
    ctx = context(task, id)
    for run in found:
        vma = run.value
        check_invariant(task, run, say)
        if vma.ctx not in (None, id) and not task.version.unregister_foreign:
            task.fail(Errno.EINVAL, say, f"{vma.ctx} watches {place(task, run.start, vma)}, not {id}")
        if not vma_can_userfault(task, vma, vma.flags, ctx):
            task.fail(Errno.EINVAL, say, f"{vma.mapping} is marked with a mode that its kind of memory cannot have")
    for run in found:
        vma = run.value
        if vma.ctx is None:
            continue
        start, end = max(run.start, span.start), min(run.end, span.end)
        if vma.flags & VM_UFFD_MISSING:
            task.do(say, "the range is MISSING: wake whoever waits there")
            wake_userfault(task, vma.ctx, start, end)
        clear_vma(task, task.state["vmas", ctx.mm].run_at(start), start, end, ctx.mm, task.version.unregister_clears_wp)
    return {"errno": None}


def wake(task, step):
    """UFFDIO_WAKE: wakes its own waiters of the range, whatever is mapped there (userfaultfd_wake)."""
    id = initialised(task, step)
    span = span_of(task, step)
    validate_range(task, span, "userfaultfd_wake")
    if not wake_userfault(task, id, span.start, span.end):
        task.decide("userfaultfd_wake", "waits?", "nobody", nobody_waits(task, id))
    return {"errno": None}
