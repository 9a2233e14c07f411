"""Reading and polling the descriptor of a userfaultfd: messages leave their queues (fs/userfaultfd.c)."""

from uffdsim import words
from uffdsim.kernel.descriptor import fdget, fput
from uffdsim.kernel.state import Context, Wait, named_address
from uffdsim.kernel.task import Answer, Failed, Sleeping, Task
from uffdsim.kernel.userfaultfd import context, update
from uffdsim.scenario import Step
from uffdsim.trace import Kind
from uffdsim.uapi import MESSAGE, Errno, Poll


def read_event(task: Task, step: Step) -> Sleeping[Answer]:
    """The op read_event: read(2) of one message."""
    (message,) = yield from _read(task, step, MESSAGE)
    return {"errno": None} | message


def read_events(task: Task, step: Step) -> Sleeping[Answer]:
    """The op read_events: one read(2) of several messages."""
    size = step["count"] * MESSAGE if step["size"] is None else step["size"]
    return {"errno": None, "events": (yield from _read(task, step, size))}


def _read(task: Task, step: Step, size: int) -> Sleeping[list[dict]]:
    """read(2) with room for so many bytes. A reader that sleeps has the descriptor still, when somebody closes it."""
    if step["child"]:
        task.state.set(("fd", step["child"]), "")
    id = fdget(task, step)
    if not context(task, id).blocking:
        return (yield from userfaultfd_read_iter(task, step, id, size))
    update(task, id, refs=context(task, id).refs + 1)
    try:
        messages = yield from userfaultfd_read_iter(task, step, id, size)
    except Failed:
        fput(task, id)
        raise
    fput(task, id)
    return messages


def userfaultfd_read_iter(task: Task, step: Step, id: str, size: int) -> Sleeping[list[dict]]:
    """As many messages as there are, and as there is room for; only the first is waited for."""
    say = "userfaultfd_read_iter"
    task.say(say, f"{id} is asked for {words.count(size // MESSAGE, 'message')}")
    if not context(task, id).initialised:
        task.fail(Errno.EINVAL, say, f"{id} has had no handshake yet (UFFDIO_API)")
    if size < MESSAGE:
        task.fail(Errno.EINVAL, say, f"a message has {MESSAGE} bytes, and there is room for {size}")
    messages: list[dict] = []
    for _ in range(size // MESSAGE):
        try:
            wait = yield from userfaultfd_ctx_read(task, step, id, may_wait=not messages)
        except Failed:
            if not messages:
                raise
            break
        messages.append(_fields(task, wait))
    return messages


def userfaultfd_ctx_read(task: Task, step: Step, id: str, may_wait: bool) -> Sleeping[Wait]:
    """The oldest fault's message, or else the oldest event's: a fault waits for nothing that an event could bring.

    :raises Failed: with EAGAIN if there is neither, and the reader is not to wait.
    """
    say = "userfaultfd_ctx_read"
    task.say(say, "faults come first, then events")
    while True:
        ctx = context(task, id)
        if ctx.pending:
            return _fault(task, id, ctx)
        if ctx.events:
            return _event(task, step, id, ctx)
        if not (may_wait and ctx.blocking):
            break
        update(task, id, readers=(*ctx.readers, task.name))
        yield from task.sleep(say, "nothing to read, and the descriptor blocks: sleep until a message comes", id)
    read = [wait.thread for wait in ctx.reading]
    waits = f"; the message of {' and of '.join(read)} was read before" if read else ""
    if may_wait:
        task.fail(Errno.EAGAIN, say, f"nothing to read{waits}")
    raise Failed(Errno.EAGAIN)


def _fault(task: Task, id: str, ctx: Context) -> Wait:
    wait, *rest = ctx.pending
    text = f"{wait.thread}'s fault is the oldest that is unread; {wait.thread} moves to fault_wqh and sleeps on"
    task.say("userfaultfd_ctx_read", text, Kind.MESSAGE, target=wait.thread, outcome=True)
    update(task, id, pending=tuple(rest), reading=(*ctx.reading, wait))
    return wait


def _event(task: Task, step: Step, id: str, ctx: Context) -> Wait:
    wait, *rest = ctx.events
    say = "userfaultfd_ctx_read"
    text = f"no fault is unread, and {wait.thread}'s {wait.event} is the oldest event: {wait.thread} may go on"
    task.say(say, text, Kind.MESSAGE, target=wait.thread, outcome=True)
    update(task, id, events=tuple(rest))
    if wait.child:
        resolve_userfault_fork(task, wait.child, step["child"])
    task.wake(wait.thread, say, f"{wait.thread} may go on with what it was doing")
    return wait


def resolve_userfault_fork(task: Task, ctx: str, name: str | None) -> None:
    """The reader of a FORK message gets a descriptor for the child's memory."""
    fd = name or ctx
    task.say("resolve_userfault_fork", f"a descriptor for the child's memory, {fd}, is opened for the reader")
    task.state.set(("fd", fd), ctx)
    update(task, ctx, refs=context(task, ctx).refs + 1)


def _fields(task: Task, wait: Wait) -> dict:
    message, names = dict(wait.message), task.state["names", "main"]
    for key in ("start", "from", "to"):
        if key in message:
            message[key] = named_address(names, message[key])
    if message["event"] == "PAGEFAULT":
        where = named_address(names, message.pop("address"))
        message = {"event": "PAGEFAULT", "flags": message["flags"], **where, "ptid": message["ptid"]}
    return message


def userfaultfd_poll(task: Task, step: Step) -> Answer:
    """The op poll: poll(2) for POLLIN, which does not wait. What is closed is no error to it."""
    id, say = task.state["fd", step["fd"]], "userfaultfd_poll"
    if not id:
        task.done("do_poll", f"{step['fd']} is not an open descriptor, and poll passes over it")
        return {"errno": None, "revents": []}
    ctx = context(task, id)
    task.say(say, f"is there anything to read in {id}?")
    if not ctx.initialised:
        found, why = Poll.POLLERR, f"{id} has had no handshake yet (UFFDIO_API)"
    elif ctx.blocking:
        gone = "a message that poll saw may be gone before it is read"
        found, why = Poll.POLLERR, f"{id} was opened without O_NONBLOCK: {gone}"
    elif ctx.pending or ctx.events:
        found, why = Poll.POLLIN, f"{(ctx.pending or ctx.events)[0].thread}'s message is unread"
    else:
        read = [wait.thread for wait in ctx.reading]
        found, why = Poll(0), f"nothing is unread{'; the message of ' + read[0] + ' was read before' if read else ''}"
    task.done(say, why)
    return {"errno": None, "revents": [str(flag.name) for flag in Poll if flag & found]}
