"""Progress: kept in one file, across restarts, two notebooks, and files that were damaged."""

import json

import pytest

from uffdsim.course.progress import FILE, Entry, Progress


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


ENTRY = {"kind": "problem", "name": "x", "tries": 1, "first": True, "done": True}
WRONG = (3, {"kind": "exercise"}, {**ENTRY, "kind": "magic"}, {**ENTRY, "tries": "1"}, {**ENTRY, "done": 1})
DAMAGED = [
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


def test_work_can_be_taken_elsewhere_and_the_better_result_stays(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    home, school = Progress(tmp_path / "a"), Progress(tmp_path / "b")
    home.record("exercise", "x", True)
    school.record("exercise", "x", False)
    school.record("exercise", "y", True)
    home.bring(school.export())
    assert home.entries == {("exercise", "x"): Entry(1, True, True), ("exercise", "y"): Entry(1, True, True)}


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[-60:])
def test_what_was_not_exported_is_refused_and_changes_nothing(progress, text):
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
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_an_unknown_kind_of_work_is_refused(progress):
    with pytest.raises(ValueError, match="there are question, exercise, handler, problem"):
        progress.record("magic", "x", True)
