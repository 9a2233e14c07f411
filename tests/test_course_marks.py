"""Marks: every answer is checked anew, whatever its file says."""

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from handlers import Mended, naive

from uffdsim.__main__ import main
from uffdsim.course import TASKS, Progress, Question, bug, problem, task
from uffdsim.course.handle.source import handed_in
from uffdsim.course.lessons.challenges import ten
from uffdsim.course.marks import apart, lessons
from uffdsim.course.marks.again import again
from uffdsim.course.marks.sheet import FALSE, RIGHT, UNKNOWN, WRONG, sheet
from uffdsim.course.marks.table import Marks
from uffdsim.course.move import choose, move, never_ends
from uffdsim.course.progress import FILE, from_json
from uffdsim.library import scenario

pytestmark = pytest.mark.timeout(400)  # handlers have a process each


def question():
    """The first of lesson 2."""
    return Question("message", scenario("02-minor-only-page-not-in-cache"), at=9)


def built(right=True):
    m = task("there-not-here").machine()
    m.mappings["plain"].store(1, 7)
    if right:
        m.mappings["plain"].madvise("DONTNEED", 1)
    return m


def fetching(event, u):
    if event and event.page in u.stale:
        u.fetch(event.page)
    if event:
        u.continue_(event.page)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What is kept of one of each kind of work, right and wrong, in a notebook."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("ann"))
        patch.setitem(sys.modules, "ipykernel", None)
        asked = question()
        asked.answer(asked.truth)
        problem("flags", 3).answer(0)
        problem("mend", 3).answer(Mended)
        building = problem("build", 3)
        building.answer(building.task.solution)
        task("there-not-here").check(built())
        never_ends(0.5)
        choose("ledger")
        ten.judge(naive)
        bug("hot again").judge(Mended)
        move(fetching)
        return Path(FILE).read_text(encoding="utf-8")


@pytest.fixture
def work(kept, tmp_path):
    """A file with that."""
    path = tmp_path / "ann.json"
    path.write_text(kept, encoding="utf-8")
    return path


def changed(path, change, name=None):
    """The file, with a change to every entry of a name, or to all."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for entry in data["work"]:
        if name in (None, entry["name"]):
            change(entry)
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_every_kind_of_work_is_checked_anew_and_who_says_done_of_what_is_not_is_found_out(work):
    entries, _ = from_json(work.read_text(encoding="utf-8"))
    assert len(entries) == 10 and {kind for kind, _ in entries} == {"question", "exercise", "handler", "problem"}
    assert {entry.done for entry in entries.values()} == {True, False}
    changed(work, lambda entry: entry.update(done=True, first=True, tries=1))
    states = {one: mark.state for one, mark in sheet(work).marks.items()}
    assert states == {one: RIGHT if entry.done else FALSE for one, entry in entries.items()}


def test_a_right_answer_to_another_question_is_none_to_this():
    asked = question()
    mine = {**asked._handed_in, "said": asked.truth}
    other = Question("message", scenario("01-hugetlb-minor-continue"), at=8, kernel="linux-6.1")
    assert again("question", asked.name, mine).right
    assert again("question", other.name, mine) == (False, "it answers another question than the one that has this name")


def test_an_old_file_is_read_and_says_that_it_cannot_be_checked(work):
    changed(work, lambda entry: entry.pop("answer"))
    found = sheet(work)
    assert found.count(RIGHT) == 0 and found.count(UNKNOWN) + found.count(WRONG) == 10
    (note,) = found.notes
    assert "what was answered is not in the file" in note


def test_what_has_no_name_here_cannot_be_checked():
    assert again("exercise", "mine", {"steps": []}).right is None
    assert again("handler", "mine", handed_in(naive)).right is None
    named = {**question()._handed_in, "said": question().truth}
    assert again("question", "my own name", named).right is None


NONSENSE = [{}, {"said": 3}, {"steps": "x"}, {"steps": [3]}, {"source": "1/0", "handler": "x"}, {"hot": "x"}]


@pytest.mark.parametrize("answer", NONSENSE, ids=str)
def test_nonsense_is_not_right_and_breaks_nothing(answer):
    asked = [
        ("question", question().name), ("exercise", "there-not-here"), ("exercise", "move-never-ends"),
        ("exercise", "move-nobody"), ("handler", "hot again"), ("problem", "flags/1/3"), ("problem", "x"),
    ]  # fmt: skip
    for kind, name in asked:
        found = again(kind, name, answer)
        assert found.right is False and found.why


HANGS = "while True:\n    pass\n"
SLEEPS = "import time\nclass h:\n    def __call__(self, event, u):\n        time.sleep(1000)\n"
LEAVES = "import os\nos._exit(0)\n"
FILLS = "x = bytearray(1 << 40)\n"
WRITES = "open('mine.txt', 'w', buffering=1).write('mine\\n')\n"


@pytest.mark.parametrize(
    ("source", "why"),
    [(HANGS, "took more than"), (SLEEPS, "0 of 2"), (LEAVES, "ended"), (FILLS, "ended"), (WRITES, "OSError")],
    ids=["hangs", "sleeps", "leaves", "fills", "writes"],
)
def test_a_handler_that_does_harm_is_told_and_the_rest_counts(source, why, monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 8 if source is HANGS else 60)
    asked = [("handler", "hot again", {"source": source, "handler": "h"})]
    asked += [("problem", "flags/1/3", {"said": problem("flags", 3).task.truth})]
    bad, good = apart.checked(asked)
    assert not bad.right and why in bad.why
    assert good.right


def test_what_a_handler_starts_ends_with_it(monkeypatch, tmp_path):
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    source = f"import subprocess\nout = open({str(tmp_path / 'alive')!r}, 'w')\n"
    source += "subprocess.run('echo begun; exec sleep 1000', shell=True, stdout=out)\n"
    monkeypatch.setattr(apart, "SECONDS", 8)
    apart.checked([("handler", "hot again", {"source": source, "handler": "h"})])
    os.set_blocking(alive, True)
    with open(alive) as told:
        assert told.read() == "begun\n"  # there is an end as soon as nobody can write any more


def test_a_handler_that_hangs_ends_where_nobody_is_left_to_end_it():
    program = "from uffdsim.course.marks import apart; apart.SECONDS = 3; apart._main()"
    asked = json.dumps([("handler", "hot again", {"source": HANGS, "handler": "h"})])
    done = subprocess.run([sys.executable, "-c", program], input=asked, text=True, capture_output=True, timeout=300)
    assert -done.returncode in (signal.SIGXCPU, signal.SIGKILL)


# The command


def named(tmp_path, *names):
    """Files of people with these names, each of whom has answered one question and built one thing."""
    paths = []
    for name in names:
        folder = tmp_path / name
        folder.mkdir()
        keep = Progress(folder)
        asked = question()
        asked.keep = keep
        asked.answer(next(iter(asked.mistakes)) if name == "bob" else asked.truth)
        one = task("there-not-here")
        keep.record("exercise", one.name, True, {"steps": [step.to_json() for step in built().scenario]})
        paths.append(str(folder / FILE))
    return paths


def test_a_row_is_a_person_a_column_a_lesson_and_the_others_go_on_after_a_bad_file(tmp_path, capsys):
    teacher, *paths = named(tmp_path, "teacher", "bob", "ann")
    (tmp_path / "eve.json").write_text("{")
    bad = [str(tmp_path / "eve.json"), str(tmp_path / "no.json")]
    assert main(["marks", "--key", teacher, *paths, *bad]) == 2
    out, err = capsys.readouterr()
    rows = [line.split() for line in out.splitlines()[:3]]
    assert rows[0][:5] == ["student", "01", "02", "in", "all"]
    assert rows[1] == ["ann", "1/1", "1/1", "2/2", "2"] and rows[2] == ["bob", "1/1", "0/1", "1/2", "1"]
    assert [line.split(": ")[0] for line in err.splitlines()] == bad


def test_without_a_key_all_counts_that_the_lessons_ask_and_what_is_right_besides_is_told(tmp_path, capsys):
    (path,) = named(tmp_path, "ann")
    progress = Progress(tmp_path / "ann")
    progress.record("problem", "flags/1/3", True, {"said": problem("flags", 3).task.truth})
    assert main(["marks", path]) == 0
    header, row = capsys.readouterr().out.splitlines()[:2]
    assert header.split()[1:3] == ["01", "02"]
    assert row[header.index("in all") :].split()[:2] == [f"2/{len(lessons.asked())}", "1"]


def test_tampering_is_told_and_the_exit_status_is_1(tmp_path, capsys):
    (path,) = named(tmp_path, "bob")
    assert main(["marks", path]) == 0
    changed(Path(path), lambda entry: entry.update(done=True), question().name)
    capsys.readouterr()
    assert main(["marks", path, "--each", "--key", path]) == 1
    out, _ = capsys.readouterr()
    built, sum_, told, *_ = out.splitlines()[1:]
    assert built.split() == ["01", "exercise", "there-not-here", "✓"]
    assert sum_.split()[-2:] == ["page:", "1/1"]
    assert told.split()[:5] == ["02", "question", "1:", "message", "!"] and "Which message" in told
    assert f"bob: question {question().name} is said to be done, and is not: “PAGEFAULT" in out


def gradebook(capsys, *arguments):
    assert main(["marks", *arguments]) == 0
    return list(csv.reader(capsys.readouterr().out.splitlines()))


def test_canvas_finds_who_and_what_it_is_and_how_many_points_there_are(tmp_path, capsys):
    paths = named(tmp_path, "bob", "ann")
    header, points, ann, bob = gradebook(capsys, "--csv", "canvas", "--key", paths[0], *paths)
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert header[5:] == ["uffdsim 01 Two mappings, one page", "uffdsim 02 Missing or minor"]
    assert points == ["    Points Possible", "", "", "", "", "1", "1"]
    assert ann == ["ann", "", "", "ann", "", "1", "1"] and bob == ["bob", "", "", "bob", "", "1", "0"]


def test_moodle_gets_a_row_for_each_person_and_none_besides(tmp_path, capsys):
    paths = named(tmp_path, "bob", "ann")
    header, ann, bob = gradebook(capsys, "--csv", "moodle", "--total", "--key", paths[0], *paths)
    assert (header, ann, bob) == (["student", "uffdsim in all (of 2)"], ["ann", "2"], ["bob", "1"])


def test_no_two_columns_have_the_same_heading():
    """Canvas would take one for the other."""
    marks = Marks([])
    for columns in (marks.lessons(), marks.each()):
        headings = [column.heading for column in columns]
        assert len(headings) > 9 and len(set(headings)) == len(headings)


def test_every_piece_of_work_of_a_lesson_has_a_name_that_a_reader_knows():
    for (kind, name), place in lessons.asked().items():
        assert place.label.startswith(f"{place.lesson} {kind} ")
        assert name in place.label or kind == "question" and place.about.endswith("?")
    assert {place.lesson for place in lessons.asked().values()} == set(lessons.titles()) - {"00", "08"}
    assert set(TASKS) <= {name for _, name in lessons.asked()}


def test_a_key_says_what_counts(tmp_path, capsys):
    teacher, student = named(tmp_path, "teacher", "ann")
    Progress(tmp_path / "ann").record("question", "x-0123456789", True, {})
    Progress(tmp_path / "teacher").record("exercise", "shifted", True)
    assert main(["marks", student, "--key", teacher]) == 0
    out, _ = capsys.readouterr()
    assert out.splitlines()[1].split()[:4] == ["ann", "1/2", "1/1", "2/3"]


def test_two_files_of_one_person_are_refused(tmp_path, capsys):
    (path,) = named(tmp_path, "bob")
    (tmp_path / "bob.json").write_text("{}")
    assert main(["marks", path, str(tmp_path / "bob.json")]) == 2
    assert "2 files are of bob" in capsys.readouterr().err


def test_a_name_does_nothing_to_a_terminal_or_a_spreadsheet(tmp_path, capsys):
    Progress(tmp_path).record("exercise", "=1+1\x1b[31m\nx", True, {"steps": []})
    os.rename(tmp_path / FILE, tmp_path / "eve.json")
    path = str(tmp_path / "eve.json")
    for options in (["--each"], ["--each", "--csv"], []):
        main(["marks", path, "--key", path, *options])
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err and "other exercise =1+1" in out or "--each" not in options
