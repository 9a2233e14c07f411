"""Sizes in C: so many pages, and bytes beside."""

PAGE = {1 << 12: "PAGE_4K", 1 << 21: "PAGE_2M", 1 << 30: "PAGE_1G"}


def times(count: int, page_size: int) -> str:
    """The size of so many pages."""
    return "0" if count == 0 else PAGE[page_size] if count == 1 else f"{count} * {PAGE[page_size]}"


def sized(size: int, page_size: int) -> str:
    """A size in bytes: in pages, where these are whole."""
    return f"{size}" if size % page_size else times(size // page_size, page_size)


def terms(page: int, page_size: int, more: int) -> str:
    """What to add to an address to come to a page, and some bytes further."""
    pages = f" + {times(page, page_size)}" if page else ""
    return pages + (f" {'-' if more < 0 else '+'} {abs(more)}" if more else "")
