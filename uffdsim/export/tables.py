"""A scenario's things in C: what the parts of a program list of them."""

from collections.abc import Iterable

from uffdsim.export.descriptors import OWN_IOCTLS
from uffdsim.export.names import Names
from uffdsim.export.sizes import PAGE, sized
from uffdsim.grammar import Trait
from uffdsim.linux.places import Mapping, Places
from uffdsim.scenario import Scenario, Step


class Tables:
    """Lists things. ``name`` gives them their identifiers; ``shared`` are files and descriptors, by kind and id, that
    not only main knows."""

    def __init__(self, scenario: Scenario, places: Places, name: Names, shared: Iterable[tuple[str, str]]):
        self._scenario = scenario
        self._places = places
        self._name = name
        self._shared = shared
        looks = (index for index, step in enumerate(scenario) if Trait.LOOK in step.traits)
        self._first_look = next(looks, len(scenario))
        self.late = any(mapping.step > self._first_look for mapping in places.mappings.values())
        """Whether some mapping is made after others have been inspected."""

    def lines(self, told: set[str], threads: Iterable[str]) -> dict[str, list[str]]:
        """The lines, by what stands for them in the parts."""
        mappings = self._places.mappings.values()
        return {
            "places": [self._where(mapping) for mapping in mappings],
            "mappings": [self._mapping(mapping) for mapping in mappings],
            "descriptors": [f"static int {self._name(kind, id)} = -1;" for kind, id in self._shared],
            "files": self._files(),
            "thread_numbers": [f"enum {{ {', '.join(self._name('thread', thread) for thread in threads)} }};"],
            "threads": [f'\t{{ .name = "{thread}" }},' for thread in threads],
            "source": self._source(),
            "fills": self._fills(),
            "watched": [line for mapping in mappings if mapping.name in told for line in self._place(mapping)],
        }

    def _start(self, mapping: Mapping) -> str:
        return self._name("mapping", mapping.name)

    def _where(self, mapping: Mapping) -> str:
        step = self._scenario[mapping.step]
        beside = f" /* page {step['over_page']} of {step['over']} */" if step.get("over") else ""
        return f"static uint8_t *const {self._start(mapping)} = (uint8_t *){mapping.start:#x};{beside}"

    def _mapping(self, mapping: Mapping) -> str:
        size = f".pages = {mapping.pages}, .page_size = {PAGE[mapping.page_size]}"
        step = f", .step = {mapping.step}" if self.late else ""
        over = ", .over = true" if mapping.name in self._places.over else ""
        return f'\t{{ .name = "{mapping.name}", .start = {self._start(mapping)}, {size}{step}{over} }},'

    def _files(self) -> list[str]:
        """Print how many pages of each file are allocated."""
        lines, comma = [], ""
        for id, file in self._places.files.items():
            pages = f"allocated({self._name('file', id)}) / {PAGE[file.page_size]}"
            line = f'\tprintf("{comma}\\"{id}\\": %ld", {pages});'
            lines += [line] if file.step < self._first_look else [f"\tif (step > {file.step})", f"\t{line}"]
            comma = ", "
        return lines

    def _fills(self) -> list[str]:
        """Print how much the kernel has done, of those ioctls that have no function of their own."""
        ops = sorted({step.op for step in self._scenario if Trait.FILL in step.traits} - OWN_IOCTLS)
        asked = " || ".join(f"request == UFFDIO_{op.upper()}" for op in ops)
        return [f"\tif ({asked})", '\t\tprintf(", \\"done\\": %ld", argument.answer);'] if ops else []

    def _source(self) -> list[str]:
        """Memory to copy from."""
        most = sized(*max((self._copied(step) for step in self._scenario if step.op == "copy"), default=(0, 1)))
        return [f"\tvoid *source = memset(malloc({most}), byte, {most});"]

    def _copied(self, step: Step) -> tuple[int, int]:
        """How much can be copied at most, be it one page, and the size of a page."""
        mapping = self._places.mappings[step["vma"]]
        _, size = mapping.range(step)
        return max(min(size, mapping.size), mapping.page_size), mapping.page_size

    def _place(self, mapping: Mapping) -> list[str]:
        """Print an address in a mapping."""
        page = PAGE[mapping.page_size]
        words = f'\\"vma\\": \\"{mapping.name}\\", \\"page\\": %lu, \\"offset\\": %lu'
        return [
            f"\taddress -= (uintptr_t){self._start(mapping)};",
            f'\tfprintf(out, "{words}", address / {page}, address % {page});',
        ]
