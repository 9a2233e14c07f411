"""Every simulated kernel answers as the real one did, and tells its story in the order in which ftrace saw it."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from programs import programs

from uffdsim import kernel, library
from uffdsim.kernel import Simulated
from uffdsim.kernel.versions import VERSIONS
from uffdsim.scenario import Step
from uffdsim.trace import Kind

RECORDED = [
    pytest.param(name, scenario, id=f"{name[6:]}/{scenario}")
    for name in VERSIONS
    for scenario in library.scenarios()
    if library.recording(name.removeprefix("linux-"), scenario).exists()
]
FUNCTIONS = [
    pytest.param(path.parent.name, path.name.removesuffix(".functions.jsonl"), id=f"{path.parent.name}/{path.stem}")
    for path in sorted((library.data() / "recordings").glob("*/*.functions.jsonl"))
]
FAULTS = {"handle_mm_fault", "do_fault"}


@pytest.mark.parametrize("kernel, name", RECORDED)
def test_every_answer_is_the_real_kernels(kernel, name):
    trace = Simulated(kernel).run(library.scenario(name))
    answers = "".join(json.dumps(observation) + "\n" for observation in trace.observations)
    assert answers == library.recording(kernel.removeprefix("linux-"), name).read_text()


def test_every_kernel_has_recordings_to_be_held_to():
    assert {kernel for kernel, _ in (param.values for param in RECORDED)} == set(VERSIONS)
    assert len(RECORDED) >= 400


def recorded_entries(folder, name):
    """What ftrace saw: for each thread the functions it entered, in order."""
    path = library.data() / "recordings" / folder / f"{name}.functions.jsonl"
    entries = defaultdict(list)
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        if entry["event"] == "enter":
            entries[entry["thread"]].append(entry["function"])
    return entries


def told_entries(folder, name):
    """What the simulated kernel tells of the same part: from the first that waits to the last that finishes."""
    trace = Simulated(f"linux-{folder}").run(library.scenario(name))
    first = next(o["step"] for o in trace.observations if o["status"] == "blocked")
    last = [o["step"] for o in trace.observations if "completed" in o][-1]
    entries = defaultdict(list)
    for event in trace.events:
        if event.kind == Kind.CALL and first <= event.step <= last:
            entries[event.thread].append(event.function)
    return entries


def without_bare_faults(functions):
    """The recorder left out faults that entered nothing but these two, as those on a program's own stack do."""
    kept = []
    for at, function in enumerate(functions):
        after = next((f for f in functions[at:] if f not in FAULTS), None)
        again = "handle_mm_fault" in functions[at + 1 : functions.index(after, at) if after else None]
        if function in FAULTS and (after is None or again):
            continue
        kept.append(function)
    return kept


@pytest.mark.parametrize("folder, name", FUNCTIONS)
def test_functions_are_entered_in_the_order_that_ftrace_saw(folder, name):
    seen, told = recorded_entries(folder, name), told_entries(folder, name)
    both = {f for functions in seen.values() for f in functions} & {f for fs in told.values() for f in fs}
    assert len(both) >= 4
    for thread, functions in seen.items():
        expected = [f for f in functions if f in both]
        assert without_bare_faults([f for f in told[thread] if f in both]) == expected, thread


def test_the_story_leaves_out_no_more_than_two_recorded_functions():
    """The per-ioctl functions of 5.11, which younger kernels inline, have no event of their own."""
    missing = set()
    for param in FUNCTIONS:
        folder, name = param.values
        told = {f for functions in told_entries(folder, name).values() for f in functions}
        missing |= {f for functions in recorded_entries(folder, name).values() for f in functions} - told
    assert missing <= {"userfaultfd_copy", "userfaultfd_continue"}


@pytest.mark.parametrize("kernel", VERSIONS)
@given(data=st.data())
def test_any_program_is_answered_and_can_be_gone_back_over(kernel, data):
    trace = Simulated(kernel).run(data.draw(programs(kernel, length=15)))
    assert trace.observations[-1]["status"] == "oops" or len(trace.observations) == len(trace.scenario)
    assert trace.cursor().seek(0).state == {}


def test_the_reading_order_of_the_kernel_names_every_module():
    here = Path(kernel.__file__).parent
    left_out = [path.stem for path in here.glob("[!_]*.py") if f"``{path.stem}``" not in kernel.__doc__]
    assert not left_out, "say in uffdsim/kernel/__init__.py where they come in"


def all_of(session):
    """Everything that a session knows, and all that it has told, with what each event changed."""
    told = [(repr(event), event.step, event.of, event.changes) for event in session.events]
    naps, state = session.trace.naps(), session.trace.state()
    assert state == session.state
    return told, session.observations, session.trace.scenario, session.state, naps, list(session.tasks)


def going_back(scenario, version, places):
    """Go back to places of a story, and on to its end again: it is told as if nobody had ever gone back."""

    def gone(session, steps):
        for step in steps:
            session.step(step)
        return session

    steps = scenario.steps[: len(Simulated(version).run(scenario).observations)]
    session, at_once = (gone(Simulated(version).session(), steps) for _ in range(2))
    for count in places(len(steps)):
        session.back(count)
        assert all_of(session) == all_of(gone(Simulated(version).session(), steps[:count]))
        assert all_of(gone(session, steps[count:])) == all_of(at_once)


@pytest.mark.parametrize("name", [name for name in library.scenarios() if len(library.scenario(name)) < 60])
def test_a_kernel_that_went_back_goes_on_as_if_it_never_had(name):
    going_back(library.scenario(name), "linux-6.18", lambda count: range(count - 1, 0, -max(count // 4, 1)))


@given(programs(length=8), st.integers(1, 8))
def test_any_program_may_be_gone_back_in(scenario, steps):
    going_back(scenario, "linux-6.18", lambda count: [max(count - steps, 0)])


def test_a_kernel_that_died_is_alive_where_one_goes_back_to():
    going_back(library.scenario("38-mlock-then-close"), "linux-5.11-v5", lambda count: range(count - 1, 0, -1))


def test_a_thread_that_was_asleep_long_ago_is_led_to_its_sleep_again():
    scenario = library.scenario("01-hugetlb-minor-continue")
    session = Simulated("linux-6.18").session()
    for step in scenario.steps[:9]:
        session.step(step)
    assert session.trace.asleep()
    for _ in range(50):
        session.step(Step("store", vma="plain", value=1))
    before = all_of(session)
    session.step(Step("continue", fd="u", vma="watched", page=0, pages=1))
    answered = all_of(session)
    assert not session.trace.asleep()
    session.back(len(session.observations) - 1)
    assert all_of(session) == before and session.trace.asleep()
    session.step(Step("continue", fd="u", vma="watched", page=0, pages=1))
    assert all_of(session) == answered
