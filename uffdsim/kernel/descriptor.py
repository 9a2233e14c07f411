"""The descriptor of a userfaultfd: opened, given its features, read, closed (fs/userfaultfd.c)."""

from uffdsim.kernel.mm import change, pages, place
from uffdsim.kernel.protection import uffd_wp_range
from uffdsim.kernel.state import VM_UFFD_WP, Context
from uffdsim.kernel.userfaultfd import __wake_up, context, update
from uffdsim.runs import END
from uffdsim.trace import Kind
from uffdsim.uapi import UFFD_API, Errno, Feature, Ioctl, ioctl_bits, names

API_IOCTLS = ioctl_bits(Ioctl.REGISTER, Ioctl.UNREGISTER, Ioctl.API)


def open_userfaultfd(task, step):
    """The op userfaultfd: userfaultfd(2), non-blocking. Always allowed: the model's process is root."""
    id = step["id"]
    task.say("new_userfaultfd", f"a new context, {id}, which watches nothing yet")
    task.state.set(("ctx", id), Context(task.mm, step["user_mode_only"]))
    task.state.set(("fd", id), id)
    return {"errno": None}


def ctx_of(task, step) -> str:
    """The context that a step's descriptor stands for.

    :raises Failed: with EBADF where there is none.
    """
    id = task.state["fd", step["fd"]]
    if not id:
        task.fail(Errno.EBADF, "fdget", f"{step['fd']} is no open descriptor")
    return id


def api(task, step):
    """UFFDIO_API: the handshake (userfaultfd_api)."""
    id = ctx_of(task, step)
    features = step.bits
    task.say("userfaultfd_ioctl", f"UFFDIO_API on {id}")
    task.say("userfaultfd_api", f"{id} is asked for API {step['api']:#x} with features {names(Feature, features)}")
    if step["api"] != UFFD_API:
        task.fail(Errno.EINVAL, "userfaultfd_api", f"the API is {UFFD_API:#x} and no other")
    if features & Feature.WP_ASYNC:
        features |= int(Feature.WP_UNPOPULATED)
    if features & ~task.version.features:
        lacking = names(Feature, features & ~task.version.features)
        task.fail(Errno.EINVAL, "userfaultfd_api", f"this kernel does not have {lacking}")
    if context(task, id).initialised:
        task.fail(Errno.EINVAL, "userfaultfd_api", f"{id} has had its handshake")
    task.do("userfaultfd_api", f"{id} may register ranges now")
    update(task, id, initialised=True, features=features)
    return {"errno": None, "features": task.version.features, "ioctls": API_IOCTLS}


def initialised(task, step) -> str:
    """The context of a step's descriptor, after its handshake.

    :raises Failed: with EBADF, or with EINVAL before the handshake.
    """
    id = ctx_of(task, step)
    task.say("userfaultfd_ioctl", f"UFFDIO_{step.op.upper()} on {id}")
    if not context(task, id).initialised:
        task.fail(Errno.EINVAL, "userfaultfd_ioctl", f"{id} has had no handshake yet (UFFDIO_API)")
    return id


def read_event(task, step):
    """The op read_event: read(2) of one message: the oldest fault's, else the oldest event's (userfaultfd_ctx_read)."""
    if step["child"]:
        task.state.set(("fd", step["child"]), "")
    id = ctx_of(task, step)
    task.say("userfaultfd_read_iter", f"one message of {id} is wanted")
    ctx = context(task, id)
    if not ctx.initialised:
        task.fail(Errno.EINVAL, "userfaultfd_read_iter", f"{id} has had no handshake yet (UFFDIO_API)")
    task.say("userfaultfd_ctx_read", "faults come first, then events")
    if ctx.pending:
        wait, *rest = ctx.pending
        text = f"the oldest fault's message goes out; {wait.thread} moves to fault_wqh and sleeps on"
        task.say("userfaultfd_ctx_read", text, Kind.MESSAGE, target=wait.thread)
        update(task, id, pending=tuple(rest), reading=(*ctx.reading, wait))
        return {"errno": None} | _fields(task, wait)
    if ctx.events:
        wait, *rest = ctx.events
        text = f"no fault is pending; the oldest event's message goes out: {wait.event}"
        task.say("userfaultfd_ctx_read", text, Kind.MESSAGE, target=wait.thread)
        update(task, id, events=tuple(rest))
        if wait.child:
            _receive_child(task, wait.child, step["child"])
        task.wake(wait.thread, "userfaultfd_ctx_read", f"{wait.thread} may go on with what it was doing")
        return {"errno": None} | _fields(task, wait)
    task.fail(Errno.EAGAIN, "userfaultfd_ctx_read", "nothing to read")


def _receive_child(task, ctx: str, name: str | None):
    """The reader of a FORK message gets a descriptor for the child's memory (resolve_userfault_fork)."""
    fd = name or ctx
    task.say("resolve_userfault_fork", f"a descriptor for the child's memory, {fd}, is opened for the reader")
    task.state.set(("fd", fd), ctx)
    update(task, ctx, refs=context(task, ctx).refs + 1)


def _fields(task, wait) -> dict:
    message = dict(wait.message)
    for key in ("start", "from", "to"):
        if key in message:
            message[key] = _named(task, message[key])
    if message["event"] == "PAGEFAULT":
        where = _named(task, message.pop("address"))
        message = {"event": "PAGEFAULT", "flags": message["flags"], **where, "ptid": message["ptid"]}
    return message


def _named(task, address: int) -> dict:
    """An address as the scenario names it: after the mapping that is there, or was last."""
    mapping = task.state["names", "main"].at(address)
    page, offset = divmod(address - mapping.start, mapping.page_size)
    return {"vma": mapping.id, "page": page, "offset": offset}


def close(task, step):
    """The op close: the context is released with its last descriptor (userfaultfd_release)."""
    id = ctx_of(task, step)
    task.state.set(("fd", step["fd"]), "")
    drop(task, id)
    return {"errno": None}


def drop(task, id: str):
    """One descriptor fewer stands for a context."""
    refs = context(task, id).refs - 1
    update(task, id, refs=refs)
    if refs == 0:
        release(task, id)


def release(task, id: str):
    """Nobody can answer any more: watch nothing, and wake everyone (userfaultfd_release)."""
    task.say("userfaultfd_release", f"the last descriptor of {id} is closed")
    update(task, id, released=True)
    ctx = context(task, id)
    if task.state["mm", ctx.mm].alive:
        task.say("userfaultfd_release_all", "look through all VMAs of the process")
        for run in list(task.state["vmas", ctx.mm]):
            check_invariant(task, run, "userfaultfd_release")
            if run.value.ctx == id:
                clear_vma(task, run, run.start, run.end, ctx.mm, task.version.release_clears_wp)
    __wake_up(task, id, 0, END)
    for wait in context(task, id).events:
        task.wake(wait.thread, "userfaultfd_release", f"{wait.thread} need not wait for a reader any more")
    update(task, id, events=())
    task.say("userfaultfd_ctx_put", f"give {id} back")


def check_invariant(task, run, function: str):
    """Every VMA with a context has a mode, and the other way round: older kernels insist (a BUG_ON)."""
    vma = run.value
    if task.version.bugs and (vma.ctx is None) == bool(vma.flags & task.version.uffd_flags):
        has = "has no context, yet a mode's flag" if vma.ctx is None else "has a context, and no mode's flag"
        task.oops(function, f"the VMA of {place(task, run.start, vma)} {has}")


def clear_vma(task, run, start: int, end: int, mm: str, lift: bool):
    """Stop watching part of a VMA, and lift its write protection (userfaultfd_clear_vma).

    :returns: the VMA that the part is now in.
    """
    vma = run.value
    text = f"{pages(vma, start, end)} from {place(task, start, vma)} on: not watched any more"
    if lift and vma.flags & VM_UFFD_WP:
        task.say("userfaultfd_clear_vma", text + ", nor write-protected")
        uffd_wp_range(task, vma, start, end, protect=False, mm=mm)
    else:
        task.say("userfaultfd_clear_vma", text)
    return change(task, run, start, end, vma._replace(flags=vma.flags & ~task.version.uffd_flags, ctx=None), mm)
