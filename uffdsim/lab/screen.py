"""What is to be seen of a lab at one place: its pictures and its words."""

from typing import Any

from uffdsim import pictures
from uffdsim.lab import caption
from uffdsim.lab.guide import Guide
from uffdsim.lab.model import Model
from uffdsim.lab.program import LANGUAGES, running
from uffdsim.pictures.shapes import Picture

ROOMS = (520, 600, 660, 740, 820, 920, 1040)
"""The widths that pictures are drawn for, in units. A page shows a picture as wide as there is room, so that a unit is
a pixel, or somewhat more."""
UNTOLD = (660, 520)
"""As wide is a picture taken to be, alone and beside another, until a page tells it."""
HEIGHTS = (204, 168)
"""How high the first and the second picture are; one that needs more, to be legible, takes it."""


class Screen:
    """Draws a model at any place of its trace.

    ``main`` and ``second`` are the names of the pictures; the second may be one of LANGUAGES, for the program.
    ``lecture`` is whether they are for the last row of a room, ``wordy`` whether the same is told in words below,
    ``unfolded`` whether settings are shown in a lecture, ``guide`` what to do. ``widths`` are two of ROOMS, for a
    picture alone and for one beside another.
    """

    def __init__(self, model: Model, main: str, second: str, guide: Guide = caption.NONE, lecture: bool = False):
        self.model = model
        self.main, self.second = main, second
        self.guide = guide
        self.start = model.settings
        """What is chosen to begin with."""
        self.lecture = lecture
        self.wordy = self.unfolded = False
        self.widths = UNTOLD
        self._seen: tuple[object, dict[str, Picture]] = (None, {})

    def room(self, alone: float, beside: float) -> bool:
        """Draw for so much room, in pixels of a page; whether that makes a difference to what is shown."""
        known = self.drawn
        self.widths = _fitting(alone), _fitting(beside)
        return self.drawn != known

    @property
    def drawn(self) -> int:
        """The width that pictures are drawn for: in a lecture the least, so that each unit is as large as can be."""
        return ROOMS[0] if self.lecture else self.widths[self.model.other is not None]

    def key(self) -> tuple:
        """All that frames depend on but the place: as long as it stays the same, so do they."""
        model = self.model
        beside = (id(model.other), model.other and model.other.turns, id(model.before))
        asked = (id(model.question), model.verdict, model.last, id(model.real[0]), model.real[1])
        looks = (self.main, self.second, self.lecture, self.wordy, self.drawn)
        return id(model.outcome), model.outcome.turns, model.end, beside, asked, looks

    def names(self) -> dict[str, str]:
        """What the pictures are called, by where they stand."""
        found = {"tables": self.main}
        if self.model.other is not None:
            found["beside"] = f"{self.main} beside it"
        if self.second not in (self.main, *LANGUAGES):
            found["second"] = self.second
        return found

    def pictures(self) -> dict[str, Picture]:
        """The pictures of the place that is looked at, by where they stand: ``tables``, ``beside``, ``second``."""
        key = (self.key(), self.model.at)
        if self._seen[0] != key:
            self._seen = key, self._draw()
        return self._seen[1]

    def _draw(self) -> dict[str, Picture]:
        model = self.model
        found = {"tables": self.picture(self.main)}
        if model.other is not None and model.against is not None:
            other, there = model.against
            how: dict[str, Any] = {"size": (self.drawn, HEIGHTS[0]), "against": model.trace, "there": model.at}
            found["beside"] = pictures.draw(self.main, other.trace, there, **how)
        if self.second not in (self.main, *LANGUAGES):
            found["second"] = self.picture(self.second)
        return found

    def picture(self, name: str) -> Picture:
        """The picture of that name, of the place that is looked at."""
        model = self.model
        other, there = model.against or (None, None)
        size = (self.drawn, HEIGHTS[0 if name == self.main else 1])
        against = other.trace if other else None
        return pictures.draw(
            name, model.trace, model.at, size=size, against=against, there=there, hide_after=model.hides
        )

    def words(self, drawn: dict[str, Picture], notice: str = "", said: dict[str, str] | None = None) -> dict[str, Any]:
        """The card beside the pictures, what is read out, whether the kernel is dead, and what of the program runs."""
        progress = self.guide.progress(self.model, self.start)
        card = caption.caption(self.model, notice, said, self.guide, progress)
        return {
            "caption": card + caption.words_of(drawn.values(), self.wordy),
            "say": caption.said(self.model, notice, self.guide, progress),
            "dead": caption.is_dead(self.model),
            **(running(self.model) if self.second in LANGUAGES else {}),
        }

    def titles(self) -> dict[str, str]:
        """The headlines of pictures of which there are two."""
        model = self.model
        return {"tables": str(model.settings), "beside": str(model.other.settings)} if model.other else {}

    def places(self, ats: list[int]) -> list[tuple[int, dict[str, Picture], dict[str, Any]]]:
        """Other places, as a film wants them; those that may not be seen yet are left out."""
        found = []
        for at in ats:
            if 0 <= at <= self.model.last:
                with self.model.looking_at(at):
                    drawn = self.pictures()
                    found.append((at, drawn, self.words(drawn)))
        return found


def _fitting(pixels: float) -> int:
    """The widest of ROOMS that there is room for."""
    return max((width for width in ROOMS if width <= pixels), default=ROOMS[0])
