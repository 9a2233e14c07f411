"""Which system call carries out which op."""

from collections.abc import Callable

from uffdsim.kernel import (
    descriptor,
    madvise,
    memfd,
    mfill,
    mlock,
    mmap,
    move,
    mprotect,
    mremap,
    read,
    register,
    touch,
)
from uffdsim.kernel.fork import copy_process
from uffdsim.kernel.inspect import inspect
from uffdsim.kernel.pagemap import do_pagemap_scan
from uffdsim.kernel.rwprotect import userfaultfd_rwprotect
from uffdsim.kernel.task import Answer, Sleeping, Task
from uffdsim.kernel.writeprotect import userfaultfd_writeprotect
from uffdsim.scenario import Step

SYSCALLS: dict[str, Callable[[Task, Step], Answer | Sleeping[Answer]]] = {
    "file": memfd.memfd_create,
    "mmap": mmap.do_mmap,
    "munmap": mmap.munmap,
    "mremap": mremap.mremap,
    "mprotect": mprotect.do_mprotect_pkey,
    "mlock": mlock.do_mlock,
    "munlock": mlock.munlock,
    "madvise": madvise.do_madvise,
    "punch": memfd.vfs_fallocate,
    "allocate": memfd.allocate,
    "truncate": memfd.do_truncate,
    "pwrite": memfd.pwrite,
    "load": touch.touch,
    "store": touch.touch,
    "kload": touch.kload,
    "kstore": touch.kstore,
    "pagemap_scan": do_pagemap_scan,
    "fork": copy_process,
    "inspect": inspect,
    "userfaultfd": descriptor.new_userfaultfd,
    "api": descriptor.userfaultfd_api,
    "register": register.userfaultfd_register,
    "unregister": register.userfaultfd_unregister,
    "wake": register.userfaultfd_wake,
    "copy": mfill.userfaultfd_copy,
    "zeropage": mfill.userfaultfd_zeropage,
    "poison": mfill.userfaultfd_poison,
    "continue": mfill.userfaultfd_continue,
    "writeprotect": userfaultfd_writeprotect,
    "move": move.userfaultfd_move,
    "rwprotect": userfaultfd_rwprotect,
    "set_mode": descriptor.userfaultfd_set_mode,
    "read_event": read.read_event,
    "read_events": read.read_events,
    "poll": read.userfaultfd_poll,
    "close": descriptor.close,
}
