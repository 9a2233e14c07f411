"""The descriptor of a userfaultfd: opened, given its features, closed (fs/userfaultfd.c)."""

from uffdsim.kernel.changes import since
from uffdsim.kernel.mm import place, vma_modify
from uffdsim.kernel.pages import Tally, pages
from uffdsim.kernel.protection import lift_protection
from uffdsim.kernel.state import VM_LOCKED, Context, Vma
from uffdsim.kernel.task import Answer, Task
from uffdsim.kernel.userfaultfd import __wake_up, context, update
from uffdsim.runs import END, Run
from uffdsim.scenario import Step
from uffdsim.uapi import UFFD_API, Errno, Feature, Ioctl, ioctl_bits, names

ONE_BIT = "VM_LOCKED and VM_UFFD_MINOR are one bit"
"""What explains the wonders of version 5 of the patch that brought minor faults."""
API_IOCTLS = frozenset({Ioctl.REGISTER, Ioctl.UNREGISTER, Ioctl.API, Ioctl.SET_MODE})
"""What there is of ioctls that are about no range."""


def new_userfaultfd(task: Task, step: Step) -> Answer:
    """The op userfaultfd: userfaultfd(2), or an open(2) of /dev/userfaultfd and its ioctl."""
    id, nobody = step["id"], step["user"] == "nobody"
    task.state.set(("fd", id), "")
    if step["device"]:
        if not task.version.device:
            why = f"this kernel has no /dev/userfaultfd, which came with {since('device')}"
            task.fail(Errno.ENOENT, "do_sys_open", why)
        if nobody:
            task.fail(Errno.EACCES, "do_sys_open", "/dev/userfaultfd may be opened by root alone (its mode is 0600)")
    elif nobody and not step["user_mode_only"]:
        why = "without rights, one may watch faults of user mode only (UFFD_USER_MODE_ONLY)"
        task.fail(Errno.EPERM, "userfaultfd_syscall_allowed", f"{why}, as vm.unprivileged_userfaultfd is 0")
    task.say("new_userfaultfd", f"a new context, {id}, which watches nothing yet")
    task.state.set(("ctx", id), Context(task.mm, step["user_mode_only"], blocking=step["blocking"]))
    task.state.set(("fd", id), id)
    return {"errno": None}


def fdget(task: Task, step: Step) -> str:
    """The context that a step's descriptor stands for.

    :raises Failed: with EBADF where there is none.
    """
    id = task.state["fd", step["fd"]]
    if not id:
        task.fail(Errno.EBADF, "fdget", f"{step['fd']} is not an open descriptor")
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


def check_known(task: Task, ioctl: Ioctl) -> None:
    """Whether the kernel has an ioctl.

    :raises Failed: with EINVAL.
    """
    if ioctl not in task.version.ioctls:
        came = since(f"ioctls.{ioctl.name}")
        task.fail(Errno.EINVAL, "userfaultfd_ioctl", f"this kernel has no ioctl {ioctl.name}, which came with {came}")


def userfaultfd_api(task: Task, step: Step) -> Answer:
    """UFFDIO_API: the handshake. A refusal leaves the descriptor as it was, and it may be asked again."""
    id = fdget(task, step)
    asked, say = step.bits, "userfaultfd_api"
    task.say("userfaultfd_ioctl", f"UFFDIO_API on {id}")
    task.say(say, f"{id} is asked for API {step['api']:#x} with features {names(Feature, asked)}")
    if step["api"] != UFFD_API:
        task.fail(Errno.EINVAL, say, f"the API is {UFFD_API:#x}, and there is no {step['api']:#x}")
    unknown = asked & ~task.version.features
    may_not = asked & Feature.EVENT_FORK and step["user"] == "nobody"
    if may_not and (task.version.rights_first or not unknown):
        task.fail(Errno.EPERM, say, "EVENT_FORK hands out descriptors of children, for which one needs CAP_SYS_PTRACE")
    if unknown:
        task.fail(Errno.EINVAL, say, _unknown(unknown))
    if asked & Feature.RWP_ASYNC and not asked & Feature.RWP:
        task.fail(Errno.EINVAL, say, "RWP_ASYNC changes how RWP works, and RWP is not asked for")
    if context(task, id).initialised:
        task.fail(Errno.EINVAL, say, f"{id} has had its handshake, and there is only one")
    # Implied, so not looked up above: a kernel that knows WP_ASYNC knows this too.
    implied = int(Feature.WP_UNPOPULATED) if asked & Feature.WP_ASYNC else 0
    task.done(say, f"{id} may register ranges now")
    update(task, id, initialised=True, features=asked | implied)
    ioctls = ioctl_bits(Ioctl.REGISTER, Ioctl.UNREGISTER, Ioctl.API, *(API_IOCTLS & task.version.ioctls))
    return {"errno": None, "features": task.version.features, "ioctls": ioctls}


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


def userfaultfd_set_mode(task: Task, step: Step) -> Answer:
    """UFFDIO_SET_MODE: features that may change while the context watches. Waiting threads go on if one is enabled
    that asks nobody."""
    id, say = userfaultfd_ioctl(task, step), "userfaultfd_set_mode"
    check_known(task, Ioctl.SET_MODE)
    enable, disable = step.mask("enable"), step.mask("disable")
    task.say(say, f"{id} is asked to enable {names(Feature, enable)}, and to disable {names(Feature, disable)}")
    if both := enable & disable:
        task.fail(Errno.EINVAL, say, f"{names(Feature, both)} cannot be enabled and disabled at once")
    if other := (enable | disable) & ~Feature.RWP_ASYNC:
        task.fail(Errno.EINVAL, say, f"{names(Feature, other)} cannot be changed any more; only RWP_ASYNC can")
    ctx = context(task, id)
    if enable and not ctx.features & Feature.RWP:
        task.fail(Errno.EINVAL, say, f"{id} did not ask for the feature RWP, which RWP_ASYNC belongs to")
    if not task.state["mm", ctx.mm].alive:
        task.fail(Errno.ESRCH, say, f"{step['fd']} is for the memory of a child that has ended")
    update(task, id, features=(ctx.features | enable) & ~disable)
    changed = "asks nobody about RWP from now on" if enable else "asks about RWP from now on" if disable else ""
    task.done(say, f"{id} {changed}" if changed else "nothing changes: no feature is named")
    if enable:
        __wake_up(task, id, 0, END)
    return {"errno": None}


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
        marks = ", nor protected" if lift else "; marks of write protection stay, and mean nothing"
    did.add(vma, start, end, f"{{pages}} {{be}} not watched any more{marks}{unlocked(task, vma, new)}")
    if lift:
        lift_protection(task, vma, start, end, mm)
    vma_modify(task, run, start, end, new, mm)


def unlocked(task: Task, vma: Vma, new: Vma) -> str:
    """That a lock is lost on the way, where MINOR and the lock are one bit."""
    lost = task.version.shares_bit and vma.flags & ~new.flags & VM_LOCKED and not vma.is_hugetlb
    return f", nor locked, as {ONE_BIT}" if lost else ""
