"""How memory looks after a step: what smaps shows, what a page table has, and how much of a file is in the cache."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from uffdsim import words
from uffdsim.kernel.inspect import vm_flags
from uffdsim.kernel.versions import VERSIONS
from uffdsim.questions.aspect import DIES, Aspect
from uffdsim.questions.subject import Subject
from uffdsim.runs import Run
from uffdsim.scenario import Step

NOTHING = "nothing"
_KINDS = {
    "file": "the file's page",
    "anon": "a page of its own",
    "zero": "the zero page",
    "wp-marker": "a write-protect marker",
    "poison-marker": "a poison marker",
}


class _Memory(Aspect):
    """How something is that steps change: it may be asked after every step, and came about when it last changed."""

    def fits(self, step: Step) -> bool:
        return True

    @abstractmethod
    def changed(self, subject: Subject) -> int | None:
        """The number of the event that last changed it; None if none ever did."""

    def reasons(self, subject: Subject) -> list[int]:
        number = self.changed(subject)
        return subject.reasons() if number is None else [number]


class _OfAPage(_Memory):
    """About a page of a mapping, which has to be there."""

    def lacks(self, subject: Subject) -> str:
        if subject.mapping is not None:
            return ""
        return f'there is no mapping "{subject.vma}" yet: say which with of="watched", page=0'


class Smaps(_OfAPage):
    """Which of ``lo um uw ui`` smaps shows for the VMA of a page."""

    name = "smaps"

    def asks(self, subject: Subject) -> str:
        return f"Which of lo, um, uw and ui does smaps then show for {subject.where}?"

    def truth(self, subject: Subject) -> str:
        if subject.dies:
            return DIES
        vma = subject.state()["vmas", "main"].at(subject.address)
        if vma is None:
            return "not mapped any more"
        return vm_flags(VERSIONS[subject.trace.kernel], vma.flags) or "none of them"

    def changed(self, subject: Subject) -> int | None:
        return _last_change(subject, ("vmas", "main"), subject.address)

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return ("none of them", "lo", "um", "ui", "um ui", "uw")


class Entry(_OfAPage):
    """What the page table has for a page."""

    name = "entry"

    def asks(self, subject: Subject) -> str:
        return f"What does the page table then have for {subject.where}?"

    def truth(self, subject: Subject) -> str:
        pte = subject.state()["ptes", "main"].at(subject.address)
        if pte is None:
            return NOTHING
        protected = " (write-protected)" if pte.uffd_wp and pte.present else ""
        how = (", writable" if pte.writable else ", read-only") if pte.present else ""
        return _KINDS[pte.kind] + how + protected

    def changed(self, subject: Subject) -> int | None:
        return _last_change(subject, ("ptes", "main"), subject.address)

    def first(self, subject: Subject) -> str:
        if self.changed(subject) is None:
            return f"So far nothing has made an entry for {subject.where}."
        return super().first(subject)

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return (NOTHING, "the file's page, writable", "the file's page, read-only")


class Cached(_Memory):
    """How much of a file is in the page cache."""

    name = "cached"

    def lacks(self, subject: Subject) -> str:
        if subject.file is not None:
            return ""
        return f'"{subject.vma}" is not a mapping of a file: say with of="watched" whose file is meant'

    def asks(self, subject: Subject) -> str:
        return f"How much of {subject.file} is then in the page cache?"

    def truth(self, subject: Subject) -> str:
        return words.count(subject.state()["cache", subject.file].total(), "page")

    def changed(self, subject: Subject) -> int | None:
        return _last_change(subject, ("cache", subject.file))

    def usual(self, subject: Subject) -> tuple[str, ...]:
        return tuple(words.count(number, "page") for number in range(3))


def _last_change(subject: Subject, key: tuple, address: int | None = None) -> int | None:
    """The event that last changed what a ranged entry of the state has at an address, or how much it has at all."""
    for number in range(subject.end, 0, -1):
        for change in subject.trace.events[number - 1].changes:
            if change.key == key and _at(change.before, address) != _at(change.after, address):
                return number
    return None


def _at(runs: Iterable[Run] | None, address: int | None) -> Any:
    """What a change had at an address, before or after it; without an address, for how many there was anything."""
    runs = list(runs or ())
    if address is None:
        return sum(run.end - run.start for run in runs)
    return next((run.value for run in runs if run.start <= address < run.end), None)
