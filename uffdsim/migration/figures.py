"""Pictures of migrations, drawn with matplotlib: each with a sentence, and a table of what it shows.

All take results by name, as ``{"4K": simulate(…), "2M": simulate(…)}``, and draw them below one another or together.
"""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from uffdsim.migration.result import Result
from uffdsim.migration.timeline import pages_over_time
from uffdsim.migration.timeline import throughput as over_time
from uffdsim.migration.units import PICO, MigrationError, said_time
from uffdsim.pictures.painters.theme import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    YELLOW,
)

DPI = 100
TEXT = 12 * 72 / DPI
"""Points of letters that are 12 pixels high."""
WIDTH = 760
"""Pixels."""
LINES = ((BLUE, "-", "o"), (VERMILLION, "--", "s"), (GREEN, "-.", "^"), (PURPLE, ":", "D"))
"""Of each result: a colour, a dash and a mark."""
PARTS = {
    "pause": (SKY, ""),
    "memory": (VERMILLION, "xxx"),
    "map": (YELLOW, "..."),
    "unmap": (ORANGE, "///"),
    "state": ("#cfe8f8", "\\\\\\"),
    "start": (GREEN, "+++"),
}
"""Of each part of a downtime: a colour and a hatch."""
MOST = len(LINES)
_TIMES = FuncFormatter(lambda value, _: said_time(value))


@dataclass(frozen=True)
class Drawn:
    """A picture: the figure, what it shows in a sentence, and its table, the first row of which is its head."""

    figure: Figure = field(repr=False)
    sentence: str
    rows: list[tuple[str, ...]]

    def png(self) -> bytes:
        """The figure as a PNG image."""
        drawn = io.BytesIO()
        self.figure.savefig(drawn, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
        return drawn.getvalue()

    def _repr_html_(self) -> str:
        head, *rows = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows]
        head = head.replace("td>", "th>")
        table = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        data, sentence = base64.b64encode(self.png()).decode(), escape(self.sentence)
        return (
            f'<figure><img alt="{sentence}" src="data:image/png;base64,{data}"><figcaption>{sentence}</figcaption>'
            f"<details><summary>As a table</summary>{table}</details></figure>"
        )


def pages(results: dict[str, Result]) -> Drawn:
    """How many pages are there, have been touched and are stale, over time; a strip for each result."""
    end = _end(results)
    figure, strips = _strips(results, end, "of all pages")
    rows = [("", "time", "there", "touched", "stale")]
    for axes, (name, result) in zip(strips, results.items(), strict=True):
        found = pages_over_time(result, end_s=end)
        time, total = found["time_s"], result.guest.pages
        axes.fill_between(time, found["stale"] / total, color=VERMILLION, alpha=0.15, hatch="///", linewidth=0)
        for what, (colour, dash, mark) in zip(
            ("arrived", "touched", "stale"), (LINES[2], LINES[0], LINES[1]), strict=True
        ):
            label = {"arrived": "there"}.get(what, what)
            axes.plot(time, found[what] / total, color=colour, linestyle=dash, marker=mark, markevery=20, label=label)
        for share in (0.25, 0.5, 0.75, 1):
            at = int(np.searchsorted(time, share * result.total_s).clip(0, len(time) - 1))
            rows.append(
                (name, said_time(time[at]), *(f"{found[what][at]:,}" for what in ("arrived", "touched", "stale")))
            )
    _legend(figure, strips[0])
    parts = [f"{name}: all pages are there after {said_time(r.total_s)}" for name, r in results.items()]
    return Drawn(figure, f"Pages over time. {_listed(parts)}.", rows)


def throughput(results: dict[str, Result]) -> Drawn:
    """How much the guest gets done over time, of what it would otherwise; a strip for each result."""
    end = _end(results)
    figure, strips = _strips(results, end, "of full speed")
    rows = [("", "stood still", "ran slower for", "lost of it")]
    said = []
    for axes, (name, result) in zip(strips, results.items(), strict=True):
        edges, share = over_time(result, end_s=end)
        axes.stairs(share, edges, fill=True, color=SKY, alpha=0.5)
        axes.stairs(share, edges, color=BLUE, linewidth=1.6)
        lost = float(result.waited_s.mean())
        rows.append((name, said_time(result.downtime_s), said_time(result.brownout_s), said_time(lost)))
        still = said_time(result.downtime_s)
        said.append(f"{name}: it stands still for {still}, then loses {said_time(lost)} waiting for pages")
    _legend(figure, strips[0])
    return Drawn(figure, f"What the guest gets done over time. {_listed(said)}.", rows)


def latency(results: dict[str, Result]) -> Drawn:
    """How many of all faults take longer than a time."""
    _few(results)
    figure = Figure((WIDTH / DPI, 3.2), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.2, 0.87, 0.66))
    rows, said = [("", "faults", "median", "90 of 100", "99 of 100", "longest")], []
    for (name, result), (colour, dash, mark) in zip(results.items(), LINES, strict=False):
        found = np.sort(result.latency_s)
        if not len(found):
            rows.append((name, "0", "–", "–", "–", "–"))
            said.append(f"{name}: no faults")
            continue
        at = np.unique(
            np.concatenate(
                (np.geomspace(1, len(found), 200).astype(int) - 1, np.linspace(0, len(found) - 1, 200).astype(int))
            )
        )
        axes.plot(found[::-1][at], (at + 1) / len(found), color=colour, linestyle=dash, label=name)
        medians = [result.percentile_s(50), result.percentile_s(99)]
        axes.plot(medians, [0.5, 0.01], color=colour, marker=mark, linestyle="none", markersize=8)
        rows.append((name, f"{len(found):,}", *(said_time(result.percentile_s(p)) for p in (50, 90, 99, 100))))
        said.append(f"{name}: {len(found):,} faults, half of them within {said_time(medians[0])}")
    axes.set_xscale("log")
    axes.set_yscale("log")
    _style(axes, "a fault takes longer than", "of all faults")
    axes.xaxis.set_major_formatter(_TIMES)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g}%"))
    axes.minorticks_off()
    if len(rows) > 1:
        _legend(figure, axes)
    return Drawn(figure, f"How long faults take; marks at the median and at 99 of 100. {_listed(said)}.", rows)


def downtime(results: dict[str, Result]) -> Drawn:
    """What the downtimes consist of; a bar for each result."""
    _few(results, 8)
    height = 0.42 * len(results) + 1.1
    figure = Figure((WIDTH / DPI, height), dpi=DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.24, 0.55 / height, 0.73, 1 - 1.0 / height))
    names = [name for name in PARTS if any(result.parts.get(name) for result in results.values())]
    left = np.zeros(len(results))
    for name in names:
        widths = np.array([result.parts_s.get(name, 0) for result in results.values()])
        colour, hatch = PARTS[name]
        axes.barh(
            range(len(results)), widths, 0.6, left, color=colour, edgecolor=INK, hatch=hatch, linewidth=0.8, label=name
        )
        left += widths
    for at, total in enumerate(left):
        axes.text(total, at, f" {said_time(total)}", va="center", fontsize=TEXT, color=INK)
    axes.set_xlim(0, max(left) * 1.15)
    axes.set_ylim(len(results) - 0.5, -0.5)
    axes.set_yticks(range(len(results)), list(results))
    _style(axes, "", "")
    axes.grid(False, axis="y")
    axes.xaxis.set_major_formatter(_TIMES)
    _legend(figure, axes)
    rows = [("", "downtime", *names)]
    rows += [
        (name, said_time(r.downtime_s), *(said_time(r.parts_s.get(part, 0)) for part in names))
        for name, r in results.items()
    ]
    said = [
        f"{name}: {said_time(r.downtime_s)}, most of it {max(r.parts, key=r.parts.get)}" for name, r in results.items()
    ]
    return Drawn(figure, f"What the downtime consists of. {_listed(said)}.", rows)


def _few(results: dict[str, Result], most: int = MOST) -> None:
    if not 1 <= len(results) <= most:
        raise MigrationError(f"there are {len(results)} results to draw: take from 1 to {most}")


def _end(results: dict[str, Result]) -> float:
    _few(results)
    return max(result.total_s for result in results.values()) * 1.05


def _strips(results: dict[str, Result], end: float, what: str):
    """A figure with an axes for each result, from 0 to 1, with its downtime marked."""
    each = 2.2 if len(results) == 1 else 1.5
    height = each * len(results) + 0.65
    figure = Figure((WIDTH / DPI, height), dpi=DPI)
    FigureCanvasAgg(figure)
    strips = []
    for at, (name, result) in enumerate(results.items(), 1):
        bottom = 0.35 + each * (len(results) - at)
        axes = figure.add_axes((0.1, bottom / height, 0.87, (each - 0.35) / height))
        _style(axes, "", what)
        axes.set(xlim=(0, end), ylim=(0, 1.08), yticks=(0, 0.5, 1), yticklabels=("0%", "50%", "100%"))
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.xaxis.set_major_formatter(_TIMES if at == len(results) else "")
        axes.axvspan(
            result.paused / PICO,
            result.resumed / PICO,
            color=FAINT,
            hatch="xx",
            alpha=0.6,
            linewidth=0,
            label="stands still",
        )
        axes.set_title(name, fontsize=TEXT, color=INK, loc="left", pad=3)
        strips.append(axes)
    return figure, strips


def _style(axes, x: str, y: str) -> None:
    axes.set_facecolor(PAPER)
    axes.tick_params(labelsize=TEXT, labelcolor=INK, color=MUTED)
    axes.set_xlabel(x, fontsize=TEXT, color=INK)
    axes.set_ylabel(y, fontsize=TEXT, color=INK)
    axes.grid(True, color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set_color(MUTED)


def _legend(figure: Figure, axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(
        handles, labels, loc="upper right", ncols=len(labels), fontsize=TEXT, frameon=False, borderaxespad=0.2
    )


def _listed(parts: Iterable[str]) -> str:
    return "; ".join(parts)
