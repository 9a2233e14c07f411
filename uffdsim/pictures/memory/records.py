"""What is seen of memory, as records: entries of page tables, contents of pages, and messages in queues."""

from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.state import Content

PRESENT = ("present", "read-only", "uffd-wp", "out of reach", "zero page")
"""The kinds of entries that have a page."""


class Entry(NamedTuple):
    """What a mapping has at some of its pages: ``role`` is the kind of page table entry, ``words`` tell more of it,
    ``own`` is the content of a page that no other mapping has, ``flags`` are those of the VMA."""

    role: str
    words: str = ""
    own: Content | None = None
    flags: tuple[str, ...] = ()


ENDED = "ended"
"""What there is to say of the memory of a child that is gone."""
UNMAPPED = Entry("unmapped", "no mapping")


class Message(NamedTuple):
    """A message in a queue: the thread that left it, and all of it in words; in short, what it tells of and about
    which place ("": none); and ``number``, that of the event with which the thread falls asleep over it."""

    thread: str
    told: str
    what: str
    place: str
    number: int

    def __str__(self) -> str:
        return f"{self.thread}'s {self.told}"


class Queues(NamedTuple):
    """One userfaultfd: the messages in each of its queues, the oldest first; the features it asked for; what else is to
    be said of it, or ""; and whether there is such a descriptor, or one of a child's."""

    pending: tuple[Message, ...] = ()
    reading: tuple[Message, ...] = ()
    events: tuple[Message, ...] = ()
    features: tuple[str, ...] = ()
    note: str = ""
    open: bool = True


def shown(content: Content) -> str:
    """The bytes of a page in few letters: that of its start, or the one that differs from the rest."""
    if not content.others:
        return words.byte(content.fill)
    start, end, value = content.others[0]
    more = "…" if len(content.others) > 1 or end - start > 1 else ""
    return f"{words.byte(value)}{f' at {start:#x}' if start else ''}{more}"
