"""Every op of the scenario format, with its keys and what it is like."""

from enum import IntFlag

from uffdsim import uapi
from uffdsim.grammar.keys import FAR, U64, Key, boolean, choice, flags, integer, name, new, old, text
from uffdsim.grammar.op import Op, Trait

BACKINGS = ("hugetlb-2M", "hugetlb-1G", "shmem")
ADVICE = ("DONTNEED", "REMOVE", "POPULATE_READ", "POPULATE_WRITE", "FREE", "DONTFORK")

COUNT = integer(0, FAR)
PAGE = Key(COUNT, 0)
PAGES = Key(COUNT)
SKEW = Key(integer(-FAR, FAR), 0)
RAW = Key(integer(0, U64), 0)
BYTE = integer(0, 255)

BYTES = Key(integer(0, FAR << 30))
OFFSET = Key(integer(0, (1 << 30) - 1), 0)
USER = Key(choice("root", "nobody"), "root")

SOME = {"page": PAGE, "pages": PAGES, "skew": SKEW, "bytes": BYTES}
"""A range of pages: how long it is, is said in pages or in bytes."""
RANGE = {"vma": old("mapping"), **SOME}
TOUCH = {"vma": old("mapping"), "page": PAGE, "offset": OFFSET}
FD = {"fd": old("descriptor")}
FD_RANGE = {**FD, **RANGE}


def with_modes(modes: type[IntFlag], **keys: Key) -> dict[str, Key]:
    return {**FD_RANGE, **keys, "mode": flags(modes), "raw": RAW}


T = Trait
_TOUCH = T.TOUCH | T.WAITS
_TAKES = T.MEMORY | T.TAKES
_FILL = T.IOCTL | T.ANSWER | T.FILL
_OPS = (
    Op(
        "file",
        T.SETS_UP,
        {"id": new("file"), "backing": Key(choice(*BACKINGS), required=True), "pages": Key(COUNT, required=True)},
    ),
    Op(
        "mmap",
        T.SETS_UP | T.WAITS,
        {
            "id": new("mapping"),
            "file": old("file", required=False),
            "backing": Key(choice("anon", "anon-hugetlb-2M")),
            "offset": PAGE,
            "pages": PAGES,
            "sharing": Key(choice("shared", "private")),
            "prot": Key(choice("rw", "r", "none"), "rw"),
            "locked": Key(boolean, False),
            "over": old("mapping", required=False),
            "over_page": PAGE,
        },
    ),
    Op("munmap", _TAKES | T.WAITS, RANGE, tells="UNMAP"),
    Op("mremap", _TAKES | T.WAITS, {"vma": old("mapping"), "to": new("mapping")}, tells="REMAP"),
    Op("mprotect", _TAKES, {**RANGE, "prot": Key(choice("rw", "r", "none"), required=True)}),
    Op("mlock", T.MEMORY | T.WAITS, RANGE),
    Op("munlock", T.MEMORY, RANGE),
    Op("madvise", _TAKES | T.WAITS, {**RANGE, "advice": Key(choice(*ADVICE), required=True)}, tells="REMOVE"),
    Op("punch", _TAKES, {"file": old("file"), **SOME}),
    Op("load", _TOUCH, TOUCH),
    Op("store", _TOUCH | T.WRITE, {**TOUCH, "value": Key(BYTE, required=True)}),
    Op("kload", _TOUCH | T.KERNEL, TOUCH),
    Op("kstore", _TOUCH | T.WRITE | T.KERNEL, {**TOUCH, "value": Key(BYTE, required=True)}),
    Op("pwrite", T.MEMORY, {"file": old("file"), "page": PAGE, "offset": OFFSET, "value": Key(BYTE, required=True)}),
    Op("truncate", _TAKES, {"file": old("file"), "pages": Key(COUNT, required=True)}),
    Op("allocate", T.MEMORY, {"file": old("file"), **SOME}),
    Op(
        "pagemap_scan",
        T.ASKS,
        {
            **RANGE,
            **{mask: flags(uapi.PageIs) for mask in ("mask", "inverted", "anyof", "returns")},
            "flags": flags(uapi.ScanFlag),
            "max_pages": Key(COUNT, 0),
        },
    ),
    Op("fork", T.MEMORY | T.WAITS, {}, tells="FORK"),
    Op("inspect", T.LOOK, {}),
    Op(
        "userfaultfd",
        T.SETS_UP,
        {
            "id": new("descriptor"),
            "user_mode_only": Key(boolean, False),
            "blocking": Key(boolean, False),
            "device": Key(boolean, False),
            "user": USER,
        },
    ),
    Op(
        "api",
        T.SETS_UP | T.IOCTL,
        {
            **FD,
            "features": flags(uapi.Feature),
            "raw": RAW,
            "api": Key(integer(0, U64), uapi.UFFD_API),
            "user": USER,
        },
    ),
    Op(
        "register",
        T.SETS_UP | T.IOCTL | T.WATCH,
        {**FD_RANGE, "modes": flags(uapi.Mode, required=True), "raw": RAW},
    ),
    Op("unregister", T.IOCTL | T.WATCH, FD_RANGE),
    Op("wake", T.IOCTL | T.ANSWER, FD_RANGE),
    Op("copy", _FILL, with_modes(uapi.CopyMode, value=Key(BYTE, required=True))),
    Op("zeropage", _FILL, with_modes(uapi.ZeropageMode)),
    Op("poison", _FILL, with_modes(uapi.PoisonMode)),
    Op("continue", _FILL, with_modes(uapi.ContinueMode)),
    Op("writeprotect", T.IOCTL | T.ANSWER | T.WATCH, with_modes(uapi.WriteprotectMode)),
    Op("move", _FILL, {**with_modes(uapi.MoveMode), "from": old("mapping"), "from_page": PAGE}),
    Op("rwprotect", T.IOCTL | T.ANSWER | T.WATCH, with_modes(uapi.RwprotectMode)),
    Op("set_mode", T.IOCTL | T.WATCH, {**FD, "enable": flags(uapi.Feature), "disable": flags(uapi.Feature)}),
    Op("read_event", T.READ | T.WAITS, {**FD, "child": new("descriptor", required=False)}),
    Op(
        "read_events",
        T.READ | T.WAITS | T.ASKS,
        {
            **FD,
            "count": Key(integer(0, 16), 1),
            "size": Key(integer(0, 16 * uapi.MESSAGE)),
            "child": new("descriptor", required=False),
        },
    ),
    Op("poll", T.ASKS, FD),
    Op("close", T.WATCH, FD),
)

OPS: dict[str, Op] = {op.name: op for op in _OPS}
"""Every op by name, in the order of the format."""

COMMON = {"thread": Key(name), "note": Key(text)}
"""Keys that every step may have."""


APART = (("pages", "bytes"), ("count", "size"))
"""Keys of which a step may have one: they say the same thing in two ways."""


def ops(traits: Trait) -> tuple[str, ...]:
    """The names of the ops that have all of these traits."""
    return tuple(op.name for op in OPS.values() if traits in op.traits)
