"""Steps as Python calls: what they return, and what they show."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import need
import pytest
from hypothesis import given, settings
from machines import wrong
from programs import programs

import uffdsim
from uffdsim import kernels, library, machine
from uffdsim.grammar import OPS
from uffdsim.machine import Call, Machine
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import Kind
from uffdsim.uapi import Feature, Mode

SCENARIOS = library.scenarios()


# The minor fault, from beginning to end.


def test_a_reader_waits_until_continue_and_then_has_the_byte(minor):
    plain, watched, u, t = minor
    assert t.blocked and not t.ok and t.value is None
    event = u.read_event()
    assert (event.event, event.vma, event.page) == ("PAGEFAULT", watched, 0)
    assert event.flags.name == "MINOR"
    assert u.continue_(event.vma, event.page).ok
    assert not t.blocked and t.ok and t.value == 65 and t.woken_in == 9


def test_a_call_shows_what_came_of_it_up_to_now_and_why(minor):
    plain, watched, u, t = minor
    assert repr(t).startswith("step 7: t1 reads page 0 of watched → waits: page 0 of F is in the page cache; ")
    assert repr(u.read_event()).startswith(
        "step 8: handler reads a message of u → PAGEFAULT, flags MINOR, at page 0 of watched: "
    )
    first, woken = repr(u.continue_(watched, 0)).split("\n")
    assert first.startswith("step 9: handler calls CONTINUE on page 0 of watched → 2 MiB done")
    assert woken == "  t1 was woken: reads page 0 of watched → 0x41"
    assert repr(t).startswith("step 7: t1 reads page 0 of watched → woken in step 9: 0x41")
    assert "→ EEXIST: page 0 of watched is mapped already" in repr(u.continue_(watched, 0))


def test_a_machine_tells_all_its_steps_and_who_still_waits(minor):
    plain, watched, u, t = minor
    lines = repr(u.machine).split("\n")
    assert lines[0] == "linux-6.18, 8 steps"
    assert lines[1] == "   0  main makes the file F: 2 pages of hugetlb-2M → success"
    assert lines[8].startswith("   7  t1 reads page 0 of watched → waits: ")
    assert lines[9:] == ["      t1 waits in step 7 (reads page 0 of watched) until its fault is answered"]
    u.continue_(watched, 0)
    lines = repr(u.machine).split("\n")
    assert lines[8].startswith("   7  t1 reads page 0 of watched → waits: ")
    assert lines[9].startswith("   8  handler calls CONTINUE on page 0 of watched → 2 MiB done")
    assert lines[10:] == ["        t1 was woken: reads page 0 of watched → 0x41"]


def test_the_calls_add_up_to_a_scenario_that_any_kernel_may_run(minor):
    plain, watched, u, t = minor
    u.continue_(watched, 0)
    m = u.machine
    assert m.scenario[4:] == (
        Step("api", fd="u", features=["MINOR_HUGETLBFS"]),
        Step("register", fd="u", vma="watched", modes=["MINOR"]),
        Step("store", vma="plain", page=0, value=65),
        Step("load", vma="watched", page=0, thread="t1"),
        Step("continue", fd="u", vma="watched", page=0, pages=1),
    )
    assert kernels.kernel("linux-6.1").run(m.scenario).observations[-1]["completed"][0]["value"] == 65


def test_the_trace_is_that_of_the_scenario_and_grows_with_it(minor):
    plain, watched, u, t = minor
    trace = u.machine.trace
    u.continue_(watched, 0)
    assert u.machine.trace is trace and len(trace.observations) == len(trace.scenario) == 9
    whole = kernels.kernel("linux-6.18").run(u.machine.scenario)
    assert trace.observations == whole.observations and trace.scenario == whole.scenario
    assert [repr(event) for event in trace.events] == [repr(event) for event in whole.events]
    assert trace.ends() == whole.ends() and trace.naps() == whole.naps()


# Pages.


@pytest.mark.parametrize(
    ("page", "keys"),
    [
        ([], {}),
        ([1], {"page": 1, "pages": 1}),
        ([0, 2], {"page": 0, "pages": 2}),
        ([1, ...], {"page": 1}),
        ([None, 2], {"pages": 2}),
    ],
)
def test_a_page_alone_is_one_page_and_dots_are_all_the_rest(m, page, keys):
    a = m.mmap("anon", pages=3)
    assert a.mlock(*page).step == Step("mlock", vma="a", **keys)


def test_a_subscript_loads_and_stores(m):
    a = m.mmap("anon", pages=2)
    a[1] = 200
    assert (a[0], a[1]) == (0, 200)
    assert [step.op for step in m.scenario[1:]] == ["store", "load", "load"]


def test_a_subscript_that_would_wait_is_not_done(minor):
    plain, watched, u, t = minor
    before = u.machine.scenario
    told = "main reads page 0 of watched → waits: "
    wrong(lambda: watched[0], told, "So it was not done", 'watched.load(…, thread="t1")')
    assert u.machine.scenario == before
    assert plain[0] == 65


def test_a_mapping_is_not_gone_through_without_end(m):
    a = m.mmap("anon", pages=1)
    for go in (list, lambda a: 7 in a):
        with pytest.raises(TypeError):
            go(a)


def test_inspect_is_a_table_with_a_row_for_pages_that_are_alike(minor):
    plain, watched, u, t = minor
    seen = watched.machine.inspect()
    assert seen.files == {"F": 1} and seen.vmas["plain"][0]["present"] == 1
    assert repr(seen).split("\n")[1:] == [
        "  mapping  page  present  file  exclusive  uffd_wp  swap  vm_flags",
        "  plain    0     1        1     1          ·        ·     ·",
        "  plain    1     ·        ·     ·          ·        ·     ·",
        "  watched  0–1   ·        ·     ·          ·        ·     ui",
        "  F has 1 page in the page cache",
    ]


# Things.


def test_ids_are_chosen_in_the_order_of_the_letters(m):
    F, G = m.file("shmem", 1), m.file("shmem", 1)
    a, b = m.mmap(F), m.mmap(G)
    c, u, v = b.mremap(), m.userfaultfd(), m.userfaultfd()
    assert [thing.id for thing in (F, G, a, b, c, u, v)] == ["F", "G", "a", "b", "c", "u", "v"]


def test_there_are_ids_enough(m):
    ids = [m.mmap("anon", pages=1).id for _ in range(25)]
    assert len(set(ids)) == 25


def test_things_know_what_they_are(m):
    F = m.file("hugetlb-2M", pages=4)
    a = m.mmap(F, offset=1)
    b = a.mremap("b")
    assert (F.pages, F.backing, F.page_size) == (4, "hugetlb-2M", 2 << 20)
    assert (b.file, b.pages, b.page_size) == (F, 3, 2 << 20)
    assert (m.mmap("anon", pages=2).page_size, m.mappings["b"], m.files, list(m.descriptors)) == (4096, b, {"F": F}, [])


def test_an_id_stands_for_its_thing(minor):
    plain, watched, u, t = minor
    assert u.continue_("watched", 0).ok
    assert u.machine.mmap("F").file == plain.file


def test_the_child_of_a_fork_has_a_descriptor(m):
    a, u = m.mmap("anon", pages=1), m.userfaultfd()
    u.api("EVENT_FORK")
    u.register(a, "MISSING")
    forked = m.fork(thread="t1")
    assert forked.blocked
    event = u.read_event("c")
    assert event.event == "FORK" and event.child == m.descriptors["c"]
    assert "FORK" in repr(event) and "c" in repr(event)
    assert forked.ok and event.child.close().ok


def test_a_move_is_told_from_where_to_where(m):
    a, u = m.mmap("anon", pages=2), m.userfaultfd()
    u.api("EVENT_REMAP")
    u.register(a, "MISSING")
    b = a.mremap("b", thread="t1")
    assert repr(b).startswith("b: mapping, 2 pages of anon → waits: ")
    event = u.read_event()
    assert event.from_ == {"vma": "a", "page": 0, "offset": 0} and event.to["vma"] == "b" and event.bytes == 8192
    assert "→ REMAP of 8 KiB, from page 0 of a to page 0 of b: " in repr(event)
    assert repr(b) == "b: mapping, 2 pages of anon"


@pytest.mark.parametrize(
    "modes",
    [("MISSING", "WP"), (["MISSING", "WP"],), ("MISSING|WP",), (Mode.MISSING, Mode.WP), (Mode.MISSING | Mode.WP,),
     ("UFFDIO_REGISTER_MODE_MISSING", "UFFDIO_REGISTER_MODE_WP")],
)  # fmt: skip
def test_modes_may_be_written_as_one_likes(m, modes):
    a, u = m.mmap("anon", pages=1), m.userfaultfd()
    assert u.register(a, *modes).step["modes"] == ("MISSING", "WP")


def test_features_may_be_none_or_an_empty_list(m):
    u = m.userfaultfd()
    assert "features" not in u.api().step.given
    assert u.api([]).step.given["features"] == ()
    assert u.api(Feature.SIGBUS).step["features"] == ("SIGBUS",)


# Undo and replay.


def test_undo_takes_the_last_step_back(minor):
    plain, watched, u, t = minor
    continued = u.continue_(watched, 0)
    assert t.ok
    assert u.machine.undo().undone and continued.undone
    assert repr(continued) == "handler calls CONTINUE on page 0 of watched: undone"
    assert t.blocked and not continued.ok and continued.status == ""
    assert u.continue_(watched, 0).ok and t.value == 65


def test_undo_of_everything_leaves_an_empty_process(minor):
    plain, watched, u, t = minor
    m = u.machine
    while len(m.scenario):
        m.undo()
    assert m.trace.observations == [] and m.trace.cursor().state == Machine().trace.cursor().state
    wrong(m.undo, "nothing to undo")
    assert repr(plain) == "plain: undone"
    wrong(lambda: plain.pages, "undone")
    wrong(lambda: plain.load(0), 'no mapping "plain"')


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_replay_answers_as_the_kernel_does(name):
    scenario = library.scenario(name)
    replayed = Machine.replay(scenario)
    assert replayed.scenario == scenario
    assert replayed.observations == kernels.kernel("linux-6.18").run(scenario).observations


@given(programs(length=12))
@settings(max_examples=25)
def test_one_more_step_and_undo_is_as_if_nothing_had_been(scenario):
    replayed = Machine.replay(scenario)
    shown, state = repr(replayed), replayed.trace.cursor().state
    replayed.inspect(thread="watcher")
    replayed.undo()
    assert repr(replayed) == shown and replayed.scenario == scenario
    assert replayed.trace.cursor().state == state


@pytest.mark.parametrize("act", ["store", "answered fault"])
def test_a_call_costs_as_much_after_many_steps_as_after_few(act):
    m = Machine()
    F = m.file("shmem", pages=1)
    plain, watched, u = m.mmap(F, "plain"), m.mmap(F, "watched"), m.userfaultfd()
    u.api()
    u.register(watched, "MINOR")
    plain[0] = 1

    def once():
        if act == "store":
            return plain.store(0, 2).value
        touch, event = watched.load(0, thread="t1"), u.read_event()
        u.continue_(event.vma, event.page)
        watched.madvise("DONTNEED")
        return touch.value

    def calls():
        made = []
        sys.setprofile(lambda frame, event, argument: made.append(event) if event.endswith("call") else None)
        once()
        sys.setprofile(None)
        return len(made)

    for _ in range(20):
        once()
    early = calls()
    for _ in range(200):
        once()
    assert calls() < 1.1 * early


# Every op, every kernel.


def test_every_op_has_a_call_and_every_key_a_parameter():
    m = Machine("linux-7.3")
    F = m.file("shmem", 2, note="n", thread="t")
    a = m.mmap(F, offset=0, pages=2, sharing="shared", prot="rw", locked=False)
    m.mmap(F, "over", over=a, over_page=1, pages=1)
    b, u = m.mmap("anon", pages=2), m.userfaultfd(user_mode_only=False, blocking=False, device=False, user="root")
    where, some = {"page": 0, "pages": 1, "skew": 0}, {"bytes": 4096}
    u.api([], raw=0, api=170, user="root")
    u.register(a, "MISSING", **where, raw=0)
    u.register(a, "MISSING", **some)
    for act in (u.zeropage, u.poison, u.continue_, u.writeprotect, u.rwprotect):
        act(a, **where, mode=[], raw=0)
        act(a, **some)
    for range in (where, some):
        u.copy(a, value=1, **range, mode=[], raw=0)
        u.move(b, from_=a, from_page=1, **range, mode=[], raw=0)
        for act in (u.unregister, u.wake):
            act(a, **range)
        for act in (b.mlock, b.munlock, F.punch, F.allocate):
            act(**range)
        b.madvise("DONTNEED", **range)
        b.mprotect("r", **range)
        b.munmap(**range)
        b.pagemap_scan(**range, mask=[], inverted=[], anyof=[], returns=[], flags=[], max_pages=0)
    u.set_mode(enable=[], disable=[])
    u.read_event(child="c")
    u.read_events(1, child="d")
    u.read_events(size=32)
    u.poll()
    u.close()
    for act in (b.load, b.kload):
        act(0, offset=1)
    for act in (b.store, b.kstore, F.pwrite):
        act(0, 1, offset=1)
    F.truncate(2)
    a.mremap("e")
    m.fork()
    m.inspect()
    used = {}
    for step in m.scenario:
        used.setdefault(step.op, set()).update(step.given)
    wanted = {op: set(spec.keys) for op, spec in OPS.items()}
    wanted["mmap"].remove("backing"), used["mmap"].discard("backing")
    assert {op: keys - {"note", "thread"} for op, keys in used.items()} == wanted
    assert m.scenario[0].given["note"] == "n" and m.scenario[0].thread == "t"


@pytest.mark.parametrize("kernel", [name for name in kernels.names() if name.startswith("linux-")])
def test_every_simulated_kernel_makes_a_machine(kernel):
    m = Machine(kernel)
    a = m.mmap("anon", pages=1)
    a[0] = 3
    assert a[0] == 3 and m.trace.kernel == kernel


def test_a_recording_answers_step_by_step_what_it_was_asked():
    known = library.scenario("01-hugetlb-minor-continue")
    m = Machine("recorded-6.12")
    for step in known:
        m.step(step)
    assert m.observations == kernels.kernel("recorded-6.12").run(known).observations
    m.undo()
    wrong(m.fork, "no recording", "take a simulated kernel")
    assert len(m.observations) == len(known) - 1


def test_the_linux_at_hand_answers_step_by_step():
    need.userfaultfd()
    need.compiler()
    m = Machine("linux")
    a, u = m.mmap("anon", pages=1), m.userfaultfd()
    u.api()
    u.register(a, "MISSING")
    t = a.load(0, thread="t1")
    assert t.blocked and t.why == "" and t.events == []
    u.copy(a, 0, value=9)
    assert t.value == 9
    m.undo()
    assert t.blocked


def test_events_are_those_of_the_calls_own_thread(minor):
    plain, watched, u, t = minor
    u.continue_(watched, 0)
    functions = [event.function for event in t.events]
    assert {event.thread for event in t.events} == {"t1"}
    assert functions.index("handle_userfault") < functions.index("userfaultfd_ctx_put")
    assert t.events[-1].kind is Kind.ANSWER and t.answer == {"value": 0x41}


# The package, and its documentation.


def test_the_examples_in_the_docstrings_are_true():
    modules = pkgutil.iter_modules(machine.__path__, f"{machine.__name__}.")
    names = [machine.__name__, *(module.name for module in modules)]
    tried = [doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS) for name in names]
    assert sum(result.attempted for result in tried) > 30
    assert sum(result.failed for result in tried) == 0


def test_the_ten_lines_in_the_readme_do_what_they_say(capsys):
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    assert sum(bool(line.strip()) for line in block.split("\n")) <= 13
    exec(block, space := {})
    shown = capsys.readouterr().out
    told = re.findall(r"^print.*?# (.*)", block, re.MULTILINE)
    assert len(told) == 3
    for line, wanted in zip(shown.strip().split("\n"), told, strict=True):
        assert line == wanted or line.startswith(wanted.removesuffix(" …")) and wanted.endswith(" …")
    assert isinstance(space["m"], Machine) and len(space["m"].blocked) == 0


def test_importing_the_package_imports_nothing_else():
    script = "import importlib, sys; old = set(sys.modules); import uffdsim; print(*sorted(set(sys.modules) - old))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["uffdsim"]


def test_everything_the_package_offers_is_there():
    assert uffdsim.Machine is Machine and uffdsim.Scenario is Scenario and uffdsim.kernels is kernels
    for name in uffdsim.__all__:
        assert getattr(uffdsim, name) is not None and name in dir(uffdsim)
    with pytest.raises(AttributeError, match="machin"):
        _ = uffdsim.machin_
    assert isinstance(uffdsim.Machine().inspect(), Call)
