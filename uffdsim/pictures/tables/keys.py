"""Keys of the shapes in the picture "tables": the same for the same thing at every place of a trace."""

import re

from uffdsim import words
from uffdsim.pictures.tables.plan import Span

_PAGE = re.compile(r"pages? ([\d,]+)(?: to [\d,]+)? of (\S+)")


def entry(mapping: str, own: Span) -> str:
    """An entry of a page table, or those of a row: ``page 0 of watched``."""
    return words.pages(mapping, own.first, own.pages)


def cached(file: str, span: Span) -> str:
    """A page of a file, or those of a row: ``cache: page 0 of F``."""
    return f"cache: {words.pages(file, span.first, span.pages)}"


def link(page: str, file: str, span: Span) -> str:
    """What is between an entry and a page: ``from page 0 of watched to page 0 of F``."""
    return f"from {page} to {words.pages(file, span.first, span.pages)}"


def page_of(key: str) -> tuple[str, int] | None:
    """The mapping and the page, or the first one of a row, whose entry a key stands for; None for other things."""
    found = _PAGE.fullmatch(key)
    return (found[2], int(found[1].replace(",", ""))) if found else None
