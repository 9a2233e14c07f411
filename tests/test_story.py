"""What a trace tells as a whole, and who waits for whom."""

import need
import pytest

from uffdsim import kernels, library
from uffdsim.kernel import Simulated
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, Step
from uffdsim.story import story, stuck, waits

NAMES = library.scenarios()


def watched(features=(), pages=3):
    """A machine with some watched anonymous memory."""
    m = Machine()
    a, u = m.mmap("anon", pages=pages), m.userfaultfd()
    u.api(*features)
    u.register(a, "MISSING")
    return m, a, u


@pytest.mark.parametrize("kernel", ["linux-6.18", "linux-5.11-v5", "recorded-6.18"])
@pytest.mark.parametrize("name", NAMES[::4])
def test_a_story_has_a_line_for_each_step_and_all_who_wait_in_the_end(name, kernel):
    trace = kernels.kernel(kernel).run(library.scenario(name))
    lines = story(trace)
    assert [line for line in lines if line[:4].strip().isdigit()] == [
        line for index in range(len(trace.observations)) for line in lines if line.startswith(f"{index:4}  ")
    ]
    assert len(lines) > len(trace.observations)
    asleep = [f"      {waits(trace, nap)}" for nap in trace.asleep()]
    if trace.observations[-1]["status"] == "oops":
        assert "the kernel dies" in "".join(lines) and not set(asleep) & set(lines)
    else:
        assert lines[len(lines) - len(asleep) :] == asleep


def test_a_real_kernel_s_story_is_a_simulated_one_s_without_the_reasons():
    scenario = library.scenario("08-two-threads-one-page").first(12)
    simulated, real = (story(kernels.kernel(name).run(scenario)) for name in ("linux-6.18", "recorded-6.18"))
    assert simulated[-2:] == real[-2:] and "t1 waits" in real[-2] and "t2 waits" in real[-1]
    assert all(one.startswith(other) for one, other in zip(simulated[1:], real[1:], strict=True))


def test_a_story_of_what_was_answered_before_an_error_ends_there():
    m, a, u = watched()
    a.load(0, thread="t1")
    endless = m.scenario.then(Step("load", vma="a", thread="t1"))
    with pytest.raises(ValueError) as caught:
        Simulated("linux-6.18").run(endless)
    assert story(caught.value.trace)[1:] == story(m.trace)[1:]


def test_a_dead_kernel_says_how_much_was_left():
    m = Machine("linux-5.11-v5")
    m.mmap("anon", locked=True, pages=1)
    b, u = m.mmap("anon", pages=1), m.userfaultfd()
    u.api()
    u.register(b, "MISSING")
    u.close()
    trace = Simulated("linux-5.11-v5").run(m.scenario.then(Step("inspect"), Step("fork")))
    assert story(trace)[-1] == "      2 steps not carried out: the kernel is dead"
    assert story(m.trace)[-1].startswith("   5  handler closes u → the kernel dies in userfaultfd_release")


# Who waits for whom.


def until(m):
    return waits(m.trace, m.trace.asleep()[-1]).partition(" until ")[2]


def test_what_a_thread_waits_for_is_said():
    m, a, u = watched(["EVENT_FORK", "EVENT_REMOVE", "EVENT_REMAP", "EVENT_UNMAP"])
    for number, wait in enumerate((a.load, a.kload, a.mlock)):
        wait(0, thread=f"f{number}")
        assert until(m) == "its fault is answered"
    a.madvise("POPULATE_WRITE", thread="f4")
    assert until(m) == "its fault is answered"
    a.madvise("DONTNEED", 1, thread="e1")
    assert until(m) == "its event is read"
    m.fork(thread="e2")
    assert until(m) == "its event is read"
    a.munmap(2, thread="e3")
    assert until(m) == "its event is read"


def test_what_a_thread_of_a_real_kernel_waits_for_is_the_same():
    need.userfaultfd()
    need.compiler()
    m, a, u = watched(["EVENT_REMOVE"])
    a.mlock(0, thread="t1")
    a.madvise("POPULATE_READ", 1, 1, thread="t2")
    a.madvise("DONTNEED", 2, thread="t3")
    real = kernels.kernel("linux").run(m.scenario)
    assert [waits(real, nap) for nap in real.asleep()] == [waits(m.trace, nap) for nap in m.trace.asleep()]


def test_a_thread_that_sleeps_not_may_take_any_step():
    m, a, u = watched()
    a.load(0, thread="t1")
    assert stuck(m.trace, Step("load", vma="a", thread="t2")) == ""
    assert stuck(Simulated("linux-6.18").run(Scenario()), Step("fork")) == ""


def test_who_would_have_to_wake_itself_is_told_so():
    m, a, u = watched()
    a.load(0, thread="handler")
    told = stuck(m.trace, Step("copy", fd="u", vma="a", value=1))
    assert told == (
        "handler cannot take this step (calls COPY on a (0x01)): handler waits in step 4 (reads page 0 of a) "
        "until its fault is answered, and would have to wake itself"
    )


def test_all_others_that_wait_are_told_too_and_that_nobody_is_left():
    m, a, u = watched()
    a.load(0, thread="handler")
    a.load(1, thread="t1")
    told = stuck(m.trace, Step("load", vma="a", thread="t1"))
    assert told.startswith("t1 cannot take this step (reads page 0 of a): t1 waits in step 5 ")
    assert "; handler waits in step 4 (reads page 0 of a) until its fault is answered" in told
    assert "nobody is left" not in told  # main is
    a.load(2)
    assert stuck(m.trace, Step("fork")).endswith("; nobody is left who could wake them")
    assert story(m.trace)[-1] == "      nobody is left who could wake them"
