"""The userfaultfd context: who sleeps in it, what it tells, and how it wakes (fs/userfaultfd.c)."""

from typing import Any

from uffdsim import words
from uffdsim.kernel.mm import place
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_RWP, VM_UFFD_WP, Context, Vma, Wait
from uffdsim.kernel.task import Sleeping, Task
from uffdsim.kernel.vm_fault import RETRY, SIGBUS, Fault
from uffdsim.uapi import Feature, PagefaultFlag

_SIGBUS = int(Feature.SIGBUS)
_THREAD_ID = int(Feature.THREAD_ID)
_EXACT_ADDRESS = int(Feature.EXACT_ADDRESS)
_WRITE, _WP, _MINOR = int(PagefaultFlag.WRITE), int(PagefaultFlag.WP), int(PagefaultFlag.MINOR)
_RWP = int(PagefaultFlag.RWP)


def handle_userfault(fault: Fault, reason: int) -> Sleeping[str]:
    """Leave a message for user space, sleep until somebody wakes us, and let the access be tried again.

    :param reason: the VMA flag of the mode that is to blame.
    :returns: RETRY, or SIGBUS where user space is not to be asked.
    """
    task, vma, say = fault.task, fault.vma, "handle_userfault"
    fault.shorten(fault.one_page)
    if vma.ctx is None:
        task.say(say, "who has to be asked?")
        return fault.stop(SIGBUS, say, "gate?", "SIGBUS", f"no userfaultfd watches {fault.where}")
    ctx = context(task, vma.ctx)
    task.say(say, f"{vma.ctx} watches {fault.where}: may it be asked?")
    if ctx.features & _SIGBUS:
        instead = "a signal" if fault.user else "an error"
        why = f"{vma.ctx} has the feature SIGBUS: a {_kind(fault, reason)} is {instead}, and no message"
        return fault.stop(SIGBUS, say, "gate?", "SIGBUS", why)
    if ctx.user_mode_only and not fault.user:
        why = f"{vma.ctx} takes faults of user mode only: the kernel's {_kind(fault, reason)} is an error"
        return fault.stop(SIGBUS, say, "gate?", "user mode only", why)
    if not fault.may_wait:
        why = f"the locks cannot be dropped here to wait: a {_kind(fault, reason)} is an error"
        return fault.stop(SIGBUS, say, "gate?", "may not wait", why)
    message = userfault_msg(fault, ctx, reason)
    said = dict(message)
    flags = said["flags"]
    task.do(say, lambda: f"join fault_pending_wqh of {vma.ctx} with a message: flags {words.flags(flags)}")
    update(task, vma.ctx, pending=(*ctx.pending, Wait(task.name, message, said["address"])))
    if vma.is_hugetlb and task.version.must_wait_locks and task.version.has_vma_lock:
        userfaultfd_huge_must_wait(task)
    wake_readers(task, vma.ctx, say)
    text = "give every lock back, wake whoever polls (fd_wqh), and sleep"
    yield from task.sleep(say, text, vma.ctx, fault.start, place=fault.place, flags=flags)
    task.say("userfaultfd_ctx_put", "awake: give the context back; the access is tried again from the start")
    forget(task, vma.ctx)
    return RETRY


def _kind(fault: Fault, reason: int) -> str:
    """What user space would be asked about: ``missing fault of page 0 of mem``."""
    kinds = {VM_UFFD_MISSING: "missing", VM_UFFD_WP: "write-protect", VM_UFFD_RWP: "read-write-protect"}
    kind = kinds.get(reason, "minor")
    return f"{kind} fault of {fault.where}"


def userfaultfd_huge_must_wait(task: Task) -> None:
    """Look at the entry once more, now that the thread is in the queue.

    Whoever filled the page after the first look, and before the thread joined the queue, found nobody to wake: without
    this second look it would sleep for ever. In virtual time nobody comes between.
    """
    task.say("hugetlb_vma_lock_read", "look at the entry once more")
    task.decide("userfaultfd_huge_must_wait", "wait?", "yes", "nobody has resolved it meanwhile")
    task.say("hugetlb_vma_unlock_read", "give the hugetlb VMA lock back")


def userfault_msg(fault: Fault, ctx: Context, reason: int) -> tuple:
    """The message about a fault."""
    flags = _WRITE if fault.write else 0
    if reason == VM_UFFD_WP:
        flags |= _WP
    elif reason == VM_UFFD_RWP:
        flags |= _RWP
    elif reason != VM_UFFD_MISSING:
        flags |= _MINOR
    address = fault.address if ctx.features & _EXACT_ADDRESS else fault.start
    thread = fault.task.name if ctx.features & _THREAD_ID else None
    return (("event", "PAGEFAULT"), ("flags", flags), ("address", address), ("ptid", thread))


def userfaultfd_event_wait_completion(task: Task, id: str, message: tuple, child: str = "") -> Sleeping[None]:
    """Leave an event for user space, and sleep until it is read or nobody can read it any more."""
    ctx = context(task, id)
    if not ctx.released:
        task.say("userfaultfd_event_wait_completion", f"join event_wqh of {id} with a message: {message[0][1]}")
        update(task, id, events=(*ctx.events, Wait(task.name, message, child=child)))
        wake_readers(task, id, "userfaultfd_event_wait_completion")
        text = f"the {message[0][1]} message of {id} has not been read yet"
        yield from task.sleep("userfaultfd_event_wait_completion", text, id)
    task.say("userfaultfd_ctx_put", f"awake: {id} may fill pages again, unless more changes wait")
    ctx = context(task, id)
    update(task, id, changing=ctx.changing - 1)


def wake_readers(task: Task, id: str, function: str) -> None:
    """Wake whoever waits in a read, as there is a message now."""
    readers = context(task, id).readers
    if readers:
        update(task, id, readers=())
    for thread in readers:
        task.wake(thread, function, f"{thread}, which waits in a read, has a message now")


def wake_userfault(task: Task, id: str, start: int, end: int) -> int:
    """Wake whoever waits in a context for an address of the range; how many did."""
    ctx = context(task, id)
    return __wake_userfault(task, id, start, end) if ctx.pending or ctx.reading else 0


def __wake_userfault(task: Task, id: str, start: int, end: int) -> int:
    """The same, where anybody waits at all."""
    task.say("__wake_userfault", f"look through the two queues of {id}")
    return __wake_up(task, id, start, end)


def __wake_up(task: Task, id: str, start: int, end: int) -> int:
    """Try each waiter, the youngest of each queue first, as each joined at the head (kernel/sched/wait.c)."""
    ctx = context(task, id)
    waits = [wait for queue in (ctx.pending, ctx.reading) for wait in reversed(queue)]
    return sum(userfaultfd_wake_function(task, id, wait, start, end) for wait in waits)


def userfaultfd_wake_function(task: Task, id: str, wait: Wait, start: int, end: int) -> bool:
    """Wake one waiter if it waits in the range: by the address in its message, whatever is mapped there."""
    say, inside = "userfaultfd_wake_function", start <= wait.address < end
    where = place(task, wait.address)
    if inside:
        task.say(say, f"{wait.thread} waits for {where}, in this range")
        forget_wait(task, id, wait)
        task.wake(wait.thread, say, f"{wait.thread}, which waited for {where}, leaves the queue and may run")
    else:
        task.say(say, f"{wait.thread} waits for {where}, not in this range: it sleeps on")
    return inside


def forget_wait(task: Task, id: str, wait: Wait) -> None:
    """Take a waiter out of its queue."""
    ctx = context(task, id)
    left = {name: tuple(w for w in getattr(ctx, name) if w != wait) for name in ("pending", "reading")}
    update(task, id, **left)


def forget(task: Task, id: str) -> None:
    """Make sure that the task is in no queue of faults any more."""
    ctx = context(task, id)
    for wait in (*ctx.pending, *ctx.reading):
        if wait.thread == task.name:
            forget_wait(task, id, wait)


def context(task: Task, id: str) -> Context:
    return task.state["ctx", id]


def features_of(task: Task, vma: Vma) -> int:
    """The features of the context that watches a VMA; 0 where none does."""
    return context(task, vma.ctx).features if vma.ctx is not None else 0


def update(task: Task, id: str, **fields: Any) -> None:
    """Change a context."""
    task.state.set(("ctx", id), context(task, id)._replace(**fields))
