"""The emulated PC that a kernel is started in, and asked.

QEMU emulates it without help of the processor (TCG), so that it works wherever QEMU does. Two serial ports lead into
it: the first is the kernel's console; by the second, ``first.c`` is given scenarios and answers.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import IO

from uffdsim import cache, compiler, doctor
from uffdsim.box.console import died_in, last_words
from uffdsim.box.cpio import archive
from uffdsim.linux import program
from uffdsim.linux.real import Died, Restless
from uffdsim.trace import KernelError

FIRST = Path(__file__).with_name("first")
"""The folder with the C source of the first program that the kernel runs."""
HUGE_PAGES = 64
"""How many huge pages of 2 MiB it has."""
STARTS = (60, 180)
"""Seconds within which a kernel has to be up, or else is started once more; it takes five on a machine that has nothing
else to do. One of some hundred starts hung before the kernel had said a word."""
LIMIT = 60
"""Seconds after which a scenario is given up; what it takes is less than one."""
GRACE = 60
"""Seconds within which a scenario that was given up has to be over, or else the PC is."""

PARTS = "-nodefaults -no-user-config -display none -no-reboot -accel tcg -cpu max -smp 2 -m 1G".split()
TOLD = f"console=ttyS0 quiet hugepages={HUGE_PAGES} oops=panic panic=-1 mitigations=off"
"""What the kernel is told as it starts: a bug is its end, and with it that of the PC."""

LEASH = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() == int(sys.argv[1]):
    os.execv(sys.argv[2], sys.argv[2:])
"""
"""Becomes the program it is given, which the kernel ends when the thread that started it is no more
(PR_SET_PDEATHSIG)."""


class Late(KernelError):
    """A kernel is not up in time."""


class PC:
    """A PC with a kernel that is up. It takes one scenario after the other."""

    def __init__(self, image: Path, seconds: float):
        """Start it.

        :raises Late: if the kernel is not up within so many seconds.
        :raises KernelError: if it ends before it is up.
        """
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._qemu: subprocess.Popen | None = None
        self._console = ""
        command = [doctor.emulator().found, *PARTS, "-kernel", str(image), "-initrd", str(first_files())]
        # QEMU belongs to this thread, which lives as long as Python, or until QEMU ends.
        self._host = threading.Thread(target=self._run_qemu, args=([*command, "-append", TOLD],), daemon=True)
        self._host.start()
        try:
            up = self._line(time.monotonic() + seconds)
        except Empty:
            self.end()
            why = f"did not come up in {seconds} seconds in an emulated PC"
            raise Late(f"the kernel {image} {why}: {last_words(self._console)}") from None
        if up is None:
            self.end()
            raise KernelError(f"the kernel {image} does not start in an emulated PC: {last_words(self._console)}")

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._host.is_alive()

    def end(self) -> None:
        """Switch it off."""
        if self._qemu:
            self._qemu.kill()
        self._host.join()

    def run(self, orders: str, threads: int, slots: int) -> list[str]:
        """Give orders to the program that carries out steps, and return its answers.

        :raises Restless: if it does not come to an end.
        :raises Died: if the kernel does not live to see it.
        :raises KernelError: if the program, or the PC, gives up.
        """
        answers: list[str] = []
        try:
            self._ask(f"{LIMIT} {threads} {slots} {len(orders)}\n{orders}")
            end = time.monotonic() + LIMIT + GRACE
            while (line := self._line(end)) is not None and not line.startswith("end "):
                answers.append(line)
        except Empty:
            self.end()
            raise Restless("the kernel in the box answers no more", answers) from None
        except BaseException:
            self.end()  # nobody knows what it would answer to next
            raise
        if line is None:
            raise self._gone(answers)
        _, status, *complaint = line.split(" ", 2)
        if status == "-1":
            raise Restless(f"the kernel in the box did not come to rest in {LIMIT} seconds", answers)
        if status != "0":
            why = " ".join(complaint) or f"it ended with {status}"
            raise KernelError(f"the program that carries out the steps failed: {why}")
        return answers

    def _gone(self, answers: list[str]) -> Exception:
        if function := died_in(self._console):
            return Died(function, answers)
        return KernelError(f"the PC that the kernel runs in ended: {last_words(self._console)}")

    def _run_qemu(self, command: list[str]) -> None:
        """Start QEMU, and take what it says until it ends."""
        try:
            with tempfile.TemporaryFile("a+b") as console:
                self._take_lines([sys.executable, "-I", "-S", "-c", LEASH, str(os.getpid()), *command], console)
                console.seek(0)
                self._console = console.read().decode(errors="replace").replace("\r", "")
        finally:
            self._lines.put(None)

    def _take_lines(self, command: list[str], console: IO[bytes]) -> None:
        ports = [
            *("-chardev", f"file,id=console,append=on,path=/proc/self/fd/{console.fileno()}"),
            *("-serial", "chardev:console", "-chardev", "stdio,id=steps,signal=off", "-serial", "chardev:steps"),
        ]
        pipe = subprocess.PIPE
        # Ctrl-C is for Python alone, hence the session. What could not be written any more is complained of at the end.
        with (
            contextlib.suppress(BrokenPipeError),
            subprocess.Popen(
                [*command, *ports],
                stdin=pipe,
                stdout=pipe,
                stderr=console,
                pass_fds=(console.fileno(),),
                start_new_session=True,
            ) as self._qemu,
        ):
            assert self._qemu.stdout
            for line in self._qemu.stdout:
                self._lines.put(line.decode(errors="replace").rstrip("\n"))

    def _ask(self, request: str) -> None:
        assert self._qemu and self._qemu.stdin
        with contextlib.suppress(BrokenPipeError):  # then there is no answer
            self._qemu.stdin.write(request.encode())
            self._qemu.stdin.flush()

    def _line(self, end: float) -> str | None:
        """The next line that comes; None when there will be none.

        :raises Empty: if there is none in time.
        """
        return self._lines.get(timeout=max(0.0, end - time.monotonic()))


running: dict[Path, PC] = {}
"""The PCs that were started and not replaced, by the kernel's file."""
_lock = threading.Lock()


def run(image: Path, orders: str, threads: int, slots: int) -> list[str]:
    """What ``PC.run`` says, of a PC with that kernel: the one that is up, or else one that is started for it."""
    with _lock:
        pc = running.get(image)
        if pc is None or not pc.alive:
            pc = running[image] = started(image)
        return pc.run(orders, threads, slots)


def started(image: Path) -> PC:
    """A PC with that kernel, up.

    :raises KernelError: if it does not come up.
    """
    first, second = STARTS
    try:
        return PC(image, first)
    except Late:
        return PC(image, second)


PROGRAMS = (FIRST, program.SOURCE)


def refusal() -> str:
    """Why these programs can be neither found nor compiled, and what would help; "" if they can."""
    return next(filter(None, (compiler.refusal(folder, "-static") for folder in PROGRAMS)), "")


def first_files() -> Path:
    """The archive with the first files of a kernel: two programs, and folders for what it has to show.

    :raises KernelError: if there is no compiler, or it refuses.
    """
    try:
        first, steps = (Path(compiler.compiled(folder, "-static")).read_bytes() for folder in PROGRAMS)
    except compiler.CompileError as refused:
        raise KernelError(str(refused)) from None
    data = archive({"init": first, "steps": steps, "proc": None, "sys": None, "dev": None})
    path = cache.folder() / f"first-{hashlib.sha256(data).hexdigest()[:16]}.cpio"
    if not path.exists():
        half = path.with_name(f"{path.name}.{os.getpid()}.half")
        half.write_bytes(data)
        half.replace(path)
    return path
