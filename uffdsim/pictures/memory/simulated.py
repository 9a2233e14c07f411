"""Memory as a simulated kernel has it."""

from functools import cache, partial
from typing import Any

from uffdsim import words
from uffdsim.kernel.state import Content, Context, Pte, Vma, Wait, named_address
from uffdsim.pictures.memory.bits import smaps, version_of
from uffdsim.pictures.memory.descriptors import opened
from uffdsim.pictures.memory.records import ENDED, UNMAPPED, Entry, Message, Queues
from uffdsim.pictures.moment import Moment
from uffdsim.trace import OVER, Kind
from uffdsim.uapi import Feature

_FEATURES = [(feature.name or "", int(feature)) for feature in Feature]


class Simulated:
    """Memory in the state of a simulated kernel at a moment."""

    contents = True
    note = ""

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self.state = moment.trace.state(moment.at)
        self.smaps = cache(partial(smaps, version_of(moment.trace.kernel)))

    def is_there(self, mapping: str) -> bool:
        known = self.state.get(("mapping", mapping))
        return known is not None and known.listed

    def address(self, mapping: str, page: int, offset: int = 0) -> int | None:
        """Where a byte of a page is; None if there is no such mapping."""
        known = self.state.get(("mapping", mapping))
        return known and known.start + page * known.page_size + offset

    def entries(self, mapping: str, first: int, last: int, mm: str = "main") -> list[tuple[int, Entry]]:
        known = self.state["mapping", mapping]
        start, end = (known.start + page * known.page_size for page in (first, last))
        found = []
        for left, right, vma in self.state["vmas", mm].cut(start, end):
            if vma is None:
                found.append(((right - left) // known.page_size, UNMAPPED))
                continue
            flags = self.smaps(vma.flags)
            for a, b, pte in self.state["ptes", mm].cut(left, right):
                found.append(((b - a) // known.page_size, _entry(vma, pte, flags)))
        return found

    def children(self) -> dict[str, str]:
        owned = {id: fd for (_, fd), id in self.state.of_kind("fd")}
        contexts = {ctx.mm: id for (_, id), ctx in self.state.of_kind("ctx") if isinstance(ctx, Context)}
        known = {name: mm.alive for (_, name), mm in self.state.of_kind("mm") if name != "main"}
        alive = {name: _watched(contexts.get(name), owned) for name, lives in known.items() if lives}
        return alive or dict.fromkeys([*known][-1:], ENDED)

    def size(self, file: str) -> int | None:
        known = self.state.get(("file", file))
        return known.pages if known else None

    def pages(self, file: str, first: int, last: int) -> list[tuple[int, Content | None]]:
        cached = self.state.get(("cache", file))
        return [] if cached is None else [(b - a, content) for a, b, content in cached.cut(first, last)]

    def queues(self) -> dict[str, Queues]:
        owned = {fd: id for (_, fd), id in self.state.of_kind("fd")}
        contexts: dict[str, Context | None] = {fd: self.state.get(("ctx", id)) for fd, id in owned.items()}
        for (_, id), ctx in self.state.of_kind("ctx"):  # a child's, before its descriptor has been handed over
            if isinstance(ctx, Context) and id not in owned.values() and not ctx.released:
                contexts |= {id: ctx} if ctx.pending or ctx.reading or ctx.events else {}
        return {name: self._queues(name, ctx) for name, ctx in contexts.items()}

    def _queues(self, fd: str, ctx: Context | None) -> Queues:
        if ctx is None:
            note = "closed" if opened(self.moment.trace, fd, self.moment.at) else "not open"
            return Queues(note=note, open=False)
        features = tuple(name for name, bit in _FEATURES if ctx.features & bit)
        note = "no UFFDIO_API yet" if not ctx.initialised else "address space changing" if ctx.changing else ""
        pending, reading, events = (tuple(map(self._message, q)) for q in (ctx.pending, ctx.reading, ctx.events))
        return Queues(pending, reading, events, features, note)

    def _message(self, wait: Wait) -> Message:
        found: dict[str, Any] = dict(wait.message)
        places = {key: self._place(found[key]) for key in ("address", "start", "from", "to") if key in found}
        found |= places | places.get("address", {})
        what = words.fault(found["flags"]) if "flags" in found else wait.event
        place = words.place(next(iter(places.values()))) if places else ""
        return Message(wait.thread, words.message(found), what, place, self._asleep_at(wait.thread))

    def _place(self, address: int) -> dict[str, Any]:
        return named_address(self.state["names", "main"], address)

    def _asleep_at(self, thread: str) -> int:
        """The number of the event with which a thread falls asleep over its message: it may be about to."""
        trace, at = self.moment.trace, self.moment.at
        begun = next((nap.begin for nap in trace.asleep(at) if nap.thread == thread), None)
        if begun is not None:
            return begun
        for number, event in enumerate(trace.events[at:], at + 1):
            if event.thread == thread and event.kind in (Kind.SLEEP, *OVER):
                return number
        return at


def _watched(ctx: str | None, owned: dict[str, str]) -> str:
    """Whether, and by what, memory is watched."""
    if ctx is None:
        return "not watched"
    return f"watched by {owned[ctx]}" if ctx in owned else "descriptor unread"


def _entry(vma: Vma, pte: Pte | None, flags: tuple[str, ...]) -> Entry:
    if pte is None:
        return Entry("none", "none", None, flags)
    if pte.kind == "wp-marker":
        return Entry("marker", "marker: uffd-wp", None, flags)
    if pte.kind == "poison-marker":
        return Entry("poison", "poison", None, flags)
    if pte.protnone:
        return Entry("out of reach", "out of reach", pte.content if pte.kind == "anon" else None, flags)
    if pte.kind == "zero":
        told = "zero page, uffd-wp" if pte.uffd_wp else "zero page"
        return Entry("uffd-wp" if pte.uffd_wp else "zero page", told, Content(), flags)
    own = pte.content or Content() if pte.kind == "anon" else None
    if pte.uffd_wp:
        return Entry("uffd-wp", "uffd-wp", own, flags)
    role = "present" if pte.writable else "read-only"
    if own is not None and vma.file is not None:
        return Entry(role, "own copy" if pte.writable else "own, read-only", own, flags)
    return Entry(role, "writable" if pte.writable else "read-only", own, flags)
