"""What this machine can do for uffdsim, and what to do about the rest."""

import ctypes
import errno
import importlib.metadata
import os
import platform
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from uffdsim import cache

SYS_USERFAULTFD = 323
UFFD_USER_MODE_ONLY = 1
CAP_SYS_PTRACE = 19
POOL = "/sys/kernel/mm/hugepages"
POOLS = {1 << 21: "hugepages-2048kB", 1 << 30: "hugepages-1048576kB"}
SIZES = {1 << 21: "2 MiB", 1 << 30: "1 GiB"}
ENOUGH = {1 << 21: 64, 1 << 30: 4}
"""How many huge pages of a size are enough for every scenario that comes with uffdsim."""
EMULATOR = "qemu-system-x86_64"
FETCH = "uffdsim box get {}"
COUNTS = ("nr_hugepages", "free_hugepages", "resv_hugepages")


class Check(NamedTuple):
    """One thing that was looked for: whether it is there, what was found, and what would put it there."""

    what: str
    ok: bool
    found: str
    remedy: str = ""

    def refusal(self) -> str:
        """One sentence for somebody who cannot go on without it."""
        return f"needs {self.what} and finds {self.found}: {self.remedy}"


def checks() -> list[Check]:
    """Everything there is to look for on this machine."""
    found = [python(), *(library(name) for name in LIBRARIES), session()]
    found += [linux()]
    if linux().ok:
        found += [userfaultfd(), userfaultfd(kernel_faults=False), fork_events()]
    return found + [huge_pages(1 << 21), huge_pages(1 << 30), compiler(), emulator(), boxed(), browser()]


def python() -> Check:
    """A Python as young as this code."""
    found = platform.python_version()
    return Check("Python 3.11 or later", sys.version_info >= (3, 11), found, "install a later Python")


LIBRARIES = {
    "anywidget": "widgets",
    "ipywidgets": "widgets",
    "jupyterlab": "lab",
    "matplotlib": "charts",
    "numpy": "charts",
}
"""The libraries that parts of uffdsim are built on, and the extra that installs each."""


def library(name: str) -> Check:
    """A Python library that a part of uffdsim is built on."""
    try:
        return Check(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "none", f'pip install "uffdsim[{LIBRARIES[name]}]"')


def session() -> Check:
    """A session whose files are there tomorrow: Binder's are not, and it tells its sessions where it is."""
    found = "Binder, which ends a session that is left alone, and keeps nothing of it"
    take = "before you leave: File, Download; progress().export(); Take away in a lab"
    here = "BINDER_SERVICE_HOST" in os.environ
    return Check("files that stay", not here, found if here else "those of this machine", take if here else "")


def linux() -> Check:
    """A Linux whose system calls uffdsim knows."""
    system, machine = platform.system(), platform.machine()
    found = f"{system} {platform.release()} on {machine}"
    return Check("Linux on x86_64", (system, machine) == ("Linux", "x86_64"), found, "take a simulated one")


def release() -> str:
    """The name that a kernel of this machine's version has: ``linux-6.18``."""
    return "linux-" + ".".join(platform.release().split(".")[:2])


def userfaultfd(kernel_faults: bool = True) -> Check:
    """The right to open a userfaultfd, for all faults or only for those in user mode."""
    what = "userfaultfd" if kernel_faults else "userfaultfd for user mode only"
    flags = os.O_CLOEXEC | (0 if kernel_faults else UFFD_USER_MODE_ONLY)
    fd = ctypes.CDLL(None, use_errno=True).syscall(SYS_USERFAULTFD, flags)
    if fd >= 0:
        os.close(fd)
        return Check(what, True, "allowed")
    if ctypes.get_errno() == errno.EPERM:
        return Check(what, False, "no permission", "sudo sysctl vm.unprivileged_userfaultfd=1")
    return Check(what, False, os.strerror(ctypes.get_errno()), "boot a kernel with CONFIG_USERFAULTFD")


def fork_events() -> Check:
    """The right to hear about forks: without it, UFFDIO_API answers EPERM to EVENT_FORK."""
    status = Path("/proc/self/status").read_text()
    capabilities = int(status.partition("CapEff:")[2].split()[0], 16)
    allowed = bool(capabilities >> CAP_SYS_PTRACE & 1)
    return Check("fork events", allowed, "allowed" if allowed else "no permission", "be root, or have CAP_SYS_PTRACE")


def huge_pages(size: int, count: int = 1) -> Check:
    """Whether this many huge pages of a size are free, and promised to nobody."""
    pool = Path(POOL, POOLS[size])
    try:
        total, free, promised = (int((pool / name).read_text()) for name in COUNTS)
    except (OSError, ValueError):
        total = free = promised = 0
    if promised <= total:  # else it has been counted down below zero, as it may be for moments
        free -= promised
    what = f"{count} free huge page{'s' * (count > 1)} of {SIZES[size]}"
    want = max(total + count - free, ENOUGH[size])
    return Check(what, free >= count, f"{free} of {total}", f"echo {want} | sudo tee {pool / COUNTS[0]}")


def open_files(count: int) -> Check:
    """Whether a process may have this many files open at once."""
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    enough = most == resource.RLIM_INFINITY or count <= most
    return Check(f"{count:,} open files", enough, f"a limit of {most:,}", f"ulimit -Hn {count}, as root")


def compiler() -> Check:
    """A C compiler."""
    names = filter(None, (os.environ.get("CC"), "cc", "gcc", "clang"))
    path = next(filter(None, map(shutil.which, names)), None)
    return Check("a C compiler", bool(path), path or "none", "sudo apt-get install gcc libc6-dev")


def browser() -> Check:
    """A Chromium, in which the labs are tested."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    return Check("Chromium", bool(path), path or "none", "sudo apt-get install chromium")


def emulator() -> Check:
    """QEMU, which emulates the PC that a kernel in a box runs in: installed, or fetched."""
    fetched = cache.home() / "qemu" / EMULATOR
    path = shutil.which(EMULATOR) or (str(fetched) if fetched.is_file() else None)
    return Check("QEMU (an emulated PC)", bool(path), path or "none", FETCH.format("7.3"))


def images() -> list[Path]:
    """The kernels for a box that were fetched, the newest last."""
    return sorted(cache.home().glob("vmlinuz-*"), key=_numbers)


def boxed(series: str = "") -> Check:
    """A kernel for a box, of a series as ``7.3``: the newest of it that was fetched."""
    found = [path for path in images() if path.name.startswith(f"vmlinuz-{series}.") or not series]
    what = f"a kernel {series} for a box" if series else "kernels for a box"
    names = [path.name.removeprefix("vmlinuz-") for path in found]
    told = str(found[-1]) if found and series else ", ".join(names)
    return Check(what, bool(found), told or "none", FETCH.format(series or "7.3"))


def _numbers(path: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", path.name)]


def table(found: list[Check]) -> str:
    """The checks as lines to read."""
    width = max(len(check.what) for check in found)
    lines = []
    for check in found:
        lines.append(f"{'ok' if check.ok else '--'}  {check.what:{width}}  {check.found}")
        if not check.ok and check.remedy:
            lines.append(f"{'':{width + 6}}{check.remedy}")
    return "\n".join(lines)
