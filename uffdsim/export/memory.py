"""What a program may take for granted of a scenario's memory without having run it."""

from uffdsim.linux.places import APART, Places
from uffdsim.scenario import Step
from uffdsim.uapi import Feature

MUCH = 1 << 30
"""Bytes of anonymous memory that can be had for certain."""


class Memory:
    """Goes along with a scenario's steps, and knows at each what it may meet."""

    def __init__(self, places: Places):
        self._places = places
        self._watched: set[str] = set()
        self._sound: set[str] = set()
        self._all_watched = self._forks_told = self._signals = False

    def may_wait(self, step: Step) -> bool:
        """Whether the step touches or changes what some earlier step has tried to register."""
        if step.op == "fork":
            return self._forks_told
        acts = step.op in ("load", "store", "kload", "mlock", "madvise", "munmap", "mremap")
        return acts and (self._all_watched or step["vma"] in self._watched)

    def is_sound(self, step: Step) -> bool:
        """Whether a load or a store can neither wait nor end in a signal."""
        return self._is_there(step) and not self.may_wait(step)

    def may_fail(self, step: Step) -> bool:
        """Whether a load or a store that may wait may end in a signal, made now or having waited until now."""
        return self._signals or not self._is_there(step)

    def watched(self) -> set[str]:
        """The mappings that messages may be about."""
        return set(self._places.mappings) if self._all_watched else self._watched

    def after(self, step: Step):
        """Go on to the next step."""
        if step.op == "mmap":
            self._mmap(step)
        elif step.op == "mremap" and step["vma"] in self._watched:
            self._watched.add(step["to"])
        elif step.op == "register":
            self._watched.add(step["vma"])
        elif step.op == "api":
            self._forks_told |= bool(step.bits & Feature.EVENT_FORK)
            self._signals |= bool(step.bits & Feature.SIGBUS)
        elif step.op == "poison":
            self._signals = True
        if step.op in ("munmap", "mremap", "mprotect", "madvise"):
            self._sound.discard(step["vma"])
        if step.op in ("munmap", "mprotect", "madvise", "register") and self._far(step):
            self._sound.clear()
            self._all_watched = True

    def _mmap(self, step: Step):
        mapping, file = self._places.mappings[step["id"]], self._places.files.get(step["file"])
        if step["prot"] != "rw" or not mapping.pages:
            return
        if file:
            fits = step["offset"] + mapping.pages <= file.pages and step["sharing"] != "private"
        else:
            fits = step["backing"] == "anon" and mapping.size <= MUCH
        if fits:
            self._sound.add(mapping.name)

    def _is_there(self, step: Step) -> bool:
        mapping = self._places.mappings[step["vma"]]
        return mapping.name in self._sound and step["page"] < mapping.pages

    def _far(self, step: Step) -> bool:
        """Whether its range goes on to where other mappings may be."""
        mapping = self._places.mappings[step["vma"]]
        start, size = mapping.range(step["page"], step["pages"])
        start += step.get("skew", 0)
        return start < mapping.start - APART // 2 or start + size > mapping.start + mapping.size + APART // 2
