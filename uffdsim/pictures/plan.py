"""What a scenario ever has to draw, and where it goes: the same at every place of its trace, so that nothing jumps."""

from itertools import pairwise
from typing import NamedTuple

from uffdsim.scenario import Scenario

MANY = 200
"""From so many ranges on that steps name, rows are of equal length, whatever is named."""


class Slot(NamedTuple):
    """Room for one mapping, under the names it has had: page 0 of it is page ``first`` of its file."""

    names: tuple[str, ...]
    first: int
    pages: int
    sharing: str


class Group(NamedTuple):
    """A file with all its mappings, or (``file`` is None) mappings of anonymous memory.

    ``pages`` is how many pages there are to show, those of mappings beyond the file's end included.
    """

    file: str | None
    size: int
    pages: int
    slots: tuple[Slot, ...]
    edges: tuple[int, ...]
    """Pages at which something that a step names begins or ends."""


class Span(NamedTuple):
    """Pages of a group that share one row: from ``first`` up to ``last`` (exclusive)."""

    first: int
    last: int

    @property
    def label(self) -> str:
        return str(self.first) if self.last == self.first + 1 else f"{self.first}–{self.last - 1}"


def groups(scenario: Scenario) -> list[Group]:
    """Every file and every mapping of a scenario, in the order in which they come."""
    sizes: dict[str, int] = {}
    members: dict[str | None, dict[str, list]] = {}
    owner: dict[str, tuple[str | None, str]] = {}
    for step in scenario:
        if step.op == "file":
            sizes[step["id"]] = step["pages"]
            members[step["id"]] = {}
        elif step.op == "mmap":
            file = _file_of(step)
            pages = step["pages"] if step["pages"] is not None else max(sizes.get(file, 0) - step["offset"], 0)
            if file is not None and step["file"] is None:
                sizes[file] = pages
            private = (step["sharing"] or ("shared" if step["file"] else "private")) == "private"
            slot = [[step["id"]], step["offset"] if file else 0, pages, "private" if private else "shared"]
            members.setdefault(file, {})[step["id"]] = slot
            owner[step["id"]] = file, step["id"]
        elif step.op == "mremap" and step["vma"] in owner:
            file, first = owner[step["to"]] = owner[step["vma"]]
            members[file][first][0].append(step["to"])
    edges = _edges(scenario, members, owner)
    found = []
    for file, slots in members.items():
        size = sizes.get(file, 0)
        made = tuple(Slot(tuple(names), first, pages, how) for names, first, pages, how in slots.values())
        pages = max([size, *(slot.first + slot.pages for slot in made)])
        here = tuple(sorted({0, pages, *(page for page in edges[file] if 0 < page < pages)}))
        found.append(Group(file, size, pages, made, here))
    return found


def spans(group: Group, rows: int) -> list[Span]:
    """The group's pages in at most so many rows: a page each, or else a row a range that steps name.

    If those are too many as well, the shortest ranges share a row with their neighbours.
    """
    rows = max(rows, 1)
    if group.pages <= rows:
        return [Span(page, page + 1) for page in range(group.pages)]
    cuts = list(group.edges)
    if len(cuts) > MANY:
        cuts = sorted({group.pages * row // rows for row in range(rows + 1)})
    while len(cuts) - 1 > rows:
        del cuts[min(range(1, len(cuts) - 1), key=lambda i: cuts[i + 1] - cuts[i - 1])]
    return [Span(first, last) for first, last in pairwise(cuts)]


def _file_of(step) -> str | None:
    """The file of a mapping: named, or made by the kernel for memory that is shared or huge; None for anonymous."""
    if step["file"]:
        return step["file"]
    return f"[{step['id']}]" if step["sharing"] == "shared" or step["backing"] != "anon" else None


def _edges(scenario: Scenario, members, owner) -> dict[str | None, set[int]]:
    edges = {file: set() for file in members}
    for step in scenario:
        for key, page_key in (("vma", "page"), ("from", "from_page"), ("file", "page")):
            name = step.given.get(key)
            if name is None or "page" not in step:
                continue
            if key == "file":
                file, shift = name, 0
            else:
                file, first = owner[name]
                shift = members[file][first][1]
            start = step[page_key] + shift
            pages = 1 if "pages" not in step else step["pages"]
            edges[file] |= {start} if pages is None else {start, start + pages}
    return edges
