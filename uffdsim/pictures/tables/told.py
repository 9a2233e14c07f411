"""The picture "tables" once more, in a sentence and in a table."""

from uffdsim import words
from uffdsim.pictures.moment import Moment
from uffdsim.pictures.shapes import Table
from uffdsim.pictures.tables import strips
from uffdsim.pictures.tables.layout import Block
from uffdsim.pictures.tables.plan import Span
from uffdsim.pictures.tables.view import View

Row = tuple[str, str, str, str, str]
HEADER = ("what", "page", "state", "flags", "waiting")


def told(moment: Moment, blocks: list[Block], now: View, other: View | None) -> tuple[str, Table]:
    """A sentence a file, mapping and userfaultfd; and rows of HEADER."""
    rows: list[Row] = []
    said = []
    for block in blocks:
        if block.slot is None:
            found = [_cached(block, span, now) for span, _ in block.rows if (block.id, span.first) in now.cache]
            pages = ", ".join(f"page {page} {state}" for _, page, state, *_ in found if state)
            said += [f"{block.id}: {pages}"] if found else []
            if block.id in now.empty:
                found = [(f"{block.id} (page cache)", "", "no pages", "", "")]
                said.append(f"{block.id}: no pages")
        elif block.id in now.names:
            found = [_entry(block, span, now) for span, _ in block.rows]
            said.append(f"{now.names[block.id]} ({' '.join(now.flags(block))}): {'; '.join(map(_said, found))}")
        else:
            found = []
        rows += found
    for fd, queues in now.queues.items():
        waiting = strips.told(queues)
        rows.append((f"userfaultfd {fd}", "", "", " ".join(queues.features), waiting))
        said.append(f"userfaultfd {fd}: {waiting}")
    for name, child in now.children.items():
        mapped = [*strips.told_of(child, blocks, now)]
        rows += [(f"{name}: {mapping}", page, state, "", "") for mapping, page, state in mapped]
        entries = "; ".join(f"page {page} of {mapping} {state}" for mapping, page, state in mapped)
        said.append(f"{name} ({child.watched}): {entries}" if entries else f"{name}: {child.watched}")
    if not said and not now.note:
        said.append("nothing is mapped yet")
    if other is not None:
        unlike = _differing(now, other)
        count = words.count(unlike, "row")
        said.append(f"{count} different on the other side" if unlike else "The other side is the same")
    said += [now.note] if now.note else []
    return f"After event {moment.at} of {len(moment.events)}: {'. '.join(said)}.", Table(HEADER, tuple(rows))


def _cached(block: Block, span: Span, now: View) -> Row:
    return f"{block.id} (page cache)", span.label, now.cache[block.id, span.first].words, "", ""


def _entry(block: Block, span: Span, now: View) -> Row:
    seen = now.rows[block.id, span.first]
    cached = now.cache.get((block.group.file or "", span.first))
    state = " ".join(filter(None, [seen.words, seen.own]))
    if seen.role == "none" and cached is not None and cached.role == "cached":
        state = "none, though in the cache"
    waits = ", ".join(map(str, seen.waits))
    return now.names[block.id], block.own(span).label, state, " ".join(seen.flags), waits


def _said(entry: Row) -> str:
    _, page, state, _, waits = entry
    return f"page {page} {state}" + (f", {waits} and waits" if waits else "")


def _differing(now: View, other: View) -> int:
    """How many rows differ on the other side."""
    entries = sum(seen[:3] != other.rows.get(place, ())[:3] for place, seen in now.rows.items())
    return entries + sum(seen[:2] != other.cache.get(place, ())[:2] for place, seen in now.cache.items())
