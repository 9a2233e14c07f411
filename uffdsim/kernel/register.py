"""UFFDIO_REGISTER, UFFDIO_UNREGISTER and UFFDIO_WAKE: which ranges a context watches (fs/userfaultfd.c)."""

from uffdsim import words
from uffdsim.kernel.changes import since
from uffdsim.kernel.descriptor import ONE_BIT, check_invariant, unlocked, userfaultfd_clear_vma, userfaultfd_ioctl
from uffdsim.kernel.mm import mode_names, modes, place, vma_modify, vmas
from uffdsim.kernel.pages import Tally
from uffdsim.kernel.span import Span, named, span_of, torn, unmapped, validate_range
from uffdsim.kernel.state import VM_ACCESS, VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, Vma
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.kernel.waiters import asleep, fd_name, tell_nobody, waiting
from uffdsim.runs import Run
from uffdsim.scenario import Step
from uffdsim.uapi import Errno, Feature, Ioctl, Mode, ioctl_bits, names

HUGETLB_IOCTLS = frozenset({Ioctl.COPY, Ioctl.CONTINUE, Ioctl.WRITEPROTECT, Ioctl.POISON, Ioctl.RWPROTECT})
"""What there is of ioctls for huge pages: neither ZEROPAGE nor MOVE."""


def vm_flags_of(task: Task, modes: int) -> int:
    """The VMA flags that the modes of REGISTER stand for."""
    flags = VM_UFFD_MISSING if modes & Mode.MISSING else 0
    flags |= VM_UFFD_WP if modes & Mode.WP else 0
    flags |= VM_UFFD_RWP if modes & Mode.RWP else 0
    return flags | (task.version.minor_flag if modes & Mode.MINOR else 0)


def vma_can_userfault(task: Task, vma: Vma, flags: int) -> bool:
    """Whether this kind of memory can be watched in these modes."""
    return not _cannot(task, vma, flags)


def _cannot(task: Task, vma: Vma, flags: int) -> str:
    """Why this kind of memory cannot be watched in these modes; "" if it can."""
    version = task.version
    if flags & version.minor_flag and not vma.is_hugetlb:
        if vma.is_anonymous:
            return f"{vma.mapping} is anonymous memory, which has no page cache that MINOR could be about"
        if not version.minor_shmem:
            return f"{vma.mapping} is shared memory, which can be MINOR since {since('minor_shmem')}"
    if flags & VM_UFFD_WP and not vma.is_anonymous and not version.wp_files:
        return f"{vma.mapping} maps a file, which can be WP since {since('wp_files')}"
    return ""


def userfaultfd_register(task: Task, step: Step) -> Answer:
    """UFFDIO_REGISTER. All VMAs are checked before any is changed, so that a refusal changes nothing."""
    id = userfaultfd_ioctl(task, step)
    span, asked, say = span_of(task, step), step.bits, "userfaultfd_register"
    task.say(say, f"{id} is asked to watch {step['vma']} for {names(Mode, asked)}")
    _check_modes(task, id, asked)
    flags = vm_flags_of(task, asked)
    validate_range(task, span, say)
    found = find_range(task, span, say, id)
    for run in found:
        _check(task, run, span, flags, id)
    did, changes = Tally(task), []
    for run in found:
        start, end = max(run.start, span.start), min(run.end, span.end)
        if new := _registered(task, run.value, start, end, flags, id, did):
            changes.append((start, end, new))
    mm = context(task, id).mm
    marked = any(run.value.uffd_wp for run in task.state["ptes", mm].over(span.start, span.end))
    unprotected = "; nothing is protected before WRITEPROTECT" if flags & VM_UFFD_WP and not marked else ""
    task.done(say, f"{'' if changes else 'nothing changes: '}{did}{unprotected}")
    for start, end, new in changes:
        # Looked up again: the part before it may have been merged into this VMA.
        run = task.state["vmas", mm].run_at(start)
        vma_modify(task, run, start, end, new._replace(anon_vma=run.value.anon_vma), mm)
    return {"errno": None, "ioctls": _ioctls(task, found, flags, id)}


def _check_modes(task: Task, id: str, asked: int) -> None:
    say, lacks_minor = "userfaultfd_register", not task.version.minor_flag
    if not asked:
        task.fail(Errno.EINVAL, say, "no mode is asked for")
    if unknown := asked & ~sum(Mode):
        task.fail(Errno.EINVAL, say, f"no mode has the bit {unknown:#x}")
    if asked & Mode.RWP:
        if not task.version.features & Feature.RWP:
            task.fail(Errno.EINVAL, say, f"this kernel has no mode RWP, which came with {since('features.RWP')}")
        if not context(task, id).features & Feature.RWP:
            task.fail(Errno.EINVAL, say, f"{id} did not ask for the feature RWP, without which there is no mode RWP")
        if asked & Mode.WP:
            task.fail(Errno.EINVAL, say, "WP and RWP mark entries with the same bit: a range has one of them at most")
    if asked & Mode.MINOR and lacks_minor:
        instead = {"feature": "MISSING and the feature MINOR_HUGETLBFS stand for it"}
        why = instead.get(task.version.design, f"it came with {since('minor_bit')}")
        task.fail(Errno.EINVAL, say, f"this kernel has no mode MINOR: {why}")


def find_range(task: Task, span: Span, function: str, id: str) -> list[Run]:
    """The VMAs of a range of the context's process; there must be one, and a hugetlb one first must fit.

    :raises Failed: with ENOMEM where the process is gone, with EINVAL for an empty range.
    """
    mm = context(task, id).mm
    if not task.state["mm", mm].alive:
        task.fail(Errno.ENOMEM, function, f"{fd_name(task, id)} is for the memory of a child that has ended")
    found = vmas(task, span.start, span.end, mm)
    if not found:
        task.fail(Errno.EINVAL, function, unmapped(task, span, mm))
    first = found[0].value
    if first.is_hugetlb and span.start % first.page_size:
        task.fail(Errno.EINVAL, function, torn(span, first))
    return found


def _check(task: Task, run: Run, span: Span, flags: int, id: str) -> None:
    vma, say = run.value, "userfaultfd_register"
    check_invariant(task, run, say)
    if why := _cannot(task, vma, flags):
        task.fail(Errno.EINVAL, say, why)
    if flags & VM_UFFD_RWP and not vma.flags & VM_ACCESS:
        why = f"{vma.mapping} may not be accessed at all, so that nothing could be given back"
        task.fail(Errno.EINVAL, say, why)
    if vma.is_hugetlb and span.end < run.end and span.end % vma.page_size:
        task.fail(Errno.EINVAL, say, torn(span, vma))
    if vma.ctx not in (None, id):
        task.fail(Errno.EBUSY, say, f"{vma.ctx} watches {place(task, run.start, vma)} already, and only one can")
    dropped = vma.flags & ~flags & (VM_UFFD_WP | VM_UFFD_RWP)
    if vma.ctx == id and dropped and not task.version.register_drops:
        mode = mode_names(task, dropped)
        why = f"entries may have marks of {mode}, and only UNREGISTER takes these away"
        task.fail(Errno.EBUSY, say, f"{place(task, run.start, vma)} is registered {mode}: {why}")


def _registered(task: Task, vma: Vma, start: int, end: int, flags: int, id: str, did: Tally) -> Vma | None:
    """What part of a VMA becomes when it is registered: its modes are replaced, not added to.

    :returns: None if it has all these modes already; then it stays as it is, even if it has more.
    """
    if vma.ctx == id and vma.flags & flags == flags:
        did.add(vma, start, end, f"{{pages}} {{be}} registered {modes(task, vma)} already")
        return None
    new = vma._replace(flags=vma.flags & ~task.version.uffd_flags | flags, ctx=id)
    dropped = mode_names(task, vma.flags & ~flags) if vma.ctx == id else ""
    no_longer = f", and no longer {dropped}" if dropped else ""
    did.add(vma, start, end, f"{{pages}} {{be}} registered {modes(task, new)}{no_longer}{unlocked(task, vma, new)}")
    return new


def _ioctls(task: Task, found: list[Run], flags: int, id: str) -> int:
    """What REGISTER offers for the range: advice, as the ioctls themselves do not look at it."""
    offered = task.version.ioctls
    hugetlb = any(run.value.is_hugetlb for run in found)
    if hugetlb:
        offered &= HUGETLB_IOCTLS
    if not flags & VM_UFFD_WP:
        offered -= {Ioctl.WRITEPROTECT}
    if not flags & VM_UFFD_RWP:
        offered -= {Ioctl.RWPROTECT}
    if task.version.minor_by_feature:
        minor = hugetlb and bool(context(task, id).features & Feature.MINOR_HUGETLBFS)
    else:
        minor = bool(flags & task.version.minor_flag)
    if not minor:
        offered -= {Ioctl.CONTINUE}
    return ioctl_bits(Ioctl.WAKE, *(offered - {Ioctl.SET_MODE}))


def userfaultfd_unregister(task: Task, step: Step) -> Answer:
    """UFFDIO_UNREGISTER: wakes who waits in MISSING ranges, and nobody else."""
    id = userfaultfd_ioctl(task, step)
    span, say = span_of(task, step), "userfaultfd_unregister"
    task.say(say, f"{id} is asked to stop watching {step['vma']}")
    validate_range(task, span, say)
    found = find_range(task, span, say, id)
    for run in found:
        vma = run.value
        check_invariant(task, run, say)
        if vma.ctx not in (None, id) and not task.version.unregister_foreign:
            task.fail(Errno.EINVAL, say, f"{vma.ctx} watches {place(task, run.start, vma)}, not {id}")
        # Looks at the flags that are there, not at any that are asked for: a bit that means two things shows here.
        if why := _cannot(task, vma, vma.flags):
            bit = f"{modes(task, vma)}, as {ONE_BIT}" if task.version.shares_bit else modes(task, vma)
            task.fail(Errno.EINVAL, say, f"{vma.mapping} is marked {bit}; {why}")
    did, mm = Tally(task), context(task, id).mm
    for run in found:
        if run.value.ctx is not None:
            _unregister(task, run, max(run.start, span.start), min(run.end, span.end), mm, did)
    left = asleep(task, mm, span)
    told = str(did) or f"nothing changes: nobody watches {named(task, span)}"
    task.done(say, f"{told}; {left}: UNREGISTER wakes only who waits where MISSING is registered" if left else told)
    return {"errno": None}


def _unregister(task: Task, run: Run, start: int, end: int, mm: str, did: Tally) -> None:
    say, vma = "userfaultfd_unregister", run.value
    if vma.flags & VM_UFFD_MISSING:
        task.do(say, "the range is MISSING: wake whoever waits there")
        wake_userfault(task, vma.ctx, start, end)
    # Looked up again: the part before it may have been merged into this VMA.
    run = task.state["vmas", mm].run_at(start)
    userfaultfd_clear_vma(task, run, start, end, mm, task.version.unregister_clears_wp, did)


def userfaultfd_wake(task: Task, step: Step) -> Answer:
    """UFFDIO_WAKE: wakes its own waiters of the range, whatever is mapped there."""
    id = userfaultfd_ioctl(task, step)
    span = span_of(task, step)
    validate_range(task, span, "userfaultfd_wake")
    meant = [wait.thread for ctx, wait in waiting(task, context(task, id).mm, span) if ctx == id]
    if meant:
        task.done("userfaultfd_wake", f"{words.listed(meant)} waited there")
    else:
        tell_nobody(task, id, span)
    wake_userfault(task, id, span.start, span.end)
    return {"errno": None}
