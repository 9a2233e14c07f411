"""Which system call carries out which op."""

from uffdsim.kernel import descriptor, fills, madvise, mfill, mlock, mmap, move, mprotect, register, touch
from uffdsim.kernel.fork import fork
from uffdsim.kernel.inspect import inspect
from uffdsim.kernel.writeprotect import writeprotect

SYSCALLS = {
    "file": mmap.open_file,
    "mmap": mmap.mmap,
    "munmap": mmap.munmap,
    "mremap": mmap.mremap,
    "mprotect": mprotect.mprotect,
    "mlock": mlock.mlock,
    "munlock": mlock.munlock,
    "madvise": madvise.madvise,
    "punch": mmap.punch,
    "load": touch.touch,
    "store": touch.touch,
    "kload": touch.kload,
    "fork": fork,
    "inspect": inspect,
    "userfaultfd": descriptor.open_userfaultfd,
    "api": descriptor.api,
    "register": register.register,
    "unregister": register.unregister,
    "wake": register.wake,
    "copy": mfill.ioctl(fills.COPY),
    "zeropage": mfill.ioctl(fills.ZEROPAGE),
    "poison": mfill.ioctl(fills.POISON),
    "continue": mfill.ioctl(fills.CONTINUE),
    "writeprotect": writeprotect,
    "move": move.move,
    "read_event": descriptor.read_event,
    "close": descriptor.close,
}
