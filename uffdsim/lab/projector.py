"""The projector: gives a page what is to be seen, the place that is looked at at once, and others as a film."""

from uffdsim import pictures
from uffdsim.lab.film import Film
from uffdsim.lab.model import Model
from uffdsim.lab.program import LANGUAGES, program
from uffdsim.lab.screen import Screen
from uffdsim.lab.stage import Stage
from uffdsim.pictures.painters.frames import picture_json


class Projector:
    """Shows a model on a stage, as a screen draws it.

    ``said`` is what somebody has said so far of the question that is asked, by what it asks. ``seq`` is how often the
    page has gone somewhere by itself, as far as it has told; ``followed`` whether it already shows the result of the
    last thing that was done.
    """

    def __init__(self, model: Model, screen: Screen, stage: Stage) -> None:
        self.model = model
        self.screen = screen
        self.stage = stage
        self.film = Film()
        self.said: dict[str, str] = {}
        self.seq = 0
        self.followed = False
        self._shown: tuple = ()

    def batch(self, ats: list[int], version: int) -> None:
        """Send other places to the page, unless they have changed since it asked for them."""
        if version == self.film.version:
            self.stage.send({"film": self.film.batch(self.screen.places(ats))})

    def show(self, notice: str = "", take: bool = False) -> None:
        """Show the place that is looked at, and say what has gone wrong; ``take`` is whether work is taken away."""
        model, screen = self.model, self.screen
        if model.question is None:
            self.said = {}
        if self.followed:
            self.followed = False
            return
        key = (*screen.key(), tuple(self.said.items()))
        kept = key == self._shown
        if not kept:
            self._shown = key
            self._renew()
        seen = screen.pictures()
        frame = {"pictures": {name: picture_json(picture) for name, picture in seen.items()}}
        self.stage.now = {
            "version": self.film.version,
            "kept": kept,
            "seq": self.seq,
            "at": model.at,
            "last": model.last,
            "end": model.end,
            "hides": model.hides,
            "ends": model.outcome.ends,
            "undoable": model.undoable,
            "redoable": model.redoable,
            "predict": model.predict,
            "lecture": screen.lecture,
            "take": take,
            "second": screen.second,
            "names": [*pictures.NAMES, *LANGUAGES],
            "titles": screen.titles(),
            "fresh": bool(model.notice or notice),
            "frame": frame | screen.words(seen, notice, self.said),
        }

    def _renew(self) -> None:
        """Every place looks otherwise from now on."""
        self.film.anew()
        if self.screen.second in LANGUAGES:
            self.stage.program = program(self.screen.second, self.model)
