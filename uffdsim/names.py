"""What the steps of a scenario give names to: files, mappings and descriptors, and what is known beforehand."""

from collections.abc import Iterator
from collections.abc import Mapping as Keys
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from uffdsim.grammar import OPS, Wrong, meant
from uffdsim.uapi import PAGE_SIZE

Step = Any
"""A step of ``scenario``, which knows this module, and is not known here."""


class File(NamedTuple):
    """A memory file: what it is made of, its length in pages of ``page_size`` bytes, and the step that makes it."""

    id: str
    backing: str
    pages: int
    page_size: int
    step: int

    @property
    def is_hugetlb(self) -> bool:
        """Whether its pages are huge."""
        return self.backing.startswith("hugetlb")


class Mapping(NamedTuple):
    """A mapping, as the step that makes it describes it; it may fail all the same.

    ``backing`` is ``anon``, ``shmem``, ``hugetlb-2M`` or ``hugetlb-1G``. ``file`` is the file it maps, with page
    ``offset`` of it first; for shared or huge memory without one, the kernel makes a file, which goes by ``[id]``.
    """

    id: str
    file: str | None
    backing: str
    page_size: int
    offset: int
    pages: int
    shared: bool
    step: int
    was: str = ""
    """The mapping that was moved and became this one, or ""."""

    @property
    def is_hugetlb(self) -> bool:
        """Whether its pages are huge."""
        return self.backing.startswith("hugetlb")


T = TypeVar("T")


class Given(Keys[str, T]):
    """What was given names, by name, in the order in which that was done. Immutable: ``and_`` makes a longer one, which
    shares what it has with this one, as a scenario does."""

    __slots__ = ("_all", "_count")

    def __init__(self) -> None:
        self._all: dict[str, tuple[int, T]] = {}
        self._count = 0

    def __getitem__(self, id: str) -> T:
        number, value = self._all[id]
        if number >= self._count:
            raise KeyError(id)
        return value

    def __iter__(self) -> Iterator[str]:
        return islice(self._all, self._count)

    def __len__(self) -> int:
        return self._count

    def __repr__(self) -> str:
        return repr(dict(self))

    def and_(self, id: str, value: T) -> "Given[T]":
        """The same, with one more; or with another value for one of them."""
        longer: Given[T] = Given()
        longer._all, longer._count = self._all, self._count + (id not in self)
        if id in self._all or self._count < len(self._all):  # another one has gone on from here
            longer._all = {name: (n, self[name]) for n, name in enumerate(self)}
        longer._all[id] = (longer._all[id][0] if id in self else self._count, value)
        return longer


@dataclass(frozen=True)
class Names:
    """All names that some steps give. Immutable: ``after`` makes a longer one, and shares what has not changed."""

    files: Given[File] = field(default_factory=Given)
    mappings: Given[Mapping] = field(default_factory=Given)
    descriptors: Given[int] = field(default_factory=Given)
    """The step that opens each, by id."""
    threads: Given[bool] = field(default_factory=Given)
    """Each thread that takes a step, in the order in which they come; and whether it only works on descriptors."""

    def after(self, index: int, step: Step) -> "Names":
        """These names and those that one more step gives.

        :raises Wrong: naming the key, if the step uses a name that is not there, or gives one that is.
        """
        op, defines = OPS[step.op], False
        for key, rule in op.naming:
            value = step.given.get(key)
            if value is None:
                continue
            if rule.names and value not in (there := self.of(rule.names)):
                listed = ", ".join(there) or "none yet"
                raise Wrong(f'"{key}": there is no {rule.names} "{value}" (there are: {listed}){meant(value, there)}')
            if rule.defines:
                defines = True
                if (first := self.step_of(rule.defines, value)) is not None:
                    raise Wrong(f'"{key}": "{value}" is the name of the {rule.defines} of step {first} already')
        if "offset" in step.given and "page" in step:
            size = self._page_size(step)
            if step["offset"] >= size:
                raise Wrong(f'"offset": {step["offset"]} is not in the page; it must be below {size}')
        if step.get("over"):
            over, size = self.mappings[step["over"]], self._page_size(step)
            if over.page_size != size:
                raise Wrong(f'"over": {over.id} has pages of {over.page_size} bytes; they must be of {size}')
        return (self._with(index, step) if defines else self)._by(step.thread, op.is_on_descriptor)

    def of(self, kind: str) -> Keys:
        """All of a kind by id: ``file``, ``mapping`` or ``descriptor``."""
        kinds: dict[str, Keys] = {"file": self.files, "mapping": self.mappings, "descriptor": self.descriptors}
        return kinds[kind]

    def step_of(self, kind: str, id: str) -> int | None:
        """The step that gave a name; None if none has."""
        found = self.of(kind).get(id)
        return found if found is None or isinstance(found, int) else found.step

    def first_name(self, mapping: str) -> str:
        """What a mapping was called before it was ever moved."""
        while was := self.mappings[mapping].was:
            mapping = was
        return mapping

    @property
    def pages(self) -> int:
        """How many pages all mappings have together."""
        return sum(mapping.pages for mapping in self.mappings.values())

    def _page_size(self, step: Step) -> int:
        """Bytes in a page of what a step is about."""
        if step.get("vma"):
            return self.mappings[step["vma"]].page_size
        return self.files[step["file"]].page_size if step["file"] else PAGE_SIZE[step["backing"]]

    def _by(self, thread: str, on_descriptor: bool) -> "Names":
        only = self.threads.get(thread, True) and on_descriptor
        if self.threads.get(thread) == only:
            return self
        return replace(self, threads=self.threads.and_(thread, only))

    def _with(self, index: int, step: Step) -> "Names":
        for key, rule in OPS[step.op].naming:
            id = step.given.get(key)
            if not rule.defines or id is None:
                continue
            if rule.defines == "file":
                file = File(id, step["backing"], step["pages"], PAGE_SIZE[step["backing"]], index)
                return replace(self, files=self.files.and_(id, file))
            if rule.defines == "descriptor":
                return replace(self, descriptors=self.descriptors.and_(id, index))
            made = self._moved(index, step) if "vma" in step else self._mapped(index, step)
            return replace(self, mappings=self.mappings.and_(id, made))
        return self

    def _moved(self, index: int, step: Step) -> Mapping:
        return self.mappings[step["vma"]]._replace(id=step["to"], step=index, was=step["vma"])

    def _mapped(self, index: int, step: Step) -> Mapping:
        id, pages, offset = step["id"], step["pages"], step["offset"]
        if step["file"]:
            known = self.files[step["file"]]
            pages = max(known.pages - offset, 0) if pages is None else pages
            shared = step["sharing"] != "private"
            return Mapping(id, known.id, known.backing, known.page_size, offset, pages, shared, index)
        shared = step["sharing"] == "shared"
        backing = step["backing"].removeprefix("anon-")
        backing = "shmem" if backing == "anon" and shared else backing
        file = f"[{id}]" if backing != "anon" else None
        return Mapping(id, file, backing, PAGE_SIZE[step["backing"]], offset, pages, shared, index)


NONE = Names()
"""No names yet."""
