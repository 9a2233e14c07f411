"""Errors that teach: what a reader sees of one in a notebook, and what it carries."""

import ast
import copy
import os
import pickle
import subprocess
import sys
import traceback

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from uffdsim import errors
from uffdsim.errors import Mistake, Told, Unknown, WrongType
from uffdsim.kernel import Simulated
from uffdsim.library import HERE
from uffdsim.machine import Machine
from uffdsim.scenario import Scenario, ScenarioError
from uffdsim.trace import KernelError

CELL = """\
from uffdsim import Machine
m = Machine()
a, u = m.mmap("anon", pages=1), m.userfaultfd()

def handle(mode):
    u.register(a, mode)  # the reader's own line

handle("MISING")
"""
SENTENCE = "must be a list with any of MISSING, WP, MINOR, RWP; did you mean MISSING?"
SHELL = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
shell.run_line_magic("xmode", {mode!r})
shell.run_cell({cell!r})
"""


def shown(mode, tmp_path, cell=CELL):
    """What IPython shows when the cell fails, in one of its modes, as lines."""
    command = [sys.executable, "-c", SHELL.format(mode=mode, cell=cell)]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path), "COLUMNS": "80", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert "Unexpected exception" not in done.stdout, done.stdout
    return done.stdout.rstrip().splitlines()[1:]


@pytest.mark.parametrize("mode", ["Context", "Plain"])
def test_a_reader_sees_the_sentence_and_their_own_lines(mode, tmp_path):
    lines = shown(mode, tmp_path)
    assert len(lines) <= 16
    assert sum("# the reader's own line" in line for line in lines) >= 1
    assert any('handle("MISING")' in line for line in lines)
    assert lines[-1].startswith("ScenarioError: register: ") and lines[-1].endswith(SENTENCE)
    assert not any("machine" in line or "scenario.py" in line for line in lines)


def test_whoever_asks_for_the_sentence_alone_gets_it_alone(tmp_path):
    (line,) = shown("Minimal", tmp_path)
    assert line.startswith("ScenarioError: register: ") and line.endswith(SENTENCE)


def test_whoever_asks_for_everything_gets_our_insides_too(tmp_path):
    lines = "\n".join(shown("Verbose", tmp_path))
    files = ("machine/descriptor.py", "machine/machine.py", "scenario/step.py")
    for part in ("# the reader's own line", SENTENCE, *files):
        assert part in lines


def test_a_reader_s_own_function_that_we_call_is_the_reader_s_own_line(tmp_path):
    cell = """\
from uffdsim import Scenario, kernels

class Own(dict):
    def items(self):
        kernels.kernel('linx')

Scenario([Own(op='fork')])
"""
    lines = shown("Context", tmp_path, cell)
    assert any("kernels.kernel('linx')" in line for line in lines)
    assert lines[-1].startswith('KernelError: there is no kernel "linx"')


def test_the_same_in_a_notebook():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, timeout=60).execute()
    (output,) = notebook.cells[0].outputs
    told = "\n".join(output.traceback)
    assert output.ename == "ScenarioError" and SENTENCE in output.evalue and SENTENCE in told
    assert "the reader's own line" in told and "Cell" in told
    assert "machine.py" not in told and len(told.splitlines()) <= 16


def test_without_ipython_an_error_is_its_sentence(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert ScenarioError("no")._render_traceback_() == ["ScenarioError: no"]


# What they are.


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (Mistake, ValueError),
        (ScenarioError, ValueError),
        (Unknown, KeyError),
        (WrongType, TypeError),
        (KernelError, Told),
    ],
)
def test_they_are_errors_as_python_has_them_with_their_sentence_as_it_is(kind, builtin):
    error = kind('there is no "x"')
    assert isinstance(error, builtin) and isinstance(error, Told) and str(error) == 'there is no "x"'
    assert traceback.format_exception_only(error)[0].endswith(f'{kind.__name__}: there is no "x"\n')


def test_an_error_of_a_scenario_knows_its_step_and_its_trace():
    steps = [{"op": "fork"}, {"op": "forc"}]
    with pytest.raises(ScenarioError) as caught:
        Scenario(steps)
    assert caught.value.step == 1 and str(caught.value) == f"step 1: {caught.value.why}"
    assert caught.value.trace is None


def test_an_error_of_a_kernel_at_work_has_what_was_answered_before():
    m = Machine()
    a, u = m.mmap("anon", pages=1), m.userfaultfd()
    u.api()
    u.register(a, "MISSING")
    a.load(0)
    with pytest.raises(ScenarioError) as in_a_machine:
        a.load(0)
    longer = m.scenario.then({"op": "load", "vma": "a"})
    with pytest.raises(ScenarioError) as at_once:
        Simulated("linux-6.18").run(longer)
    for caught in (in_a_machine, at_once):
        assert caught.value.trace.observations == m.observations
        assert str(caught.value).removeprefix("step 5: ").startswith("main cannot take this step")


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
def test_they_can_be_copied(again):
    error = again(ScenarioError("no", 3))
    assert (str(error), error.step, error.why) == ("step 3: no", 3, "no")


BARE = ("ValueError", "KeyError", "TypeError", "RuntimeError", "Exception")
OTHERS = ("kernel", "names.py", "linux/answers.py", "course/handle/handler.py", "migration")
"""Where a bare one may still be raised; a mapping has to raise KeyError."""


def test_what_a_reader_may_meet_is_an_error_of_ours():
    found = []
    for path in sorted(HERE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                name = getattr(node.exc.func, "id", "")
                found += [f"{path.relative_to(HERE)}:{node.lineno}: {name}"] if name in BARE else []
    assert not [line for line in found if not line.startswith(OTHERS)], f"raise one of {errors.__name__}"
