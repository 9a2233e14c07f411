"""The live kernel: what it answers, what it leaves behind, and how it is refused."""

import mmap
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import need
import pytest

from uffdsim import cache, doctor, library
from uffdsim.kernel import Simulated
from uffdsim.linux import Linux, pool, program
from uffdsim.linux.orders import orders
from uffdsim.linux.places import Places
from uffdsim.recording import Recorded
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError

FREE = Path("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages")
RECORDED_HERE = doctor.release().removeprefix("linux-")

WAITING = Scenario(
    [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 2},
        {"op": "mmap", "id": "a", "file": "F"},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u", "features": ["EVENT_FORK"]},
        {"op": "store", "vma": "a", "value": 1},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
        {"op": "load", "vma": "a", "page": 1, "thread": "t1"},
        {"op": "fork", "thread": "t2"},
    ]
)
"""It ends with two blocked threads, one of them half way through a fork, and a huge page in use."""


@pytest.fixture
def live():
    need.userfaultfd()
    need.huge_pages(16)
    need.compiler()
    return Linux()


def processes():
    """The processes that run the steps of a scenario, and those of ours that nobody has waited for."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        state, parent = rest.split()[:2]
        if name.startswith("steps-") and (state != "Z" or int(parent) == os.getpid()):
            found.add(int(stat.parent.name))
    return found


def until(condition):
    """Wait for what another process is about to do."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


# What it answers.


@pytest.mark.parametrize("name", library.scenarios())
def test_it_answers_as_a_kernel_of_its_version_was_recorded(live, name):
    scenario = library.scenario(name)
    if any("EVENT_FORK" in step["features"] for step in scenario if step.op == "api"):
        need.need(doctor.fork_events().ok, doctor.fork_events().refusal())
    answers = live.run(scenario).observations
    if library.recording(RECORDED_HERE, name).is_file():
        assert answers == Recorded(RECORDED_HERE).run(scenario).observations
    else:
        assert [answer["step"] for answer in answers] == list(range(len(scenario)))


@pytest.mark.parametrize("name", ["08-two-threads-one-page", "29-event-unmap", "32-event-fork"])
def test_it_answers_alike_every_time(live, name):
    scenario = library.scenario(name)
    first = live.run(scenario).observations
    assert all(live.run(scenario).observations == first for _ in range(50))


def test_a_woken_thread_is_never_taken_for_one_that_sleeps(live):
    # The thread that waits is the first that is looked at, and the one that wakes it the second.
    steps = [
        {"op": "mmap", "id": "a", "backing": "anon", "pages": 1},
        {"op": "userfaultfd", "id": "u"},
        {"op": "api", "fd": "u"},
        {"op": "register", "fd": "u", "vma": "a", "modes": ["MISSING"]},
    ]
    for value in range(100):
        steps += [
            {"op": "load", "vma": "a"},
            {"op": "copy", "fd": "u", "vma": "a", "value": value},
            {"op": "madvise", "vma": "a", "advice": "DONTNEED"},
        ]
    answers = live.run(Scenario(steps)).observations
    copies = answers[5::3]
    assert [copy["completed"][0]["value"] for copy in copies] == list(range(100))


def test_a_blocked_thread_cannot_take_another_step(live):
    scenario = WAITING.then({"op": "load", "vma": "a", "thread": "t1"})
    with pytest.raises(ScenarioError, match="^step 8: t1 cannot take this step") as live_one:
        live.run(scenario)
    with pytest.raises(ScenarioError) as simulated:
        Simulated("linux-6.18").run(scenario)
    assert str(live_one.value) == str(simulated.value)
    assert live_one.value.trace.observations == simulated.value.trace.observations
    assert len(live_one.value.trace.observations) == len(WAITING)


def test_many_pages_are_as_many_objects_in_an_inspect(live):
    pages = 1 << 16
    steps = [
        {"op": "file", "id": "F", "backing": "shmem", "pages": pages},
        {"op": "mmap", "id": "a", "file": "F"},
        {"op": "store", "vma": "a", "page": pages - 1, "value": 1},
        {"op": "inspect"},
    ]
    seen = live.run(Scenario(steps)).observations[-1]
    assert [page["present"] for page in seen["vmas"]["a"]] == [0] * (pages - 1) + [1]
    assert seen["files"] == {"F": 1}


def test_what_could_not_be_made_keeps_its_name(live):
    steps = [
        {"op": "file", "id": "F", "backing": "shmem", "pages": 1 << 20},
        {"op": "mmap", "id": "a", "file": "F", "offset": 1, "pages": 0},
        {"op": "load", "vma": "a"},
        {"op": "mmap", "id": "b", "backing": "anon", "pages": 1},
        {"op": "mremap", "vma": "a", "to": "c"},
        {"op": "store", "vma": "b", "value": 7},
        {"op": "load", "vma": "c"},
    ]
    answers = live.run(Scenario(steps)).observations
    assert [answer.get("errno") for answer in answers] == [None, "EINVAL", None, None, "EINVAL", None, None]
    assert [answers[step].get("signal") for step in (2, 6)] == ["SIGSEGV"] * 2


# What it leaves behind.


def test_nothing_is_left_of_threads_that_were_blocked(live):
    free, descriptors = FREE.read_text(), os.listdir("/proc/self/fd")
    before = processes()
    answers = live.run(WAITING).observations
    assert [answer["status"] for answer in answers[-2:]] == ["blocked", "blocked"]
    until(lambda: FREE.read_text() == free)
    assert os.listdir("/proc/self/fd") == descriptors
    assert processes() <= before


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_python_is_ended(live, tmp_path, end):
    free, before = FREE.read_text(), processes()
    places = Places(WAITING)
    (tmp_path / "orders").write_text(orders(WAITING, places))
    # The steps are given to the program, but no end of them; so it waits for more.
    code = f"""
import os, signal, subprocess
signal.signal(signal.SIGINT, signal.default_int_handler)  # under nohup it is ignored, and that is inherited
signal.signal(signal.SIGTERM, signal.SIG_DFL)
command = [{program.program()!r}, str(os.getpid()), {str(len(WAITING.threads))!r}, {str(places.slots)!r}]
child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
child.stdin.write(open({str(tmp_path / "orders")!r}, "rb").read())
child.stdin.flush()
print("given", flush=True)
child.wait()
"""
    python = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert python.stdout.readline() == b"given\n"
        until(lambda: FREE.read_text() != free)
        python.send_signal(end)
        python.wait(20)
        until(lambda: processes() <= before)
        until(lambda: FREE.read_text() == free)
    finally:
        python.kill()
        python.communicate()


def test_a_scenario_that_takes_too_long_is_given_up(live, monkeypatch):
    free, before = FREE.read_text(), processes()
    monkeypatch.setattr(program, "LIMIT", 0.2)
    places = Places(WAITING)
    long = orders(WAITING, places) + "0 load 0\n" * 1_000_000
    with pytest.raises(KernelError, match="did not come to rest in 0.2 seconds"):
        program.run(long, len(WAITING.threads), places.slots)
    assert processes() <= before
    until(lambda: FREE.read_text() == free)


# When several want the same huge pages.

GREEDY = Scenario(
    [
        {"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 8},
        {"op": "mmap", "id": "a", "file": "F"},
        *({"op": "store", "vma": "a", "page": page, "value": 1} for page in range(8)),
    ]
)


def test_runs_at_once_wait_for_each_other(live):
    free = int(FREE.read_text())
    scenario = GREEDY.first(0).then({"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": free * 2 // 3})
    for step in GREEDY.steps[1:]:
        scenario = scenario.then(step)
    with ThreadPoolExecutor(4) as threads:
        runs = list(threads.map(lambda _: live.run(scenario).observations, range(8)))
    assert all(answers == runs[0] for answers in runs) and runs[0][1]["errno"] is None


def test_who_waits_too_long_for_others_is_told(live, monkeypatch):
    monkeypatch.setattr(pool, "PATIENCE", 0.1)
    with pool.alone([1 << 21]), pytest.raises(KernelError, match="^others have used the huge pages of 2 MiB for 0.1 s"):
        live.run(GREEDY)


def test_pages_that_others_took_meanwhile_are_no_answer(live, monkeypatch):
    free = int(FREE.read_text()) - int(FREE.with_name("resv_hugepages").read_text())
    run = program.run

    def meanwhile(*args):
        held = mmap.mmap(-1, (free - 4) << 21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)
        stolen.append(held)
        return run(*args)

    stolen = []
    monkeypatch.setattr(program, "run", meanwhile)
    try:
        with pytest.raises(KernelError, match="needs 8 free huge pages of 2 MiB, and others took them meanwhile"):
            live.run(GREEDY)
    finally:
        for held in stolen:
            held.close()


# How it is refused.


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"op": "load", "vma": "a", "thread": f"t{n}"} for n in range(501)], "at most 500 threads, and this scenario"),
        ([{"op": "userfaultfd", "id": f"u{n}"} for n in range(1001)], "at most 1,000 files and descriptors, and this"),
        ([{"op": "mmap", "id": f"m{n}", "backing": "anon", "pages": 1} for n in range(700)], "room for 61. of the 701"),
    ],
)
def test_of_what_is_too_much_it_says_how_much_it_takes_before_it_begins(live, monkeypatch, steps, says):
    monkeypatch.setattr(program, "run", lambda *args: pytest.fail("it has begun"))
    with pytest.raises(KernelError, match=says):
        live.run(Scenario([{"op": "mmap", "id": "a", "backing": "anon", "pages": 1}, *steps]))


def test_as_many_files_are_open_as_may_be(live):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        answers = live.run(Scenario([{"op": "userfaultfd", "id": f"u{n}"} for n in range(200)])).observations
        assert not any(answer["errno"] for answer in answers)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def refused(monkeypatch, check, scenario=WAITING, **changes):
    """What the live kernel says when one of its checks fails."""
    found = {"ok": False, "found": "none"} | changes
    real = getattr(doctor, check)
    monkeypatch.setattr(doctor, check, lambda *args, **keys: real(*args, **keys)._replace(**found))
    with pytest.raises(KernelError) as error:
        Linux().run(scenario)
    return str(error.value)


def test_without_linux_it_says_what_it_needs(monkeypatch):
    said = refused(monkeypatch, "linux", found="Darwin 24.1 on arm64", remedy="take a simulated one")
    assert said == "the live kernel needs Linux on x86_64 and finds Darwin 24.1 on arm64: take a simulated one"


def test_without_a_compiler_it_says_how_to_get_one(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # where nothing is compiled
    program.program.cache_clear()
    cache._passing.cache_clear()
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    with pytest.raises(KernelError, match="sudo apt-get install gcc libc6-dev$"):
        Linux().run(WAITING)


def test_without_the_right_it_says_how_to_get_it(live, monkeypatch):
    said = refused(monkeypatch, "userfaultfd", found="no permission", remedy="allow it")
    assert said == "this scenario needs userfaultfd and finds no permission: allow it"


def test_without_huge_pages_it_says_how_many_and_how_to_get_them(live):
    too_many = Scenario([{"op": "file", "id": "F", "backing": "hugetlb-2M", "pages": 1 << 20}])
    with pytest.raises(KernelError) as error:
        live.run(too_many)
    assert str(error.value).startswith(f"this scenario needs {1 << 20} free huge pages of 2 MiB and finds ")
    assert str(error.value).endswith("| sudo tee /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages")


def test_who_may_not_open_one_for_all_faults_may_for_user_mode(live, monkeypatch):
    real = doctor.userfaultfd
    asked = []
    monkeypatch.setattr(
        doctor, "userfaultfd", lambda kernel_faults=True: asked.append(kernel_faults) or real(kernel_faults)
    )
    live.run(Scenario([{"op": "userfaultfd", "id": "u", "user_mode_only": True}]))
    assert asked == [False]


def test_a_program_that_does_not_compile_says_why(live, monkeypatch, tmp_path):
    broken = tmp_path / "steps"
    broken.mkdir()
    (broken / "steps.c").write_text("int main(void) { return nonsense; }\n")
    monkeypatch.setattr(program, "SOURCE", broken)
    program.program.cache_clear()
    try:
        with pytest.raises(KernelError, match="cannot compile steps: .*steps.c.*"):
            live.run(WAITING)
    finally:
        program.program.cache_clear()


def test_a_program_that_has_been_broken_meanwhile_is_compiled_again(live, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    program.program.cache_clear()
    try:
        live.run(WAITING)
        Path(program.program()).chmod(0o644)
        assert len(live.run(WAITING).observations) == len(WAITING)
    finally:
        program.program.cache_clear()


def test_a_home_that_cannot_be_written_to_is_no_obstacle(live, monkeypatch, tmp_path):
    home = tmp_path / "file"
    home.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    program.program.cache_clear()
    try:
        assert len(live.run(WAITING).observations) == len(WAITING)
        assert not program.program().startswith(str(home))
    finally:
        program.program.cache_clear()
