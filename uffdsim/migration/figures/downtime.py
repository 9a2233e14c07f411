"""What a downtime consists of: a bar for each result."""

from collections.abc import Sequence

from matplotlib.ticker import MaxNLocator

from uffdsim.migration.figures.picture import Picture, Rows, listed
from uffdsim.migration.figures.style import PARTS, TEXT, TIMES, style
from uffdsim.migration.result import Result
from uffdsim.migration.units import said_time
from uffdsim.pictures.painters.theme import INK

LEFT = 0.24
"""The share of the width that names may take."""


class Downtime(Picture):
    """A bar for each result, in parts one after the other."""

    most = 8

    def height(self) -> float:
        return 0.42 * len(self.names) + 1.1

    def build(self) -> None:
        height, many = self.height(), len(self.names)
        self.axes = axes = self.figure.add_axes((LEFT, 0.55 / height, 0.97 - LEFT, 1 - 1.0 / height))
        style(axes, "", "", -LEFT)
        axes.set_ylim(many - 0.5, -0.5)
        axes.set_yticks(range(many), list(self.names))
        axes.grid(False, axis="y")
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(TIMES)
        self.bars = {}
        for part, (colour, hatch) in PARTS.items():
            bars = axes.barh(range(many), [0] * many, 0.6, label=part, color=colour, edgecolor=INK, linewidth=0.8)
            for bar in bars:
                bar.set_hatch(hatch)
            self.bars[part] = bars
        self.totals = [axes.text(0, at, "", va="center", fontsize=TEXT, color=INK) for at in range(many)]
        self.moving += [axes.xaxis, *(bar for bars in self.bars.values() for bar in bars), *self.totals]
        self.legend(axes)

    def update(self, results: Sequence[Result]) -> tuple[str, Rows]:
        for at, result in enumerate(results):
            left = 0.0
            for part, bars in self.bars.items():
                width = result.parts_s.get(part, 0)
                bars[at].set(x=left, width=width, visible=width > 0)
                left += width
            self.totals[at].set(x=left, text=f" {said_time(left)}")
        self.axes.set_xlim(0, max(result.downtime_s for result in results) * 1.15 or 1)
        both = list(zip(self.names, results, strict=True))
        rows = [("", "downtime", *PARTS)]
        rows += [(name, said_time(r.downtime_s), *(_said(r, part) for part in PARTS)) for name, r in both]
        said = listed(f"{name}: {said_time(r.downtime_s)}, most of it {_longest(r)}" for name, r in both)
        return f"What the downtime consists of. {said}.", rows


def _said(result: Result, part: str) -> str:
    return said_time(result.parts_s[part]) if part in result.parts else "–"


def _longest(result: Result) -> str:
    return max(result.parts, key=lambda part: result.parts[part])
