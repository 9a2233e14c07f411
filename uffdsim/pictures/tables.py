"""The picture "tables": page tables left and right, the page cache between them, and who waits where."""

from typing import NamedTuple

from uffdsim.pictures.draw import Sheet
from uffdsim.pictures.measure import width
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.picture import Picture, Table
from uffdsim.pictures.plan import Group, Slot, Span, groups, spans
from uffdsim.pictures.view import Seen, View, view
from uffdsim.trace import Trace

SIZE = (760, 360)
MARGIN = 12
HEAD = 28
GAP = 10
STRIP = 40
CENTRE = 124
SIDE = 208
LOW, HIGH = 19, 56
"""The lowest and the highest row there may be."""


class Section(NamedTuple):
    """A group's place: its mappings in two columns, and the rows that they all have."""

    group: Group
    left: tuple[Slot, ...]
    right: tuple[Slot, ...]
    rows: list[Span]

    @property
    def blocks(self) -> int:
        """How many mappings stand one below the other."""
        return max(len(self.left), 1)


def draw(moment: Moment, size=SIZE) -> Picture:
    """The page tables of every mapping, the page cache of every file, and every userfaultfd."""
    fds = _descriptors(moment.trace)
    sections = _sections(moment.trace, size[1] - MARGIN * 2 - len(fds) * (STRIP + 6))
    layout = [(section.group, section.rows) for section in sections]
    now = view(moment, layout)
    before = view(Moment(moment.trace, moment.since, moment.since), layout)
    other = view(moment.counterpart(), layout) if moment.against is not None else None
    painter = _Tables(Sheet(*size), now, before, other or now)
    bottom = size[1] - MARGIN - len(fds) * (STRIP + 6)
    painter.sections(sections, MARGIN, bottom)
    for fd in fds:
        painter.strip(fd, bottom + 6)
        bottom += STRIP + 6
    painter.remark(bottom)
    sentence, table = _told(moment, sections, now, other)
    return Picture("tables", *size, "Page tables and page cache", tuple(painter.sheet.shapes), sentence, table)


def _descriptors(trace: Trace) -> list[str]:
    """The descriptors that a scenario ever has; none where nobody can look into them."""
    if not trace.events:
        return []
    named = [step["id"] if step.op == "userfaultfd" else step.given.get("child") for step in trace.scenario]
    return [name for step, name in zip(trace.scenario, named, strict=True) if step.op in _OPENS and name]


_OPENS = ("userfaultfd", "read_event")


def _sections(trace: Trace, height: float) -> list[Section]:
    """Every group with as many rows as all have room for together."""
    found = [Section(group, group.slots[::2], group.slots[1::2], []) for group in groups(trace.scenario)]
    heads = sum(section.blocks * (HEAD + GAP) for section in found)
    for most in (64, 32, 24, 16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1):
        found = [section._replace(rows=spans(section.group, most)) for section in found]
        if heads + LOW * sum(section.blocks * len(section.rows) for section in found) <= height:
            break
    return found


class _Tables:
    """Draws one view, and marks what differs from the one before and from the other kernel's."""

    def __init__(self, sheet: Sheet, now: View, before: View, other: View):
        self.sheet = sheet
        self.now, self.before, self.other = now, before, other
        self.labelled = False

    def sections(self, sections: list[Section], top: float, bottom: float):
        rows = sum(section.blocks * len(section.rows) for section in sections)
        heads = sum(section.blocks * (HEAD + GAP) for section in sections)
        self.pitch = min(max((bottom - top - heads) / max(rows, 1), LOW), HIGH)
        self.size = min(max(self.pitch * 0.34, 10.5), 14)
        y = top + max(bottom - top - heads - rows * self.pitch, 0) * 0.4
        for section in sections:
            y = self.section(section, y)
        if not self.now.rows and not self.now.cache and not self.now.note:
            self.sheet.text(self.sheet.w / 2, (top + bottom) / 2, "nothing is mapped yet", "muted", 14, anchor="middle")

    def section(self, section: Section, y: float) -> float:
        tall = HEAD + len(section.rows) * self.pitch + GAP
        whole = section.blocks * tall - GAP
        inside = self.sheet.w - 2 * MARGIN
        has_file = section.group.file is not None
        side = SIDE * self.sheet.w / SIZE[0] if has_file else (inside - 40) / 2
        centre = MARGIN + inside / 2
        if has_file:
            w = CENTRE * self.sheet.w / SIZE[0]
            x = centre - w / 2 if section.right else MARGIN + side + (inside - side - w) / 2
            self.file(section, x, y + (whole - tall + GAP) / 2, w)
        for column, x in ((section.left, MARGIN), (section.right, self.sheet.w - MARGIN - side)):
            if not has_file and not section.right:
                x = centre - side / 2
            for block, slot in enumerate(column):
                if slot.names[0] in self.now.names:
                    self.mapping(section, slot, x, y + block * tall, side)
        return y + section.blocks * tall

    def file(self, section: Section, x: float, y: float, w: float):
        group, sheet = section.group, self.sheet
        self.middle = {}
        self.file_x = x, x + w
        for row, span in enumerate(section.rows):
            self.middle[span.first] = y + HEAD + row * self.pitch + (self.pitch - 5) / 2
        if not any(file == group.file for file, _ in self.now.cache):
            return
        sheet.text(x, y + 12, group.file, size=16, bold=True, room=w * 0.6)
        sheet.text(
            x + width(group.file, 16, True) + 6, y + 13, "page cache", "muted", 11, w - width(group.file, 16, True)
        )
        for span in section.rows:
            if (group.file, span.first) in self.now.cache:
                self.cached(group.file, span, x, self.middle[span.first] - (self.pitch - 5) / 2, w)

    def cached(self, file: str, span: Span, x: float, y: float, w: float):
        sheet, key = self.sheet, (file, span.first)
        seen, was = self.now.cache[key], self.before.cache.get(key)
        h, name = self.pitch - 5, f"cache {file} {span.first}"
        changed = was is not None and was != seen
        if changed:
            sheet.rect(x - 3, y - 3, w + 6, h + 6, "just changed", 6)
        sheet.rect(x, y, w, h, "just changed" if changed and seen.role == "cached" else seen.role, key=name)
        self.heat(x + 2, y + h - 5, w - 4, seen.parts)
        label = self.label(x + 7, y + h / 2, span)
        role = "muted" if seen.role in ("hole", "mixed") else "text"
        room = w - label - 12
        sheet.text(
            x + label + room / 2 + 4,
            y + h / 2,
            seen.words,
            role,
            self.size,
            room,
            anchor="middle",
            bold=seen.role == "cached",
            mono=seen.role == "cached",
        )
        if changed and h > 34:
            sheet.text(x + label + room / 2 + 4, y + h - 6, f"was {was.words}", "muted", 9, room, anchor="middle")
        self.differs(x, y, w, h, seen, self.other.cache.get(key))

    def mapping(self, section: Section, slot: Slot, x: float, y: float, w: float):
        sheet, id = self.sheet, slot.names[0]
        name = self.now.names[id]
        rows = [span for span in section.rows if (id, span.first) in self.now.rows]
        common = _common([self.now.rows[id, span.first] for span in rows])
        end = self.flags(x + w, y + 12, common, rows and self.flags_changed(id, rows))
        about = f"{slot.sharing} mapping" if section.group.file else "anonymous memory"
        room = end - x - 6
        sheet.text(x, y + 12, name, size=16, bold=True, room=room)
        taken = width(name, 16, True) + 6
        if width(about, 11) < room - taken:
            sheet.text(x + taken, y + 13, about, "muted", 11)
        for span in rows:
            row = section.rows.index(span)
            self.row(section, slot, span, x, y + HEAD + row * self.pitch, w, common)

    def row(self, section: Section, slot: Slot, span: Span, x: float, y: float, w: float, common):
        sheet, key = self.sheet, (slot.names[0], span.first)
        seen, was = self.now.rows[key], self.before.rows.get(key)
        h, name = self.pitch - 5, f"entry {self.now.names[slot.names[0]]} {span.first - slot.first}"
        changed = was is not None and was != seen
        if changed:
            sheet.rect(x - 3, y - 3, w + 6, h + 6, "just changed", 6)
        sheet.rect(x, y, w, h, "waiting" if seen.waits else "entry", key=name)
        own = Span(span.first - slot.first, span.last - slot.first)
        left = x + 7 + self.label(x + 7, y + h / 2, own)
        right = self.badge(x + w - 5, y, h, seen.waits) if seen.waits else x + w - 4
        right = self.flags(right, y + h / 2, [flag for flag in seen.flags if flag not in common], False, 3)
        self.chip(left, y + 4, right - left, h - 8, seen, name)
        if changed and seen.role == "none" and was.role != "none" and h > 34:
            sheet.text((left + right) / 2, y + h - 6, f"was {was.words}", "muted", 9, right - left, anchor="middle")
        self.link(section, slot, span, seen, x, x + w, y + h / 2)
        self.differs(x, y, w, h, seen, self.other.rows.get(key))

    def chip(self, x: float, y: float, w: float, h: float, seen: Seen, name: str):
        sheet = self.sheet
        if seen.role not in ("none", "mixed"):
            sheet.rect(x, y, w, h, seen.role, key=name)
        ink = {"poison": "reversed", "none": "muted", "unmapped": "muted"}.get(seen.role, "text")
        if seen.role == "mixed":
            self.heat(x, y + h - 6, w, seen.parts)
            y -= 3
        taken = width(seen.own, self.size, True, True) + 8 if seen.own else 0
        sheet.text(x + (w - taken) / 2, y + h / 2, seen.words, ink, self.size, w - taken - 4, anchor="middle")
        if seen.own:
            sheet.text(x + w - 6, y + h / 2, seen.own, "text", self.size, anchor="end", bold=True, mono=True)

    def heat(self, x: float, y: float, w: float, parts):
        """How much of a row is what, as a bar, where a row is many pages that are not alike."""
        total = sum(pages for _, pages in parts)
        if len(parts) < 2:
            return
        for role, pages in parts:
            share = w * pages / total
            self.sheet.rect(x, y, max(share, 1), 4, role if role != "none" else "entry", 0)
            x += share

    def label(self, x: float, y: float, span: Span) -> float:
        """The number of a row's page or pages; how much room it takes."""
        size = self.size if span.last == span.first + 1 else min(self.size, 10.5)
        self.sheet.text(x, y, span.label, "muted", size, mono=True)
        return max(width(span.label, size, mono=True), 14) + 7

    def badge(self, right: float, y: float, h: float, waits: tuple[str, ...]) -> float:
        """Who waits at a row: a pill that ends at ``right``; where it begins."""
        who = waits[0] if len(waits) == 1 else ", ".join(wait.split()[0] for wait in waits)
        w = min(max(width(who, 10.5, True), width("waits", 10.5, True)) + 16, 96)
        tall = min(h - 6, 32)
        top = y + (h - tall) / 2
        self.sheet.rect(
            right - w, top, w, tall, "badge", tall / 2, tip="; ".join(f"{wait} and waits" for wait in waits)
        )
        if tall > 25:
            self.sheet.text(right - w / 2, top + tall * 0.3, who, "text", 10.5, w - 10, anchor="middle", bold=True)
            self.sheet.text(
                right - w / 2,
                top + tall * 0.71,
                "waits" if len(waits) == 1 else "wait",
                "waits",
                10.5,
                anchor="middle",
                bold=True,
            )
        else:
            self.sheet.text(right - w / 2, y + h / 2, who, "waits", 10, w - 8, anchor="middle", bold=True)
        return right - w - 4

    def flags(self, right: float, y: float, flags, changed: bool, gap=5.0) -> float:
        """A VMA's flags as smaps prints them, ending at ``right``; where they begin."""
        for flag in reversed(flags):
            loud = {"um": "flag", "uw": "flag", "ui": "flag", "lo": "locked flag"}.get(flag)
            w = width(flag, 11, mono=True)
            if loud:
                self.sheet.rect(right - w - 6, y - 8.5, w + 6, 17, loud, key=f"flag {flag}")
                self.sheet.text(right - w / 2 - 3, y, flag, "reversed", 11, anchor="middle", bold=True, mono=True)
                right -= w + 6 + gap - 1
            else:
                self.sheet.text(right, y, flag, "muted", 11, anchor="end", mono=True)
                right -= w + gap
        return right

    def flags_changed(self, id: str, rows: list[Span]) -> bool:
        return any(
            self.now.rows[id, s.first].flags != self.before.rows[id, s.first].flags
            for s in rows
            if (id, s.first) in self.before.rows
        )

    def link(self, section: Section, slot: Slot, span: Span, seen: Seen, left: float, right: float, y: float):
        """The line between an entry and its page of the file, or the dashed one where there could be a line."""
        cached = self.now.cache.get((section.group.file, span.first)) if section.group.file else None
        if cached is None:
            return
        start, end = (right, self.file_x[0]) if left < self.file_x[0] else (left, self.file_x[1])
        there = self.middle[span.first]
        bend = (start + end) / 2
        curve = (start, y), (bend, y), (bend, there), (end, there)
        if seen.maps:
            role = "maps read-only" if seen.role == "read-only" else "maps"
            self.sheet.line(role, *curve, curve=True, arrow=True)
        elif cached.role != "hole" and seen.role in ("none", "marker"):
            minor = "ui" in seen.flags
            self.sheet.line("minor" if minor else "not mapped", *curve, curve=True)
            if minor and not self.labelled and abs(y - there) < 1:
                self.labelled = True
                self.sheet.text(bend, y - 9, "in the cache,", "waits", 10, anchor="middle")
                self.sheet.text(bend, y + 9, "not mapped here", "waits", 10, anchor="middle")

    def differs(self, x, y, w, h, seen, other):
        if other is not None and other != seen:
            self.sheet.rect(x - 2, y - 2, w + 4, h + 4, "differs", 5)
            self.sheet.text(x + w - 4, y + 3, f"≠ {other.words}", "other", 9.5, w - 8, anchor="end", bold=True)

    def strip(self, fd: str, y: float):
        """One userfaultfd with its queues."""
        queues = self.now.queues.get(fd)
        if queues is None:
            return
        sheet, x, w = self.sheet, MARGIN, self.sheet.w - 2 * MARGIN
        was = self.before.queues.get(fd)
        sheet.rect(
            x,
            y,
            w,
            STRIP,
            "uffd" if queues.note != "closed" else "empty queue",
            7,
            key=f"uffd {fd}",
            tip=f"features: {', '.join(queues.features) or 'none'}",
        )
        sheet.text(x + 10, y + 13, f"userfaultfd {fd}", "text", 13, 144, bold=True)
        about = queues.note or ", ".join(queues.features).lower().replace("_", " ") or "no features"
        sheet.text(x + 10, y + 29, about, "muted", 10, 144)
        if queues.note == "closed":
            return
        x, w = x + 160, w - 168
        for share, label, name in (
            (0.37, "to read", "pending"),
            (0.37, "read, not answered", "reading"),
            (0.26, "events to read", "events"),
        ):
            messages = getattr(queues, name)
            changed = was is not None and getattr(was, name) != messages
            sheet.text(x, y + 10, label, "muted", 10, w * share - 8)
            self.messages(x, y + 18, w * share - 8, messages, changed)
            x += w * share

    def messages(self, x: float, y: float, w: float, messages: tuple[str, ...], changed: bool):
        sheet = self.sheet
        if changed:
            sheet.rect(x - 3, y - 2, w + 6, 22, "just changed", 5)
        if not messages:
            sheet.chip(x, y, 34, 18, "–", "empty queue", "muted", 10)
            return
        shown = messages[:2]
        more = f"+{len(messages) - 2}" if len(messages) > 2 else ""
        each = (w - (20 if more else 0) - 4 * (len(shown) - 1)) / len(shown)
        for message in shown:
            sheet.chip(x, y, each, 18, message, "message", "told", 10.5, mono=True, tip=message)
            x += each + 4
        sheet.text(x, y + 9, more, "muted", 10, tip=", ".join(messages))

    def remark(self, y: float):
        self.sheet.text(MARGIN, y - 4, self.now.note, "muted", 11, self.sheet.w - 2 * MARGIN)


def _common(rows: list[Seen]) -> tuple[str, ...]:
    """The flags that all rows have that are mapped."""
    flags = [row.flags for row in rows if row.role != "unmapped"]
    return tuple(flag for flag in flags[0] if all(flag in other for other in flags)) if flags else ()


def _told(moment: Moment, sections: list[Section], now: View, other: View | None) -> tuple[str, Table]:
    """The same in a sentence and in a table."""
    rows, sentences = [], []
    for section in sections:
        group = section.group
        if group.file is not None:
            of_file = [(s, now.cache[group.file, s.first]) for s in section.rows if (group.file, s.first) in now.cache]
            if of_file:
                sentences.append(
                    f"{group.file}: " + ", ".join(f"page {s.label} {c.words}" for s, c in of_file if c.words)
                )
            rows += ((f"{group.file} (page cache)", s.label, c.words, "", "") for s, c in of_file)
        for slot in group.slots:
            id = slot.names[0]
            if id not in now.names:
                continue
            said = []
            for span in section.rows:
                seen = now.rows.get((id, span.first))
                if seen is None:
                    continue
                label = Span(span.first - slot.first, span.last - slot.first).label
                cached = now.cache.get((group.file, span.first))
                words = " ".join(filter(None, [seen.words, seen.own]))
                if seen.role == "none" and cached is not None and cached.role == "cached":
                    words = "none, though in the cache"
                rows.append((now.names[id], label, words, " ".join(seen.flags), ", ".join(seen.waits)))
                said.append(f"page {label} {words}" + "".join(f", {wait} and waits" for wait in seen.waits))
            flags = " ".join(_common([seen for key, seen in now.rows.items() if key[0] == id]))
            sentences.append(f"{now.names[id]} ({flags}): " + "; ".join(said))
    for fd, queues in now.queues.items():
        waiting = [
            f"{name}: {', '.join(getattr(queues, name))}"
            for name in ("pending", "reading", "events")
            if getattr(queues, name)
        ]
        sentences.append(f"userfaultfd {fd}: {queues.note or '; '.join(waiting) or 'all queues are empty'}")
        rows.append((f"userfaultfd {fd}", "", queues.note, " ".join(queues.features), "; ".join(waiting)))
    if other is not None:
        differing = sum(other.rows.get(key) != seen for key, seen in now.rows.items())
        differing += sum(other.cache.get(key) != seen for key, seen in now.cache.items())
        sentences.append(f"{differing} rows differ from the other run")
    if now.note:
        sentences.append(now.note)
    begin = f"After event {moment.at} of {len(moment.events)}"
    sentence = f"{begin}: {'. '.join(sentences) or 'nothing is mapped yet'}."
    return sentence, Table(("what", "page", "state", "flags", "waiting"), tuple(rows))
