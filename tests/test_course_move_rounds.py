"""A pre-copy that never ends: where it begins is found by who looks on both sides."""

import pytest

from uffdsim.course.move.rounds import never_ends
from uffdsim.course.progress import Progress
from uffdsim.errors import Mistake


@pytest.fixture
def keep(tmp_path):
    return Progress(tmp_path)


def test_the_border_passes(keep):
    assert never_ends(0.036, keep) and keep.entries["exercise", "move-never-ends"].done


@pytest.mark.parametrize(
    ("hot", "told"), [(0.02, "It still ends for a larger one"), (0.08, "It does not even end for a smaller one")]
)
def test_an_answer_on_one_side_is_told_on_which(hot, told, keep):
    found = never_ends(hot, keep)
    assert not found and told in repr(found) and "rounds" in found._repr_html_()


@pytest.mark.parametrize("hot", [0, -1, 1, "3%", True, None])
def test_what_is_no_share_is_told_so(hot, keep):
    with pytest.raises(Mistake, match="take a number above 0"):
        never_ends(hot, keep)
