"""What a handler may call, and the answers it gets."""

from uffdsim import words
from uffdsim.course.handle.message import Message
from uffdsim.course.handle.patience import Endless
from uffdsim.course.handle.rehearsal import unhurried
from uffdsim.errors import Mistake, NoSuch
from uffdsim.grammar import meant
from uffdsim.machine import Call, Machine

ANSWERS = ("continue_", "copy", "zeropage", "poison", "writeprotect", "wake")
"""The answers to a fault."""
OTHERS = ("unregister", "close", "load", "store", "later")
"""What else a handler may do."""
CALLS = 24
"""How many calls a handler may make about one message."""


class Result:
    """What a call of a handler answered: true if it succeeded.

    ``pages`` were done; ``errno`` says why not more, and ``why`` says it in the kernel's words where it is simulated.
    """

    def __init__(self, call: Call, size: int = 1):
        self.call = call
        self.errno: str | None = call.errno
        self.pages: int = max(call.done or 0, 0) // size
        self.value: int | None = call.answer.get("value")

    @property
    def ok(self) -> bool:
        return not self.errno

    @property
    def why(self) -> str:
        return self.call.why

    def __bool__(self):
        return self.ok

    def __repr__(self):
        return f"<{self.call.outcome}>"


class Calls:
    """What a handler may do. Each call names a mapping, a page and how many ``pages``, 1 if left out; ``mode`` may be
    ``"DONTWAKE"`` or ``"WP"`` where the ioctl has it. Each returns a Result."""

    def __init__(self, machine: Machine, fd: str):
        self._machine, self._fd = machine, fd
        self._left = CALLS
        self._delayed: list[Message] = []
        self._last: Call | None = None

    def __getattr__(self, name: str):
        near = meant(name, (*ANSWERS, *OTHERS))
        raise NoSuch(
            f"a handler's u has no {name!r}; the answers are {', '.join(ANSWERS)}; "
            f"besides there are {', '.join(OTHERS)}{near}"
        )

    def continue_(self, vma: str, page: int, pages: int = 1, *, mode=()) -> Result:
        """UFFDIO_CONTINUE: map what the page cache has."""
        return self._fill("continue", vma, page, pages, mode)

    def copy(self, vma: str, page: int, pages: int = 1, *, value: int, mode=()) -> Result:
        """UFFDIO_COPY: put new pages there, full of this byte."""
        if value is None and vma is not None:
            raise Mistake("copy needs the byte to copy, and value is None: that page's data is lost")
        return self._fill("copy", vma, page, pages, mode, value=value)

    def zeropage(self, vma: str, page: int, pages: int = 1, *, mode=()) -> Result:
        """UFFDIO_ZEROPAGE: put pages of zeros there (not with huge pages)."""
        return self._fill("zeropage", vma, page, pages, mode)

    def poison(self, vma: str, page: int, pages: int = 1, *, mode=()) -> Result:
        """UFFDIO_POISON: from now on, touching these pages is a SIGBUS."""
        return self._fill("poison", vma, page, pages, mode)

    def writeprotect(self, vma: str, page: int, pages: int = 1, *, mode=()) -> Result:
        """UFFDIO_WRITEPROTECT: with the mode "WP" protect, without it lift the protection."""
        return self._fill("writeprotect", vma, page, pages, mode)

    def wake(self, vma: str, page: int, pages: int = 1) -> Result:
        """UFFDIO_WAKE: threads that wait for these pages try again."""
        return self._do("wake", vma=vma, page=page, pages=pages)

    def unregister(self, vma: str, page: int, pages: int = 1) -> Result:
        """UFFDIO_UNREGISTER: stop watching these pages: a child's, but not those that you have to watch."""
        return self._do("unregister", vma=vma, page=page, pages=pages)

    def close(self) -> Result:
        """close: nothing is watched any more. For the child of a FORK message: yours stays open."""
        return self._do("close")

    def load(self, vma: str, page: int) -> Result:
        """Read a byte, on your own thread. Where you watch, you would wait for yourself."""
        return self._do("load", vma=vma, page=page, thread="handler")

    def store(self, vma: str, page: int, value: int) -> Result:
        """Write a byte, on your own thread: through a mapping that nobody watches."""
        return self._do("store", vma=vma, page=page, value=value, thread="handler")

    def later(self, event: Message):
        """Put a message off: it comes again after everything that can be read now."""
        self._delayed.append(event)

    def _fill(self, op: str, vma: str, page: int, pages: int, mode, **keys) -> Result:
        mode = mode.split("|") if isinstance(mode, str) else list(mode)
        keys |= {"mode": [name.strip() for name in mode]} if mode else {}
        return self._do(op, vma=vma, page=page, pages=pages, **keys)

    def _do(self, op: str, **keys) -> Result:
        self._left -= 1
        if self._left < 0:
            last = f"; the last one was “{self._last.text}” → {self._last.outcome}" if self._last else ""
            raise Endless(f"it made {words.count(CALLS, 'call')} about one message, and would go on{last}")
        if "vma" in keys and keys["vma"] is None:
            raise Mistake(f"{op} needs a page, and this message is about none: look at event.kind first")
        if "thread" not in keys:
            keys["fd"] = self._fd
        with unhurried():
            call = self._machine.call(op, **keys)
        if call.blocked:
            raise Endless("it touched memory that it watches itself, and now waits for itself for ever")
        self._last = call
        return Result(call, self._machine.scenario.mappings[keys["vma"]].page_size) if "vma" in keys else Result(call)
