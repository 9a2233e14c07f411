"""A picture that is kept: what never changes is drawn once, and only what moves is drawn anew."""

import base64
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from uffdsim.migration.figures.style import DPI, LINES, TEXT, WIDTH
from uffdsim.migration.result import Result
from uffdsim.migration.units import MigrationError

Rows = list[tuple[str, ...]]


@dataclass(frozen=True)
class Drawn:
    """What was drawn: a PNG image, what it shows in a sentence, and its table, the first row of which is its head."""

    png: bytes = field(repr=False)
    sentence: str
    rows: Rows

    @property
    def img(self) -> str:
        """The image as HTML, with the sentence for those who do not see it."""
        data = base64.b64encode(self.png).decode()
        return f'<img alt="{escape(self.sentence)}" width="{WIDTH}" src="data:image/png;base64,{data}">'

    def _repr_html_(self) -> str:
        head, *rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows]
        head = head.replace("td>", "th>")
        table = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        return (
            f'<figure style="margin:0">{self.img}<figcaption>{escape(self.sentence)}</figcaption>'
            f"<details><summary>As a table</summary>{table}</details></figure>"
        )


class Picture(ABC):
    """A figure for results of these names. Whatever an update changes, is among ``moving``, in the order of drawing."""

    most = len(LINES)
    """It has room for so many results."""

    def __init__(self, names: Sequence[str]) -> None:
        if not 1 <= len(names) <= self.most:
            raise MigrationError(f"there are {len(names)} results to draw: take from 1 to {self.most}")
        self.names = names
        self.moving: list[Artist] = []
        self.figure = Figure((WIDTH / DPI, self.height()), dpi=DPI)
        self.canvas = FigureCanvasAgg(self.figure)
        self.build()
        for artist in self.moving:
            artist.set_animated(True)
        self.canvas.draw()
        self._still = self.canvas.copy_from_bbox(self.figure.bbox)

    @abstractmethod
    def height(self) -> float:
        """How high the figure is, in inches of DPI pixels."""

    @abstractmethod
    def build(self) -> None:
        """Put everything there; what changes with the results, into ``moving`` too."""

    @abstractmethod
    def update(self, results: Sequence[Result]) -> tuple[str, Rows]:
        """Have what moves show these results. Returns the sentence and the table."""

    def draw(self, results: Sequence[Result]) -> Drawn:
        """The picture of these results, one for each name."""
        sentence, rows = self.update(results)
        self.canvas.restore_region(self._still)
        for artist in self.moving:
            self.figure.draw_artist(artist)
        return Drawn(self._png(), sentence, rows)

    def legend(self, axes: Axes) -> None:
        """A legend of what has a label, in a row at the top."""
        handles, labels = axes.get_legend_handles_labels()
        self.figure.legend(
            handles, labels, loc="upper right", ncols=len(labels), fontsize=TEXT, frameon=False, borderaxespad=0.2
        )

    def _png(self) -> bytes:
        size = self.canvas.get_width_height()
        image = Image.frombuffer("RGBA", size, self.canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        written = io.BytesIO()
        image.convert("RGB").save(written, "png", compress_level=1)
        return written.getvalue()


def listed(parts: Iterable[str]) -> str:
    """Parts of a sentence as one."""
    return "; ".join(parts)
