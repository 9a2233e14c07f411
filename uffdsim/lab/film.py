"""The film of a lab: pictures and words of many places, sent to a page in batches, so that it can step by itself."""

from typing import Any

from uffdsim.pictures.painters.frames import Frames
from uffdsim.pictures.shapes import Picture


class Film:
    """What a page was told of one version of a lab; ``anew`` begins with the next version.

    A page that has missed a batch (it was opened later) is told everything again, as another version.
    """

    def __init__(self):
        self.version = 0
        self._decks: dict[str, Frames] = {}

    def anew(self):
        """Everything looks different from now on."""
        self.version += 1
        self._decks = {}

    def batch(self, places: list[tuple[int, dict[str, Picture], dict[str, Any]]]) -> dict:
        """A message about some places: of each its number, its pictures by where they stand, and its words."""
        sent = {name: len(deck.shapes) for name, deck in self._decks.items()}
        frames = []
        for at, pictures, words in places:
            drawn = {}
            for name, picture in pictures.items():
                deck = self._decks.setdefault(name, Frames())
                deck.add(picture)
                drawn[name] = deck.frames.pop()
            frames.append({"at": at, "pictures": drawn, **words})
        decks = {}
        for name, deck in self._decks.items():
            known = sent.get(name, 0)
            decks[name] = {"from": known, "shapes": deck.shapes[known:]}
        return {"version": self.version, "decks": decks, "frames": frames}
