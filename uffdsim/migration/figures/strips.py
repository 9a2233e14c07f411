"""Pictures over time: a strip for each result, one below the other, on the same axis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from uffdsim.migration.figures.picture import Picture, Rows, listed
from uffdsim.migration.figures.style import LINES, TEXT, TIMES, WIDTH, style
from uffdsim.migration.result import Result
from uffdsim.migration.timeline import pages_over_time
from uffdsim.migration.timeline import throughput as over_time
from uffdsim.migration.units import PICO, said_time
from uffdsim.pictures.painters.theme import BLUE, FAINT, INK, SKY, VERMILLION

LEFT, RIGHT, TOP, BOTTOM, GAP = 0.1, 0.03, 0.3, 0.35, 0.35
"""Margins: shares of the width, and inches."""
WHAT = {"arrived": LINES[2], "touched": LINES[0], "stale": LINES[1]}
"""What is counted of pages, and how its line looks."""
TOLD = {"arrived": "there"}


@dataclass
class Strip:
    """The axes of one result, from 0 to 1, in which its downtime is marked."""

    axes: Axes
    still: Rectangle
    drawn: dict[str, Any] = field(default_factory=dict)

    def move(self, result: Result, end: float) -> None:
        """Mark the downtime of a result, on an axis that ends there."""
        self.axes.set_xlim(0, end)
        self.still.set_bounds(result.paused / PICO, 0, result.downtime_s, 1.08)


class Strips(Picture):
    """What both pictures have in common. ``what`` the share is of, stands at the axes."""

    what = ""

    def height(self) -> float:
        return self._each() * len(self.names) + TOP + BOTTOM

    def _each(self) -> float:
        return 2.2 if len(self.names) == 1 else 1.5

    def build(self) -> None:
        self.strips = [self._strip(at, name) for at, name in enumerate(self.names, 1)]
        self.legend(self.strips[0].axes)

    def _strip(self, at: int, name: str) -> Strip:
        each, last = self._each(), at == len(self.names)
        bottom = BOTTOM + each * (len(self.names) - at)
        box = (LEFT, bottom / self.height(), 1 - LEFT - RIGHT, (each - GAP) / self.height())
        axes = self.figure.add_axes(box)
        style(axes, "", self.what, -55 / (WIDTH * box[2]))
        axes.set(ylim=(0, 1.08), yticks=(0, 0.5, 1), yticklabels=("0%", "50%", "100%"))
        axes.set_title(name, fontsize=TEXT, color=INK, loc="left", y=1 + 3 / 72 / (each - GAP), pad=0)
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(TIMES if last else lambda value, _: "")
        still = Rectangle((0, 0), 0, 1, facecolor=FAINT, hatch="xx", alpha=0.6, linewidth=0, label="stands still")
        axes.add_patch(still)
        self.moving += [axes.xaxis, still]
        strip = Strip(axes, still)
        self.furnish(strip)
        return strip

    def furnish(self, strip: Strip) -> None:
        """Put what is drawn into a strip."""
        raise NotImplementedError

    def end(self, results: Sequence[Result]) -> float:
        """Where the axis ends, in seconds; the downtimes are marked."""
        end = max(result.total_s for result in results) * 1.05
        for strip, result in zip(self.strips, results, strict=True):
            strip.move(result, end)
        return end


class Pages(Strips):
    """How many pages are there, have been touched and are stale, over time."""

    what = "of all pages"

    def furnish(self, strip: Strip) -> None:
        area = strip.axes.fill_between([0], [0], color=VERMILLION, alpha=0.15, hatch="///", linewidth=0)
        strip.drawn["area"] = area
        self.moving.append(area)
        for what, (colour, dash, mark) in WHAT.items():
            (line,) = strip.axes.plot([], [], color=colour, linestyle=dash, marker=mark, label=TOLD.get(what, what))
            line.set_markevery(20)
            strip.drawn[what] = line
            self.moving.append(line)

    def update(self, results: Sequence[Result]) -> tuple[str, Rows]:
        end = self.end(results)
        rows = [("", "time", *(TOLD.get(what, what) for what in WHAT))]
        for strip, name, result in zip(self.strips, self.names, results, strict=True):
            found = pages_over_time(result, end_s=end)
            time, total = found["time_s"], result.guest.pages
            for what in WHAT:
                strip.drawn[what].set_data(time, found[what] / total)
            under = np.column_stack((time, found["stale"] / total))
            strip.drawn["area"].set_verts([np.vstack(((0, 0), under, (end, 0)))])
            for share in (0.25, 0.5, 0.75, 1):
                at = int(np.searchsorted(time, share * result.total_s).clip(0, len(time) - 1))
                rows.append((name, said_time(time[at]), *(f"{found[what][at]:,}" for what in WHAT)))
        parts = zip(self.names, results, strict=True)
        said = listed(f"{name}: all pages are there after {said_time(result.total_s)}" for name, result in parts)
        return f"Pages over time. {said}.", rows


class Throughput(Strips):
    """How much the guest gets done over time, as a share of what it would get done without the move."""

    what = "of full speed"

    def furnish(self, strip: Strip) -> None:
        steps = strip.axes.stairs([0], [0, 1], fill=True, linewidth=1.6)
        steps.set(facecolor=to_rgba(SKY, 0.5), edgecolor=BLUE)
        strip.drawn["share"] = steps
        self.moving.append(strip.drawn["share"])

    def update(self, results: Sequence[Result]) -> tuple[str, Rows]:
        end = self.end(results)
        rows: Rows = [("", "stood still", "ran slower for", "lost of it")]
        said = []
        for strip, name, result in zip(self.strips, self.names, results, strict=True):
            edges, share = over_time(result, end_s=end)
            strip.drawn["share"].set_data(share, edges)
            still, lost = said_time(result.downtime_s), said_time(float(result.waited_s.mean()))
            rows.append((name, still, said_time(result.brownout_s), lost))
            said.append(f"{name}: it stands still for {still}, then loses {lost} waiting for pages")
        return f"What the guest gets done over time. {listed(said)}.", rows
