"""What this machine can do of all that uffdsim can use, and what to do about the rest."""

import ctypes
import errno
import importlib.metadata
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

SYS_USERFAULTFD = 323
UFFD_USER_MODE_ONLY = 1
POOLS = {1 << 21: "hugepages-2048kB", 1 << 30: "hugepages-1048576kB"}
SIZES = {1 << 21: "2 MiB", 1 << 30: "1 GiB"}


class Check(NamedTuple):
    """One thing that was looked for: whether it is there, what was found, and what would put it there."""

    what: str
    ok: bool
    found: str
    remedy: str = ""

    def refusal(self) -> str:
        """One sentence for who cannot go on without it."""
        return f"this needs {self.what}, and there is {self.found}; {self.remedy}"


def checks() -> list[Check]:
    """Everything there is to look for on this machine."""
    found = [python(), *(library(name) for name in LIBRARIES)]
    found += [linux(), userfaultfd(), userfaultfd(kernel_faults=False)] if linux().ok else [linux()]
    return found + [huge_pages(1 << 21), huge_pages(1 << 30), compiler(), browser()]


def python() -> Check:
    return Check(
        "Python 3.11 or younger ones", sys.version_info >= (3, 11), platform.python_version(), "use a younger Python"
    )


LIBRARIES = {
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


def linux() -> Check:
    """A Linux whose system calls steps.c knows."""
    system, machine = platform.system(), platform.machine()
    return Check(
        "Linux on x86_64",
        system == "Linux" and machine == "x86_64",
        f"{system} {platform.release()} on {machine}",
        "take a simulated kernel here",
    )


def userfaultfd(kernel_faults: bool = True) -> Check:
    """Whether a userfaultfd may be opened, for all faults or for those of user mode only."""
    what = "userfaultfd" if kernel_faults else "userfaultfd for user mode only"
    number = ctypes.CDLL(None, use_errno=True).syscall(
        SYS_USERFAULTFD, os.O_CLOEXEC | (0 if kernel_faults else UFFD_USER_MODE_ONLY)
    )
    if number >= 0:
        os.close(number)
        return Check(what, True, "allowed")
    if ctypes.get_errno() == errno.EPERM:
        remedy = "sudo sysctl vm.unprivileged_userfaultfd=1, or be root"
        return Check(what, False, "no permission for it", f"allow it: {remedy}")
    return Check(what, False, f"{os.strerror(ctypes.get_errno())}", "boot a kernel built with CONFIG_USERFAULTFD")


def huge_pages(size: int, count: int = 1) -> Check:
    """Whether so many huge pages of a size are free, and promised to nobody."""
    pool = Path("/sys/kernel/mm/hugepages", POOLS[size])
    try:
        free = int((pool / "free_hugepages").read_text()) - int((pool / "resv_hugepages").read_text())
        total = int((pool / "nr_hugepages").read_text())
    except (OSError, ValueError):
        free = total = 0
    want = max(total + count - free, 64 if size == 1 << 21 else 4)
    pages = "huge page" if count == 1 else "huge pages"
    where = "/proc/sys/vm/nr_hugepages" if size == 1 << 21 else pool / "nr_hugepages"
    return Check(
        f"{count} free {pages} of {SIZES[size]}", free >= count, f"{free} of {total}", f"echo {want} | sudo tee {where}"
    )


def compiler() -> Check:
    """A C compiler."""
    path = next(filter(None, map(shutil.which, filter(None, (os.environ.get("CC"), "cc", "gcc", "clang")))), None)
    return Check("a C compiler", bool(path), path or "none", "sudo apt-get install gcc libc6-dev")


def browser() -> Check:
    """A Chromium, in which the labs are tested."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    return Check("Chromium", bool(path), path or "none", "sudo apt-get install chromium")


def table(found: list[Check]) -> str:
    """The checks as lines to read."""
    width = max(len(check.what) for check in found)
    lines = []
    for check in found:
        lines.append(f"{'ok' if check.ok else '--'}  {check.what:{width}}  {check.found}")
        if not check.ok and check.remedy:
            lines.append(f"{'':{width + 6}}{check.remedy}")
    return "\n".join(lines)
