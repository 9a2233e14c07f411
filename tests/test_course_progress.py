"""Progress: kept in one file, across restarts, two notebooks, and files that were damaged."""

import json
import subprocess
import sys
from errno import ENOSPC

import pytest

from uffdsim import whole
from uffdsim.course import Exercise, Question, bug, problem
from uffdsim.course import progress as work
from uffdsim.course.progress import FILE, Entry, Progress
from uffdsim.library import scenario


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path)


def test_a_restart_loses_nothing(progress, tmp_path):
    progress.record("exercise", "a-minor-fault", False)
    progress.record("exercise", "a-minor-fault", True)
    assert Progress(tmp_path).entries == {("exercise", "a-minor-fault"): Entry(2, False, True)}


def test_what_was_done_once_stays_done(progress):
    for right in (True, False, False):
        progress.record("question", "q", right)
    assert progress.entries["question", "q"] == Entry(3, True, True)


def test_two_notebooks_share_a_file(tmp_path):
    one, other = Progress(tmp_path), Progress(tmp_path)
    one.record("question", "a", True)
    other.record("question", "b", True)
    one.record("question", "c", True)
    assert {name for _, name in Progress(tmp_path).entries} == {"a", "b", "c"}


def test_the_file_is_json_that_a_person_can_read(progress, tmp_path):
    progress.record("problem", "flags/1/3", True)
    data = json.loads((tmp_path / FILE).read_text())
    assert data["work"] == [{"kind": "problem", "name": "flags/1/3", "tries": 1, "first": True, "done": True}]


def test_the_answer_that_was_right_first_is_kept_or_else_the_last_one(progress, tmp_path):
    for right, said in ((False, 1), (False, 2), (True, 3), (True, 4), (False, 5)):
        progress.record("question", "q", right, {"said": said})
        assert Progress(tmp_path).entries["question", "q"].answer == {"said": min(said, 3)}


def test_a_wrong_answer_never_stands_beside_a_result_that_was_right(progress, tmp_path):
    progress.record("question", "q", True)
    progress.record("question", "q", False, {"said": 2})
    assert progress.entries["question", "q"] == Entry(2, True, True)
    progress.bring(json.dumps({"format": "uffdsim-progress/1", "work": [BROUGHT]}))
    assert progress.entries["question", "q"] == Entry(3, True, True, {"said": 1})


BROUGHT = {"kind": "question", "name": "q", "tries": 3, "first": False, "done": True, "answer": {"said": 1}}
ENTRY = {"kind": "problem", "name": "x", "tries": 1, "first": True, "done": True}
CHANGED = ({"kind": "magic"}, {"tries": "1"}, {"tries": -1}, {"done": 1}, {"answer": 3})
WRONG = (3, {"kind": "exercise"}, *({**ENTRY, **change} for change in CHANGED))
DAMAGED = [
    '{"format": "uffdsim-progress/2", "work": []}',
    '{"format": "uffdsim-progress/1", "work": [' + "9" * 5000 + "]}",
    '{"format": "uffdsim-progress/1", "work": [{"name": "\\ud800"}]}',
    "",
    "{",
    "[]",
    "null",
    '{"format": "other"}',
    *(json.dumps({"format": "uffdsim-progress/1", "work": [entry]}) for entry in WRONG),
    "[" * 100_000,
]


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[-60:])
def test_a_damaged_file_is_set_aside_and_never_lost(progress, tmp_path, text):
    (tmp_path / FILE).write_text(text)
    progress.record("question", "q", True)
    assert progress.entries == {("question", "q"): Entry(1, True, True)}
    assert (tmp_path / "uffdsim-progress.unreadable.json").read_text() == text
    assert "is now uffdsim-progress.unreadable.json" in progress.notice and progress.notice in repr(progress)


def test_one_bad_entry_is_all_that_is_lost(progress, tmp_path):
    for name in "abc":
        progress.record("question", name, True)
    damaged = (tmp_path / FILE).read_text().replace('"b"', "3")
    (tmp_path / FILE).write_text(damaged)
    assert {name for _, name in progress.entries} == {"a", "c"}
    assert {name for _, name in Progress(tmp_path).entries} == {"a", "c"}
    assert (tmp_path / "uffdsim-progress.unreadable.json").read_text() == damaged
    assert 'entry 1: "name" must be' in progress.notice and "what can be read of it is kept" in progress.notice


def test_a_byte_order_mark_does_no_harm(progress, tmp_path):
    progress.record("question", "q", True)
    (tmp_path / FILE).write_bytes(b"\xef\xbb\xbf" + (tmp_path / FILE).read_bytes())
    assert len(progress.entries) == 1 and not progress.notice


def test_a_second_damaged_file_does_not_replace_the_first(progress, tmp_path):
    for text in ("one", "two"):
        (tmp_path / FILE).write_text(text)
        progress.record("question", "q", True)
    kept = sorted(path.read_text() for path in tmp_path.glob("*.unreadable*.json"))
    assert kept == ["one", "two"]


def test_bytes_that_are_no_text_are_set_aside_too(progress, tmp_path):
    (tmp_path / FILE).write_bytes(b"\xff\xfe\x00")
    assert progress.entries == {} and "cannot be read" in progress.notice


def test_where_nothing_can_be_written_work_stays_in_memory_and_is_said(tmp_path):
    progress = Progress(tmp_path / "nowhere")
    progress.record("question", "q", False)
    progress.record("question", "q", True)
    assert progress.entries["question", "q"] == Entry(2, False, True)
    assert "Your work is not saved" in progress.notice and "export() gives it to you" in progress.notice


def full(path, text):
    raise OSError(ENOSPC, "No space left on device")


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """A folder in which a notebook runs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ipykernel", None)
    return tmp_path


def results():
    """One of each kind of result, each of something that a notebook keeps."""
    yield Question("message", scenario("01-hugetlb-minor-continue"), at=8).answer("a")
    yield Exercise("x", "Do something.", lambda work: None).check(scenario("01-hugetlb-minor-continue"))
    yield bug("zeros are cheap").judge(lambda event, u: None)
    yield problem("flags", seed=3).answer("a")
    yield problem("mend", seed=3).answer(lambda event, u: None)
    build = problem("build", seed=3)
    yield build.answer(build.task.solution)


def test_what_is_not_saved_is_said_with_the_result_until_it_is(notebook, monkeypatch):
    with monkeypatch.context() as disk:
        disk.setattr(whole, "write", full)
        for result in results():
            for told in (repr(result), result._repr_html_()):
                assert "Your work is not saved in" in told and "No space left on device" in told
        assert not (notebook / FILE).exists() and len(work().entries) == 6
    for result in results():
        assert "not saved" not in repr(result) + result._repr_html_()
    assert [entry.tries for entry in Progress(notebook).entries.values()] == [2] * 6


def test_a_folder_that_cannot_be_written_is_said_with_the_result(notebook):
    (notebook / FILE).mkdir()
    (notebook / ".uffdsim").write_text("a file where the folder would be")
    assert all("Your work is not saved" in repr(result) for result in results())
    assert len(work().entries) == 6


def test_a_notebook_whose_folder_is_gone_goes_on(notebook, tmp_path_factory, monkeypatch):
    gone = tmp_path_factory.mktemp("gone")
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "Your work is not saved" in repr(next(results()))
    monkeypatch.chdir(notebook)


def test_a_disk_that_is_full_while_a_damaged_file_is_mended_loses_nothing(progress, tmp_path, monkeypatch):
    progress.record("question", "a", True)
    damaged = (tmp_path / FILE).read_text().replace("]", ", 3]")
    (tmp_path / FILE).write_text(damaged)
    with monkeypatch.context() as disk:
        disk.setattr(whole, "write", full)
        progress.record("question", "b", True)
        assert (tmp_path / FILE).read_text() == damaged and len(progress.entries) == 2
    progress.record("question", "c", True)
    assert {name for _, name in Progress(tmp_path).entries} == {"a", "b", "c"}


def test_processes_that_record_at_once_lose_nothing(tmp_path):
    code = "import sys; from uffdsim.course.progress import Progress; p = Progress()\n"
    code += "for n in range(40): p.record('question', f'{sys.argv[1]}{n}', True), p.record('exercise', 'shared', False)"
    writers = [subprocess.Popen([sys.executable, "-c", code, who], cwd=tmp_path) for who in "abc"]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    entries = Progress(tmp_path).entries
    assert len(entries) == 121 and entries["exercise", "shared"].tries == 120


def test_work_can_be_taken_elsewhere_and_the_better_result_stays(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    home, school = Progress(tmp_path / "a"), Progress(tmp_path / "b")
    home.record("exercise", "x", True)
    school.record("exercise", "x", False)
    school.record("exercise", "y", True)
    assert home.gains(school.export())
    home.bring(school.export())
    assert not home.gains(school.export())
    assert home.entries == {("exercise", "x"): Entry(1, True, True), ("exercise", "y"): Entry(1, True, True)}


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[-60:])
def test_what_was_not_exported_is_refused_and_changes_nothing(progress, text):
    assert not progress.gains(text)
    progress.record("exercise", "x", True)
    with pytest.raises(ValueError):
        progress.bring(text)
    assert len(progress.entries) == 1


def test_the_score_counts_what_was_right_at_first(progress):
    progress.record("problem", "flags/1/0", True)
    progress.record("problem", "flags/1/1", False)
    progress.record("problem", "flags/1/1", True)
    progress.record("problem", "errno/1/0", True)
    assert progress.score("problem") == (2, 3) and progress.score("problem", "flags") == (1, 2)


def test_it_reads_well_before_and_after_something_was_done(progress):
    assert "Nothing done yet." in repr(progress) and "Nothing done yet." in progress._repr_html_()
    progress.record("exercise", "x", True)
    assert repr(progress).splitlines()[1].split() == ["exercises", "1", "1", "1"]
    assert "<th" in progress._repr_html_()


def test_no_half_written_file_is_left(progress, tmp_path):
    progress.record("exercise", "x", True)
    assert {path.name for path in tmp_path.iterdir()} == {FILE, ".uffdsim"}
    assert [path.name for path in (tmp_path / ".uffdsim").iterdir()] in ([], ["lock"])


def test_an_unknown_kind_of_work_is_refused(progress):
    with pytest.raises(ValueError, match="the kinds are question, exercise, handler, problem"):
        progress.record("magic", "x", True)
