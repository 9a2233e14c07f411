"""Slides of notebooks: one HTML file each, which needs no kernel, no network and no other file.

What a notebook shows is shown piece by piece: prose, then code, then its result, so that a room can predict in
between. Space or → goes on, ← back, Page Down and Page Up from slide to slide, Home to the beginning.
"""

import html
import re
from pathlib import Path

import nbformat
from nbconvert.filters import markdown2html
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

TEMPLATE = Path(__file__).with_name("slides.html")
CODE = HtmlFormatter(style="default", noclasses=True, nowrap=True)
ATTACHED = re.compile(r"(?<=\]\()attachment:([\w.-]+)(?=\))")
MIMES = ("text/html", "image/svg+xml", "image/png", "text/plain")
"""What an output is shown as: the first of these that it has."""


def slides(path: Path, docs: str = "../../docs/") -> str:
    """The slides of an executed notebook, as one HTML text.

    :param docs: where the files of ``docs`` are, seen from the slides; they are in ``build/slides`` if left out.
    """
    notebook = nbformat.read(path, as_version=4)
    pages: list[list[str]] = []
    for cell in notebook.cells:
        if cell.metadata.get("slideshow", {}).get("slide_type") == "slide" or not pages:
            pages.append([])
        pages[-1] += _pieces(cell)
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    body = linked("\n".join(f"<section>{''.join(page)}</section>" for page in pages), docs)
    return TEMPLATE.read_text(encoding="utf-8").replace("TITLE", html.escape(title)).replace("SLIDES", body)


def _pieces(cell) -> list[str]:
    """What a cell is on a slide: its prose; or its code, unless it is folded away, and then each of its outputs."""
    if cell.cell_type == "markdown":
        return [_piece("prose", prose(cell))]
    found = [] if "hide-input" in cell.metadata.get("tags", ()) else [_piece("code", _code(cell.source))]
    return found + [_piece("output", shown(output)) for output in cell.outputs]


def prose(cell) -> str:
    """A cell's Markdown as HTML, with the images that are attached to it inside."""
    attached = cell.get("attachments", {}).items()
    inside = {name: f"data:{kind};base64,{data}" for name, kept in attached for kind, data in kept.items()}
    return markdown2html(ATTACHED.sub(lambda found: inside[found[1]], cell.source))


def _piece(kind: str, inside: str) -> str:
    return f'<div class="{kind}">{inside}</div>'


def _code(source: str) -> str:
    return f"<pre>{highlighted(source)}</pre>"


def highlighted(source: str) -> str:
    """Python as HTML, its words in colours."""
    return highlight(source, PythonLexer(), CODE)


def shown(output) -> str:
    """An output as HTML."""
    data = output.get("data") or {"text/plain": output.get("text", "")}
    mime = next((mime for mime in MIMES if mime in data), None)
    if mime in ("text/html", "image/svg+xml"):
        return data[mime]
    if mime == "image/png":
        words = html.escape(output.metadata.get("image/png", {}).get("alt", data.get("text/plain", "")))
        return f'<img alt="{words}" src="data:image/png;base64,{data[mime].strip()}">'
    return f"<pre>{html.escape(data.get('text/plain', ''))}</pre>"


def linked(page: str, docs: str = "") -> str:
    """A notebook's links as those of a page: they lead to pages beside it instead of notebooks, and to ``docs``."""
    page = re.sub(r'href="(?:\.\./notebooks/)?(\d\d-[\w-]+)\.ipynb', r'href="\1.html', page)
    return page.replace('href="../docs/', f'href="{docs}')


def index(titles: dict[str, str]) -> str:
    """A page that leads to the slides: file names and titles."""
    links = "".join(f'<li><a href="{name}">{html.escape(title)}</a></li>' for name, title in titles.items())
    body = f'<section><div class="prose"><h1>uffdsim</h1><ul>{links}</ul></div></section>'
    return TEMPLATE.read_text(encoding="utf-8").replace("TITLE", "uffdsim: slides").replace("SLIDES", body)
