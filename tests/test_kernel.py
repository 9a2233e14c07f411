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
    assert trace.cursor().seek(0).state.entries == {}


def test_the_reading_order_of_the_kernel_names_every_module():
    here = Path(kernel.__file__).parent
    left_out = [path.stem for path in here.glob("[!_]*.py") if f"``{path.stem}``" not in kernel.__doc__]
    assert not left_out, "say in uffdsim/kernel/__init__.py where they come in"
