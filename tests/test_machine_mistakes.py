"""Steps as Python calls: what they say when the kernel refuses them, and what of mistakes."""

import pytest
from machines import wrong

from uffdsim import library
from uffdsim.errors import Unknown
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError

SCENARIOS = library.scenarios()


# Refusals.


def test_a_refused_call_says_its_errno_and_why(m):
    F = m.file("shmem", pages=2)
    a, u = m.mmap(F), m.userfaultfd()
    u.api()
    u.register(a, "MINOR")
    m.mmap(F, "writer")[0] = 1
    partly = u.continue_(a)
    assert (partly.ok, partly.errno, partly.done) == (False, "EAGAIN", 4096)
    assert partly.why.startswith("page 1 of a has nothing to map: page 1 of F is a hole")
    assert "EAGAIN" not in partly.why
    assert "→ EAGAIN after 4 KiB: page 1 of a" in repr(partly)


def test_a_killed_touch_says_its_signal_and_why(m):
    a = m.mmap(m.file("shmem", pages=1), pages=2)
    killed = a.load(1, thread="t1")
    assert (killed.ok, killed.blocked, killed.signal, killed.code) == (False, False, "SIGBUS", 2)
    assert "beyond the end of F, which has 1 page" in killed.why


@pytest.mark.parametrize("kernel", ["linux-6.18", "linux-6.1", "linux-5.11-v5", "linux-5.11-v6"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_call_that_fails_or_waits_says_why(name, kernel):
    for call in Machine.replay(library.scenario(name), kernel).calls:
        assert call.why or call.ok or not call.status, call


def test_a_thing_that_could_not_be_made_says_so(m):
    small = m.file("shmem", pages=1)
    refused = m.mmap(small, pages=0)
    assert repr(refused).startswith("a: mapping, 0 pages of F → EINVAL")


def test_a_dead_kernel_says_where_it_died_and_takes_no_step_but_back():
    m = Machine("linux-5.11-v5")
    m.mmap("anon", locked=True, pages=1)
    b, u = m.mmap("anon", pages=1), m.userfaultfd()
    u.api()
    u.register(b, "MISSING")
    died = u.close()
    assert died.status == "oops" and not died.ok
    assert "→ the kernel dies in userfaultfd_release: BUG" in repr(died)
    wrong(m.inspect, "the kernel died in step 5", "m.undo()")
    m.undo()
    assert m.inspect().ok


# Mistakes.


def test_a_mistyped_name_is_asked_about(m):
    a, u = m.mmap("anon", "guest", pages=1), m.userfaultfd()
    wrong(lambda: u.register(a, "minor"), "MISSING, WP, MINOR", "did you mean MINOR?")
    wrong(lambda: u.api("MINOR_HUGETLB"), "did you mean MINOR_HUGETLBFS?")
    wrong(lambda: m.file("2M", 1), "hugetlb-2M, hugetlb-1G, shmem", "did you mean hugetlb-2M?")
    wrong(lambda: a.madvise("DONT_NEED"), "did you mean DONTNEED?")
    wrong(lambda: u.register("gest", "MISSING"), "there are: guest", "did you mean guest?")
    wrong(lambda: Machine("6.18"), "the kernels are", "did you mean linux-6.18?")
    assert len(m.scenario) == 2


@pytest.mark.parametrize("kernel", [6.18, None, [], Machine(), library.scenario("36-move"), 10**5000], ids=type)
def test_what_is_no_kernel_is_called_what_it_is(kernel):
    wrong(lambda: Machine(kernel), "there is no kernel", "the kernels are linux-7.3")


def test_a_kernel_named_by_a_number_is_asked_about():
    wrong(lambda: Machine(6.18), "there is no kernel 6.18", "did you mean linux-6.18?")


def test_what_is_meant_by_a_scenario_is_replayed():
    story = library.scenario("36-move")
    for meant in (story, "36-move", story.dumps(), story.to_json(), list(story), Machine.replay(story)):
        assert Machine.replay(meant).scenario.steps == story.steps


def test_what_is_no_scenario_is_called_what_it_is():
    wrong(lambda: Machine.replay(3), "3 (int) is not a scenario: give one, its name, its JSON, its steps, or a machine")
    wrong(lambda: Machine.replay("{"), "not JSON")
    with pytest.raises(Unknown, match="did you mean 36-move"):
        Machine.replay("36-mov")
    for steps in (3, "36-move", story_of_one(), None):
        wrong(lambda steps=steps: Scenario(steps), "is not a list of steps")


def story_of_one():
    return library.scenario("36-move")[0]


@pytest.mark.parametrize("half", ["\ud800", "a\udfffb"])
def test_half_a_character_is_refused_wherever_it_is_written(m, half):
    wrong(lambda: m.fork(note=half), '"note"', "must be a string without halves of characters")
    wrong(lambda: Machine(name=half), '"name" must be a string without halves of characters')
    wrong(lambda: Machine(about=3), '"about" must be a string, not 3')


def test_the_wrong_kind_of_thing_is_called_by_its_name(m):
    F, u = m.file("shmem", pages=1), m.userfaultfd()
    wrong(lambda: u.register(F, "MINOR"), "register takes a mapping", "F is a file", "m.mmap(…)")
    wrong(lambda: u.continue_(0), "continue takes a mapping", "0 is none")
    wrong(lambda: m.mmap(u), "mmap takes a file", "u is a descriptor", "m.file(…)")
    wrong(lambda: m.mmap("shmem", pages=1), 'm.mmap(m.file("shmem", pages=…))')
    wrong(lambda: m.mmap(4096), "mmap takes a file", "4096")
    wrong(lambda: m.mmap(Machine().file("shmem", 1)), "another machine")
    assert len(m.scenario) == 2


def test_what_is_missing_is_named(m):
    a, u = m.mmap("anon", pages=1), m.userfaultfd()
    wrong(lambda: u.register(a), "MISSING, WP, MINOR and RWP")
    wrong(lambda: m.mmap("anon"), "pages")


def test_a_value_out_of_range_is_refused_with_the_range(m):
    a = m.mmap("anon", pages=1)
    wrong(lambda: a.store(0, 256), "256", "0 to 255")
    wrong(lambda: a.load(-1), "-1")
    wrong(lambda: a.load(10**5000), "a very long number", "must be an integer")
    wrong(lambda: a[0:1], "page")
    wrong(lambda: a.load(0, offset=4096), "must be below 4096")


def test_a_blocked_thread_is_named_with_what_it_waits_in(minor):
    plain, watched, u, t = minor
    wrong(
        lambda: plain.load(0, thread="t1"),
        "t1 cannot take this step", "waits in step 7 (reads page 0 of watched)", 'thread="t2"',
    )  # fmt: skip
    assert list(u.machine.blocked) == ["t1"]
    assert plain.load(0, thread="t2").value == 65


def test_an_unknown_field_of_a_call_is_an_error_with_the_fields_there_are(minor):
    *_, t = minor
    with pytest.raises(AttributeError, match="valeu.*value"):
        _ = t.valeu
    assert "value" in dir(t)


def test_a_step_that_the_model_leaves_out_is_refused_and_leaves_no_trace(m, monkeypatch):
    a = m.mmap("anon", pages=1)
    a[0] = 7

    def leave_out(step, session=m._session):
        type(session).step(session, step)
        raise KernelError("the model leaves this out")

    with monkeypatch.context() as patch:
        patch.setattr(m._session, "step", leave_out)
        wrong(lambda: a.store(0, 8), "leaves this out")
    assert len(m.scenario) == 2 and a[0] == 7
