"""Stored labs: at every place and under every setting, what a page gets is what a live lab shows."""

from hypothesis import given
from hypothesis import strategies as st

from uffdsim.lab import Guide, Lab, Line
from uffdsim.lab.screen import HEIGHTS
from uffdsim.lab.stored import WIDTH, change, stored
from uffdsim.pictures import NAMES, draw
from uffdsim.pictures.painters.frames import picture_json

ACTS = [
    {"op": "store", "vma": "plain", "value": 65},
    {"op": "load", "thread": "t1", "vma": "watched"},
    {"op": "continue", "fd": "u", "vma": "watched", "page": 0, "pages": 1},
]


def shown(way):
    """The frames of a way as a page unfolds them: place to pictures, texts and the rest."""
    lists, texts, found = {}, {}, {}
    decks = way["film"]["decks"]
    for frame in way["film"]["frames"]:
        pictures = {}
        for name, picture in frame["pictures"].items():
            lists[name] = list(lists.get(name, ()))
            for at, gone, *come in picture["edits"]:
                lists[name][at : at + gone] = come
            shapes = [decks[name]["shapes"][index] for index in lists[name]]
            pictures[name] = {key: value for key, value in picture.items() if key != "edits"} | {"shapes": shapes}
        for name, edit in frame["texts"].items():
            texts[name] = changed(texts.get(name, ""), edit)
        found[frame["at"]] = pictures, dict(texts), frame
    return found


def changed(old, edit):
    start, end, middle = edit
    return old[:start] + middle + old[len(old) - end :]


@given(st.text(alphabet="ab<é"), st.text(alphabet="ab<é"))
def test_a_text_is_had_again_from_its_changes(old, new):
    assert changed(old, change(old, new)) == new


def test_a_page_stands_where_the_lab_does_and_what_is_still_to_be_done_stands_before_its_acts():
    guide = Guide([Line("main writes.", ACTS[0])])
    for lab in (Lab(acts=ACTS, keep=""), Lab(acts=ACTS, predict=True, keep=""), Lab(guide=guide, keep="")):
        assert stored(lab)["ways"][0]["now"]["at"] == lab.model.at


def test_every_place_has_the_pictures_and_words_of_the_lab():
    lab = Lab(acts=ACTS, keep="")
    (way,) = stored(lab)["ways"]
    frames = shown(way)
    assert sorted(frames) == list(range(lab.model.end + 1))
    for at, (pictures, texts, frame) in frames.items():
        lab.model.go(at)
        for name in NAMES:
            size = WIDTH, HEIGHTS[0 if name == "tables" else 1]
            drawn = draw(name, lab.model.trace, at, size=size)
            assert pictures[name] == picture_json(drawn)
            assert drawn.table.rows == () or f"<td>{drawn.table.rows[0][0]}" in texts[name]
        assert frame["say"] in lab.stage.now["frame"]["say"]
        assert lab.stage.now["frame"]["caption"].startswith(texts["card"])


def test_what_is_to_be_tried_is_the_same_story_under_another_setting_with_its_differences_marked():
    ways = stored(Lab(acts=ACTS, keep=""), [{"modes": ["MISSING"]}])["ways"]
    assert [way["says"] for way in ways] == ["as it is", "modes MISSING"]
    lab = Lab(acts=ACTS, keep="")
    lab.model.choose(modes=["MISSING"])
    for at, (_, texts, _) in shown(ways[1]).items():
        lab.model.go(at)
        assert lab.stage.now["frame"]["caption"].startswith(texts["card"])
    assert "EEXIST" in texts["card"] and any("differs" in one for one in ways[1]["film"]["decks"]["tables"]["shapes"])


def test_a_guided_lab_is_stored_with_its_lines_done():
    lab = Lab(guide=Guide([Line(f"Do {n}.", act) for n, act in enumerate(ACTS)]), keep="")
    assert stored(lab)["ways"][0]["film"] == stored(Lab(acts=ACTS, keep=""))["ways"][0]["film"]


def test_a_lab_that_is_to_be_predicted_asks_what_the_live_one_asks():
    lab = Lab(acts=ACTS, predict=True, keep="")
    asked = stored(lab)["questions"]
    for one in asked:
        lab.model.next_act()
        question = lab.model.question
        assert [part["asks"] for part in one["parts"]] == [part.asks for part in question.parts]
        assert [part["truth"] for part in one["parts"]] == [part.truth for part in question.parts]
        lab.model.answer({part.asks: part.truth for part in question.parts})
    assert len(asked) == len(ACTS)
