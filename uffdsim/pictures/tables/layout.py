"""Where the things of the picture "tables" stand: blocks of rows, the same at every moment of a trace."""

from collections.abc import Iterable
from typing import NamedTuple

from uffdsim.grammar import OPS
from uffdsim.pictures.tables.plan import Group, Slot, Span, descriptors, groups, spans
from uffdsim.trace import Trace

MARGIN = 12
HEAD = 28
GAP = 10
BETWEEN = 4
"""Between one row and the next."""
STRIP, STRIP_GAP = 48, 6
ABREAST = 900
"""From this width on, two strips have room side by side."""
CENTRE = 0.16
"""How wide a page cache is in the whole width."""
NEAR, FAR = 36, 100
"""How far a page cache is from the mappings beside it, at least and at most."""
LOW, HIGH = 21, 68
"""The lowest and the highest row there may be, with the gap below it."""
SINGLE, NAMED = 6, 12
"""How many pages have a row each, or ranges that steps name, however high the sheet must be for that."""


Place = tuple[float, float, float]
"""Of a strip: its left, its top, and how wide it is."""


class Block(NamedTuple):
    """Room for a mapping, or (``slot`` is None) for the page cache of a file."""

    group: Group
    slot: Slot | None
    x: float
    y: float
    w: float
    rows: tuple[tuple[Span, float], ...]
    """Pages of the group, and the top of their row."""

    @property
    def id(self) -> str:
        """What ``View`` knows its rows by."""
        return self.slot.names[0] if self.slot else self.group.file or ""

    @property
    def about(self) -> str:
        """What kind of mapping it is."""
        if self.group.file is None or self.slot is None:
            return "anonymous memory"
        return f"{'shared' if self.slot.shared else 'private'} mapping"

    def own(self, span: Span) -> Span:
        """Pages of the group that share a row, counted from the mapping's first."""
        return span.within(self.slot) if self.slot else span


class Layout(NamedTuple):
    """All blocks, page caches first; how high a row is; and where each descriptor's strip is."""

    blocks: list[Block]
    row: float
    strips: dict[str, Place]
    """Of descriptors that have one place, each in turn, the one that came last is there."""
    events: bool
    """Whether a userfaultfd asks for events, and so may have some in a queue."""
    bottom: float
    """Where the strips begin."""
    width: float
    height: float
    """How high a sheet all of it needs."""

    def below(self, fds: Iterable[str]) -> Place:
        """Room for one strip more, below those of some descriptors."""
        lowest = max((y + STRIP for fd, (_, y, _) in self.strips.items() if fd in fds), default=self.bottom)
        return MARGIN, lowest + STRIP_GAP, self.width - 2 * MARGIN


def layout(trace: Trace, width: float, height: float) -> Layout:
    """Room for all that a scenario ever has."""
    fds = descriptors(trace) if trace.narrated else []  # else nobody can look into them
    forks = trace.narrated and any(OPS[op].tells == "FORK" for op in {step.op for step in trace.scenario})
    abreast = 2 if len(fds) > 2 and width >= ABREAST else 1
    lines = (len(fds) + abreast - 1) // abreast
    strips = (lines + forks) * (STRIP + STRIP_GAP)
    sections = groups(trace)
    heads = sum(max((len(group.slots) + 1) // 2, 1) for group in sections) * (HEAD + GAP) or HEAD
    fewest = sum(sum(_lines(group, spans(group, _fewest(group)))) for group in sections)
    height = max(height, 2 * MARGIN + strips + heads + LOW * fewest)
    bottom = height - MARGIN - strips
    room = bottom - MARGIN - heads
    rows = _rows(sections, int(room // LOW))
    total = _total(sections, rows)
    pitch = min(max(room / max(total, 1), LOW), HIGH)
    y = MARGIN + max(room - total * pitch, 0) * 0.4
    paired = any(len(group.slots) > 1 and group.file for group in sections)
    made: list[Block] = []
    for group, spans_of_group in zip(sections, rows, strict=True):
        made += _section(group, spans_of_group, y, width, pitch, paired)
        y += sum(HEAD + line * pitch + GAP for line in _lines(group, spans_of_group))
    made.sort(key=lambda block: block.slot is not None)
    places = _strips(fds, abreast, bottom, width)
    return Layout(made, pitch - BETWEEN, places, _asks_for_events(trace), bottom, width, height)


def _asks_for_events(trace: Trace) -> bool:
    steps = (step for step in trace.scenario if step.op == "api")
    return any(name.startswith("EVENT_") for step in steps for name in step["features"])


def _fewest(group: Group) -> int:
    """How many rows a group needs so that what is unlike does not share one."""
    return group.pages if group.pages <= SINGLE else max(min(len(group.edges) - 1, NAMED), SINGLE)


def _strips(fds: list[list[str]], abreast: int, top: float, width: float) -> dict[str, Place]:
    w = (width - 2 * MARGIN - (abreast - 1) * STRIP_GAP) / abreast
    places = (divmod(i, abreast) for i in range(len(fds)))
    spots = ((MARGIN + column * (w + STRIP_GAP), top + STRIP_GAP + row * (STRIP + STRIP_GAP)) for row, column in places)
    return {fd: (x, y, w) for some, (x, y) in zip(fds, spots, strict=True) for fd in some}


def _rows(sections: list[Group], room: int) -> list[list[Span]]:
    """The rows of every group: as many for each as all together have room for."""
    most = 64
    while True:
        rows = [spans(group, most) for group in sections]
        if _total(sections, rows) <= room or most == 1:
            return rows
        most = min(most - 1, max(len(spans) for spans in rows))


def _total(sections: list[Group], rows: list[list[Span]]) -> int:
    """How many rows all groups have below one another."""
    return sum(sum(_lines(group, some)) for group, some in zip(sections, rows, strict=True))


def _lines(group: Group, rows: list[Span]) -> list[int]:
    """For each two mappings that stand beside each other, how many rows they have below them; the last ones leave room
    for those of the file as well."""
    if len(group.slots) < 3:
        return [len(rows)]
    each = [len(_of(slot, rows)) for slot in group.slots]
    lines = [max(each[i : i + 2]) for i in range(0, len(each), 2)]
    lines[-1] += max(len(rows) - sum(lines), 0)
    return lines


def _of(slot: Slot, rows: list[Span]) -> list[Span]:
    """The rows that a mapping has."""
    return [span for span in rows if span.first < slot.first + slot.pages and span.last > slot.first]


def _section(group: Group, rows: list[Span], y: float, width: float, pitch: float, paired: bool) -> list[Block]:
    """The blocks of one group: mappings to the left and right in turn, their file between them."""
    inside = width - 2 * MARGIN
    tall = [HEAD + line * pitch + GAP for line in _lines(group, rows)]
    stacked = len(group.slots) > 2
    w = CENTRE * width
    between = min(max(0.3 * width - 115, NEAR), FAR)
    side = (inside - w) / 2 - between if group.file else (inside - 40) / 2
    if group.file and not paired:
        side = min(side * 1.5, inside - w - between)
    lefts = [MARGIN, width - MARGIN - side]
    if not group.file and len(group.slots) == 1:
        lefts = [(width - side) / 2]
    blocks = []
    for i, slot in enumerate(group.slots):
        top, here = y + sum(tall[: i // 2]), _of(slot, rows)
        skipped = 0 if stacked or not here else rows.index(here[0])
        placed = tuple((span, top + HEAD + (skipped + row) * pitch) for row, span in enumerate(here))
        blocks.append(Block(group, slot, lefts[i % 2], top, side, placed))
    if group.file:
        x = (width - w) / 2 if paired else MARGIN + side + (inside - side - w) / 2
        top = y + (sum(tall) - HEAD - len(rows) * pitch - GAP) / 2
        placed = tuple((span, top + HEAD + row * pitch) for row, span in enumerate(rows))
        blocks.append(Block(group, None, x, top, w, placed))
    return blocks
