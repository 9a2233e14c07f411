"""Scenarios as programs: what they look like, and that they do the same."""

import builtins
import contextlib
import doctest
import io
import json
import keyword
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import need
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import HUGE_PAGES, programs

from uffdsim import doctor, library
from uffdsim.__main__ import main
from uffdsim.export import python, to_c, to_python
from uffdsim.export.memory import Memory
from uffdsim.export.names import Names, c_words
from uffdsim.export.parts import parts
from uffdsim.grammar import NAME
from uffdsim.kernel.versions import VERSIONS
from uffdsim.linux import Linux
from uffdsim.linux.places import Places
from uffdsim.machine import Machine
from uffdsim.recording import loads
from uffdsim.scenario import Scenario, Step

SCENARIOS = library.scenarios()
STRICT = ["-Wall", "-Wextra", "-Werror", "-pthread"]


def minor_fault() -> Scenario:
    m = Machine(name="a minor fault", about="It waits.")
    F = m.file("hugetlb-2M", pages=2)
    plain, watched = m.mmap(F, "plain"), m.mmap(F, "watched")
    u = m.userfaultfd()
    u.api("MINOR_HUGETLBFS")
    u.register(watched, "MINOR")
    plain[1] = 65
    watched.load(1, thread="t1", note="it waits")
    u.read_event()
    u.continue_(watched, 1)
    u.close()
    return m.scenario


# In Python.


def run(program: str) -> Machine:
    """The machine that a Python program makes."""
    space = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(program, space)
    return space["m"]


def test_python_reads_as_a_person_would_write_it():
    assert to_python(minor_fault()).split("\n") == [
        "from uffdsim import Machine",
        "",
        "m = Machine(",
        '    "linux-6.18",',
        '    name="a minor fault",',
        '    about="It waits.",',
        ")",
        'F = m.file("hugetlb-2M", pages=2)',
        'plain = m.mmap(F, "plain")',
        'watched = m.mmap(F, "watched")',
        "u = m.userfaultfd()",
        'u.api("MINOR_HUGETLBFS")',
        'u.register(watched, "MINOR")',
        "plain.store(1, 65)",
        'watched.load(1, thread="t1", note="it waits")',
        "u.read_event()",
        "u.continue_(watched, 1)",
        "u.close()",
        "",
        "print(m)",
        "",
    ]


@pytest.mark.parametrize("name", SCENARIOS)
def test_python_makes_the_same_scenario_again(name):
    scenario = library.scenario(name)
    assert run(to_python(scenario)).scenario == scenario


@given(programs(length=20))
@settings(max_examples=60)
def test_python_makes_any_scenario_again(scenario):
    assert run(to_python(scenario)).scenario == scenario


IDS = st.from_regex(r"[A-Za-z0-9_.-]{1,6}", fullmatch=True) | st.sampled_from(["m", "Machine", "def", "a", "F", "u"])


@given(IDS, IDS, IDS, IDS, st.text(max_size=150), st.text(max_size=250))
def test_python_makes_any_names_and_texts_again(file, one, two, fd, note, about):
    steps = [Step("file", id=file, backing="shmem", pages=1, note=note), Step("mmap", id=one, file=file)]
    steps += [Step("mmap", id=two, backing="anon", pages=1)] if one != two else []
    steps += [Step("userfaultfd", id=fd), Step("register", fd=fd, vma=one, modes=[]), Step("munmap", vma=one)]
    scenario = Scenario(steps, name=note, about=about)
    assert run(to_python(scenario)).scenario == scenario


def test_python_is_for_the_kernel_one_names():
    assert run(to_python(minor_fault(), "linux-6.1")).kernel.name == "linux-6.1"


def test_the_example_in_the_docstring_is_true():
    assert doctest.testmod(python) == (0, 5)


# In C: what it looks like.


def body(program: str) -> list[str]:
    """What stands in main."""
    return program[program.index("int main(void)") :].split("\n")[2:-2]


def test_c_reads_as_a_person_would_write_it():
    assert body(to_c(minor_fault())) == [
        "\tsetlinebuf(stdout);",
        "",
        '\t/*  0 */ int F = memfd_create("F", MFD_HUGETLB | MFD_HUGE_2MB);',
        "\t         result(F < 0 ? F : ftruncate(F, 2 * PAGE_2M));",
        "\t/*  1 */ map(plain, 2 * PAGE_2M, PROT_READ | PROT_WRITE, MAP_SHARED, F, 0);",
        "\t/*  2 */ map(watched, 2 * PAGE_2M, PROT_READ | PROT_WRITE, MAP_SHARED, F, 0);",
        "\t/*  3 */ int u = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);",
        "\t         result(u);",
        "\t/*  4 */ uffdio_api(u, UFFD_API, UFFD_FEATURE_MINOR_HUGETLBFS);",
        "\t/*  5 */ range_ioctl(u, UFFDIO_REGISTER, watched, 2 * PAGE_2M, UFFDIO_REGISTER_MODE_MINOR);",
        "\t/*  6 */ value(plain[PAGE_2M] = 65);",
        "\t/*  7 */ load(t1, watched + PAGE_2M); /* it waits */",
        "\t/*  8 */ read_event(u);",
        "\t/*  9 */ range_ioctl(u, UFFDIO_CONTINUE, watched + PAGE_2M, PAGE_2M, 0);",
        "\t/* 10 */ result(close(u));",
        "\treturn 0;",
    ]


def test_c_begins_with_what_it_is_about_and_needs():
    head = to_c(minor_fault()).partition("*/")[0]
    for words in ("a minor fault", "It waits.", "2 free huge pages of 2 MiB", "cc -pthread", "main, at the end"):
        assert words in head


def test_c_has_only_the_helpers_it_uses():
    alone = to_c(library.scenario("20-api-handshake"))
    for word in ("pthread.h", "struct mapping", "inspect", "uffdio_copy", "sigjmp_buf", "REMAP", "PAGE_2M"):
        assert word not in alone
    assert alone.count("\n") < 100
    first = to_c(minor_fault())
    for word in ("sigaction", "struct mapping", "FORK", "uffdio_copy", "store(", "memset", "gettid"):
        assert word not in first
    assert first.count("\n") < 205


def test_a_function_of_its_own_is_for_a_call_that_may_wait_and_for_no_other():
    m = Machine()
    a, b, u = m.mmap("anon", pages=1), m.mmap("anon", pages=1), m.userfaultfd()
    u.register(b, "MISSING")
    a.munmap()
    b.munmap()
    program = to_c(m.scenario)
    assert "static void step_5(struct thread *t)\n{\n\treturned(t, munmap(b, PAGE_4K));\n}\n" in program
    assert body(program)[-3:] == [
        "\t/*  4 */ result(munmap(a, PAGE_4K));",
        "\t/*  5 */ run(main_thread, step_5);",
        "\treturn 0;",
    ]


def test_c_reads_so_where_a_read_waits_and_where_it_may_be_anybody():
    m = Machine()
    a = m.mmap("anon", pages=4)
    u, n = m.userfaultfd(blocking=True), m.userfaultfd("n", device=True, user="nobody")
    u.api()
    u.register(a, "MISSING")
    u.read_event(thread="h1")
    a.load(2, thread="t1")
    a.pagemap_scan(0, 4, mask=["FILE"])
    over = m.mmap("anon", "over", pages=1, over=a, over_page=3)
    n.read_events(2)
    program = to_c(m.scenario)
    assert "static void step_5(struct thread *t)\n{\n\twait_for_event(t, u);\n}\n" in program
    start = Places(m.scenario).mappings[over.id].start
    assert f"static uint8_t *const over_mapping = (uint8_t *){start:#x}; /* page 3 of a */" in program
    assert body(program)[4:] == [
        "\t/*  1 */ u = syscall(SYS_userfaultfd, O_CLOEXEC);",
        "\t         result(u);",
        "\t/*  2 */ effective_user(NOBODY);",
        "\t         int n = userfaultfd_by_device(O_CLOEXEC | O_NONBLOCK);",
        "\t         effective_user(ROOT);",
        "\t         result(n);",
        "\t/*  3 */ uffdio_api(u, UFFD_API, 0);",
        "\t/*  4 */ range_ioctl(u, UFFDIO_REGISTER, a, 4 * PAGE_4K, UFFDIO_REGISTER_MODE_MISSING);",
        "\t/*  5 */ run(h1, step_5);",
        "\t/*  6 */ load(t1, a + 2 * PAGE_4K);",
        "\t/*  7 */ pagemap_scan(a, 4 * PAGE_4K, (struct pm_scan_arg){ .category_mask = PAGE_IS_FILE });",
        "\t/*  8 */ run(main_thread, step_8);",
        "\t         if (!threads[main_thread].failed)",
        '\t                 cover("over");',
        "\t/*  9 */ read_events(n, 2 * sizeof(struct uffd_msg));",
        "\treturn 0;",
    ]


def test_main_touches_itself_what_can_neither_wait_nor_fail():
    m = Machine()
    F = m.file("shmem", pages=2)
    a, b, c = m.mmap(F), m.mmap(F, pages=3), m.mmap("anon", pages=1)
    u = m.userfaultfd()
    u.api()
    u.register(b, "MISSING")
    c.mprotect("r")
    places, touches = Places(m.scenario), [Step("load", vma=id, page=page) for id in "abc" for page in (0, 2)]
    memory = Memory(places)
    for index, step in enumerate(m.scenario):
        memory.after(index, step)
    assert [memory.is_sound(step) for step in touches] == [True, False, False, False, False, False]
    assert [memory.may_wait(step) for step in touches] == [False, False, True, True, False, False]
    assert a.id == "a"


def test_a_touch_may_end_in_a_signal_by_what_is_done_before_it_or_while_it_waits():
    m = Machine()
    a, b, u = m.mmap("anon", pages=2), m.mmap("anon", pages=2), m.userfaultfd()
    u.api()
    u.register(a, "MISSING")
    u.register(b, "MISSING")
    a.load(0, thread="t1")
    b.load(1, thread="t2")
    assert "catch_signals();" not in to_c(m.scenario)
    b.mprotect("none")
    assert "catch_signals();" in to_c(m.scenario)


WORDS = sorted(word for word in {*c_words(), *keyword.kwlist, *keyword.softkwlist, *dir(builtins)} if NAME.match(word))


def called(word):
    """A scenario in which everything has this name."""
    return Scenario(
        [
            Step("file", id=word, backing="shmem", pages=1),
            Step("mmap", id=word, file=word),
            Step("userfaultfd", id=word),
            Step("api", fd=word),
            Step("store", vma=word, value=7, thread=word),
        ]
    )


@pytest.mark.parametrize("word", sorted({*keyword.kwlist, *keyword.softkwlist, "print", "list", "id", "m", "Machine"}))
def test_a_word_of_python_may_be_a_name_in_python(word):
    assert run(to_python(called(word))).scenario == called(word)


def test_a_word_of_c_may_be_a_name_in_c():
    """As many words at once as a program may have threads: each is a file, a mapping, a descriptor and a thread."""
    command = [need.compiler(), *STRICT, "-fsyntax-only", "-x", "c", "-"]
    words = list(WORDS)
    for some in (words[at : at + 400] for at in range(0, len(words), 400)):
        steps = [step for word in some for step in called(word)]
        done = subprocess.run(command, input=to_c(Scenario(steps)), text=True, capture_output=True)
        assert done.returncode == 0, done.stderr[:2000]


def test_names_are_kept_where_they_can_be():
    name = Names(["read"])
    assert [name("file", "F"), name("mapping", "read"), name("file", "a.b"), name("thread", "1")] == [
        "F", "read_mapping", "a_b", "thread_1",
    ]  # fmt: skip
    assert name("mapping", "F") == "F_mapping" and name("file", "F") == "F"
    assert len({name("file", "x-y"), name("file", "x.y"), name("file", "x_y")}) == 3


def test_parts_use_only_what_stands_above_them():
    above = set()
    for part in parts():
        calls = set(re.findall(r"^\t+(?:return |if \()?(\w+)\(", "\n".join(part.lines), re.MULTILINE))
        ours = set().union(*(other.names for other in parts())) & calls
        assert ours <= above | part.names, part.names
        above |= part.names


# In C: what it does.


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Compiles programs, all at once, and gives their paths."""
    compiler, folder = need.compiler(), tmp_path_factory.mktemp("exported")

    def build(numbered):
        number, program = numbered
        path = folder / str(number)
        command = [compiler, *STRICT, "-O0", "-pipe", "-x", "c", "-", "-o", str(path)]
        done = subprocess.run(command, input=program, capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done.stderr
        return path

    def compile_all(programs):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return list(pool.map(build, enumerate(programs)))

    return compile_all


def observations(path) -> list[dict]:
    """What a compiled program prints."""
    done = subprocess.run([path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return loads(done.stdout)


def live(scenario: Scenario, name: str = "") -> list[dict]:
    """What this machine's kernel answers, from its recording if there is one."""
    recording = library.recording(doctor.release().removeprefix("linux-"), name)
    return loads(recording.read_text()) if recording.is_file() else Linux().run(scenario).observations


def test_every_scenario_is_a_c_program_that_observes_the_same(compiled):
    need.userfaultfd()
    need.huge_pages(16)
    paths = compiled([to_c(library.scenario(name)) for name in SCENARIOS])
    apart = [
        name
        for name, path in zip(SCENARIOS, paths, strict=True)
        if observations(path) != live(library.scenario(name), name)
    ]
    assert not apart


def test_a_message_about_what_is_before_the_only_mapping_names_it_in_c(compiled):
    need.userfaultfd()
    m = Machine(name="unmapped from before it on")
    a = m.mmap("anon", pages=2)
    u = m.userfaultfd()
    u.api("EVENT_UNMAP")
    u.register(a, "MISSING")
    a.munmap(skew=-4096, thread="t1")
    u.read_event()
    (path,) = compiled([to_c(m.scenario)])
    assert observations(path) == live(m.scenario)
    assert observations(path)[-1]["start"]["page"] == -1


def test_any_scenario_is_a_c_program_that_observes_the_same(compiled):
    need.userfaultfd()
    need.huge_pages(HUGE_PAGES)
    need.need(doctor.release() in VERSIONS, f"needs a simulated {doctor.release()}")
    scenarios = []

    @given(programs(doctor.release(), length=30))
    @settings(max_examples=12)
    def collect(scenario):
        scenarios.append(scenario)

    collect()
    for scenario, path in zip(scenarios, compiled(map(to_c, scenarios)), strict=True):
        assert observations(path) == live(scenario), scenario.dumps()


NAMES = ["main", "read", "errno", "step", "threads", "t", "mlock", "int", "y0", "1", "a.b", "PAGE_4K", "F", "sleep"]


def test_things_may_be_called_what_one_likes(compiled):
    need.userfaultfd()
    scenarios = []
    for id in NAMES:
        m = Machine()
        a = m.mmap(m.file("shmem", 2, id), id)
        u = m.userfaultfd(id)
        u.api("THREAD_ID")
        u.register(a, "MISSING")
        a.load(1, thread=id)
        u.read_event()
        u.copy(a, 1, value=3)
        m.inspect()
        scenarios.append(m.scenario)
    for scenario, path in zip(scenarios, compiled(map(to_c, scenarios)), strict=True):
        assert observations(path) == live(scenario)


def waiting_reads() -> Scenario:
    """Who reads is woken by who is woken, and wakes another: two children, and messages of all kinds."""
    m = Machine(name="threads that wake each other")
    a, b = m.mmap("anon", pages=4), m.mmap("anon", pages=4)
    u, v = m.userfaultfd(blocking=True), m.userfaultfd(blocking=True)
    for fd, memory in ((u, a), (v, b)):
        fd.api("EVENT_FORK", "EVENT_REMAP", "EVENT_REMOVE", "EVENT_UNMAP", "THREAD_ID")
        fd.register(memory, "MISSING")
    u.read_event(thread="early")
    a.load(0, thread="t1")
    u.read_events(16, thread="early")
    u.wake(a)  # t1 faults again, and is read of
    u.read_event(child="c", thread="early")
    v.read_events(4, child="d", thread="late")
    m.fork(thread="parent")
    u.read_event(thread="early")
    a.madvise("DONTNEED", 0, 2, thread="t2")
    u.read_events(size=64, thread="early")
    moved = a.mremap(thread="t3")
    u.read_event(thread="early")
    m.mmap("anon", "over", pages=2, over=moved, over_page=1, thread="t4")
    m.descriptors["c"].read_event(thread="child")
    m.descriptors["d"].close()
    m.inspect()
    return m.scenario


def test_reads_that_wait_observe_the_same_in_c(compiled):
    need.userfaultfd()
    scenario = waiting_reads()
    (path,) = compiled([to_c(scenario)])
    for _ in range(20):
        assert observations(path) == live(scenario)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [Step("inspect")],
        [Step("fork")],
        [Step("inspect"), Step("file", id="F", backing="shmem", pages=0), Step("inspect")],
        [Step("mmap", id="a", backing="anon", pages=700), Step("load", vma="a", page=699), Step("mlock", vma="a")],
        [Step("mmap", id="a", backing="anon", pages=1 << 28), Step("store", vma="a", page=1 << 27, value=1)],
        [Step("mmap", id="a", backing="anon", pages=1), Step("load", vma="a", page=1 << 28), Step("kload", vma="a")],
        [Step("userfaultfd", id="u"), Step("close", fd="u"), Step("read_event", fd="u", child="c"),
         Step("api", fd="c"), Step("close", fd="u")],
        [Step("mmap", id="a", backing="anon", pages=1), Step("userfaultfd", id="u"), Step("api", fd="u"),
         Step("copy", fd="u", vma="a", pages=1 << 28, value=1), Step("wake", fd="u", vma="a", skew=-4096)],
        [Step("mmap", id="a", backing="anon", pages=1), Step("userfaultfd", id="u", blocking=True),
         Step("read_event", fd="u", child="c"), Step("read_events", fd="u", child="d", size=0), Step("close", fd="d")],
        [Step("file", id="F", backing="shmem", pages=1, note="*/ int x; /* \\\n \u202e"), Step("punch", file="F")],
    ],
    ids=lambda steps: " ".join(step.op for step in steps) or "nothing",
)  # fmt: skip
def test_the_odd_ones_are_c_programs_too(steps, compiled):
    need.userfaultfd()
    scenario = Scenario(steps, name="*/ #error /*", about="one\ntwo")
    (path,) = compiled([to_c(scenario)])
    assert observations(path) == live(scenario)


def test_optimised_it_is_still_free_of_warnings(compiled):
    compiler = need.compiler()
    program = to_c(library.scenario("31-event-remap"))
    for options in (["-O2"], ["-O3", "-D_FORTIFY_SOURCE=2"], ["-std=gnu11"]):
        command = [compiler, *STRICT, *options, "-x", "c", "-", "-c", "-o", os.devnull]
        done = subprocess.run(command, input=program, capture_output=True, text=True)
        assert not done.stderr


# From the command line.


@pytest.mark.parametrize(("language", "write"), [("c", to_c), ("python", to_python), ("json", Scenario.dumps)])
def test_export_prints_the_program(language, write, tmp_path, capsys):
    path = tmp_path / "scenario.json"
    path.write_text(minor_fault().dumps())
    assert main(["export", str(path), "--to", language]) == 0
    assert capsys.readouterr().out == write(minor_fault())


def test_export_is_to_c_unless_told_otherwise_and_names_a_bad_file(tmp_path, capsys):
    path = tmp_path / "scenario.json"
    path.write_text(minor_fault().dumps())
    assert main(["export", str(path)]) == 0
    assert "int main(void)" in capsys.readouterr().out
    path.write_text(json.dumps({"format": "uffdsim-scenario/1", "steps": [{"op": "lode"}]}))
    assert main(["export", str(path)]) == 2
    assert "did you mean load?" in capsys.readouterr().err
