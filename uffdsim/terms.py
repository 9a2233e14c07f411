"""Numbers, sizes, places and sentences; ``words`` is where they are asked for."""

from collections.abc import Iterable


def byte(value: int) -> str:
    """A byte: ``0x41``."""
    return f"0x{value:02x}"


def count(number: int, thing: str) -> str:
    """A number of things: ``1 page``, ``2,048 pages``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """A number of bytes, in the largest unit that divides it: ``2 MiB``."""
    units = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
    for unit, name in units:
        if number and number % unit == 0:
            return f"{number // unit:,} {name}"
    return count(number, "byte")


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row: ``t1, t2 and t3``."""
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


def page(mapping: str, number: int) -> str:
    """A page of a mapping, or one before it: ``page 0 of watched``, ``2 pages before watched``."""
    if number < 0:
        return f"{count(-number, 'page')} before {mapping}"
    return f"page {number:,} of {mapping}"


def pages(mapping: str, first: int, number: int) -> str:
    """Some pages of a mapping: ``pages 0 to 3 of watched``."""
    if number == 1:
        return page(mapping, first)
    return f"pages {first:,} to {first + number - 1:,} of {mapping}" if number else f"no page of {mapping}"


def scattered(mapping: str, runs: Iterable[tuple[int, int]]) -> str:
    """Runs of pages of a mapping, each by its first and its last: ``pages 0, 2 and 4 to 6 of watched``."""
    found = list(runs)
    if len(found) == 1:
        return pages(mapping, found[0][0], found[0][1] - found[0][0] + 1)
    return f"pages {listed(f'{a:,} to {b:,}' if a < b else f'{a:,}' for a, b in found)} of {mapping}"


def place(found: dict) -> str:
    """An address as an observation names it: ``page 0 of watched, byte 5``."""
    inside = f", byte {found['offset']:,}" if found.get("offset") else ""
    return page(found["vma"], found["page"]) + inside


def sentence(text: str, names: Iterable[str] = ()) -> str:
    """With a capital at its beginning, unless it begins with one of these names, and a full stop at its end."""
    return stopped(text if text.split(" ")[0] in names else text[:1].upper() + text[1:])


def stopped(text: str) -> str:
    """With a full stop at its end. Names of threads, with which steps begin, keep their small letter."""
    return text + ("" if text[-1:] in ".?!:" else ".")
