"""Work that is kept beside the notebook, and what is taken away from a lab and brought to another."""

import contextlib
from errno import ENOSPC
from tempfile import TemporaryDirectory

import pytest
from hands import caption, minute, press, tell, text
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import programs

from uffdsim import whole
from uffdsim.errors import Mistake
from uffdsim.kernels import names
from uffdsim.lab import Lab
from uffdsim.lab.document import Document
from uffdsim.lab.handlers import HANDLERS
from uffdsim.lab.keep import Keep
from uffdsim.lab.settings import BACKINGS, MODES, MOST_PAGES
from uffdsim.library import scenario, scenarios
from uffdsim.scenario import Scenario

SCENARIOS = scenarios()

# Kept work


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def offered(lab):
    """The sentence above a lab; None where nothing is said."""
    return text(lab.resume.told.value) if lab.resume.row.layout.display == "" else None


def files(folder):
    """How many acts each kept file has, by its name; those that were set aside left out."""
    paths = [path for path in (folder / ".uffdsim").glob("*.json") if "unreadable" not in path.name]
    return {path.name: len(Document.loads(path.read_text()).acts) for path in paths}


def test_work_is_kept_and_offered_again():
    first = Lab(keep="mine")
    assert offered(first) is None
    minute(first)
    second = Lab(keep="mine")
    assert second.model.acts == ()
    assert offered(second).startswith("Your work from last time is kept: 4 acts, ")
    second.resume.take.click()
    assert second.model.document == first.model.document
    assert offered(second) is None


def test_nothing_is_written_when_only_the_cursor_moves(folder):
    lab = Lab(acts=[{"op": "store", "vma": "plain", "value": 1}], keep="mine")
    for order in ("first", "next", "next_act", "back", "predict", "predict", "end"):
        lab.order(order)
    assert not (folder / ".uffdsim").exists()
    press(lab, "load")
    (kept,) = (folder / ".uffdsim").glob("*.json")
    kept.unlink()
    lab.order("back")
    lab.order("end")
    assert not kept.exists()
    lab.order("undo")
    assert Keep("mine").found[0].document == lab.model.document


def test_new_work_does_not_take_the_place_of_what_is_on_offer(folder):
    for _ in range(3):
        minute(Lab(keep="mine"))
    last = Lab(keep="mine")
    press(last, "store")
    assert files(folder) == {"mine.json": 4, "mine~2.json": 4, "mine~3.json": 4, "mine~4.json": 1}
    assert [len(found.document.acts) for found in Keep("mine").found] == [1, 4, 4, 4]
    last.resume.which.index = 2
    last.resume.take.click()
    assert len(last.model.acts) == 4


def test_what_is_taken_up_goes_on_in_its_own_file(folder):
    minute(Lab(keep="mine"))
    second = Lab(keep="mine")
    second.resume.take.click()
    press(second, "store")
    assert files(folder) == {"mine.json": 5}


def test_who_begins_anew_keeps_what_was_there_too(folder):
    minute(Lab(keep="mine"))
    second = Lab(keep="mine")
    second.resume.leave.click()
    assert offered(second) is None
    press(second, "store")
    assert files(folder) == {"mine.json": 4, "mine~2.json": 1}


def test_two_equal_labs_at_work_lose_nothing_of_each_other(folder):
    one, other = Lab(keep="mine"), Lab(keep="mine")
    for value in range(20):
        one.model.act("store", vma="plain", value=value)
    other.model.act("store", vma="plain", value=1)
    one.model.act("store", vma="plain", value=1)
    assert files(folder) == {"mine.json": 21, "mine~2.json": 1}
    third = Lab(keep="mine")
    third.resume.which.index = [len(found.document.acts) for found in third.keep.found].index(21)
    third.resume.take.click()
    third.model.act("store", vma="plain", value=2)
    one.model.act("store", vma="plain", value=3)
    assert sorted(files(folder).values()) == [1, 22, 22]


# The browser's shelf


def shelved(lab, *texts):
    """Tell a lab what the reader's browser has kept of other sessions, each a minute older than the one before."""
    minutes = range(len(texts), 0, -1)
    others = [{"session": "x", "when": 60_000 * n, "text": text} for n, text in zip(minutes, texts, strict=True)]
    tell(lab, "shelved", others=others)
    assert not lab.do.errors


def test_a_browser_is_given_what_is_done_and_nothing_when_only_the_cursor_moves():
    lab = Lab(keep="mine")
    given = []
    lab.stage.observe(lambda change: given.append(change["new"]), "kept")
    lab.order("next")
    assert lab.stage.kept["name"] == "mine" and not given
    minute(lab)
    assert Document.loads(given[-1]["text"]) == lab.model.document
    assert len(given) == 4
    lab.order("first")
    assert len(given) == 4
    assert Lab(keep="mine").stage.kept["session"] != given[-1]["session"]
    assert Lab(keep="").stage.kept == {}


def test_a_browser_is_given_what_no_file_can_take(monkeypatch):
    def full(path, text):
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(whole, "write", full)
    lab = Lab(keep="mine")
    press(lab, "store")
    assert Document.loads(lab.stage.kept["text"]) == lab.model.document


def test_what_a_browser_has_kept_is_offered_once_and_goes_on_in_a_file(folder):
    first = Lab(keep="mine")
    minute(first)
    done = first.model.document
    (folder / ".uffdsim" / "mine.json").unlink()
    lab = Lab(keep="mine")
    assert offered(lab) is None
    shelved(lab, "of a newer version", done.dumps(), done.dumps(), lab.model.document.dumps())
    assert offered(lab).startswith("Your work from last time is kept: 4 acts, ") and "in this browser" in offered(lab)
    lab.resume.take.click()
    assert lab.model.document == done and offered(lab) is None
    shelved(lab, done.dumps())
    assert offered(lab) is None
    press(lab, "store")
    assert files(folder) == {"mine.json": 5}


def test_what_is_in_a_file_too_is_not_offered_twice():
    first = Lab(keep="mine")
    minute(first)
    second = Lab(keep="mine")
    shelved(second, first.model.document.dumps())
    assert len(second.keep.found) == 1 and "in this browser" not in offered(second)


def test_of_what_files_and_the_browser_have_the_latest_is_offered_first():
    older, newer = Lab(keep=""), Lab(keep="")
    press(older, "store")
    minute(newer)
    minute(Lab(keep="mine"))
    lab = Lab(keep="mine")
    press(newer, "store")
    shelved(lab, newer.model.document.dumps(), older.model.document.dumps())
    assert [len(found.document.acts) for _, found in lab.resume.which.options] == [4, 5, 1]
    lab.resume.which.index = 2
    lab.order("end")
    lab.resume.take.click()
    assert lab.model.document == older.model.document


# Files that cannot be read

UNREADABLE = {
    "cut off": b'{"format": "uffdsim-lab/1", "settings": {"kern',
    "empty": b"",
    "of a newer version": b'{"format": "uffdsim-lab/2", "acts": []}',
    "with a kernel that is none": Document().dumps().replace("linux-6.18", "linux-9.99").encode(),
    "with a number of 5,000 digits": b'{"format": "uffdsim-lab/1", "acts": [' + b"9" * 5000 + b"]}",
    "of no text": bytes(range(256)),
}


@pytest.mark.parametrize("data", UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_set_aside_and_said(folder, data):
    path = folder / ".uffdsim" / "mine.json"
    path.parent.mkdir()
    path.write_bytes(data)
    lab = Lab(keep="mine")
    assert offered(lab).startswith("What was kept cannot be read (")
    assert "it is now .uffdsim/mine.unreadable.json" in offered(lab)
    press(lab, "store")
    assert offered(lab) is None and files(folder)["mine.json"] == 1
    assert path.with_name("mine.unreadable.json").read_bytes() == data


def test_a_byte_order_mark_does_no_harm(folder):
    minute(Lab(keep="mine"))
    path = folder / ".uffdsim" / "mine.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(Lab(keep="mine").keep.found[0].document.acts) == 4


def test_two_labs_of_one_notebook_keep_their_work_apart(folder, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "lessons/05-a-lesson.ipynb")
    minute(Lab())
    assert offered(Lab(pages=2)) is None
    assert offered(Lab()) is not None
    assert [name[:12] for name in files(folder)] == ["05-a-lesson-"]


def comes_back(document):
    Keep("mine").keep(document)
    return [found.document for found in Keep("mine").found] == [document]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_lab_of_every_scenario_is_kept_and_found_again(name):
    assert comes_back(Document.of(scenario(name), handler="never", kernel="linux-6.1"))


CHOICES = st.fixed_dictionaries(
    {},
    optional={
        "kernel": st.sampled_from(names()),
        "backing": st.sampled_from(BACKINGS),
        "pages": st.integers(1, MOST_PAGES),
        "modes": st.lists(st.sampled_from(MODES), unique=True),
        "handler": st.sampled_from(list(HANDLERS)),
    },
)


@settings(max_examples=30)
@given(program=programs(length=10), choices=CHOICES)
def test_whatever_is_done_in_a_lab_is_kept_and_found_again(program, choices):
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        assert comes_back(Document.of(program, **choices))


def test_work_that_cannot_be_kept_is_told_of_until_it_can(folder, monkeypatch):
    lab = Lab()

    def full(path, text):
        raise OSError(ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(whole, "write", full)
        press(lab, "store")
        assert len(lab.model.acts) == 1
        for order in ("back", "end"):
            lab.order(order)
            assert "cannot be kept in .uffdsim: No space left on device" in offered(lab)
            assert offered(lab) in text(caption(lab))
    lab.order("back")
    assert offered(lab) is None and list(files(folder).values()) == [1]


def test_a_folder_that_cannot_be_written_is_told_of(folder):
    (folder / ".uffdsim").write_text("a file where the folder would be")
    lab = Lab()
    press(lab, "store")
    assert "cannot be kept" in offered(lab) and "cannot be kept" in text(caption(lab))
    assert len(lab.model.acts) == 1


@pytest.mark.parametrize("name", ["a/b", "../x", "x" * 300, 3])
def test_a_name_that_no_file_can_have_is_refused(name):
    with pytest.raises(Mistake, match="must be a name for a file"):
        Lab(keep=name)


# Taken away


def test_what_is_taken_away_can_be_brought_to_another_lab():
    lab = Lab(keep="")
    minute(lab)
    lab.order("take")
    line = lab.taking.text.value
    other = Lab(keep="")
    other.taking.paste.value = line
    other.taking.buttons["load"].click()
    assert other.model.document == lab.model.document


def test_the_scenario_in_json():
    lab = Lab(keep="")
    minute(lab)
    lab.taking.form.value = "scenario in JSON"
    assert Scenario.loads(lab.taking.text.value).steps == lab.model.scenario.steps


def test_nonsense_that_is_pasted_is_told_in_a_sentence():
    lab = Lab(keep="")
    lab.taking.paste.value = "{}"
    lab.taking.buttons["load"].click()
    assert "Neither a line from a lab" in text(caption(lab))
