"""Handlers: what answers the messages of a userfaultfd while a person does something else.

A handler is a function from a message (the observation of a ``read_event``) to the steps that answer it. It may look at
what the simulated kernel knows then.
"""

from collections.abc import Callable
from typing import NamedTuple

from uffdsim import words
from uffdsim.scenario import Step
from uffdsim.trace import State
from uffdsim.uapi import PagefaultFlag

COPIED = 0x43
"""The byte with which a handler fills a page by COPY."""
WRITTEN = 0x57
"""The byte that a handler writes through another mapping."""
PATIENCE = 3
"""How many messages in a row about one page a handler answers before it gives up."""

Answer = Callable[[State, str, dict], list[Step]]


class Handler(NamedTuple):
    """One way to answer: what it does in words, whether it reads messages by itself, and its answer to a fault."""

    about: str
    reads: bool
    answer: Answer


def _page(op: str, fd: str, message: dict, **keys: object) -> Step:
    return Step(op, fd=fd, vma=message["vma"], page=message["page"], pages=1, **keys)


def _nothing(state: State, fd: str, message: dict) -> list[Step]:
    return []


def _continue(state: State, fd: str, message: dict) -> list[Step]:
    return [_page("continue", fd, message)]


def _copy(state: State, fd: str, message: dict) -> list[Step]:
    return [_page("copy", fd, message, value=COPIED)]


def _zeropage(state: State, fd: str, message: dict) -> list[Step]:
    return [_page("zeropage", fd, message)]


def _wake(state: State, fd: str, message: dict) -> list[Step]:
    return [_page("wake", fd, message)]


def _dontwake(state: State, fd: str, message: dict) -> list[Step]:
    return [_page("continue", fd, message, mode=["DONTWAKE"]), _page("wake", fd, message)]


def _write(state: State, fd: str, message: dict) -> list[Step]:
    door = other_door(state, message["vma"], message["page"])
    store = [Step("store", thread="handler", vma=door[0], page=door[1], value=WRITTEN)] if door else []
    return [*store, _page("continue", fd, message)]


def _by_flags(state: State, fd: str, message: dict) -> list[Step]:
    """The answer that the flags ask for; with no flag but WRITE the page is missing."""
    op = next((op for flag, op in BY_FLAG.items() if flag & message["flags"]), "")
    return [_page(op, fd, message)] if op else _copy(state, fd, message)


BY_FLAG = {PagefaultFlag.WP: "writeprotect", PagefaultFlag.RWP: "rwprotect", PagefaultFlag.MINOR: "continue"}
"""The op that answers a fault with a flag; without a mode, the first two take their protection back."""

HANDLERS: dict[str, Handler] = {
    "by hand": Handler("You read the messages, and answer them yourself.", False, _nothing),
    "CONTINUE": Handler("Each fault is answered: map the page that is in the cache.", True, _continue),
    "COPY": Handler(f"Each fault is answered: take a new page, full of {words.byte(COPIED)}.", True, _copy),
    "ZEROPAGE": Handler("Each fault is answered: take a page of zeros.", True, _zeropage),
    "WAKE only": Handler("The thread of each fault is woken, and no page is put there.", True, _wake),
    "DONTWAKE, then WAKE": Handler("CONTINUE maps the page and lets the thread sleep; WAKE wakes it.", True, _dontwake),
    "write, then CONTINUE": Handler(
        f"{words.byte(WRITTEN)} is written through the file's other mapping; then CONTINUE maps the page.", True, _write
    ),
    "by the flags": Handler(
        "A missing page is copied, a minor one mapped, and a protected one given back.", True, _by_flags
    ),
    "never": Handler("The messages are read, and never answered.", True, _nothing),
}
"""Every way to answer, by name."""


def other_door(state: State, vma: str, page: int) -> tuple[str, int] | None:
    """A mapping of the same file that nobody watches, and the page of it that is this page; None without one."""
    mapping = state.get(("mapping", vma))
    if mapping is None:
        return None
    watched = state["vmas", "main"].at(mapping.start + page * mapping.page_size)
    if watched is None or watched.file is None:
        return None
    index = watched.pgoff(mapping.start + page * mapping.page_size)
    for _, _, other in state["vmas", "main"]:
        if other.file == watched.file and other.ctx is None and other.is_shared:
            address = other.zero + index * other.page_size
            door = state["vmas", "main"].at(address)
            home = state.get(("mapping", door.mapping)) if door else None
            if home and door.ctx is None and door.file == watched.file:
                return home.id, (address - home.start) // home.page_size
    return None


def descriptors(state: State) -> list[str]:
    """The descriptors that have a message to read, in the order in which they were opened."""
    found = []
    for (_, fd), ctx in state.of_kind("fd"):
        context = state.get(("ctx", ctx)) if ctx else None
        if context and context.initialised and (context.pending or context.events):
            found.append(fd)
    return found
