"""How long faults take: of all faults, how many take longer than a time."""

from collections.abc import Sequence

import numpy as np
from matplotlib.ticker import FuncFormatter

from uffdsim.migration.figures.picture import Picture, Rows, listed
from uffdsim.migration.figures.style import LINES, TIMES, WIDTH, style
from uffdsim.migration.result import Result
from uffdsim.migration.units import said_time

SHORTEST, LONGEST, RAREST = 1e-6, 100, 1e-5
"""Where the axes begin and end: seconds, and the share of all faults."""
PERCENTILES = (50, 90, 99, 100)


class Latency(Picture):
    """A falling line for each result; marks at the median and at 99 of 100."""

    def height(self) -> float:
        return 3.2

    def build(self) -> None:
        axes = self.figure.add_axes((0.1, 0.2, 0.87, 0.66))
        style(axes, "a fault takes longer than", "of all faults", -60 / (0.87 * WIDTH))
        axes.set(xscale="log", yscale="log", xlim=(SHORTEST, LONGEST), ylim=(RAREST, 1.5))
        axes.xaxis.set_major_formatter(TIMES)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}%"))
        axes.minorticks_off()
        self.lines = []
        for name, (colour, dash, mark) in zip(self.names, LINES, strict=False):
            (line,) = axes.plot([], [], color=colour, linestyle=dash, marker=mark, markersize=8, label=name)
            self.lines.append(line)
        self.moving += self.lines
        self.legend(axes)

    def update(self, results: Sequence[Result]) -> tuple[str, Rows]:
        rows: Rows = [("", "faults", "median", "90 of 100", "99 of 100", "longest")]
        said = []
        for line, name, result in zip(self.lines, self.names, results, strict=True):
            found = np.sort(result.latency_s)
            if not len(found):
                line.set_data([], [])
                rows.append((name, "0", "–", "–", "–", "–"))
                said.append(f"{name}: no faults")
                continue
            at = _places(len(found))
            line.set_data(found[::-1][at], (at + 1) / len(found))
            line.set_markevery([int(np.argmin(abs((at + 1) / len(found) - share))) for share in (0.5, 0.01)])
            times = [said_time(result.percentile_s(percent)) for percent in PERCENTILES]
            rows.append((name, f"{len(found):,}", *times))
            said.append(f"{name}: {len(found):,} faults, half of them within {times[0]}")
        return f"How long faults take; marks at the median and at 99 of 100. {listed(said)}.", rows


def _places(count: int) -> np.ndarray:
    """Which of so many faults, the longest first, are drawn: enough of them on either axis."""
    first, last = np.geomspace(1, count, 200) - 1, np.linspace(0, count - 1, 200)
    return np.unique(np.concatenate((first, last)).astype(int))
