"""Offers: what can be done with a thing in a picture, and by whom; or why not.

A shape's key says what it stands for: a page of a mapping, one in the page cache, a message, a userfaultfd.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from uffdsim.grammar import Trait
from uffdsim.lab.acts import BYTES, THREADS, Choice, called, in_row, op_of, step
from uffdsim.lab.watch import FIRST_SAY, Watch
from uffdsim.pictures import page_of
from uffdsim.scenario import Step
from uffdsim.trace import Nap

PLACES = r"(?:cache: )?pages? [\d,]+(?: to [\d,]+)? of \S+|message \d+|userfaultfd \S+"
LANES = "|".join(f"lane {thread}" for thread in THREADS)
_CACHED = re.compile(r"cache: (pages? [\d,]+(?: to [\d,]+)? of \S+)")


class Offer(NamedTuple):
    """One thing to do, as its button says it, and the step that it is."""

    text: str
    step: Step


class Group(NamedTuple):
    """What one thread can do; ``why_not`` is why it can do nothing now, or ""."""

    who: str
    offers: tuple[Offer, ...]
    why_not: str = ""


class Offers(NamedTuple):
    """All that can be done with one thing, and what it is in words."""

    about: str
    groups: tuple[Group, ...]

    def json(self) -> dict:
        """As ``menu.js`` takes it."""
        groups = [
            {"who": one.who, "whyNot": one.why_not, "offers": [[o.text, o.step.to_json()] for o in one.offers]}
            for one in self.groups
        ]
        return {"about": self.about, "groups": groups}


def place_of(watch: Watch, key: str, choice: Choice) -> tuple[str, int] | None:
    """The mapping and the page that a key is about: of a page in the cache, through the chosen mapping if that has it;
    None for what is about none."""
    if page := page_of(key):
        return page
    if doors := _doors(watch, key):
        return next((door for door in doors if door[0] == choice.mapping), doors[0])
    nap = _nap(watch, key)
    return nap.place if nap else None


def offers(watch: Watch, key: str, choice: Choice, rows: Iterable[str]) -> Offers:
    """What can be done with what a key stands for, where somebody looks now: the acts of some rows, with what is
    chosen. Who is chosen comes first."""
    names = {row: in_row(row) for row in rows}
    if (page := page_of(key)) and watch.state.get(("mapping", page[0])):
        return Offers(key, _whole(watch, _page(watch, choice._replace(mapping=page[0], page=page[1]), names)))
    if key.startswith("cache: "):
        about = f"{key.removeprefix('cache: ')}, in the page cache"
        return Offers(about, _whole(watch, _cached(watch, _doors(watch, key), choice, names)))
    if nap := _nap(watch, key):
        return Offers(f"{nap.thread}'s message", _whole(watch, _message(watch, nap, choice, names)))
    if key.startswith("userfaultfd "):
        bare = [name for row in ("answer", "watch") for name in names.get(row, ()) if "vma" not in op_of(name).keys]
        here = choice._replace(fd=key.removeprefix("userfaultfd "))
        return Offers(key, _whole(watch, (("handler", name, here) for name in bare)))
    return Offers(key, ())


Made = tuple[str, str, Choice]
"""Who does which act, as it is chosen."""


def _page(watch: Watch, here: Choice, names: dict[str, list[str]]) -> Iterator[Made]:
    """A page of a mapping: touched by everybody, answered by the handler where it is watched, changed by one."""
    for thread in _threads(here):
        for name in names.get("touch", ()):
            yield from ((thread, name, one) for one in _bytes(name, here._replace(thread=thread)))
    fd = _watched(watch, here)
    if fd:
        for name in names.get("answer", ()):
            if "vma" in op_of(name).keys:
                yield "handler", name, here._replace(fd=fd)
    for name in names.get("watch", ()):
        if "vma" in op_of(name).keys:
            who = "handler" if op_of(name).is_on_descriptor else here.thread
            yield who, name, here._replace(fd=fd or here.fd)
    for name in names.get("memory", ()):
        if {"vma", "file"} & op_of(name).keys.keys():
            yield here.thread, name, here


def _cached(watch: Watch, doors: list[tuple[str, int]], choice: Choice, names: dict[str, list[str]]) -> Iterator[Made]:
    """A page of a file: read and written through every mapping that has it, or punched out of it."""
    for thread in _threads(choice):
        for mapping, page in doors:
            for name in names.get("touch", ()):
                yield thread, name, choice._replace(thread=thread, mapping=mapping, page=page)
    for name in names.get("memory", ()):
        if "file" in op_of(name).keys and doors:
            yield choice.thread, name, choice._replace(mapping=doors[0][0], page=doors[0][1])


def _message(watch: Watch, nap: Nap, choice: Choice, names: dict[str, list[str]]) -> Iterator[Made]:
    """A message: read, if nobody has; and answered, if it is about a fault."""
    contexts = {key[1]: ctx for key, ctx in watch.state.of_kind("ctx")}
    unread = any(wait.thread == nap.thread for ctx in contexts.values() for wait in (*ctx.pending, *ctx.events))
    queues = ((id, (*ctx.pending, *ctx.reading, *ctx.events)) for id, ctx in contexts.items())
    told = next((id for id, queue in queues if any(wait.thread == nap.thread for wait in queue)), "")
    here = choice._replace(fd=_descriptor(watch, told) or choice.fd)
    for name in names.get("answer", ()):
        if Trait.READ in op_of(name).traits:
            if unread:
                yield "handler", name, here
        elif nap.place:
            yield "handler", name, here._replace(mapping=nap.place[0], page=nap.place[1])


def _whole(watch: Watch, made: Iterable[Made]) -> tuple[Group, ...]:
    """One group a thread, in the order in which they come; of a thread that can do nothing, why."""
    found: dict[str, list[Offer]] = {}
    for who, name, choice in made:
        try:
            found.setdefault(who, []).append(Offer(called(name, choice), step(watch, name, choice)))
        except ValueError:  # there is nothing to do it to
            continue
    if len({offer.step.get("vma") for those in found.values() for offer in those} - {None}) > 1:
        found = {who: [_through(offer) for offer in those] for who, those in found.items()}
    reasons = {who: _why_not(watch, who) for who in found}
    return tuple(Group(who, () if reasons[who] else tuple(those), reasons[who]) for who, those in found.items())


def _through(offer: Offer) -> Offer:
    mapping = offer.step.get("vma")
    return offer._replace(text=f"{offer.text} through {mapping}") if mapping else offer


def _why_not(watch: Watch, thread: str) -> str:
    """Why a thread can do nothing after the act that is looked at."""
    if watch.question:
        return FIRST_SAY
    return watch.outcome.hindrance(thread, watch.outcome.ends[watch.place.act + 1])


def _threads(choice: Choice) -> tuple[str, ...]:
    return (choice.thread, *(thread for thread in THREADS if thread != choice.thread))


def _bytes(name: str, choice: Choice) -> list[Choice]:
    """An act with the byte that is chosen; a write with the one after it too."""
    if Trait.WRITE not in op_of(name).traits:
        return [choice]
    after = dict(zip(BYTES, BYTES[1:] + BYTES[:1], strict=True)).get(choice.value, BYTES[0])
    return [choice, choice._replace(value=after)]


def _doors(watch: Watch, key: str) -> list[tuple[str, int]]:
    """The mappings that are there through which a page of the cache can be reached, and what page of each it is."""
    cached = _CACHED.fullmatch(key)
    if not cached or not (found := page_of(cached[1])):
        return []
    file, page = found
    listed = [mapping for _, mapping in watch.state.of_kind("mapping") if mapping.listed]
    known = watch.scenario.mappings
    doors = [known[one.id] for one in listed if one.id in known and known[one.id].file == file]
    return [(one.id, page - one.offset) for one in doors if one.offset <= page < one.offset + one.pages]


def _nap(watch: Watch, key: str) -> Nap | None:
    """The sleep over a message."""
    name, _, number = key.partition(" ")
    if name != "message":
        return None
    return next((nap for nap in watch.trace.naps() if str(nap.begin) == number), None)


def _watched(watch: Watch, choice: Choice) -> str:
    """The userfaultfd that watches a page, or ""."""
    mapping = watch.state.get(("mapping", choice.mapping))
    vma = watch.state["vmas", "main"].at(mapping.start + choice.one * mapping.page_size) if mapping else None
    return _descriptor(watch, vma.ctx) if vma and vma.ctx else ""


def _descriptor(watch: Watch, ctx: str) -> str:
    """The descriptor that stands for a context, or ""."""
    return next((fd for (_, fd), id in watch.state.of_kind("fd") if id and id == ctx), "")
