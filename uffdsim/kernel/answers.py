"""What the ioctls have in common by which a handler answers: the fills, MOVE and WRITEPROTECT (fs/userfaultfd.c).

They are refused while the address space changes; what they refuse wakes nobody; and all but one write back how far they
came.
"""

from collections.abc import Callable
from functools import wraps

from uffdsim import words
from uffdsim.kernel.span import Span, span_of
from uffdsim.kernel.task import Answer, Failed, Task
from uffdsim.kernel.userfaultfd import context, wake_userfault
from uffdsim.kernel.waiters import asleep, tell_unwoken
from uffdsim.scenario import Step
from uffdsim.uapi import Errno


def answers(ioctl: Callable[[Task, Step], Answer]) -> Callable[[Task, Step], Answer]:
    """A system call that is meant to wake somebody: if it fails, it tells who sleeps on."""

    @wraps(ioctl)
    def call(task: Task, step: Step) -> Answer:
        try:
            return ioctl(task, step)
        except Failed as failed:
            _tell_refused(task, step, failed)
            raise

    return call


def writes_back(ioctl: Callable[[Task, Step], int]) -> Callable[[Task, Step], Answer]:
    """One that also writes a field back: how many bytes were done, or a negative errno."""

    @wraps(ioctl)
    def call(task: Task, step: Step) -> Answer:
        try:
            return {"errno": None, "done": ioctl(task, step)}
        except Failed as failed:
            _tell_refused(task, step, failed)
            return {"errno": failed.errno.name, "done": failed.done}

    return call


def _tell_refused(task: Task, step: Step, failed: Failed) -> None:
    id = task.state["fd", step["fd"]]
    left = asleep(task, context(task, id).mm, span_of(task, step)) if id else ""
    if left:
        task.done("userfaultfd_ioctl", left if failed.done > 0 else f"nobody is woken: {left}")


def written(failed: Failed) -> Failed:
    """A failure that is written back. What is found wrong with the request itself, before anything is tried, is not."""
    failed.done = -int(failed.errno)
    return failed


def refuse_while_changing(task: Task, id: str) -> None:
    """Nothing is filled while an event of a change waits to be read: the reader does not know about the change yet, and
    may be answering for memory that is something else by now.

    :raises Failed: with EAGAIN.
    """
    ctx = context(task, id)
    if ctx.changing:
        unread = words.listed(f"{wait.thread}'s {wait.event}" for wait in ctx.events) if ctx.events else ""
        why = f"{unread} is still unread" if unread else "a change is under way, of which there will be a message"
        done = -Errno.EAGAIN if task.version.eagain_written else 0
        task.fail(Errno.EAGAIN, "userfaultfd_ioctl", f"{why}: nothing is filled through {id} before it is read", done)


def finish(task: Task, id: str, span: Span, count: int, stopped: Errno | None, wake: bool) -> None:
    """Wake whoever waits for what was done, and answer EAGAIN if it was not all.

    :param stopped: with what the first page refused that was not done.
    :raises Failed: with EAGAIN.
    """
    if wake:
        wake_userfault(task, id, span.start, span.start + count)
    if stopped is not None:
        why = f"called again from there, it answers {stopped.name}"
        task.fail(Errno.EAGAIN, "userfaultfd_ioctl", why, count)
    tell_unwoken(task, id, span, "DONTWAKE")
