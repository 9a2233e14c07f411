"""Recordings: finding one, answering with it, and making one."""

import re

import pytest

from uffdsim import kernels, library, recording
from uffdsim.recording import Recorded, dumps, loads, repeated
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError, Trace

NAME = "01-hugetlb-minor-continue"


@pytest.mark.parametrize("folder", library.folders())
def test_every_recording_belongs_to_a_scenario_and_answers_it(folder):
    kernel = kernels.kernel(f"recorded-{folder}")
    names = sorted(library.recording(folder, NAME).parent.glob("*.jsonl"))
    names = [path.name.removesuffix(".jsonl") for path in names if ".functions" not in path.name]
    assert names
    for name in names:
        trace = kernel.run(library.scenario(name))
        assert trace.kernel == f"recorded-{folder}"
        assert [answer["step"] for answer in trace.observations] == list(range(len(trace.observations)))


def test_a_recording_is_written_as_it_was_read():
    text = library.recording("6.18", NAME).read_text()
    assert dumps(loads(text)) == text


def test_the_name_and_the_notes_do_not_matter():
    known = library.scenario(NAME)
    steps = [step.to_json() | {"note": "other"} for step in known]
    asked = Scenario(steps, "another name", "about something else")
    assert Recorded("6.18").run(asked).observations == Recorded("6.18").run(known).observations


def test_a_default_that_is_written_down_does_not_matter():
    steps = [step.to_json() | {"thread": step.thread} for step in library.scenario(NAME)]
    assert Recorded("6.12").run(Scenario(steps)).observations


def test_steps_that_nobody_recorded_are_refused():
    other = Scenario([{"op": "fork", "thread": "nobody"}])
    with pytest.raises(KernelError, match="^there is no recording that begins with step 0, nobody forks; take a"):
        Recorded("6.18").run(other)


def test_the_step_from_which_on_nobody_recorded_is_named():
    other = library.scenario(NAME).first(9).then({"op": "fork", "thread": "t2"})
    with pytest.raises(KernelError) as caught:
        Recorded("6.18").run(other)
    where = f"goes on with step 9, t2 forks (up to there it is {NAME})"
    assert str(caught.value) == f"there is no recording that {where}; take a simulated kernel"


def test_a_scenario_that_was_not_recorded_on_this_kernel_is_refused():
    with pytest.raises(KernelError, match=f'no recording of the scenario "{NAME}" on none'):
        Recorded("none").run(library.scenario(NAME))


class Counting:
    """A kernel that answers with how often it was asked, up to a number."""

    def __init__(self, upto):
        self.asked = 0
        self.upto = upto

    def run(self, scenario):
        self.asked += 1
        value = {"step": 1, "status": "done", "value": min(self.asked, self.upto)}
        return Trace(scenario, "counting", [{"step": 0, "status": "done", "errno": None}, value])


TOUCHED = Scenario([{"op": "mmap", "id": "a", "backing": "anon", "pages": 1}, {"op": "load", "vma": "a"}])


def test_what_is_answered_alike_three_times_is_believed():
    kernel = Counting(upto=1)
    assert repeated(kernel, TOUCHED)[1]["value"] == 1
    assert kernel.asked == recording.TIMES == 3


@pytest.mark.parametrize("upto", [2, 3])
def test_what_is_not_answered_alike_is_not_believed(upto):
    with pytest.raises(KernelError, match="^step 1 is not answered alike every time"):
        repeated(Counting(upto), TOUCHED)


def test_a_scenario_that_does_not_exist_is_no_scenario():
    with pytest.raises(KeyError, match="nothing-like-this"):
        library.scenario("nothing-like-this")


def test_an_installed_package_has_its_own_data(monkeypatch, tmp_path):
    inside = tmp_path / "site-packages" / "uffdsim"
    inside.mkdir(parents=True)
    monkeypatch.setattr(library, "HERE", inside)
    assert library.data() == inside / "data"


@pytest.mark.parametrize("folder", ["5.11-v5", "6.1-v5bit"])
def test_a_kernel_that_dies_prints_what_the_real_one_printed(folder):
    told = library.console(folder).read_text()
    names = re.findall(r"^== (\S+),", told, re.MULTILINE)
    assert names
    for name in names:
        for kernel in (f"linux-{folder}", f"recorded-{folder}"):
            trace = kernels.kernel(kernel).run(library.scenario(name))
            found = recording.console(trace)
            assert (found.folder, found.scenario, found.same) == (folder, name, True)
            assert found.text in told.partition(f"== {name},")[2].partition("\n==")[0]
            assert found.text.startswith("kernel BUG at fs/userfaultfd.c") and found.text.endswith("Fatal exception")


def test_of_other_steps_it_prints_what_was_printed_when_it_died_in_the_same_function():
    start = library.scenario("38-mlock-then-close")
    other = type(start)([*start.steps[:7], {"op": "fork"}, *start.steps[8:]])
    found = recording.console(kernels.kernel("linux-5.11-v5").run(other))
    assert not found.same and "RIP: 0010:userfaultfd_release" in found.text


def test_a_kernel_that_lives_prints_nothing():
    dies = library.scenario("38-mlock-then-close")
    for kernel, steps in (("linux-5.11-v5", dies.first(3)), ("linux-6.18", dies)):
        assert recording.console(kernels.kernel(kernel).run(steps)) is None
