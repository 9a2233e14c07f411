"""A scenario as steps.c wants it: one line a step, with addresses and numbers instead of names."""

from itertools import chain
from typing import NoReturn

from uffdsim.linux.places import NOBODY, Places
from uffdsim.scenario import Scenario, Step
from uffdsim.trace import KernelError
from uffdsim.uapi import MESSAGE, Ioctl
from uffdsim.words import unmodelled

PROT = {"none": 0, "r": 1, "rw": 3}
MAP_SHARED, MAP_PRIVATE, MAP_LOCKED, MAP_HUGETLB = 0x1, 0x2, 0x2000, 0x40000
MFD_HUGETLB = 0x4
HUGE_SHIFT = 26
"""MAP_HUGETLB and MFD_HUGETLB take the logarithm of the page size from here on."""
ADVICE = {"DONTNEED": 4, "FREE": 8, "REMOVE": 9, "DONTFORK": 10, "POPULATE_READ": 22, "POPULATE_WRITE": 23}
UFFD_USER_MODE_ONLY = 1
O_NONBLOCK = 0x800
SOURCE = 1 << 39
"""Where COPY copies from: below all mappings."""

REQUEST = {
    "api": (Ioctl.API, 3),
    "register": (Ioctl.REGISTER, 4),
    "unregister": (Ioctl.UNREGISTER, 2),
    "wake": (Ioctl.WAKE, 2),
    "copy": (Ioctl.COPY, 5),
    "zeropage": (Ioctl.ZEROPAGE, 4),
    "poison": (Ioctl.POISON, 4),
    "continue": (Ioctl.CONTINUE, 4),
    "writeprotect": (Ioctl.WRITEPROTECT, 3),
    "rwprotect": (Ioctl.RWPROTECT, 3),
    "set_mode": (Ioctl.SET_MODE, 2),
    "move": (Ioctl.MOVE, 5),
}
"""Every ioctl's number, and the 64-bit words of its argument."""
WRITE, READ, READ_AND_WRITE = 1, 2, 3
DIRECTION = {"unregister": READ, "wake": READ, "set_mode": WRITE}
"""Whether the program writes the argument or reads it; both, where not said."""


def request(op: str) -> int:
    """The request of an ioctl, as <linux/userfaultfd.h> defines it."""
    number, words = REQUEST[op]
    direction = DIRECTION.get(op, READ_AND_WRITE)
    return direction << 30 | words * 8 << 16 | 0xAA << 8 | number


def orders(scenario: Scenario, places: Places) -> str:
    """The input of steps.c for a scenario.

    :raises KernelError: for a step that steps.c knows nothing of.
    """
    threads = scenario.threads
    lines = []
    for index, step in enumerate(scenario):
        verb, *numbers = order(index, step, places) or _refuse(index, step)
        words = [threads.index(step.thread), verb, *(number % (1 << 64) for number in numbers)]
        lines.append(" ".join(map(str, words)) + "\n")
    return "".join(lines)


def _refuse(index: int, step: Step) -> NoReturn:
    raise KernelError(unmodelled(index, step, "the live kernel"))


def order(index: int, step: Step, places: Places) -> list | None:
    """One step: the verb that steps.c knows, and its numbers; None if it knows none."""
    if "fd" in step:
        return _on_descriptor(step, places)
    match step.op:
        case "file":
            file = places.files[step["id"]]
            flags = MFD_HUGETLB | _huge(file.page_size) if places.scenario.files[step["id"]].is_hugetlb else 0
            return ["file", file.slot, flags, file.pages * file.page_size]
        case "mmap":
            return _mmap(step, places)
        case "mremap":
            return ["mremap", *_range(step, places), places.mappings[step["to"]].start]
        case "mprotect":
            return ["mprotect", *_range(step, places), PROT[step["prot"]]]
        case "madvise":
            return ["madvise", *_range(step, places), ADVICE[step["advice"]]]
        case "munmap" | "mlock" | "munlock":
            return [step.op, *_range(step, places)]
        case "punch" | "allocate":
            file = places.files[step["file"]]
            return [step.op, file.slot, *file.range(step)]
        case "truncate":
            file = places.files[step["file"]]
            return ["truncate", file.slot, step["pages"] * file.page_size]
        case "pwrite":
            file = places.files[step["file"]]
            return ["pwrite", file.slot, step["page"] * file.page_size + step["offset"], step["value"]]
        case "load" | "kload":
            return [step.op, _touched(step, places)]
        case "store" | "kstore":
            return [step.op, _touched(step, places), step["value"]]
        case "pagemap_scan":
            masks = [step.mask(key) for key in ("flags", "mask", "inverted", "anyof", "returns")]
            return ["pagemap_scan", *_range(step, places), *masks, step["max_pages"]]
        case "inspect":
            files = [file.slot for file in places.files.values() if file.step < index]
            mappings = [(m.start, m.pages, m.page_size) for m in places.mappings.values() if m.step < index]
            return ["inspect", len(files), *files, *chain(*mappings)]
        case "userfaultfd":
            flags = UFFD_USER_MODE_ONLY * step["user_mode_only"] | O_NONBLOCK * (not step["blocking"])
            return [_by("userfaultfd", step), places.descriptors[step["id"]], flags, step["device"]]
        case "fork":
            return ["fork"]
    return None


def _mmap(step: Step, places: Places) -> list:
    mapping = places.mappings[step["id"]]
    file = places.files.get(step["file"] or "")
    known = places.scenario.mappings[step["id"]]
    flags = (MAP_SHARED if known.shared else MAP_PRIVATE) | MAP_LOCKED * step["locked"]
    if known.is_hugetlb and not file:
        flags |= MAP_HUGETLB | _huge(mapping.page_size)
    what = [file.slot, step["offset"] * mapping.page_size] if file else []
    return ["mmap", mapping.start, mapping.size, PROT[step["prot"]], flags, bool(step["over"]), *what]


def _by(verb: str, step: Step) -> str:
    """The verb for whoever calls: root, or nobody."""
    return f"{verb}_as_nobody" if step["user"] == "nobody" else verb


def _on_descriptor(step: Step, places: Places) -> list | None:
    slot = places.descriptors[step["fd"]]
    match step.op:
        case "close":
            return ["close", slot]
        case "poll":
            return ["poll", slot]
        case "read_event":
            return ["read_event", slot, _child(step, places)]
        case "read_events":
            size = step["count"] * MESSAGE if step["size"] is None else step["size"]
            return ["read_events", slot, _child(step, places), size]
        case "api":
            return [_by("ioctl", step), slot, request("api"), step["api"], step.bits, 0]
        case "set_mode":
            return ["ioctl", slot, request("set_mode"), step.mask("enable"), step.mask("disable")]
    if step.op not in REQUEST:
        return None
    mapping = places.mappings[step["vma"]]
    start, size = _range(step, places)
    head = [slot, request(step.op)]
    match step.op:
        case "copy":
            return ["copy", *head, start, SOURCE, size, step.bits, 0, min(size, mapping.size), step["value"]]
        case "move":
            source = places.mappings[step["from"]].address(step["from_page"])
            return ["ioctl", *head, start, source, size, step.bits, 0]
    match REQUEST[step.op]:
        case _, 2:
            return ["ioctl", *head, start, size]
        case _, 3:
            return ["ioctl", *head, start, size, step.bits]
    return ["ioctl", *head, start, size, step.bits, 0]


def _child(step: Step, places: Places) -> int:
    return places.descriptors[step["child"]] if step["child"] else NOBODY


def _range(step: Step, places: Places) -> tuple[int, int]:
    return places.mappings[step["vma"]].range(step)


def _touched(step: Step, places: Places) -> int:
    return places.mappings[step["vma"]].address(step["page"]) + step["offset"]


def _huge(page_size: int) -> int:
    return (page_size.bit_length() - 1) << HUGE_SHIFT
