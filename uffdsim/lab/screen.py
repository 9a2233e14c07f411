"""What is to be seen of a lab at one place: its pictures and its words."""

from uffdsim import pictures
from uffdsim.lab import caption
from uffdsim.lab.guide import Guide
from uffdsim.lab.model import Model
from uffdsim.pictures.shapes import Picture

SIZES = {"tables": (680, 204), "half": (540, 208), "second": (680, 190), "low": (540, 166)}
LECTURE_SIZES = {"tables": (680, 238), "half": (540, 230), "second": (680, 198), "low": (540, 176)}
"""How wide and high pictures are; they fit the smallest screen together with the controls there are."""


class Screen:
    """Draws a model at any place of its trace.

    ``main`` and ``second`` are the names of the pictures, ``lecture`` whether they are for the last row of a room,
    ``wordy`` whether the same is told in words below, ``guide`` what to do.
    """

    def __init__(self, model: Model, main: str, second: str, guide: Guide = caption.NONE, lecture: bool = False):
        self.model = model
        self.main, self.second = main, second
        self.guide = guide
        self.start = model.settings
        """What is chosen to begin with."""
        self.lecture = lecture
        self.wordy = False

    def key(self) -> tuple:
        """All that frames depend on but the place: as long as it stays the same, so do they."""
        model = self.model
        beside = (id(model.other), id(model.before))
        asked = (id(model.question), model.verdict, model.last, id(model.real[0]), model.real[1])
        return id(model.outcome), model.end, beside, asked, self.main, self.second, self.lecture, self.wordy

    def pictures(self) -> dict[str, Picture]:
        """The pictures of the place that is looked at, by where they stand: ``tables``, ``beside``, ``second``."""
        model = self.model
        other, there = model.against or (None, None)
        how = {"against": other.trace if other else None, "there": there, "hide_after": model.hides}
        two = model.other is not None
        sizes = LECTURE_SIZES if self.lecture else SIZES
        draw = pictures.draw
        found = {"tables": draw(self.main, model.trace, model.at, size=sizes["half" if two else "tables"], **how)}
        if two:
            mine = {"against": model.trace, "there": model.at}
            found["beside"] = draw(self.main, other.trace, there, size=sizes["half"], **mine)
        if self.second != self.main:
            found["second"] = draw(self.second, model.trace, model.at, size=sizes["low" if two else "second"], **how)
        return found

    def words(self, drawn: dict[str, Picture], notice: str = "", said: dict[str, str] | None = None) -> dict[str, str]:
        """The card beside the pictures, and what is read out."""
        progress = self.guide.progress(self.model, self.start)
        card = caption.caption(self.model, notice, said, self.guide, progress)
        return {
            "caption": card + caption.words_of(drawn.values(), self.wordy),
            "say": caption.said(self.model, notice, self.guide, progress),
        }

    def titles(self) -> dict[str, str]:
        """The headlines of pictures of which there are two."""
        model = self.model
        return {"tables": str(model.settings), "beside": str(model.other.settings)} if model.other else {}

    def places(self, ats: list[int]) -> list[tuple[int, dict[str, Picture], dict[str, str]]]:
        """Other places, as a film wants them; those that may not be seen yet are left out."""
        found = []
        for at in ats:
            if 0 <= at <= self.model.last:
                with self.model.looking_at(at):
                    drawn = self.pictures()
                    found.append((at, drawn, self.words(drawn)))
        return found
