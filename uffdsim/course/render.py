"""The same words as text, as HTML and as Markdown, for those who read a notebook without running it."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from html import escape

from uffdsim import saved
from uffdsim.pictures.painters.palette import colour

STYLE = (
    f"max-width:880px;padding:10px 14px;margin:4px 0;color:{colour('ink')};background:{colour('paper')};"
    f"border:1px solid {colour('line')};border-left:6px solid {{edge}};border-radius:8px;font:14px/1.5 sans-serif"
)
CAPTION = f"text-align:left;padding:4px 0;color:{colour('ink')}"
CELL = f"text-align:left;padding:4px 10px;border:1px solid {colour('line')};color:{colour('ink')}"
HEAD = f"{CELL};background:{colour('quiet')};font-weight:700"
CODE = f"font:.93em/1.5 monospace;color:inherit;background:{colour('quiet')};padding:0 3px;border-radius:3px"
BLOCK = f"font:13px/1.5 monospace;margin:0;padding:6px 10px;overflow-x:auto;color:inherit;background:{colour('quiet')}"
EDGES = {
    "open": colour("blue"),
    "right": colour("good-line"),
    "wrong": colour("bad-line"),
    "plain": colour("edge"),
}
MARKS = {"open": "?", "right": "✓", "wrong": "✗", "plain": ""}
"""Beside the colour of its edge, every card has a sign."""


def card(kind: str, title: str, *parts: str, work: Iterable[tuple[str, str]] = ()) -> str:
    """A card: a title, which is text, and parts, which are HTML.

    :param work: what there is to be done on it, by kind and name, so that a notebook tells what it asks.
    """
    mark = f'<span aria-hidden="true">{MARKS[kind]}</span> ' if MARKS[kind] else ""
    head = headline(f"{mark}{escape(title)}") if title else ""
    style = STYLE.format(edge=EDGES[kind])
    asks = f' data-work="{escape(json.dumps(list(work), ensure_ascii=False))}"' if work else ""
    return f'<div class="uffdsim-card uffdsim-{kind}"{asks} style="{style}">{head}{"".join(parts)}</div>'


def headline(inside: str) -> str:
    """What a card is about; the inside is HTML."""
    return f'<p style="margin:0 0 6px"><strong style="color:inherit">{inside}</strong></p>'


def paragraphs(*texts: str) -> str:
    """Paragraphs of text; what stands between two ` is code, and empty ones are left out."""
    return "".join(f'<p style="margin:0 0 6px">{coded(text)}</p>' for text in texts if text)


def coded(text: str) -> str:
    """Text as HTML, with what stands between two ` as code, and lines as they are."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        parts = [escape(text)]
    code = f'<code style="{CODE}">'
    return "".join(f"{code}{part}</code>" if i % 2 else part.replace("\n", "<br>") for i, part in enumerate(parts))


def listed(items: Iterable[str], ordered: bool = False, start: int = 1) -> str:
    """A list of texts."""
    tag = "ol" if ordered else "ul"
    first = f' start="{start}"' if ordered and start != 1 else ""
    return f'<{tag}{first} style="margin:0 0 6px">{"".join(f"<li>{coded(item)}</li>" for item in items)}</{tag}>'


def folded(title: str, inside: str, is_open: bool = False) -> str:
    """Something that a reader may open, with a key too; the inside is HTML."""
    state = " open" if is_open else ""
    return f'<details{state} style="margin:0 0 6px"><summary>{escape(title)}</summary>{inside}</details>'


def block(text: str) -> str:
    """Code, line by line."""
    return f'<pre tabindex="0" style="{BLOCK}">{escape(text)}</pre>'


def table_html(header: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "", heads: int = 1) -> str:
    """A table whose first ``heads`` columns head their rows."""
    said = f'<caption style="{CAPTION}">{escape(caption)}</caption>' if caption else ""
    top = "".join(f'<th scope="col" style="{HEAD}">{escape(cell)}</th>' if cell else "<td></td>" for cell in header)
    body = []
    for row in rows:
        cells = [f'<th scope="row" style="{HEAD}">{coded(cell)}</th>' for cell in row[:heads]]
        cells += [f'<td style="{CELL}{_narrow(cell)}">{coded(cell)}</td>' for cell in row[heads:]]
        body.append(f"<tr>{''.join(cells)}</tr>")
    rows_html = f"<thead><tr>{top}</tr></thead><tbody>{''.join(body)}</tbody>"
    return f'<table style="border-collapse:collapse;margin:4px 0;font-size:13px">{said}{rows_html}</table>'


def _narrow(cell: str) -> str:
    """A few words stay in one line."""
    return ";white-space:nowrap" if len(cell) < 32 else ""


def table_markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table for Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    plain = [[cell.replace("|", "\\|").replace("\n", "<br>") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in plain)


def table_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in columns."""
    lines = [tuple(header), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def shown(thing, widget: Callable | None = None) -> dict:
    """How a notebook shows a thing: its words for those who only read, and a widget where somebody can use it.

    :param widget: makes the widget; an ImportError says that there are none here.
    """
    words = {"plain": repr(thing), "html": thing._repr_html_()}
    if widget is None or "ipykernel" not in sys.modules:
        return saved.bundle(None, **words)
    try:
        return saved.bundle(widget()._repr_mimebundle_(), **words)
    except ImportError:
        return saved.bundle(None, **words)
