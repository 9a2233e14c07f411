"""What a program may take for granted of a scenario's memory without having run it."""

from uffdsim.grammar import OPS, Trait
from uffdsim.linux.places import APART, Places
from uffdsim.names import Mapping
from uffdsim.scenario import Scenario, Step
from uffdsim.uapi import Feature

MUCH = 1 << 30
"""Bytes of anonymous memory that are certain to be available."""


def blocking(scenario: Scenario) -> set[str]:
    """The descriptors of which a read waits for a message. That of a child is like its parent's."""
    found: set[str] = set()
    for step in scenario:
        if step.get("blocking"):
            found.add(step["id"])
        elif step.get("child") and step["fd"] in found:
            found.add(step["child"])
    return found


class Memory:
    """Goes along with a scenario's steps, and knows at each what it may meet."""

    def __init__(self, places: Places):
        self._places = places
        self._files = places.scenario.files
        self._made = {mapping.step: mapping for mapping in places.scenario.mappings.values()}
        self._blocking = blocking(places.scenario)
        self._watched: set[str] = set()
        self._scanned: set[str] = set()
        self._sound: set[str] = set()
        self._all_watched = self._forks_told = self._signals = self._before = False

    def may_wait(self, step: Step) -> bool:
        """Whether the step touches or changes what some earlier step has tried to register, or reads for as long as
        there is nothing."""
        if Trait.WAITS not in step.traits:
            return False
        if "fd" in step:
            return step["fd"] in self._blocking
        for key in ("vma", "over"):
            if key in step:
                return step[key] in self._watched or self._all_watched and step[key] is not None
        return self._forks_told

    def is_sound(self, step: Step) -> bool:
        """Whether a load or a store can neither wait nor end in a signal."""
        return self._is_there(step) and not self.may_wait(step)

    def may_fail(self, step: Step) -> bool:
        """Whether a load or a store that may wait may end in a signal, made now or having waited until now."""
        return self._signals or not self._is_there(step)

    def told(self) -> set[str]:
        """The mappings that messages and scans may be about."""
        return set(self._places.mappings) if self._all_watched else self._watched | self._scanned

    def begins_before(self) -> bool:
        """Whether a range begins before its mapping, so that a message may do so too."""
        return self._before

    def after(self, index: int, step: Step) -> None:
        """Go on to the step after this one."""
        if index in self._made:
            self._make(self._made[index], step)
        if step.op == "register":
            self._watched.add(step["vma"])
        elif step.op == "api":
            self._forks_told |= bool(step.bits & Feature.EVENT_FORK)
            self._signals |= bool(step.bits & Feature.SIGBUS)
        elif step.op == "poison":
            self._signals = True
        elif step.op == "pagemap_scan":
            self._scanned.add(step["vma"])
        if Trait.TAKES in step.traits:
            self._sound.discard(step.get("vma"))
        if step.op == "truncate":
            self._sound.clear()
        if OPS[step.op].is_range:
            self._before |= step["skew"] < 0
        if step.get("over") or OPS[step.op].is_range and self._far(step):
            self._sound.clear()
            self._all_watched = True

    def _make(self, mapping: Mapping, step: Step) -> None:
        """A mapping is made, or moved; what can be said of it beforehand."""
        if mapping.was:
            if mapping.was in self._watched:
                self._watched.add(mapping.id)
            return
        if file := self._files.get(mapping.file or ""):
            fits = mapping.shared and mapping.offset + mapping.pages <= file.pages
        else:
            fits = not mapping.is_hugetlb and mapping.pages * mapping.page_size <= MUCH
        if fits and mapping.pages and step["prot"] == "rw":
            self._sound.add(mapping.id)

    def _is_there(self, step: Step) -> bool:
        mapping = self._places.mappings[step["vma"]]
        return mapping.name in self._sound and step["page"] < mapping.pages

    def _far(self, step: Step) -> bool:
        """Whether its range goes on to where other mappings may be."""
        mapping = self._places.mappings[step["vma"]]
        start, size = mapping.range(step)
        return start < mapping.start - APART // 2 or start + size > mapping.start + mapping.size + APART // 2
