"""The userfaultfd context: who sleeps in it, what it tells, and how it wakes (fs/userfaultfd.c)."""

from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, Context, Vma, Wait
from uffdsim.kernel.vm_fault import RETRY, SIGBUS
from uffdsim.trace import Kind
from uffdsim.uapi import Feature, PagefaultFlag

_SIGBUS = int(Feature.SIGBUS)
_THREAD_ID = int(Feature.THREAD_ID)
_EXACT_ADDRESS = int(Feature.EXACT_ADDRESS)
_MINOR_HUGETLBFS = int(Feature.MINOR_HUGETLBFS)
_WP_ASYNC = int(Feature.WP_ASYNC)
_WRITE, _WP, _MINOR = int(PagefaultFlag.WRITE), int(PagefaultFlag.WP), int(PagefaultFlag.MINOR)


def userfaultfd_minor(fault, function: str) -> bool:
    """Whether a page that the cache has is to be a minor fault: the question the designs answer differently.

    :param function: the one that asks. It tells, as this is inlined, but where the descriptor has a say.
    """
    task, vma, version = fault.task, fault.vma, fault.task.version
    if vma.is_shmem and not version.minor_shmem:
        return False
    if version.minor_by_feature:
        wanted = bool(vma.flags & VM_UFFD_MISSING) and bool(context(task, vma.ctx).features & _MINOR_HUGETLBFS)
        text = (
            "the VMA is MISSING and its descriptor asked for MINOR_HUGETLBFS"
            if wanted
            else "nobody asked for minor faults"
        )
        task.decide("userfaultfd_minor", "mode?", "MINOR" if wanted else "none", text, Kind.CALL)
        return wanted
    if vma.flags & version.minor_flag:
        why = "the VMA is registered MINOR: let go of the page, drop the locks, ask user space"
        task.decide(function, "mode?", "MINOR", why)
        return True
    task.decide(function, "mode?", "none", "the VMA is not registered MINOR: map what is there")
    return False


def userfaultfd_wp_async(task, vma: Vma) -> bool:
    """Whether writes to protected pages are let through and only noted."""
    return bool(context(task, vma.ctx).features & _WP_ASYNC)


def handle_userfault(fault, reason: int):
    """Leave a message for user space, sleep until somebody wakes us, and let the access be tried again.

    :param reason: the VMA flag of the mode that is to blame.
    :returns: RETRY, or SIGBUS where user space is not to be asked.
    """
    task, vma, say = fault.task, fault.vma, "handle_userfault"
    fault.shorten(fault.one_page)
    if vma.ctx is None:
        fault.why = "the VMA has a mode's flag, and nobody who watches: SIGBUS"
        task.say(say, fault.why)
        return SIGBUS
    ctx = context(task, vma.ctx)
    task.say(say, f"{vma.ctx} watches {fault.where}: may it be asked?")
    if ctx.features & _SIGBUS:
        why = f"{vma.ctx} asked for the feature SIGBUS: a signal, and no message"
        return fault.stop(SIGBUS, say, "gate?", "SIGBUS", why)
    if ctx.user_mode_only and not fault.user:
        why = f"{vma.ctx} takes no faults of the kernel's own: SIGBUS"
        return fault.stop(SIGBUS, say, "gate?", "user mode only", why)
    if not fault.may_wait:
        return fault.stop(SIGBUS, say, "gate?", "may not wait", "the locks cannot be dropped here: SIGBUS")
    message = userfault_msg(fault, ctx, reason)
    said = dict(message)
    task.do(say, f"join fault_pending_wqh of {vma.ctx} with a message: flags {said['flags']}")
    update(task, vma.ctx, pending=(*ctx.pending, Wait(task.name, message, said["address"])))
    if vma.is_hugetlb and task.version.must_wait_locks and task.version.has_vma_lock:
        userfaultfd_huge_must_wait(task)
    text = "drop the mmap lock, wake whoever polls, and sleep"
    yield from task.sleep(say, text, vma.ctx, fault.start, fault.place)
    forget(task, vma.ctx)
    task.say("userfaultfd_ctx_put", "awake: give the context back; the access is tried again from the start")
    return RETRY


def userfaultfd_huge_must_wait(task):
    """Look at the entry once more, now that the thread stands in the queue.

    Whoever filled the page after the first look, and before the thread joined the queue, found nobody to wake: without
    this second look it would sleep for ever. In virtual time nobody comes between.
    """
    task.say("hugetlb_vma_lock_read", "look at the entry once more")
    task.decide("userfaultfd_huge_must_wait", "wait?", "yes", "nobody has resolved it meanwhile")
    task.say("hugetlb_vma_unlock_read", "give the VMA lock back")


def userfault_msg(fault, ctx: Context, reason: int) -> tuple:
    """The message about a fault."""
    flags = _WRITE if fault.write else 0
    if reason == VM_UFFD_WP:
        flags |= _WP
    elif reason != VM_UFFD_MISSING:
        flags |= _MINOR
    address = fault.address if ctx.features & _EXACT_ADDRESS else fault.start
    thread = fault.task.name if ctx.features & _THREAD_ID else None
    return (("event", "PAGEFAULT"), ("flags", flags), ("address", address), ("ptid", thread))


def userfaultfd_event_wait_completion(task, id: str, message: tuple, child: str = ""):
    """Leave an event for user space, and sleep until it is read or nobody can read it any more."""
    ctx = context(task, id)
    if not ctx.released:
        task.say("userfaultfd_event_wait_completion", f"join event_wqh of {id} with a message: {message[0][1]}")
        update(task, id, events=(*ctx.events, Wait(task.name, message, child=child)))
        yield from task.sleep("userfaultfd_event_wait_completion", "sleep until it is read", id)
    task.say("userfaultfd_ctx_put", f"awake: {id} may fill pages again, unless more changes wait")
    ctx = context(task, id)
    update(task, id, changing=ctx.changing - 1)


def wake_userfault(task, id: str, start: int, end: int):
    """Wake whoever waits in a context for an address of the range."""
    ctx = context(task, id)
    if ctx.pending or ctx.reading:
        __wake_userfault(task, id, start, end)


def __wake_userfault(task, id: str, start: int, end: int):
    """The same, where anybody waits at all."""
    task.say("__wake_userfault", f"look through the two queues of {id}")
    __wake_up(task, id, start, end)


def __wake_up(task, id: str, start: int, end: int):
    """Try each waiter, the youngest of each queue first, as each joined at the head (kernel/sched/wait.c)."""
    ctx = context(task, id)
    for queue in (ctx.pending, ctx.reading):
        for wait in reversed(queue):
            userfaultfd_wake_function(task, id, wait, start, end)


def userfaultfd_wake_function(task, id: str, wait: Wait, start: int, end: int):
    """Wake one waiter if it waits in the range; by the address in its message, whatever is mapped there."""
    say = "userfaultfd_wake_function"
    if start <= wait.address < end:
        task.say(say, f"{wait.thread} waits in this range")
        forget_wait(task, id, wait)
        task.wake(wait.thread, say, f"{wait.thread} leaves the queue, and may run")
    else:
        task.say(say, f"{wait.thread} waits elsewhere: it sleeps on")


def forget_wait(task, id: str, wait: Wait):
    """Take a waiter out of its queue."""
    ctx = context(task, id)
    left = {name: tuple(w for w in getattr(ctx, name) if w != wait) for name in ("pending", "reading")}
    task.state.set(("ctx", id), ctx._replace(**left))


def forget(task, id: str):
    """Make sure that the task is in no queue of faults any more."""
    ctx = context(task, id)
    for wait in (*ctx.pending, *ctx.reading):
        if wait.thread == task.name:
            forget_wait(task, id, wait)


def context(task, id: str) -> Context:
    return task.state["ctx", id]


def update(task, id: str, **fields):
    """Change a context."""
    task.state.set(("ctx", id), context(task, id)._replace(**fields))
