"""A kernel in a box: what it answers, that it ends with whoever started it, and what is said when it dies or is not
there."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import need
import pytest

from uffdsim import doctor, kernels, library
from uffdsim.box import Box, console, pc
from uffdsim.box.cpio import archive
from uffdsim.linux.real import Restless
from uffdsim.recording import Recorded
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError

SERIES = "7.3"
ONE = Scenario([{"op": "mmap", "id": "a", "backing": "anon", "pages": 1}, {"op": "load", "vma": "a"}])
TWO = ONE.then({"op": "userfaultfd", "id": "u"}, {"op": "unregister", "fd": "u", "vma": "a"})
STUCK = Scenario(
    [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 1},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
        {"op": "load", "vma": "a"},
        {"op": "load", "vma": "a"},
    ]
)


def until(condition):
    """Wait for what another process is about to do."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def lives(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def switched_off():
    """What a test started is off when it is over."""
    before = dict(pc.running)
    yield
    for image in pc.running.keys() - before.keys():
        pc.running.pop(image).end()


# A real one


@pytest.fixture(scope="module")
def real():
    need.box(SERIES)
    yield Box(SERIES)
    if started := pc.running.pop(Path(doctor.boxed(SERIES).found), None):
        started.end()


def recorded():
    return [name for name in library.scenarios() if library.recording(SERIES, name).is_file()]


@pytest.mark.parametrize("name", recorded())
def test_it_answers_as_a_kernel_of_its_series_was_recorded(real, name):
    scenario = library.scenario(name)
    assert real.run(scenario).observations == Recorded(SERIES).run(scenario).observations


def test_one_start_serves_many_scenarios(real):
    first = real.run(ONE).observations
    up = dict(pc.running)
    assert [Box(SERIES).run(ONE).observations for _ in range(20)] == [first] * 20
    assert pc.running == up


def test_a_blocked_thread_is_no_end_of_the_box(real):
    up = dict(pc.running)
    with pytest.raises(ScenarioError, match="main cannot take this step") as stuck:
        real.run(STUCK)
    assert [answer["status"] for answer in stuck.value.trace.observations] == ["done"] * 4 + ["blocked"]
    assert real.run(ONE).observations[-1]["value"] == 0
    assert up in ({}, pc.running)


def test_a_scenario_that_takes_too_long_is_given_up_and_no_end_of_the_box(real, monkeypatch):
    real.run(ONE)
    up = dict(pc.running)
    monkeypatch.setattr(pc, "LIMIT", 1)
    with pytest.raises(Restless, match="did not come to rest in 1 seconds"):
        real.carry_out("0 load 0\n" * 5000, 1, 1)
    assert real.run(ONE).observations[-1]["value"] == 0
    assert pc.running == up


def test_what_is_no_kernel_does_not_start(real, tmp_path, switched_off):
    (tmp_path / "kernel").write_text("I am none\n")
    with pytest.raises(KernelError, match="^the kernel .*kernel does not start in an emulated PC: .*qemu"):
        Box(None, tmp_path / "kernel").run(ONE)


# A real one that dies


class Debugger:
    """Asks QEMU as gdb does. The PC stands still meanwhile."""

    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        self.link.settimeout(60)
        self.link.connect(str(path))

    def ask(self, request):
        """What it answers."""
        self.link.sendall(f"${request}#{sum(request.encode()) % 256:02x}".encode())
        answer = b""
        while not (found := re.search(rb"\$([^#]*)#..", answer)):
            answer += self.link.recv(1 << 16)
        self.link.sendall(b"+")
        return found[1].decode()

    def halted(self):
        """Where a processor that has nothing to do in the kernel will go on; 0 if there is none."""
        for processor in (1, 2):
            assert self.ask(f"Hg{processor}") == "OK"
            at = int.from_bytes(bytes.fromhex(self.ask("g")[256:272]), "little")
            if b"halted" in bytes.fromhex(self.ask(f"qThreadExtraInfo,{processor}")) and at >> 63:
                return at
        return 0


UD2 = "0f0b"
"""The instruction that there is not: a kernel that comes upon it in its own code is at its end."""


@pytest.fixture
def mortal(real, monkeypatch, tmp_path, switched_off):
    """A kernel of which something breaks when it is asked for the second time."""
    (tmp_path / "kernel").symlink_to(real.image().found)
    monkeypatch.setattr(pc, "PARTS", [*pc.PARTS, "-gdb", f"unix:{tmp_path}/gdb,server=on,wait=off"])
    ask, asked = pc.PC._ask, []

    def ask_what_breaks(self, request):
        asked.append(request)
        if len(asked) != 2:
            return ask(self, request)
        debugger = Debugger(tmp_path / "gdb")
        while not (at := debugger.halted()):
            assert debugger.ask("D") == "OK"
            debugger.link.close()
            debugger = Debugger(tmp_path / "gdb")
        assert debugger.ask(f"M{at:x},2:{UD2}") == "OK"
        ask(self, request)
        assert debugger.ask("D") == "OK"
        debugger.link.close()

    monkeypatch.setattr(pc.PC, "_ask", ask_what_breaks)
    return Box(None, tmp_path / "kernel")


def test_a_real_kernel_that_dies_is_an_oops_and_the_next_scenario_has_a_fresh_one(mortal):
    alive = mortal.run(ONE).observations
    first = pc.running[mortal.path]
    many = Scenario([ONE[0], *[ONE[1]] * 2000])
    *answered, last = mortal.run(many).observations
    said = first._console
    assert len(answered) < len(many) and {answer["status"] for answer in answered} <= {"done"}
    assert "invalid opcode" in said and "Kernel panic - not syncing" in said
    assert last == {"step": len(answered), "status": "oops", "at": console.died_in(said)}
    assert mortal.run(ONE).observations == alive
    assert not first.alive and pc.running[mortal.path].alive


# One that only pretends, so that it can die

FAKE = f"""#!{sys.executable}
import re, sys, time
port, console = sys.stdin.buffer, open(re.search("path=([^ ]*)", " ".join(sys.argv))[1], "a")
def ask():
    request = port.readline().split()
    return request and port.read(int(request[3]))
def say(*lines):
    print(*lines, sep="\\n", flush=True)
"""
SERVES = """
say("ready 7.3.4")
while ask():
    say("threads 7", "done 0 0 0 0 0 0 0 0 0", "done 1 0 0 0 0 0 0 0 0", "end 0 ")
"""
DIES = """
say("ready 7.3.4")
ask()
say("threads 7", *(f"done {{step}} 0 0 0 0 0 0 0 0" for step in range(3)))
print("[   12.3] kernel BUG at fs/userfaultfd.c:912!", file=console)
print("[   12.3] RIP: 0010:{function}+0xa9/0x1c0", file=console)
print("[   12.3] RIP: 0033:0x431db0", file=console)
print("[   12.3] Kernel panic - not syncing: Fatal exception", file=console)
"""


@pytest.fixture
def fake(monkeypatch, tmp_path, switched_off):
    """Let the emulator be a program of a few lines."""

    def pretend(body):
        path = tmp_path / doctor.EMULATOR
        path.write_text(FAKE + body)
        path.chmod(0o755)
        return Box(None, kernel)

    kernel, files = tmp_path / "kernel", tmp_path / "files"
    kernel.touch()
    files.touch()
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(pc, "first_files", lambda: files)
    monkeypatch.setattr(doctor, "compiler", lambda: doctor.Check("a C compiler", True, "cc"))
    monkeypatch.setattr(doctor, "linux", lambda: doctor.Check("Linux on x86_64", True, "here"))
    return pretend


@pytest.mark.parametrize(
    ("function", "at"),
    [
        ("userfaultfd_release", "userfaultfd_release"),
        ("userfaultfd_release.cold", "userfaultfd_release"),
        ("userfaultfd_ioctl", "userfaultfd_unregister"),  # where the compiler puts what an ioctl calls
    ],
)
def test_a_kernel_that_dies_answers_with_where_and_the_next_one_is_started_anew(fake, function, at):
    dies = fake(DIES.format(function=function))
    last = dies.run(TWO).observations[-1]
    assert last == {"step": 3, "status": "oops", "at": at}
    fake(SERVES)
    assert dies.run(ONE).observations[-1]["value"] == 0


def test_a_pc_that_ends_for_another_reason_says_which(fake):
    ends = fake("say('ready 7.3.4')\nask()\nprint('Kernel panic - not syncing: Out of memory', file=console)\n")
    with pytest.raises(KernelError, match="^the PC that the kernel runs in ended: Out of memory$"):
        ends.run(ONE)


def test_one_that_answers_no_more_is_given_up(fake, monkeypatch):
    monkeypatch.setattr(pc, "LIMIT", 0)
    monkeypatch.setattr(pc, "GRACE", 0.2)
    silent = fake("say('ready 7.3.4')\nask()\nsay('threads 7', 'done 0 0 0 0 0 0 0 0 0')\ntime.sleep(60)\n")
    with pytest.raises(Restless, match="^step 1: main faults for ever at page 0 of a: .* answers no more$"):
        silent.run(ONE)
    fake(SERVES)
    assert silent.run(ONE).observations[-1]["value"] == 0


def test_one_that_never_comes_up_is_given_up(fake, monkeypatch):
    monkeypatch.setattr(pc, "STARTS", (2, 3))
    with pytest.raises(KernelError, match="did not come up in 3 seconds in an emulated PC: hm$"):
        fake("print('hm', file=console, flush=True)\ntime.sleep(60)\n").run(ONE)


def test_one_that_hangs_as_it_starts_is_started_once_more(fake, monkeypatch, tmp_path):
    monkeypatch.setattr(pc, "STARTS", (3, 60))
    hung = tmp_path / "hung"
    hangs = f"import pathlib\nhung = pathlib.Path({str(hung)!r})\nif not hung.exists(): hung.touch(), time.sleep(60)\n"
    assert fake(hangs + SERVES).run(ONE).observations[-1]["value"] == 0
    assert hung.exists()


def test_a_step_that_the_program_refuses_is_told_with_its_reason(fake):
    refuses = fake("say('ready 7.3.4')\nask()\nsay('threads 7', 'end 2 steps: no such op: dance')\n")
    with pytest.raises(KernelError, match="carries out the steps failed: steps: no such op: dance$"):
        refuses.run(ONE)


def test_it_lives_on_when_the_thread_that_asked_first_is_over(fake):
    serves = fake(SERVES)
    thread = threading.Thread(target=serves.run, args=(ONE,))
    thread.start()
    thread.join()
    up = dict(pc.running)
    assert serves.run(ONE).observations[-1]["value"] == 0
    assert pc.running == up


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_it_ends_with_the_python_that_started_it(fake, tmp_path, end):
    fake(f"open({str(tmp_path / 'process')!r}, 'w').write(str(__import__('os').getpid()))\n" + SERVES)
    code = f"""
import signal, time
from pathlib import Path
from uffdsim.box import pc
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
pc.first_files = lambda: {str(tmp_path / "files")!r}
pc.run(Path({str(tmp_path / "kernel")!r}), "0 fork\\n", 1, 1)
print("asked", flush=True)
time.sleep(60)
"""
    python = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert python.stdout.readline() == b"asked\n"
        emulator = (tmp_path / "process").read_text()
        assert lives(emulator)
        python.send_signal(end)
        python.wait(20)
        until(lambda: not lives(emulator))
    finally:
        python.kill()
        python.communicate()


# What a kernel says as it dies


@pytest.mark.parametrize("folder", [name for name in library.folders() if library.console(name).is_file()])
def test_a_real_console_says_where_each_kernel_died(folder):
    stories = library.console(folder).read_text(encoding="utf-8").split("\n== ")[1:]
    for story in stories:
        name = story.partition(",")[0]
        at = Recorded(folder).run(library.scenario(name)).observations[-1]["at"]
        assert console.died_in(story) in (at, "userfaultfd_ioctl")


def test_a_kernel_that_lives_died_nowhere():
    assert console.died_in("[    1.0] Run /init as init process\nRIP: 0033:0x431db0\n") is None
    assert console.last_words("") == "it said nothing"
    assert console.last_words("one\n\ntwo \n") == "two"


# The first files of a kernel


def test_an_archive_has_a_member_each_and_then_its_end():
    data = archive({"init": b"12345", "proc": None})
    members, at = [], 0
    while at < len(data):
        head = data[at : at + 110]
        fields = [int(head[6 + 8 * n : 14 + 8 * n], 16) for n in range(13)]
        assert head[:6] == b"070701"
        name = data[at + 110 : at + 110 + fields[11] - 1].decode()
        content = at + -(-(110 + fields[11]) // 4) * 4
        members.append((name, oct(fields[1]), data[content : content + fields[6]]))
        at = content + -(-fields[6] // 4) * 4
    assert members == [("init", "0o100755", b"12345"), ("proc", "0o40755", b""), ("TRAILER!!!", "0o100755", b"")]


# What is said when something is not there


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with nothing that was fetched, or installed."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_without_qemu_it_says_what_fetches_it(bare):
    with pytest.raises(KernelError) as error:
        Box("7.3").run(ONE)
    assert str(error.value) == "box-7.3 needs QEMU (an emulated PC) and finds none: uffdsim box get 7.3"


def test_without_its_kernel_it_says_what_fetches_that(bare):
    qemu = bare / doctor.EMULATOR
    qemu.touch(0o755)
    (bare / "uffdsim").mkdir()
    (bare / "uffdsim" / "vmlinuz-6.12.117-cloud").touch()
    with pytest.raises(KernelError) as error:
        Box("6.1").run(ONE)
    assert str(error.value) == "box-6.1 needs a kernel 6.1 for a box and finds none: uffdsim box get 6.1"
    with pytest.raises(KernelError, match="needs a kernel that a PC can start and finds no file nowhere: give"):
        Box(None, "nowhere").run(ONE)


def test_the_newest_of_a_series_is_taken(bare):
    (bare / "uffdsim").mkdir()
    for version in ("7.3.4+deb13-cloud", "7.3.12+deb13-cloud", "7.30.1"):
        (bare / "uffdsim" / f"vmlinuz-{version}").touch()
    assert Path(doctor.boxed("7.3").found).name == "vmlinuz-7.3.12+deb13-cloud"
    assert doctor.boxed().found == "7.3.4+deb13-cloud, 7.3.12+deb13-cloud, 7.30.1"
    assert Box("7.30").image().ok and not Box("7.31").image().ok


def test_any_is_known_by_name():
    assert [name for name in kernels.names() if name.startswith("box")] == ["box-6.1", "box-6.12", "box-7.2", "box-7.3"]
    assert kernels.kernel("box-7.4").name == "box-7.4"
    assert kernels.kernel("box:some/bzImage").name == "box:some/bzImage"
    with pytest.raises(KernelError, match='there is no kernel "box-new"; .* box-7.3'):
        kernels.kernel("box-new")


def test_more_huge_pages_than_a_box_has_are_refused(fake):
    many = Scenario([{"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 65}])
    with pytest.raises(KernelError, match="^this scenario needs 65 huge pages of 2 MiB, and a .* box has 64: "):
        fake(SERVES).run(many)
    large = Scenario([{"op": "file", "id": "F", "backing": "hugetlb-1G", "pages": 1}])
    with pytest.raises(KernelError, match="needs 1 huge page of 1 GiB, and a kernel in a box has none: "):
        fake(SERVES).run(large)
