"""What ``inspect`` reports, as a table."""

from collections.abc import Iterator

from uffdsim.terms import count

_COLUMNS = ("present", "file", "exclusive", "uffd_wp", "swap", "vm_flags")


def report(vmas: dict[str, list], files: dict[str, int]) -> list[str]:
    """What ``inspect`` reports, as the lines of a table: a row for each run of pages that are alike."""
    rows: list[tuple[str, ...]] = [("mapping", "page", *_COLUMNS)]
    for name, found in vmas.items():
        for first, last in _alike(found):
            cells = [str(found[first][column] or "·") for column in _COLUMNS]
            rows.append((name, f"{first}" if first == last else f"{first}–{last}", *cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines + [f"{name} has {count(number, 'page')} in the page cache" for name, number in files.items()]


def _alike(found: list) -> Iterator[tuple[int, int]]:
    """The first and last page of each run of equal ones."""
    first = 0
    for number in range(1, len(found) + 1):
        if number == len(found) or found[number] != found[first]:
            yield first, number - 1
            first = number
