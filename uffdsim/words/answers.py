"""Answers and messages as words: ``EEXIST``, ``PAGEFAULT, flags MINOR, at page 0 of watched``."""

from uffdsim.grammar import Trait
from uffdsim.names import NONE, Mapping, Names
from uffdsim.scenario import Step
from uffdsim.terms import byte, count, place, scattered, size
from uffdsim.uapi import Feature, Ioctl, PagefaultFlag

NO_MESSAGE = "no message"
_TOLD = {
    "step", "status", "thread", "woken_in", "completed",
    "errno", "done", "signal", "code", "value", "at", "features", "ioctls", "vmas", "files",
    "event", "flags", "vma", "page", "offset", "ptid", "from", "to", "start", "bytes",
    "events", "revents", "walked", "regions",
}  # fmt: skip
"""Fields of an observation that have words of their own."""


def flags(bits: int) -> str:
    """The flags of a PAGEFAULT message: ``WRITE | MINOR``; ``0`` for none."""
    return " | ".join(str(flag.name) for flag in PagefaultFlag if flag & bits) or "0"


def fault(bits: int) -> str:
    """The kind of fault that the flags of a PAGEFAULT message name, by the mode that asks for it."""
    for flag in (PagefaultFlag.MINOR, PagefaultFlag.RWP):
        if bits & flag:
            return str(flag.name)
    return "WP" if bits & PagefaultFlag.WP else "MISSING"


def kind(found: dict) -> str:
    """What kind of message it is: ``PAGEFAULT, flags MINOR``, ``REMOVE``."""
    return f"PAGEFAULT, flags {flags(found['flags'])}" if found["event"] == "PAGEFAULT" else found["event"]


def message(found: dict) -> str:
    """A message: ``PAGEFAULT, flags MINOR, at page 0 of watched, by t1``."""
    told = kind(found)
    if found["event"] == "PAGEFAULT":
        return f"{told}, at {place(found)}{', by ' + found['ptid'] if found.get('ptid') else ''}"
    if found["event"] == "REMAP":
        return f"{told} of {size(found['bytes'])}, from {place(found['from'])} to {place(found['to'])}"
    return f"{told} of {size(found['bytes'])}, from {place(found['start'])} on" if "start" in found else told


def answer(step: Step, found: dict | None, names: Names = NONE) -> str:
    """What a step has answered, in a few words: ``waits``, ``0x41``, ``EEXIST``, ``success``.

    :param names: those of the scenario, which tell how large the pages of each mapping are.
    """
    if found is None:
        return "not carried out"
    if found["status"] == "oops":
        return f"the kernel dies in {found['at']}"
    if found["status"] != "done":
        return {"blocked": "waits", "running": "still under way"}.get(found["status"], found["status"])
    if found.get("errno"):
        done = found.get("done", 0)
        return found["errno"] + (f" after {size(done)}" if done > 0 else "")
    if "signal" in found:
        return found["signal"]
    if "event" in found:
        return message(found)
    if "events" in found:
        return f"{count(len(found['events']), 'message')}: {'; '.join(map(message, found['events']))}"
    if "revents" in found:
        return " | ".join(found["revents"]) or "nothing"
    if "regions" in found:
        return _regions(found["regions"], names)
    if "value" in found and Trait.WRITE not in step.traits:
        return byte(found["value"])
    return "reports" if "vmas" in found else "done" if "value" in found else "success"


def _regions(regions: list[dict], names: Names) -> str:
    """What PAGEMAP_SCAN found: ``pages 1 and 4 of a (WRITTEN, PRESENT)``, ``no page``."""
    alike: dict[tuple[str, ...], list[dict]] = {}
    for region in regions:
        alike.setdefault((region["start"]["vma"], *region["categories"]), []).append(region)
    told = [
        _found(names.mappings.get(vma), those) + (f" ({', '.join(categories)})" if categories else "")
        for (vma, *categories), those in alike.items()
    ]
    return "; ".join(told) or "no page"


def _found(mapping: Mapping | None, regions: list[dict]) -> str:
    """The pages of some regions of one mapping; or its bytes, if they are no whole pages, or nobody knows how large
    these are."""
    size_of_page = mapping.page_size if mapping else 0
    if mapping and not any(one["start"]["offset"] or one["bytes"] % size_of_page for one in regions):
        firsts = [(one["start"]["page"], one["bytes"] // size_of_page) for one in regions]
        return scattered(mapping.id, [(first, first + number - 1) for first, number in firsts])
    return ", ".join(f"{size(one['bytes'])} from {place(one['start'])} on" for one in regions)


def result(step: Step, found: dict | None, names: Names = NONE) -> str:
    """What a step has answered, with all that it wrote back: ``2 MiB done``, ``offers WAKE, CONTINUE``."""
    told = answer(step, found, names)
    if found is None:
        return told
    if told == "success" and "done" in found:
        told = f"{size(found['done'])} done"
    elif told == "success" and "features" in found:
        known = features(found["features"])
        told = f"the kernel knows {count(len(known), 'feature')} ({', '.join(known)})"
    elif told == "success" and "ioctls" in found:
        told = f"offers {', '.join(ioctls(found['ioctls'])) or 'no ioctl'}"
    elif "code" in found:
        told += f", code {found['code']}"
    elif "walked" in found:
        told += f", {size(found['walked'])} walked"
    others = [f"{key.replace('_', ' ')} {value}" for key, value in found.items() if key not in _TOLD]
    return ", ".join([told, *others])


def features(mask: int) -> list[str]:
    """The features in a mask by name, those that have none as a number: ``["SIGBUS", "0x40000"]``."""
    return _named(mask, {feature.value: str(feature.name) for feature in Feature})


def ioctls(mask: int) -> list[str]:
    """The ioctls in a mask of the kernel's by name, those that have none as a number: ``["WAKE", "COPY"]``."""
    return _named(mask, {1 << ioctl: ioctl.name for ioctl in Ioctl})


def _named(mask: int, names: dict[int, str]) -> list[str]:
    rest = int(mask) & ~sum(names)
    return [name for bit, name in names.items() if bit & mask] + ([f"{rest:#x}"] if rest else [])
