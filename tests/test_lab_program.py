"""The program beside a lab: which of its lines run, and which wait, at each place."""

import pytest
from hands import minute, tell

from uffdsim.export import to_c, to_python
from uffdsim.lab import Lab
from uffdsim.lab.program import LANGUAGES, program, running
from uffdsim.library import scenario, scenarios
from uffdsim.scenario import ScenarioError
from uffdsim.trace import Kind


@pytest.fixture
def lab():
    lab = Lab(keep="")
    minute(lab)
    yield lab
    assert not lab.do.errors


def text(told):
    return "".join(f"{line}\n" for line, _, _ in told["lines"])


def lines(told, step):
    return [line.strip() for line, one, _ in told["lines"] if one == step]


def test_it_is_the_program_that_can_be_taken_away(lab):
    assert text(program("python", lab.model)) == to_python(lab.model.scenario)
    assert text(program("C", lab.model)) == to_c(lab.model.scenario)


def test_it_is_written_only_for_those_who_look_at_it(lab):
    assert not lab.stage.program and "runs" not in lab.stage.now["frame"]
    tell(lab, "second", **{"with": ["python"]})
    assert lab.stage.program == program("python", lab.model)
    before = lab.stage.program
    lab.model.go(40)
    assert lab.stage.program is before and lab.stage.now["frame"]["runs"] == lab.model.event.step


def test_the_line_that_runs_and_the_one_that_waits(lab):
    told = program("python", lab.model)
    asleep = next(n for n, event in enumerate(lab.model.trace.events, 1) if event.kind is Kind.SLEEP)
    lab.model.go(asleep)
    load = running(lab.model)["runs"]
    assert lines(told, load) == ['watched.load(0, thread="t1")'] and running(lab.model)["waits"] == [[load, "t1"]]
    lab.model.next_act()
    assert lines(told, running(lab.model)["runs"]) == ["u.read_event()"]
    assert running(lab.model)["waits"] == [[load, "t1"]]
    lab.model.go(lab.model.end)
    assert running(lab.model)["waits"] == []
    lab.model.go(0)
    assert running(lab.model) == {"runs": None, "waits": []}


def test_places_that_the_page_asks_for_say_what_runs_there(lab):
    tell(lab, "second", **{"with": ["C"]})
    for at, _, words in lab.screen.places(list(range(1, lab.model.end + 1))):
        assert words["runs"] == lab.model.trace.events[at - 1].step


def test_a_line_leads_to_where_its_step_is_over(lab):
    for _, step, end in program("C", lab.model)["lines"]:
        assert end == (None if step is None else lab.model.trace.end(step))


def test_it_tells_nothing_of_what_is_to_be_predicted(lab):
    lab.model.choose(handler="CONTINUE")
    lab.model.reset()
    lab.model.predicting(True)
    lab.model.act("store", vma="plain", value=65)
    lab.model.answer({})
    lab.model.act("load", vma="watched", thread="t1")
    assert lab.model.hides and lab.model.question
    hidden = program("python", lab.model)
    asked = running(lab.model)["runs"]
    assert lines(hidden, asked) and "continue_" not in text(hidden)
    assert all(end is None for _, step, end in hidden["lines"] if step == asked)
    lab.model.answer({})
    assert "continue_" in text(program("python", lab.model))


@pytest.mark.parametrize("name", scenarios())
def test_every_step_of_every_scenario_has_its_lines(name):
    lab = Lab(scenario(name), keep="")
    for language in LANGUAGES:
        told = program(language, lab.model)
        assert {step for _, step, _ in told["lines"] if step is not None} == set(range(len(lab.model.scenario)))


def test_a_step_without_a_program_says_so(lab, monkeypatch):
    def refuse(scenario, model):
        raise ScenarioError('step 3: export to C has no "poke"')

    monkeypatch.setitem(LANGUAGES, "C", refuse)
    assert "export to C has no" in text(program("C", lab.model))
