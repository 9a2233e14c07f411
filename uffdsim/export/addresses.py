"""Addresses in C: pages of a mapping, and ranges of them."""

from uffdsim.export.names import Names
from uffdsim.export.sizes import sized, terms
from uffdsim.linux.places import APART, Places
from uffdsim.scenario import Step


class Addresses:
    """Says where something is. ``name`` gives mappings their identifiers."""

    def __init__(self, places: Places, name: Names):
        self._places = places
        self._name = name

    def range(self, step: Step) -> str:
        """Where the range of a step begins, and its length."""
        mapping = self._places.mappings[step["vma"]]
        _, size = mapping.range(step)
        return f"{self.at(step['vma'], step['page'], step['skew'])}, {sized(size, mapping.page_size)}"

    def at(self, vma: str, page: int = 0, more: int = 0) -> str:
        """The address of a page of a mapping, and some bytes more."""
        mapping = self._places.mappings[vma]
        if not -APART <= page * mapping.page_size + more <= mapping.size + APART:
            return f"(uint8_t *){(mapping.address(page) + more) % (1 << 64):#x}UL"
        return self._name("mapping", vma) + terms(page, mapping.page_size, more)
