"""What is hardest to draw can be read: no word is covered, cut, too small or too pale, in any size and theme."""

import pytest
from gallery import SIZES, exhibits
from legible import complaints

from uffdsim.pictures import NAMES


@pytest.mark.parametrize("exhibit", exhibits(), ids=lambda exhibit: exhibit.name)
def test_every_word_can_be_read(exhibit):
    found = [
        f"{name} at {width:g}×{height:g}: {complaint}"
        for width, height in SIZES
        for name in NAMES
        for complaint in complaints(exhibit.draw(name, (width, height)))
    ]
    assert not found
