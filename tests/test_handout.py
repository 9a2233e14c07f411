"""Lessons that are put into a reader's folder: by whom nothing is lost."""

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from uffdsim import doctor, handout
from uffdsim.__main__ import main

ROOT = Path(__file__).parents[1]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """Lessons as a release brings them: the folder they are in."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("00-start-here", "01-more"):
        (folder / f"{name}.ipynb").write_text(f"{name}, first edition")
    monkeypatch.setattr(handout, "lessons", lambda: sorted(folder.glob("*.ipynb")))
    return folder


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "mine"


def texts(folder):
    return {path.name: path.read_text() for path in folder.glob("*.ipynb")}


def release(shelf, version, monkeypatch):
    """Bring out a new edition of lesson 0."""
    monkeypatch.setattr(handout, "version", lambda _: version)
    (shelf / "00-start-here.ipynb").write_text(f"edition {version}")


def test_every_lesson_of_this_project_is_handed_out(mine):
    assert [put.path.name for put in handout.hand_out(mine)] == sorted(p.name for p in ROOT.glob("notebooks/*.ipynb"))
    assert (mine / handout.FIRST).read_bytes() == (ROOT / "notebooks" / handout.FIRST).read_bytes()


def test_a_second_time_there_is_nothing_to_do(shelf, mine):
    assert len(handout.hand_out(mine)) == 2
    assert handout.hand_out(mine) == []


def test_a_lesson_nobody_has_worked_in_gives_way_to_a_newer_one(shelf, mine, monkeypatch):
    handout.hand_out(mine)
    release(shelf, "0.2", monkeypatch)
    assert [str(put) for put in handout.hand_out(mine)] == ["put 00-start-here.ipynb there"]
    assert texts(mine) == texts(shelf)


def test_a_lesson_somebody_has_worked_in_stays_and_the_newer_one_goes_beside_it_once(shelf, mine, monkeypatch):
    handout.hand_out(mine)
    (mine / "00-start-here.ipynb").write_text("my answer")
    assert handout.hand_out(mine) == []  # there is no newer one yet
    release(shelf, "0.2", monkeypatch)
    said = "you have worked in 00-start-here.ipynb, which stays as it is; the newer one is 00-start-here-0.2.ipynb"
    assert [str(put) for put in handout.hand_out(mine)] == [said]
    assert handout.hand_out(mine) == []
    found = texts(mine)
    assert found["00-start-here.ipynb"] == "my answer"
    assert found["00-start-here-0.2.ipynb"] == "edition 0.2"


def test_work_in_the_newer_one_stays_too(shelf, mine, monkeypatch):
    handout.hand_out(mine)
    (mine / "00-start-here.ipynb").write_text("my answer")
    release(shelf, "0.2", monkeypatch)
    handout.hand_out(mine)
    (mine / "00-start-here-0.2.ipynb").write_text("my second answer")
    assert handout.hand_out(mine) == []
    release(shelf, "0.3", monkeypatch)
    handout.hand_out(mine)
    (shelf / "00-start-here.ipynb").write_text("0.3 again, mended")
    (mine / "00-start-here-0.3.ipynb").write_text("my third answer")
    assert [put.path.name for put in handout.hand_out(mine)] == ["00-start-here-0.3-2.ipynb"]
    mine_now = {"my answer", "my second answer", "my third answer"}
    assert mine_now <= set(texts(mine).values())


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"00-start-here.ipynb": 3}', None])
def test_where_nobody_can_say_whose_it_is_it_is_theirs(damage, shelf, mine, monkeypatch):
    handout.hand_out(mine)
    list_ = mine / ".uffdsim" / "lessons.json"
    list_.unlink() if damage is None else list_.write_text(damage)
    release(shelf, "0.2", monkeypatch)
    assert [put.path.name for put in handout.hand_out(mine)] == ["00-start-here-0.2.ipynb"]
    assert texts(mine)["00-start-here.ipynb"] == "00-start-here, first edition"
    assert json.loads(list_.read_text())["00-start-here-0.2.ipynb"]


def test_a_lesson_that_was_thrown_away_comes_again(shelf, mine):
    handout.hand_out(mine)
    (mine / "01-more.ipynb").unlink()
    assert [put.path.name for put in handout.hand_out(mine)] == ["01-more.ipynb"]


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The folder and the options with which JupyterLab would have been started."""
    calls = []
    monkeypatch.chdir(tmp_path)  # and back in the end
    monkeypatch.setattr("jupyterlab.labapp.main", lambda options: calls.append((Path.cwd(), options)))
    return calls


def test_lab_opens_the_first_lesson_where_it_was_put(mine, started, capsys):
    assert main(["lab", str(mine)]) == 0
    ((where, options),) = started
    assert options[-1] == handout.FIRST and "--no-browser" not in options
    assert where == mine and (mine / handout.FIRST).exists()
    assert capsys.readouterr().out.endswith(f"the lessons are in {mine}\n")


def test_lab_can_leave_the_browser_alone(mine, started):
    main(["lab", str(mine), "--no-browser"])
    assert "--no-browser" in started[0][1]


def test_lab_puts_lessons_into_a_folder_of_their_own_if_none_is_named(tmp_path, started):
    main(["lab"])
    assert (tmp_path / "uffdsim-lessons" / handout.FIRST).exists()


def test_without_jupyterlab_the_lessons_are_there_and_it_says_what_to_install(mine, started, monkeypatch, capsys):
    none = doctor.Check("jupyterlab", False, "none", 'pip install "uffdsim[lab]"')
    monkeypatch.setattr(doctor, "library", lambda name: none)
    assert main(["lab", str(mine)]) == 2
    assert capsys.readouterr().err == 'JupyterLab, which opens them, is not here: pip install "uffdsim[lab]"\n'
    assert (mine / handout.FIRST).exists() and not started


def test_a_folder_that_cannot_be_made_is_named(tmp_path, started, capsys):
    (tmp_path / "file").touch()
    assert main(["lab", str(tmp_path / "file")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err and not started


def test_an_installed_wheel_hands_out_its_lessons_without_the_checkout(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    venv.create(tmp_path / "env", symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    command = tmp_path / "env" / "bin" / "uffdsim"
    run = subprocess.run([command, "lab", "mine"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 2 and 'pip install "uffdsim[lab]"' in run.stderr
    assert texts(tmp_path / "mine") == texts(ROOT / "notebooks")
    version = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert version.stdout.split() == ["uffdsim", wheel.name.split("-")[1]]
