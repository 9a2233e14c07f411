"""The numbers and names of the userfaultfd interface, as user space meets them.

Source: include/uapi/linux/userfaultfd.h and include/uapi/asm-generic/errno*.h of Linux 7.3, x86_64.
"""

from enum import IntEnum, IntFlag

UFFD_API = 0xAA
MESSAGE = 32
"""Bytes of one message, ``struct uffd_msg``."""


class Errno(IntEnum):
    """Linux's error numbers, which are not those of every system that Python runs on."""

    EPERM = 1
    ENOENT = 2
    ESRCH = 3
    EINTR = 4
    EIO = 5
    EBADF = 9
    EAGAIN = 11
    ENOMEM = 12
    EACCES = 13
    EFAULT = 14
    EBUSY = 16
    EEXIST = 17
    EINVAL = 22
    EMFILE = 24
    ENOTTY = 25
    ENOSPC = 28
    ENOSYS = 38
    EOPNOTSUPP = 95
    EHWPOISON = 133


MEANINGS = {
    "EPERM": "you are not allowed to do that",
    "ENOENT": "what the call names is not there",
    "ESRCH": "the process is gone",
    "EINTR": "a signal came first",
    "EIO": "reading or writing has failed",
    "EBADF": "this is not an open file, or not one for that",
    "EAGAIN": "not now; try again later",
    "ENOMEM": "there is no memory for it, or none is mapped there",
    "EACCES": "the protection of the memory forbids it",
    "EFAULT": "the memory at this address is not accessible",
    "EBUSY": "somebody else is using it",
    "EEXIST": "something is there already",
    "EINVAL": "the call makes no sense like this: an argument is wrong, or nothing here can do it",
    "EMFILE": "too many files are open",
    "ENOTTY": "this kernel has no such ioctl for this file",
    "ENOSPC": "no room is left",
    "ENOSYS": "this kernel has no such call",
    "EOPNOTSUPP": "this cannot be done with what it is asked for",
    "EHWPOISON": "the page is marked as broken",
    "SIGBUS": "the address is mapped, but its page is not available",
    "SIGSEGV": "nothing is mapped at the address, or it may not be touched like this",
}
"""What each errno means, and each signal of a touch, in a few words. They are as general as errno(3) and signal(7): why
a call has refused is said by the kernel that did."""


class Feature(IntFlag):
    """What UFFDIO_API may ask for: ``UFFD_FEATURE_…``."""

    PAGEFAULT_FLAG_WP = 1 << 0
    EVENT_FORK = 1 << 1
    EVENT_REMAP = 1 << 2
    EVENT_REMOVE = 1 << 3
    MISSING_HUGETLBFS = 1 << 4
    MISSING_SHMEM = 1 << 5
    EVENT_UNMAP = 1 << 6
    SIGBUS = 1 << 7
    THREAD_ID = 1 << 8
    MINOR_HUGETLBFS = 1 << 9
    MINOR_SHMEM = 1 << 10
    EXACT_ADDRESS = 1 << 11
    WP_HUGETLBFS_SHMEM = 1 << 12
    WP_UNPOPULATED = 1 << 13
    POISON = 1 << 14
    WP_ASYNC = 1 << 15
    MOVE = 1 << 16
    RWP = 1 << 17
    RWP_ASYNC = 1 << 18


class Mode(IntFlag):
    """What UFFDIO_REGISTER may watch for: ``UFFDIO_REGISTER_MODE_…``."""

    MISSING = 1
    WP = 2
    MINOR = 4
    RWP = 8


class Ioctl(IntEnum):
    """Numbers of the ioctls, which are also their bits in the ``ioctls`` that API and REGISTER answer."""

    REGISTER = 0x00
    UNREGISTER = 0x01
    WAKE = 0x02
    COPY = 0x03
    ZEROPAGE = 0x04
    MOVE = 0x05
    WRITEPROTECT = 0x06
    CONTINUE = 0x07
    POISON = 0x08
    RWPROTECT = 0x09
    SET_MODE = 0x0A
    API = 0x3F


class CopyMode(IntFlag):
    """``UFFDIO_COPY_MODE_…``."""

    DONTWAKE = 1
    WP = 2


class ContinueMode(IntFlag):
    """``UFFDIO_CONTINUE_MODE_…``."""

    DONTWAKE = 1
    WP = 2


class ZeropageMode(IntFlag):
    """``UFFDIO_ZEROPAGE_MODE_…``."""

    DONTWAKE = 1


class PoisonMode(IntFlag):
    """``UFFDIO_POISON_MODE_…``."""

    DONTWAKE = 1


class WriteprotectMode(IntFlag):
    """``UFFDIO_WRITEPROTECT_MODE_…``: the bits stand the other way round than in COPY."""

    WP = 1
    DONTWAKE = 2


class RwprotectMode(IntFlag):
    """``UFFDIO_RWPROTECT_MODE_…``, of Linux 7.3."""

    RWP = 1
    DONTWAKE = 2


class MoveMode(IntFlag):
    """``UFFDIO_MOVE_MODE_…``."""

    DONTWAKE = 1
    ALLOW_SRC_HOLES = 2


class PagefaultFlag(IntFlag):
    """``UFFD_PAGEFAULT_FLAG_…``: what a PAGEFAULT message says about its fault."""

    WRITE = 1
    WP = 2
    MINOR = 4
    RWP = 8


class PageIs(IntFlag):
    """``PAGE_IS_…``: what PAGEMAP_SCAN may look for in a page (include/uapi/linux/fs.h)."""

    WPALLOWED = 1 << 0
    WRITTEN = 1 << 1
    FILE = 1 << 2
    PRESENT = 1 << 3
    SWAPPED = 1 << 4
    PFNZERO = 1 << 5
    HUGE = 1 << 6
    SOFT_DIRTY = 1 << 7
    GUARD = 1 << 8
    ACCESSED = 1 << 9


class ScanFlag(IntFlag):
    """``PM_SCAN_…``: what PAGEMAP_SCAN does beside looking."""

    WP_MATCHING = 1
    CHECK_WPASYNC = 2


class Poll(IntFlag):
    """What poll(2) finds."""

    POLLIN = 1
    POLLERR = 8
    POLLHUP = 16
    POLLNVAL = 32


class SiCode(IntEnum):
    """Why a signal came: ``si_code`` of SIGSEGV and SIGBUS."""

    SEGV_MAPERR = 1
    SEGV_ACCERR = 2
    BUS_ADRERR = 2
    BUS_MCEERR_AR = 4


PAGE_SIZE = {"anon": 1 << 12, "shmem": 1 << 12, "hugetlb-2M": 1 << 21, "hugetlb-1G": 1 << 30}
"""Bytes in a page of each backing; that of ``anon-hugetlb-2M`` is a hugetlb-2M page."""
PAGE_SIZE["anon-hugetlb-2M"] = PAGE_SIZE["hugetlb-2M"]


def ioctl_bits(*ioctls: Ioctl) -> int:
    """The mask in which UFFDIO_API and UFFDIO_REGISTER name these ioctls."""
    return sum(1 << number for number in ioctls)


def names(kind: type[IntFlag], bits: int) -> str:
    """The names of the bits, those that have none as a number: ``MISSING, MINOR``."""
    known = {name: flag for name, flag in kind.__members__.items() if flag & bits}
    rest = bits & ~sum(known.values())
    return ", ".join([*known, *([f"{rest:#x}"] if rest else [])]) or "none"
