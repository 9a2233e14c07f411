"""The descriptor of a userfaultfd: opened, given its features, read, closed (fs/userfaultfd.c)."""

from uffdsim.kernel.changes import since
from uffdsim.kernel.mm import place, vma_modify
from uffdsim.kernel.pages import Tally, pages
from uffdsim.kernel.protection import uffd_wp_range
from uffdsim.kernel.state import VM_LOCKED, VM_UFFD_WP, Context, Vma, Wait
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd import __wake_up, context, update
from uffdsim.runs import END, Run
from uffdsim.scenario import Step
from uffdsim.trace import Kind
from uffdsim.uapi import UFFD_API, Errno, Feature, Ioctl, ioctl_bits, names

ONE_BIT = "VM_LOCKED and VM_UFFD_MINOR are one bit"
"""What explains the wonders of version 5 of the patch that brought minor faults."""
API_IOCTLS = ioctl_bits(Ioctl.REGISTER, Ioctl.UNREGISTER, Ioctl.API)


def new_userfaultfd(task: Task, step: Step) -> Answer:
    """The op userfaultfd: userfaultfd(2), non-blocking. Always allowed: the model's process is root."""
    id = step["id"]
    task.say("new_userfaultfd", f"a new context, {id}, which watches nothing yet")
    task.state.set(("ctx", id), Context(task.mm, step["user_mode_only"]))
    task.state.set(("fd", id), id)
    return {"errno": None}


def fdget(task: Task, step: Step) -> str:
    """The context that a step's descriptor stands for.

    :raises Failed: with EBADF where there is none.
    """
    id = task.state["fd", step["fd"]]
    if not id:
        task.fail(Errno.EBADF, "fdget", f"{step['fd']} is no open descriptor")
    return id


def userfaultfd_ioctl(task: Task, step: Step) -> str:
    """What all ioctls but UFFDIO_API begin with: they want a descriptor that has had its handshake.

    :returns: its context.
    :raises Failed: with EBADF, or with EINVAL before the handshake.
    """
    id = fdget(task, step)
    task.say("userfaultfd_ioctl", f"UFFDIO_{step.op.upper()} on {id}")
    if not context(task, id).initialised:
        task.fail(Errno.EINVAL, "userfaultfd_ioctl", f"{id} has had no handshake yet (UFFDIO_API)")
    return id


def userfaultfd_api(task: Task, step: Step) -> Answer:
    """UFFDIO_API: the handshake. A refusal leaves the descriptor as it was, and it may be asked again."""
    id = fdget(task, step)
    asked, say = step.bits, "userfaultfd_api"
    task.say("userfaultfd_ioctl", f"UFFDIO_API on {id}")
    task.say(say, f"{id} is asked for API {step['api']:#x} with features {names(Feature, asked)}")
    if step["api"] != UFFD_API:
        task.fail(Errno.EINVAL, say, f"the API is {UFFD_API:#x}, and there is no {step['api']:#x}")
    if unknown := asked & ~task.version.features:
        task.fail(Errno.EINVAL, say, _unknown(unknown))
    if context(task, id).initialised:
        task.fail(Errno.EINVAL, say, f"{id} has had its handshake, and there is only one")
    # Implied, so not looked up above: a kernel that knows WP_ASYNC knows this too.
    implied = int(Feature.WP_UNPOPULATED) if asked & Feature.WP_ASYNC else 0
    task.done(say, f"{id} may register ranges now")
    update(task, id, initialised=True, features=asked | implied)
    return {"errno": None, "features": task.version.features, "ioctls": API_IOCTLS}


def _unknown(unknown: int) -> str:
    """Which features the kernel does not know: ``this kernel does not know WP_ASYNC, which came with 6.7``."""
    told = []
    for feature in Feature:
        if feature & unknown:
            came = since(f"features.{feature.name}")
            told.append(f"{feature.name}{f', which came with {came}' if came else ''}")
    if bits := unknown & ~sum(Feature):
        told.append(f"{bits:#x}, for which there is no name")
    return f"this kernel does not know {'; nor '.join(told)}"


def userfaultfd_read_iter(task: Task, step: Step) -> Answer:
    """The op read_event: read(2) of one message."""
    if step["child"]:
        task.state.set(("fd", step["child"]), "")
    id = fdget(task, step)
    task.say("userfaultfd_read_iter", f"one message of {id} is wanted")
    if not context(task, id).initialised:
        task.fail(Errno.EINVAL, "userfaultfd_read_iter", f"{id} has had no handshake yet (UFFDIO_API)")
    return {"errno": None} | _fields(task, userfaultfd_ctx_read(task, step, id))


def userfaultfd_ctx_read(task: Task, step: Step, id: str) -> Wait:
    """The oldest fault's message, or else the oldest event's: a fault waits for nothing that an event could bring.

    :raises Failed: with EAGAIN if there is neither.
    """
    say, ctx = "userfaultfd_ctx_read", context(task, id)
    task.say(say, "faults come first, then events")
    if ctx.pending:
        wait, *rest = ctx.pending
        text = f"{wait.thread}'s fault is the oldest that is unread; {wait.thread} moves to fault_wqh and sleeps on"
        task.say(say, text, Kind.MESSAGE, target=wait.thread, outcome=True)
        update(task, id, pending=tuple(rest), reading=(*ctx.reading, wait))
        return wait
    if ctx.events:
        wait, *rest = ctx.events
        text = f"no fault is unread, and {wait.thread}'s {wait.event} is the oldest event: {wait.thread} may go on"
        task.say(say, text, Kind.MESSAGE, target=wait.thread, outcome=True)
        update(task, id, events=tuple(rest))
        if wait.child:
            resolve_userfault_fork(task, wait.child, step["child"])
        task.wake(wait.thread, say, f"{wait.thread} may go on with what it was doing")
        return wait
    read = [wait.thread for wait in ctx.reading]
    waits = f"; the message of {' and of '.join(read)} was read before" if read else ""
    task.fail(Errno.EAGAIN, say, f"nothing to read{waits}")


def resolve_userfault_fork(task: Task, ctx: str, name: str | None) -> None:
    """The reader of a FORK message gets a descriptor for the child's memory."""
    fd = name or ctx
    task.say("resolve_userfault_fork", f"a descriptor for the child's memory, {fd}, is opened for the reader")
    task.state.set(("fd", fd), ctx)
    update(task, ctx, refs=context(task, ctx).refs + 1)


def _fields(task: Task, wait: Wait) -> dict:
    message = dict(wait.message)
    for key in ("start", "from", "to"):
        if key in message:
            message[key] = _named(task, message[key])
    if message["event"] == "PAGEFAULT":
        where = _named(task, message.pop("address"))
        message = {"event": "PAGEFAULT", "flags": message["flags"], **where, "ptid": message["ptid"]}
    return message


def _named(task: Task, address: int) -> dict:
    """An address as the scenario names it: after the mapping that is there, or was last."""
    mapping = task.state["names", "main"].at(address)
    page, offset = divmod(address - mapping.start, mapping.page_size)
    return {"vma": mapping.id, "page": page, "offset": offset}


def close(task: Task, step: Step) -> Answer:
    """The op close: close(2). The context is released with its last descriptor."""
    id = fdget(task, step)
    task.state.set(("fd", step["fd"]), "")
    if not fput(task, id):
        task.done("", f"{id} stays, with all that it watches: a child has a descriptor for it, too")
    return {"errno": None}


def fput(task: Task, id: str) -> bool:
    """One descriptor fewer stands for a context; whether it was the last."""
    refs = context(task, id).refs - 1
    update(task, id, refs=refs)
    if refs == 0:
        userfaultfd_release(task, id)
    return refs == 0


def userfaultfd_release(task: Task, id: str) -> None:
    """Nobody can answer any more: watch nothing, then wake everyone, who would else fault into it again."""
    say = "userfaultfd_release"
    task.say(say, f"the last descriptor of {id} is closed")
    update(task, id, released=True)
    ctx, did = context(task, id), Tally(task)
    if task.state["mm", ctx.mm].alive:
        task.say("userfaultfd_release_all", "look through all VMAs of the process")
        for run in list(task.state["vmas", ctx.mm]):
            check_invariant(task, run, say)
            if run.value.ctx == id:
                userfaultfd_clear_vma(task, run, run.start, run.end, ctx.mm, task.version.release_clears_wp, did)
        task.done(say, str(did) or f"{id} watched nothing")
    __wake_up(task, id, 0, END)
    for wait in context(task, id).events:
        task.wake(wait.thread, say, f"{wait.thread} need not wait for a reader any more")
    update(task, id, events=())
    task.say("userfaultfd_ctx_put", f"give {id} back")


def check_invariant(task: Task, run: Run, function: str) -> None:
    """Every VMA with a context has a mode, and the other way round: older kernels insist (a BUG_ON)."""
    vma = run.value
    if task.version.bugs and (vma.ctx is None) == bool(vma.flags & task.version.uffd_flags):
        has = "has no context, yet a mode's flag" if vma.ctx is None else "has a context, and no mode's flag"
        why = f", as {ONE_BIT}" if task.version.shares_bit else ""
        task.oops(function, f"{place(task, run.start, vma)} {has}{why}")


def userfaultfd_clear_vma(task: Task, run: Run, start: int, end: int, mm: str, lift: bool, did: Tally) -> None:
    """Stop watching part of a VMA, lift its write protection if that is to be, and note what was done."""
    vma = run.value
    new = vma._replace(flags=vma.flags & ~task.version.uffd_flags, ctx=None)
    task.say("userfaultfd_clear_vma", f"{pages(task, vma, start, end)}: no context and no mode any more")
    marks = ""
    if any(pte.uffd_wp for _, _, pte in task.state["ptes", mm].over(start, end)):
        marks = ", nor protected" if lift else "; marks of write protection stay, and nobody minds them"
    did.add(vma, start, end, f"{{pages}} {{be}} not watched any more{marks}{unlocked(task, vma, new)}")
    if lift and vma.flags & VM_UFFD_WP:
        uffd_wp_range(task, vma, start, end, protect=False, mm=mm)
    vma_modify(task, run, start, end, new, mm)


def unlocked(task: Task, vma: Vma, new: Vma) -> str:
    """That a lock is lost on the way, where MINOR and the lock are one bit."""
    lost = task.version.shares_bit and vma.flags & ~new.flags & VM_LOCKED and not vma.is_hugetlb
    return f", nor locked, as {ONE_BIT}" if lost else ""
