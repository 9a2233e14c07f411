"""What there is to see of memory at one place of a trace: mappings, pages, sleepers, descriptors.

Two sources tell it: the state of a simulated kernel, and what `inspect` reported of a real one.
"""

from functools import cache, partial
from typing import NamedTuple

from uffdsim import words
from uffdsim.kernel.state import Content, Context, Pte, Vma, Wait
from uffdsim.pictures.flagbits import smaps, version_of
from uffdsim.trace import State, Trace
from uffdsim.uapi import Feature, PagefaultFlag

PRESENT = ("present", "read-only", "uffd-wp", "zero page")
"""The kinds of entries that let a page be read."""


class Entry(NamedTuple):
    """What a mapping has at some of its pages: ``role`` is the kind of page table entry, ``words`` tell more of it,
    ``own`` is the content of a page that no other mapping has, ``flags`` are those of the VMA."""

    role: str
    words: str = ""
    own: Content | None = None
    flags: tuple[str, ...] = ()


FEATURES = [(feature.name, int(feature)) for feature in Feature]
UNMAPPED = Entry("unmapped", "no mapping")


class Sleeper(NamedTuple):
    """A thread asleep in the kernel, for a page of a mapping or ("" and None) for something else."""

    thread: str
    mapping: str
    page: int | None
    doing: str


class Queues(NamedTuple):
    """One userfaultfd: its queues hold messages as words, the oldest first."""

    pending: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    note: str = ""


class Simulated:
    """Memory as a simulated kernel has it in a state."""

    contents = True

    def __init__(self, trace: Trace, state: State):
        self.trace = trace
        self.state = state
        self.smaps = cache(partial(smaps, version_of(trace.kernel)))

    def is_there(self, mapping: str) -> bool:
        """Whether there is such a mapping now."""
        known = self.state.get(("mapping", mapping))
        return known is not None and known.listed

    def entries(self, mapping: str, first: int, last: int) -> list[tuple[int, Entry]]:
        """What the mapping has at pages ``first`` up to ``last``, as runs of so many pages that are alike."""
        known = self.state["mapping", mapping]
        start, end = (known.start + page * known.page_size for page in (first, last))
        found = []
        for left, right, vma in self.state["vmas", "main"].cut(start, end):
            if vma is None:
                found.append(((right - left) // known.page_size, UNMAPPED))
                continue
            flags = self.smaps(vma.flags)
            for a, b, pte in self.state["ptes", "main"].cut(left, right):
                found.append(((b - a) // known.page_size, _entry(vma, pte, flags)))
        return found

    def size(self, file: str) -> int:
        """How many pages long the file is by now; 0 before there is one."""
        known = self.state.get(("file", file))
        return known.pages if known else 0

    def pages(self, file: str, first: int, last: int) -> list[tuple[int, Content | None]]:
        """What the page cache has of the file, as runs of so many pages that are alike; None is a hole."""
        cache = self.state.get(("cache", file))
        return [] if cache is None else [(b - a, content) for a, b, content in cache.cut(first, last)]

    def sleepers(self) -> list[Sleeper]:
        """The threads that sleep."""
        found = []
        for (_, name), thread in self.state.of_kind("thread"):
            if thread.asleep:
                mapping, page = self._named(thread.address) if thread.address is not None else ("", None)
                found.append(Sleeper(name, mapping, page, _doing(self.trace, thread.step)))
        return found

    def queues(self) -> dict[str, Queues]:
        """The descriptors that were ever opened, by name, and what waits in their queues."""
        contexts = {fd: self.state.get(("ctx", id)) for (_, fd), id in self.state.of_kind("fd")}
        owned = {id for _, id in self.state.of_kind("fd")}
        for (_, id), ctx in self.state.of_kind("ctx"):
            if id not in owned and not ctx.released and (ctx.pending or ctx.reading or ctx.events):
                contexts[id] = ctx
        return {name: self._queues(ctx) for name, ctx in contexts.items()}

    def _queues(self, ctx: Context | None) -> Queues:
        if ctx is None:
            return Queues(note="closed")
        features = tuple(name for name, bit in FEATURES if ctx.features & bit)
        note = "no UFFDIO_API yet" if not ctx.initialised else "address space changing" if ctx.changing else ""
        return Queues(*(tuple(map(self._message, q)) for q in (ctx.pending, ctx.reading, ctx.events)), features, note)

    def _message(self, wait: Wait) -> str:
        said = dict(wait.message)
        if wait.event != "PAGEFAULT":
            return f"{wait.thread} {wait.event}"
        mapping, page = self._named(wait.address)
        return f"{wait.thread} {words.page(mapping, page)} {kind_of(said['flags'])}"

    def _named(self, address: int) -> tuple[str, int]:
        mapping = self.state["names", "main"].at(address)
        return mapping.id, (address - mapping.start) // mapping.page_size


def kind_of(flags: int) -> str:
    """The kind of fault that the flags of a message tell of."""
    if flags & PagefaultFlag.MINOR:
        return "MINOR"
    return "WP" if flags & PagefaultFlag.WP else "MISSING"


class Observed:
    """Memory as `inspect` last reported it, and who sleeps as far as the answers tell. It has no contents.

    ``reported`` is the step of that report, or None.
    """

    contents = False

    def __init__(self, trace: Trace, answered: int):
        self.trace = trace
        self.answers = list(zip(trace.scenario, trace.observations[:answered], strict=False))
        reports = [seen for _, seen in self.answers if "vmas" in seen]
        self.report = reports[-1]["vmas"] if reports else {}
        self.reported = reports[-1]["step"] if reports else None

    def is_there(self, mapping: str) -> bool:
        """Whether there is such a mapping, or was one made of which there is no report yet."""
        made = (seen for step, seen in self.answers if step.op == "mmap" and step["id"] == mapping)
        return mapping in self.report or any(seen["step"] > (self.reported or 0) and not seen["errno"] for seen in made)

    def entries(self, mapping: str, first: int, last: int) -> list[tuple[int, Entry]]:
        """What the mapping was reported to have at pages ``first`` up to ``last``, page by page."""
        if mapping not in self.report:
            return [(last - first, Entry("unknown", "not inspected"))]
        return [(1, _reported(page)) for page in self.report[mapping][first:last]]

    def size(self, file: str) -> int:
        """Nothing: that, a scenario has to say."""
        return 0

    def pages(self, file: str, first: int, last: int) -> list:
        """Nothing: nobody outside can see which pages a file has."""
        return []

    def sleepers(self) -> list[Sleeper]:
        """The threads whose steps were blocked, and are not over."""
        asleep = {}
        for index, (step, seen) in enumerate(self.answers):
            if seen["status"] == "blocked":
                mapping, page = (step["vma"], step["page"]) if step.op in _TOUCHES else ("", None)
                asleep[step.thread] = Sleeper(step.thread, mapping, page, _doing(self.trace, index))
            for done in seen.get("completed", ()):
                asleep.pop(done["thread"], None)
        return list(asleep.values())

    def queues(self) -> dict[str, Queues]:
        """Nothing: nobody outside can see who waits in a queue."""
        return {}


_TOUCHES = {"load": "reads", "store": "writes", "kload": "kernel reads"}


def _doing(trace: Trace, step: int | None) -> str:
    op = trace.scenario[step].op if step is not None and step < len(trace.scenario) else ""
    return _TOUCHES.get(op, op)


def _entry(vma: Vma, pte: Pte | None, flags: tuple[str, ...]) -> Entry:
    if pte is None:
        return Entry("none", "none", None, flags)
    if pte.kind == "wp-marker":
        return Entry("marker", "marker: uffd-wp", None, flags)
    if pte.kind == "poison-marker":
        return Entry("poison", "poison", None, flags)
    if pte.kind == "zero":
        words = "zero page, uffd-wp" if pte.uffd_wp else "zero page"
        return Entry("uffd-wp" if pte.uffd_wp else "zero page", words, Content(), flags)
    own = pte.content or Content() if pte.kind == "anon" else None
    if pte.uffd_wp:
        return Entry("uffd-wp", "uffd-wp", own, flags)
    role = "present" if pte.writable else "read-only"
    if own is not None and vma.file is not None:
        return Entry(role, "own copy" if pte.writable else "own, read-only", own, flags)
    return Entry(role, "writable" if pte.writable else "read-only", own, flags)


def _reported(page: dict) -> Entry:
    flags = tuple(page["vm_flags"].split())
    if flags == ("unmapped",):
        return UNMAPPED
    if page["present"]:
        whose = "of the file" if page["file"] else "own page"
        return Entry("uffd-wp" if page["uffd_wp"] else "present", f"present, {whose}", None, flags)
    if page["uffd_wp"]:
        return Entry("marker", "marker: uffd-wp", None, flags)
    return Entry("none", "swap or marker" if page["swap"] else "none", None, flags)


def shown(content: Content) -> str:
    """The bytes of a page in few letters: that of its start, or the one that differs from the rest."""
    others = dict(content.others)
    if not others or 0 in others:
        return words.byte(content.read(0)) + ("…" if len(others) > 1 else "")
    offset, value = content.others[0]
    return f"{words.byte(value)} at {offset:#x}" + ("…" if len(others) > 1 else "")
