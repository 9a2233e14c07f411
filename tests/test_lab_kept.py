"""Work that is kept beside the notebook, and what is taken away from a lab and brought to another."""

from hands import minute, press, text

from uffdsim.lab import Lab
from uffdsim.lab.keep import Keep
from uffdsim.scenario import Scenario

# Kept work


def test_work_is_kept_and_offered_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = Lab(keep="mine")
    assert first.offer.layout.display == "none"
    minute(first)
    second = Lab(keep="mine")
    assert second.model.acts == ()
    assert second.offer.layout.display == ""
    second.offer.children[1].click()
    assert second.model.document == first.model.document
    assert second.offer.layout.display == "none"


def test_nothing_is_written_when_only_the_cursor_moves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lab = Lab(acts=[{"op": "store", "vma": "plain", "value": 1}], keep="mine")
    for order in ("first", "next", "next_act", "play", "tick", "back", "predict", "predict", "end"):
        lab.order(order)
    assert not (tmp_path / ".uffdsim").exists()
    press(lab, "load")
    (kept,) = (tmp_path / ".uffdsim").iterdir()
    kept.unlink()
    lab.order("back")
    lab.order("end")
    assert not kept.exists()
    lab.order("undo")
    assert Keep("mine").found == lab.model.document


def test_new_work_does_not_take_the_place_of_what_is_on_offer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    minute(Lab(keep="mine"))
    second = Lab(keep="mine")
    press(second, "store")
    assert len(Keep("mine").found.acts) == 1
    second.offer.children[1].click()
    assert len(second.model.acts) == 4


def test_a_damaged_file_is_no_offer(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    minute(Lab(keep="mine"))
    (tmp_path / ".uffdsim" / "mine.json").write_text("{")
    assert Lab(keep="mine").offer.layout.display == "none"


def test_two_labs_of_one_notebook_keep_their_work_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", "lessons/05-a-lesson.ipynb")
    minute(Lab())
    assert Lab(pages=2).offer.layout.display == "none"
    assert Lab().offer.layout.display == ""
    assert [path.name[:12] for path in (tmp_path / ".uffdsim").iterdir()] == ["05-a-lesson-"]


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".uffdsim").write_text("a file where the folder would be")
    lab = Lab()
    press(lab, "store")
    assert "kept" in text(lab.stage.caption)
    assert len(lab.model.acts) == 1


# Taken away


def test_what_is_taken_away_can_be_brought_to_another_lab():
    lab = Lab(keep="")
    minute(lab)
    lab.taking.unfold.value = True
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
    assert "Neither a line from a lab" in text(lab.stage.caption)
