"""What a test needs of the machine it runs on.

    import need

    def test_the_live_kernel_agrees():
        need.userfaultfd()
        need.huge_pages(4)

A test whose need is not met is skipped, and says what would allow it. Where UFFDSIM_CI=1 promises that
every need is met, it fails instead: there, nothing may be left out unnoticed.
"""

import ctypes
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

HUGE_PAGES = Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
SYS_USERFAULTFD = {"x86_64": 323, "aarch64": 282, "riscv64": 282}
UFFD_USER_MODE_ONLY = 1


def need(condition, reason):
    """Go on if `condition` holds; leave the test, for `reason`, if not."""
    if condition:
        return
    if os.environ.get("UFFDSIM_CI") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def huge_pages(count=1):
    """At least `count` free huge pages of 2 MiB."""
    pages = HUGE_PAGES / "free_hugepages"
    free = int(pages.read_text()) if pages.exists() else 0
    need(
        free >= count,
        f"needs {count} free huge pages of 2 MiB and finds {free}: sudo sysctl vm.nr_hugepages=64",
    )


def userfaultfd(kernel_faults=True):
    """A userfaultfd may be opened, also for faults in kernel mode unless told otherwise."""
    linux = platform.system() == "Linux" and platform.machine() in SYS_USERFAULTFD
    need(linux, "needs userfaultfd: run it on Linux, on an x86-64, 64-bit Arm or RISC-V machine")
    flags = 0 if kernel_faults else UFFD_USER_MODE_ONLY
    fd = ctypes.CDLL(None).syscall(SYS_USERFAULTFD[platform.machine()], flags)
    need(fd >= 0, "needs to open a userfaultfd: sudo sysctl vm.unprivileged_userfaultfd=1")
    os.close(fd)


def tmpfs(folder, options):
    """A file system of its own in a folder, which whoever asks unmounts."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", folder], capture_output=True)
    need(done.returncode == 0, "needs to mount a tmpfs: be root")


def compiler():
    """The path of a C compiler."""
    return program("a C compiler", "gcc libc6-dev", "cc", "gcc", "clang")


def box(series):
    """A kernel of a series can be started in an emulated PC."""
    from uffdsim.box import Box

    refusal = Box(series).refusal()
    need(not refusal, f"box-{series} {refusal}")


def grading():
    """The folder with the programs of other graders."""
    folder = Path(__file__).parents[1] / "build/grading/bin"
    need((folder.parent / "stamp").exists(), "needs otter-grader and nbgrader: make grading")
    return folder


def chromium():
    """The path of Chromium, or of a browser that can stand in for it."""
    return program("Chromium", "chromium", "chromium", "chromium-browser", "google-chrome")


def program(what, packages, *names):
    """The path of the first of `names` that is installed."""
    path = next(filter(None, map(shutil.which, names)), None)
    need(path, f"needs {what}: sudo apt-get install {packages}")
    return path
