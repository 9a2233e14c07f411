"""Draws the picture "tables" of one moment, and marks what has changed and what differs in another kernel."""

from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Picture
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.tables import keys, strips
from uffdsim.pictures.tables.layout import Block, Layout, layout
from uffdsim.pictures.tables.plan import Span
from uffdsim.pictures.tables.row import LOUD, ROOMY, SHORT, Rows, below, flags_width, needed
from uffdsim.pictures.tables.told import told
from uffdsim.pictures.tables.view import Cached, Seen, View, view

SIZE = (760, 360)
QUIET = ("…",)
"""Instead of the flags that are not loud, where there is no room for all."""


def draw(moment: Moment, size: tuple[float, float] = SIZE) -> Picture:
    """The entries of every mapping, the page cache of every file, and every userfaultfd."""
    room = layout(moment.trace, *size)
    now = view(moment, room.blocks)
    before = view(moment.before(), room.blocks) if moment.may_differ else now
    counterpart = moment.counterpart()
    other = None if counterpart is None else view(counterpart, room.blocks)
    sheet = Sheet(*size, room.height)
    drawing = _Tables(sheet, room, now, before, other or now)
    for block in room.blocks:
        drawing.block(block)
    shown = {place: fd for fd, place in room.strips.items() if fd in now.queues}
    for place, fd in shown.items():
        strips.strip(sheet, fd, place, now.queues[fd], before.queues.get(fd), room.events)
    if now.children:
        strips.children(sheet, room.below(now.queues), room.blocks, now)
    if not now.names and not now.cache and not now.empty:
        sheet.text(sheet.w / 2, room.bottom / 2, now.note or "nothing is mapped yet", "muted", 13, anchor="middle")
    elif now.note:
        sheet.text(12, sheet.h - 12, now.note, "muted", SMALLEST, sheet.w - 24)
    return sheet.picture("tables", "Page table and page cache", *told(moment, room.blocks, now, other))


class _Tables:
    """Draws one view, and marks what differs from the one before and from the other kernel's."""

    def __init__(self, sheet: Sheet, room: Layout, now: View, before: View, other: View) -> None:
        self.sheet = sheet
        self.now, self.before, self.other = now, before, other
        self.h = room.row
        self.rows = Rows(sheet, room.row)
        self.files: dict[str, Block] = {}
        self.labelled = False

    def block(self, block: Block) -> None:
        if block.slot is None:
            self.file(block)
        elif block.id in self.now.names:
            self.mapping(block)

    def file(self, block: Block) -> None:
        """The page cache of a file."""
        empty = block.id in self.now.empty
        if not empty and not any(file == block.id for file, _ in self.now.cache):
            return
        self.files[block.id] = block
        self.sheet.name(block.x, block.y + 12, block.id, 16, block.w)
        taken = width(block.id, 16, True) + 6
        if width("page cache", SMALLEST) <= block.w - taken:
            self.sheet.text(block.x + taken, block.y + 13, "page cache", "muted", SMALLEST)
        if empty:
            self.sheet.text(block.x, block.y + 32, "no pages", "muted", SMALLEST)
        for span, y in block.rows:
            if (block.id, span.first) in self.now.cache:
                self.cached(block, span, y, self.now.cache[block.id, span.first])

    def cached(self, block: Block, span: Span, y: float, seen: Cached) -> None:
        """A page of a file, or those of a range that share a row."""
        x, w, place = block.x, block.w, (block.id, span.first)
        key = keys.cached(block.id, span)
        was = self.before.cache.get(place)
        changed = was is not None and was != seen
        if changed:
            self.sheet.rect(x - 3, y - 3, w + 6, self.h + 6, "just changed", 6)
        role = "just changed" if changed and seen.role == "cached" else seen.role
        self.sheet.rect(x, y, w, self.h, role, key=key)
        label = self.rows.number(x + 7, y, span, max(w * 0.3, w - 15 - needed(seen)))
        self.rows.heat(x + label + 4, y + self.h - self.rows.bar - 1, w - label - 8, seen.parts)
        other = self.other.cache.get(place)
        unlike = other if other is not None and other[:2] != seen[:2] else None
        self.rows.words(x + label + 4, y, w - label - 8, seen, below(unlike, was if changed else None), key)
        if unlike is not None:
            self.rows.differs(x, y, w, unlike.words)

    def mapping(self, block: Block) -> None:
        """A mapping: its name, the flags of its VMAs, and its part of the page table."""
        x, w, name = block.x, block.w, self.now.names[block.id]
        common = self.now.flags(block)
        fits = width(name, 12, True) + flags_width(common) < w - 8
        shown = common if fits else (*QUIET, *filter(LOUD.get, common))
        changed = self.before.flags(block) != common and block.id in self.before.names
        room = self.rows.flags(x + w, block.y + 12, shown, changed, name) - x - 6
        size = next((size for size in (16, 14, 12) if width(name, size, True) <= room), SMALLEST)
        self.sheet.name(x, block.y + 12, name, size, room)
        taken = width(name, size, True) + 6
        if width(block.about, SMALLEST) < room - taken:
            self.sheet.text(x + taken, block.y + 13, block.about, "muted", SMALLEST)
        for span, y in block.rows:
            self.row(block, span, y, self.now.rows[block.id, span.first], common)

    def row(self, block: Block, span: Span, y: float, seen: Seen, common: tuple[str, ...]) -> None:
        """One entry, or the entries of a range that share a row; who waits there; and the line to its page."""
        x, w, place = block.x, block.w, (block.id, span.first)
        was = self.before.rows.get(place)
        changed = was is not None and was._replace(flags=seen.flags) != seen
        if changed:
            self.sheet.rect(x - 3, y - 3, w + 6, self.h + 6, "just changed", 6)
        other = self.other.rows.get(place)
        unlike = other if other is not None and other[:3] != seen[:3] else None
        second = below(unlike, was if was is not None and changed and was.words != seen.words else None)
        own = block.own(span)
        key = keys.entry(self.now.names[block.id], own)
        self.sheet.rect(x, y, w, self.h, "waiting" if seen.waits else "entry", key=key)
        left = x + 7 + self.rows.number(x + 7, y, own, w * 0.5)
        apart = tuple(flag for flag in seen.flags if flag not in common)
        right, words = x + w - 4, needed(seen, second[0] if self.h > ROOMY else "")
        if words + flags_width(apart) > right - left - SHORT * bool(seen.waits):
            apart = tuple(filter(LOUD.get, apart))
        if seen.waits:
            room = right - left - 5 - flags_width(apart) - words
            right = self.rows.badge(right - 1, y, seen.waits, key, room)
        right = self.rows.flags(right, y + self.h / 2, apart, was is not None and was.flags != seen.flags, key)
        inset = 4 if self.h > 25 else 1.5
        if seen.role not in ("none", "mixed"):
            self.sheet.rect(left, y + inset, right - left, self.h - 2 * inset, seen.role, key=key)
        self.rows.heat(left, y + self.h - self.rows.bar - 1, right - left, seen.parts)
        self.rows.words(left, y, right - left, seen, second, key, seen.own)
        self.link(block, span, y + self.h / 2, seen, key)
        if unlike is not None:
            self.rows.differs(x, y, w, unlike.words)

    def link(self, block: Block, span: Span, y: float, seen: Seen, page: str) -> None:
        """The line between an entry and its page of the file, or the dashed one where there could be a line."""
        file = self.files.get(block.group.file or "")
        cached = self.now.cache.get((block.group.file or "", span.first))
        if file is None or cached is None:
            return
        start, end = (block.x + block.w, file.x) if block.x < file.x else (block.x, file.x + file.w)
        there = next(top for other, top in file.rows if other == span) + self.h / 2
        bend = (start + end) / 2
        curve = (start, y), (bend, y), (bend, there), (end, there)
        key = keys.link(page, file.id, span)
        if seen.maps:
            role = "maps read-only" if seen.role == "read-only" else "maps"
            self.sheet.line(role, *curve, curve=True, arrow=True, key=key)
        elif any(role == "cached" for role, _ in cached.parts) and seen.role in ("none", "marker"):
            minor = "ui" in seen.flags
            tip = "in the cache, not mapped here"
            self.sheet.line("minor" if minor else "not mapped", *curve, curve=True, key=key, tip=tip)
            if minor and not self.labelled and abs(y - there) < 1 and abs(end - start) > 80 and self.h > 17:
                self.labelled = True
                self.sheet.text(bend, y - 10, "in the cache,", "waits", SMALLEST, anchor="middle", key=key)
                self.sheet.text(bend, y + 10, "not mapped", "waits", SMALLEST, anchor="middle", key=key)
