"""Exercises and handlers inside other graders: a line in a test of otter-grader or nbgrader, run by the real ones."""

import csv
import os
import subprocess

import nbformat
import need
import pytest
from nbformat.v4 import new_code_cell, new_notebook

pytestmark = pytest.mark.timeout(400)  # each starts several programs, and a kernel

BUILD = """\
from uffdsim.course import task
m = task("there-not-here").machine()
m.mappings["plain"][1] = 7
m.mappings["plain"].madvise("DONTNEED", 1)
"""
WRITE = """\
def handler(event, u):
    if event.minor:
        u.continue_(event.vma, event.page)
"""
CHECK = 'assert task("there-not-here").check(m)'
JUDGE = 'assert judge(handler, ["minor", "missing"])'
"""This one fails: the handler knows one answer."""
OTTER = """\
from otter.test_files import test_case
from uffdsim.course import judge, task

OK_FORMAT = False
name = "{name}"
points = 1


@test_case()
def test_it({argument}):
    {line}
"""


@pytest.fixture
def grader(tmp_path):
    """Runs a program of a grader in an empty folder, and returns what it prints."""
    programs = need.grading()

    def run(*command):
        env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    nbformat.write(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}), path)


def test_otter_grader_checks_both_in_a_line_each(grader, tmp_path):
    write(tmp_path / "work.ipynb", new_code_cell(BUILD), new_code_cell(WRITE))
    (tmp_path / "tests").mkdir()
    for name, argument, line in (("build", "m", CHECK), ("write", "handler", JUDGE)):
        (tmp_path / "tests" / f"{name}.py").write_text(OTTER.format(name=name, argument=argument, line=line))
    said = grader("otter", "check", "-v", "work.ipynb", "-t", "tests")
    build, write_ = said.partition("build results:")[2].split("write results:")
    assert "All test cases passed!" in build
    assert JUDGE in write_ and "AssertionError" in write_


def cell(name, code, **keys):
    usual = {"schema_version": 3, "grade_id": name, "grade": False, "solution": False, "locked": False, "task": False}
    return new_code_cell(code, metadata={"nbgrader": usual | keys})


def test_nbgrader_gives_points_for_both_in_a_line_each(grader, tmp_path):
    tests = {"grade": True, "locked": True, "points": 1}
    cells = [
        cell("build", BUILD, solution=True),
        cell("built", f"from uffdsim.course import task\n{CHECK}", **tests),
        cell("write", WRITE, solution=True),
        cell("written", f"from uffdsim.course import judge\n{JUDGE}", **tests),
    ]
    for folder in ("source/ps", "submitted/ann/ps"):
        write(tmp_path / folder / "work.ipynb", *cells)
    grader("nbgrader", "generate_assignment", "ps", "--create")
    grader("nbgrader", "autograde", "ps", "--create")
    grader("nbgrader", "export")
    (row,) = csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())
    assert (row["student_id"], float(row["score"]), float(row["max_score"])) == ("ann", 1.0, 2.0)
