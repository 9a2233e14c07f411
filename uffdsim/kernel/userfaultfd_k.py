"""The questions that the fault paths ask of a VMA's userfaultfd, and why the answer is what it is.

The kernel has them inline (include/linux/userfaultfd_k.h), so that the function which asks is the one that tells.
"""

from uffdsim import words
from uffdsim.kernel.mm import mode_list
from uffdsim.kernel.state import VM_UFFD_MISSING, VM_UFFD_WP, Pte, Vma
from uffdsim.kernel.task import Task
from uffdsim.kernel.userfaultfd import features_of
from uffdsim.kernel.vm_fault import Fault
from uffdsim.trace import Kind
from uffdsim.uapi import Feature

_MINOR_HUGETLBFS = int(Feature.MINOR_HUGETLBFS)
_UNPOPULATED = int(Feature.WP_UNPOPULATED)
_WP_ASYNC = int(Feature.WP_ASYNC)
_RWP_ASYNC = int(Feature.RWP_ASYNC)
_ASKS = {
    "MISSING": "for holes in the file",
    "WP": "about writes to what WRITEPROTECT protected",
    "MINOR": "for pages that the file has",
    "RWP": "about touches of what RWPROTECT put out of reach",
}


def unasked(task: Task, vma: Vma, where: str, mode: str) -> str:
    """Why user space is not asked: ``page 1 of m is registered WP, which asks only about …``."""
    found = mode_list(task, vma.flags) if vma.ctx else []
    if len(found) != 1:
        return f"{where} is registered {words.listed(found)}, not {mode}" if found else f"{where} is not registered"
    only = "for missing pages" if vma.is_anonymous and found == ["MISSING"] else _ASKS[found[0]]
    return f"{where} is registered {found[0]}, which asks only {only}"


def userfaultfd_minor(fault: Fault, function: str) -> bool:
    """Whether a page that the cache has is to be a minor fault: the question the designs answer differently.

    :param function: the one that asks.
    """
    task, vma, where, version = fault.task, fault.vma, fault.where, fault.task.version
    then = f"the file's page is {'mapped' if vma.is_shared or not fault.write else 'copied for this mapping'}"
    if version.minor_by_feature and vma.is_hugetlb:
        return _minor_by_feature(fault, then)
    if vma.flags & version.minor_flag and not (vma.is_shmem and not version.minor_shmem):
        has = "has the bit of MINOR and VM_LOCKED" if version.shares_bit else "is registered MINOR"
        task.decide(function, "mode?", "MINOR", f"{where} {has}: user space has to map it")
        return True
    task.decide(function, "mode?", "none", lambda: f"{unasked(task, vma, where, 'MINOR')}: {then}")
    return False


def _minor_by_feature(fault: Fault, then: str) -> bool:
    """Version 6 of the patch: MISSING means minor faults too, where the descriptor asked for them."""
    task, vma, where = fault.task, fault.vma, fault.where
    missing = bool(vma.flags & VM_UFFD_MISSING)
    wanted = missing and bool(features_of(task, vma) & _MINOR_HUGETLBFS)
    if wanted:
        why = f"{where} is registered MISSING, and {vma.ctx} asked for MINOR_HUGETLBFS: user space has to map it"
    elif missing:
        why = f"{where} is registered MISSING, but {vma.ctx} did not ask for MINOR_HUGETLBFS: {then}"
    else:
        why = f"{unasked(task, vma, where, 'MISSING')}: {then}"
    task.decide("userfaultfd_minor", "mode?", "MINOR" if wanted else "none", why, Kind.CALL)
    return wanted


def userfaultfd_missing(fault: Fault, function: str, then: str) -> bool:
    """Whether a page that is nowhere is user space's to bring.

    :param function: the one that asks.
    :param then: what the kernel does if it is not.
    """
    task, vma, where, marker = fault.task, fault.vma, fault.where, fault.pte is not None
    missing = bool(vma.flags & VM_UFFD_MISSING)
    if missing:
        task.decide(function, "mode?", "MISSING", f"{where} is registered MISSING: user space has to fill it")
    else:
        task.decide(function, "mode?", "none", lambda: f"{_unfilled(task, vma, where, marker)}: {then}")
    return missing


def _unfilled(task: Task, vma: Vma, where: str, marker: bool) -> str:
    """Why user space is not to fill a page: protection is no reason, least of all of what was not there."""
    unpopulated = features_of(task, vma) & _UNPOPULATED
    if vma.is_anonymous and vma.flags & VM_UFFD_WP and not marker and not unpopulated:
        without = " without WP_UNPOPULATED" if task.version.features & _UNPOPULATED else ""
        return f"{where} is registered WP, which{without} protects only pages that are there"
    return unasked(task, vma, where, "MISSING")


def userfaultfd_wp(fault: Fault, pte: Pte, function: str, then: str) -> bool:
    """Whether a write to a page that is mapped for reading is user space's to allow.

    :param function: the one that asks.
    :param then: what the kernel does if it is not.
    """
    task, vma, where, protected = fault.task, fault.vma, fault.where, pte.uffd_wp
    watched = bool(vma.flags & VM_UFFD_WP)
    if not (protected and watched):
        task.decide(function, "wp?", "no", lambda: f"{_unprotected(task, vma, where, protected)}: {then}")
        return False
    if userfaultfd_wp_async(task, vma):
        why = f"{where} is write-protected, but {vma.ctx} has WP_ASYNC, and asks nobody: {then}"
        task.decide(function, "wp?", "async", why)
        return False
    task.decide(function, "wp?", "uffd-wp", f"{where} is write-protected (uffd-wp): user space has to allow it")
    return True


def _unprotected(task: Task, vma: Vma, where: str, protected: bool) -> str:
    if protected:
        return f"{where} is still marked uffd-wp, but not registered WP any more"
    if vma.flags & VM_UFFD_WP:
        return f"{where} is registered WP, but not write-protected"
    return unasked(task, vma, where, "WP")


def userfaultfd_wp_async(task: Task, vma: Vma) -> bool:
    """Whether writes to protected pages are let through and only noted."""
    return bool(features_of(task, vma) & _WP_ASYNC)


def userfaultfd_rwp(fault: Fault, function: str) -> bool:
    """Whether a touch of a page that is out of reach is user space's to allow.

    :param function: the one that asks.
    """
    task, vma, where = fault.task, fault.vma, fault.where
    if features_of(task, vma) & _RWP_ASYNC:
        task.decide(function, "rwp?", "async", f"{where} is out of reach, but {vma.ctx} has RWP_ASYNC, and asks nobody")
        return False
    task.decide(function, "rwp?", "uffd-rwp", f"{where} is out of reach (uffd-rwp): user space has to give it back")
    return True
