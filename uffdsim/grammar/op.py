"""What an op is: its keys, and its traits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property

from uffdsim.grammar.keys import Flags, Key


class Trait(Flag):
    """What an op is like, for everybody who treats several ops alike."""

    SETS_UP = auto()
    """It makes or arranges what later steps work on."""
    TOUCH = auto()
    """A thread reads or writes one byte of a page."""
    WRITE = auto()
    """A touch that writes."""
    KERNEL = auto()
    """A touch by the kernel on the thread's behalf: it is answered with an errno, and not with a signal."""
    MEMORY = auto()
    """It changes what is mapped, what may be done to it, or which pages are there."""
    IOCTL = auto()
    """An ioctl of a userfaultfd."""
    ANSWER = auto()
    """A handler answers a fault with it: it puts something into the page table, lifts a protection, or wakes."""
    FILL = auto()
    """It puts pages or markers into a page table, and writes back how many bytes it did."""
    WATCH = auto()
    """It changes of which faults a userfaultfd is told: what it watches, and for what."""
    READ = auto()
    """It takes messages out of a userfaultfd."""
    LOOK = auto()
    """It only looks: the kernel changes nothing for it, and is not even asked by the program that is looked at."""
    ASKS = auto()
    """A program asks how things are."""
    TAKES = auto()
    """It takes pages away, or the right to touch them."""
    WAITS = auto()
    """It may put its thread to sleep: until a fault of its own is answered, or its event is read."""


@dataclass(frozen=True)
class Op:
    """One op: its keys, in the order in which they are written, and its traits."""

    name: str
    traits: Trait
    keys: Mapping[str, Key]
    tells: str = ""
    """The event that goes with it, to whoever asked for that: ``UNMAP``."""

    @property
    def is_range(self) -> bool:
        """Whether it is about a range of pages of a mapping."""
        return "vma" in self.keys and "pages" in self.keys

    @cached_property
    def is_on_descriptor(self) -> bool:
        """Whether it opens a userfaultfd, asks something of one, or closes it."""
        return any("descriptor" in (key.defines, key.names) for key in self.keys.values())

    @cached_property
    def naming(self) -> tuple[tuple[str, Key], ...]:
        """Those of its keys that name something or give it its name."""
        return tuple((name, key) for name, key in self.keys.items() if key.names or key.defines)

    @property
    def modes(self) -> tuple[str, ...]:
        """The names of the modes that it may be given."""
        key = self.keys.get("mode") or self.keys.get("modes")
        return key.check.members if key and isinstance(key.check, Flags) else ()
