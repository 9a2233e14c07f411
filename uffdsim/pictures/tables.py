"""The picture "tables": page tables left and right, the page cache between them, and who waits where."""

from uffdsim import words
from uffdsim.pictures import strips
from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.layout import Block, Layout, layout
from uffdsim.pictures.measure import width
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.pictures.plan import Span
from uffdsim.pictures.view import Cached, Seen, View, view

SIZE = (760, 360)
LOUD = {"um": "uffd flag", "uw": "uffd flag", "ui": "uffd flag", "lo": "locked flag"}
QUIET = ("…",)
"""Instead of the flags that are not loud, where there is no room for all."""
INK = {"poison": "reversed", "none": "muted", "unmapped": "muted", "hole": "muted"}


def draw(moment: Moment, size=SIZE) -> Picture:
    """The page tables of every mapping, the page cache of every file, and every userfaultfd."""
    room = layout(moment.trace, *size)
    now = view(moment, room.blocks)
    before = view(Moment(moment.trace, moment.since, moment.since), room.blocks)
    other = view(moment.counterpart(), room.blocks) if moment.against is not None else None
    sheet = Sheet(*size, room.height)
    drawing = _Tables(sheet, room, now, before, other or now)
    for block in room.blocks:
        drawing.block(block)
    for fd, place in room.strips.items():
        strips.strip(sheet, fd, place, now.queues.get(fd), before.queues.get(fd))
    if not now.names and not now.cache:
        sheet.text(sheet.w / 2, sheet.h * 0.4, now.note or "nothing is mapped yet", "muted", 13, anchor="middle")
    elif now.note:
        sheet.text(12, sheet.h - 12, now.note, "muted", 11, sheet.w - 24)
    sentence, table = _told(moment, room.blocks, now, other)
    return sheet.picture("tables", "Page tables and page cache", sentence, table)


class _Tables:
    """Draws one view, and marks what differs from the one before and from the other kernel's."""

    def __init__(self, sheet: Sheet, room: Layout, now: View, before: View, other: View):
        self.sheet = sheet
        self.now, self.before, self.other = now, before, other
        self.h = room.row
        self.size = min(max(self.h * 0.38, 10.5), 15)
        self.files: dict[str, Block] = {}
        self.labelled = False

    def block(self, block: Block):
        if block.slot is None:
            self.file(block)
        elif block.id in self.now.names:
            self.mapping(block)

    def file(self, block: Block):
        """The page cache of a file."""
        if not any(file == block.id for file, _ in self.now.cache):
            return
        self.files[block.id] = block
        self.sheet.text(block.x, block.y + 12, block.id, size=16, bold=True, room=block.w)
        taken = width(block.id, 16, True) + 6
        self.sheet.text(block.x + taken, block.y + 13, "page cache", "muted", 11, block.w - taken)
        for span, y in block.rows:
            if (block.id, span.first) in self.now.cache:
                self.cached(block, span, y, self.now.cache[block.id, span.first])

    def cached(self, block: Block, span: Span, y: float, seen: Cached):
        x, w, key = block.x, block.w, (block.id, span.first)
        was = self.before.cache.get(key)
        changed = was is not None and was != seen
        if changed:
            self.sheet.rect(x - 3, y - 3, w + 6, self.h + 6, "just changed", 6)
        role = "just changed" if changed and seen.role == "cached" else seen.role
        self.sheet.rect(x, y, w, self.h, role, key=f"cache {block.id} {span.first}")
        self.heat(x + 1, y + 1, w - 2, self.h - 2, seen.parts)
        label = self.label(x + 7, y, span, w * 0.3)
        self.words(x + label + 4, y, w - label - 8, seen, was if changed else None)
        self.differs(x, y, w, seen, self.other.cache.get(key), seen[:2])

    def mapping(self, block: Block):
        """A mapping: its name, the flags of its VMAs, and its part of the page table."""
        x, w, name = block.x, block.w, self.now.names[block.id]
        common = _common([self.now.rows[block.id, span.first] for span, _ in block.rows])
        shown = (
            common if width(name, 12, True) + self.flags_width(common) < w - 8 else (*QUIET, *filter(LOUD.get, common))
        )
        was = _common([self.before.rows.get((block.id, span.first), UNSEEN) for span, _ in block.rows])
        room = self.flags(x + w, block.y + 12, shown, was != common and block.id in self.before.names) - x - 6
        size = next((size for size in (16, 14, 12) if width(name, size, True) <= room), 11)
        self.sheet.text(x, block.y + 12, name, size=size, bold=True, room=room)
        about = f"{block.slot.sharing} mapping" if block.group.file else "anonymous memory"
        taken = width(name, size, True) + 6
        if width(about, 11) < room - taken:
            self.sheet.text(x + taken, block.y + 13, about, "muted", 11)
        for span, y in block.rows:
            self.row(block, span, y, self.now.rows[block.id, span.first], common)

    def row(self, block: Block, span: Span, y: float, seen: Seen, common: tuple[str, ...]):
        """One entry, or the entries of a range that share a row; who waits there; and the line to its page."""
        x, w, key = block.x, block.w, (block.id, span.first)
        was = self.before.rows.get(key)
        changed = was is not None and was._replace(flags=seen.flags) != seen
        if changed:
            self.sheet.rect(x - 3, y - 3, w + 6, self.h + 6, "just changed", 6)
        own = Span(max(span.first - block.slot.first, 0), min(span.last - block.slot.first, block.slot.pages))
        name = f"entry {self.now.names[block.id]} {own.first}"
        self.sheet.rect(x, y, w, self.h, "waiting" if seen.waits else "entry", key=name)
        left = x + 7 + self.label(x + 7, y, own, w * 0.5)
        right = self.badge(x + w - 5, y, seen.waits) if seen.waits else x + w - 4
        apart = [flag for flag in seen.flags if flag not in common]
        right = self.flags(right, y + self.h / 2, apart, was is not None and was.flags != seen.flags)
        inset = 4 if self.h > 25 else 2
        if seen.role not in ("none", "mixed"):
            self.sheet.rect(left, y + inset, right - left, self.h - 2 * inset, seen.role, key=name)
        self.heat(left, y + inset, right - left, self.h - 2 * inset, seen.parts)
        self.words(left, y, right - left, seen, was if changed and was.words != seen.words else None, seen.own)
        self.link(block, span, y + self.h / 2, seen)
        self.differs(x, y, w, seen, self.other.rows.get(key), seen[:3])

    def words(self, x: float, y: float, w: float, seen: Seen | Cached, was: Seen | Cached | None, own: str = ""):
        """What a row is, in its middle; its content; and what it was, if there is room for that."""
        middle = y + self.h / 2
        taken = width(own, self.size, True, True) + 8
        if own and taken < w:
            self.sheet.text(x + w - 6, middle, own, "text", self.size, anchor="end", bold=True, mono=True)
            w -= taken
        content = seen.role == "cached"
        low = was is not None and self.h > 34
        known = {"anchor": "middle", "bold": content, "mono": content}
        ink = INK.get(seen.role, "text")
        self.sheet.text(x + w / 2, middle - 4 * low, seen.words, ink, self.size, w - 4, **known)
        if low:
            self.sheet.text(x + w / 2, y + self.h - 9, f"was {was.words}", "muted", 9, w - 4, anchor="middle")

    def heat(self, x: float, y: float, w: float, h: float, parts):
        """How much of a row is what, where a row is many pages that are not alike."""
        total = sum(pages for _, pages in parts)
        for role, pages in sorted(parts, key=lambda part: part[0] in INK) if len(parts) > 1 else ():
            share = w * pages / total
            self.sheet.rect(x, y, max(share, 2), h, "empty" if role == "none" else role, 1, tip=f"{pages:,} {role}")
            x += share

    def label(self, x: float, y: float, span: Span, room: float) -> float:
        """The number of a row's page or pages; how much room it takes."""
        alone = span.last == span.first + 1
        size = self.size if alone else min(self.size, 10)
        w = width(span.label, size, mono=True)
        if w > room:
            return 0
        self.sheet.text(x, y + self.h / 2, span.label, "muted", size, mono=True)
        return max(w, 14) + 7

    def badge(self, right: float, y: float, waits: tuple[str, ...]) -> float:
        """Who waits at a row: a pill that ends at ``right``; where it begins."""
        who = waits[0] if len(waits) == 1 else ", ".join(wait.split()[0] for wait in waits)
        w = min(max(width(who, 10.5, True), 34) + 16, 96)
        h = min(self.h - 6, 32)
        top, middle = y + (self.h - h) / 2, right - w / 2
        self.sheet.rect(right - w, top, w, h, "badge", h / 2, tip="; ".join(f"{wait} and waits" for wait in waits))
        known = {"size": 10.5, "room": w - 10, "anchor": "middle", "bold": True}
        if h > 25:
            self.sheet.text(middle, top + h * 0.3, who, "text", **known)
            self.sheet.text(middle, top + h * 0.71, "waits" if len(waits) == 1 else "wait", "waits", **known)
        else:
            self.sheet.text(middle, y + self.h / 2, who, "waits", **known)
        return right - w - 4

    def flags_width(self, flags) -> float:
        """How much room flags take."""
        return sum(width(flag, 11, mono=True) + (10 if flag in LOUD else 5) for flag in flags)

    def flags(self, right: float, y: float, flags, changed: bool) -> float:
        """Flags of a VMA as smaps prints them, ending at ``right``; where they begin."""
        if changed and flags:
            w = self.flags_width(flags)
            self.sheet.rect(right - w, y - 11, w + 3, 22, "just changed", 5)
        for flag in reversed(flags):
            w = width(flag, 11, mono=True)
            if flag in LOUD:
                self.sheet.rect(right - w - 6, y - 8.5, w + 6, 17, LOUD[flag], key=f"flag {flag}")
                self.sheet.text(right - w / 2 - 3, y, flag, "reversed", 11, anchor="middle", bold=True, mono=True)
                right -= w + 10
            else:
                self.sheet.text(right, y, flag, "muted", 11, anchor="end", mono=True)
                right -= w + 5
        return right

    def link(self, block: Block, span: Span, y: float, seen: Seen):
        """The line between an entry and its page of the file, or the dashed one where there could be a line."""
        file = self.files.get(block.group.file)
        cached = self.now.cache.get((block.group.file, span.first))
        if file is None or cached is None:
            return
        start, end = (block.x + block.w, file.x) if block.x < file.x else (block.x, file.x + file.w)
        there = next(top for other, top in file.rows if other == span) + self.h / 2
        bend = (start + end) / 2
        curve = (start, y), (bend, y), (bend, there), (end, there)
        if seen.maps:
            self.sheet.line("maps read-only" if seen.role == "read-only" else "maps", *curve, curve=True, arrow=True)
        elif any(role == "cached" for role, _ in cached.parts) and seen.role in ("none", "marker"):
            minor = "ui" in seen.flags
            self.sheet.line("minor" if minor else "not mapped", *curve, curve=True, tip="in the cache, not mapped here")
            if minor and not self.labelled and abs(y - there) < 1 and abs(end - start) > 84 and self.h > 17:
                self.labelled = True
                self.sheet.text(bend, y - 9, "in the cache,", "waits", 9.5, anchor="middle")
                self.sheet.text(bend, y + 9, "not mapped here", "waits", 9.5, anchor="middle")

    def differs(self, x: float, y: float, w: float, seen, other, same: tuple):
        """A mark around what the other kernel has otherwise."""
        if other is None or other[: len(same)] == same:
            return
        tip = f"on the other side: {other.words}"
        self.sheet.rect(x - 2.5, y - 2.5, w + 5, self.h + 5, "differs", 6, tip=tip)
        if self.h > 34:
            self.sheet.text(
                x + w - 7, y + self.h - 8, f"≠ {other.words}", "other", 9.5, w - 14, anchor="end", bold=True
            )


UNSEEN = Seen("unmapped", "", "", (), (), ())


def _common(rows: list[Seen]) -> tuple[str, ...]:
    """The flags that all rows have that are mapped."""
    flags = [row.flags for row in rows if row.role != "unmapped"]
    return tuple(flag for flag in flags[0] if all(flag in other for other in flags)) if flags else ()


def _told(moment: Moment, blocks: list[Block], now: View, other: View | None) -> tuple[str, Table]:
    """The same in a sentence and in a table."""
    rows: list[tuple[str, ...]] = []
    said = []
    for block in blocks:
        if block.slot is None:
            told = [
                (span.label, now.cache[block.id, span.first].words)
                for span, _ in block.rows
                if (block.id, span.first) in now.cache
            ]
            rows += ((f"{block.id} (page cache)", label, words, "", "") for label, words in told)
            if told:
                said.append(f"{block.id}: " + ", ".join(f"page {label} {words}" for label, words in told if words))
        elif block.id in now.names:
            name = now.names[block.id]
            told = [_row_told(block, span, now) for span, _ in block.rows]
            rows += ((name, *row) for row in told)
            flags = " ".join(_common([now.rows[block.id, span.first] for span, _ in block.rows]))
            waits = [f", {row[3]} and waits" if row[3] else "" for row in told]
            pages = "; ".join(f"page {row[0]} {row[1]}{wait}" for row, wait in zip(told, waits, strict=True))
            said.append(f"{name} ({flags}): {pages}")
    for fd, queues in now.queues.items():
        waiting = strips.told(queues)
        rows.append((f"userfaultfd {fd}", "", "", " ".join(queues.features), waiting))
        said.append(f"userfaultfd {fd}: {waiting}")
    if not said and not now.note:
        said.append("nothing is mapped yet")
    if other is not None:
        unlike = _differing(now, other)
        rows = words.count(unlike, "row")
        said.append(f"{rows} not as on the other side" if unlike else "The other side is the same")
    said += [now.note] if now.note else []
    sentence = f"After event {moment.at} of {len(moment.events)}: {'. '.join(said)}."
    return sentence, Table(("what", "page", "state", "flags", "waiting"), tuple(rows))


def _differing(now: View, other: View) -> int:
    """How many rows the other side has otherwise."""
    pairs = [(seen[:3], other.rows.get(key, ())[:3]) for key, seen in now.rows.items()]
    pairs += [(seen[:2], other.cache.get(key, ())[:2]) for key, seen in now.cache.items()]
    return sum(one != another for one, another in pairs)


def _row_told(block: Block, span: Span, now: View) -> tuple[str, str, str, str]:
    """A row's pages, state, flags and waiters."""
    seen = now.rows[block.id, span.first]
    cached = now.cache.get((block.group.file, span.first))
    words = " ".join(filter(None, [seen.words, seen.own]))
    if seen.role == "none" and cached is not None and cached.role == "cached":
        words = "none, though in the cache"
    label = Span(max(span.first - block.slot.first, 0), min(span.last - block.slot.first, block.slot.pages)).label
    return label, words, " ".join(seen.flags), ", ".join(seen.waits)
