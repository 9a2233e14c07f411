"""The offer of results that only the reader's browser has kept: one question makes it for all of a notebook."""

from functools import cache

from uffdsim.course.progress import FILE, Progress
from uffdsim.lab.shelf import Place


class Offer:
    """What the browser keeps of a ``progress``, in its ``place``, and what other sessions have left there."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.place = Place(FILE.removesuffix(".json"))
        self._texts: list[str] = []
        self._by = ""

    def hear(self, question: str, others: list[dict]) -> None:
        """Note what other sessions have left. The first question that hears of it makes the offer from then on."""
        self._by = self._by or question
        self._texts = [other["text"] for other in others]

    def made_by(self, question: str) -> bool:
        """Whether the question of this name has something to offer."""
        return question == self._by and any(map(self.progress.gains, self._texts))

    def take(self) -> None:
        """Take up all that is better than what is here."""
        for text in filter(self.progress.gains, self._texts):
            self.progress.bring(text)

    def keep(self) -> None:
        """Give the browser the results as they are now."""
        self.place.text = self.progress.export()


offer_of = cache(Offer)
"""The offer of a Progress: all questions of a kernel share it."""
