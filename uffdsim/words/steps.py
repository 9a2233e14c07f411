"""Steps as words: ``t1 reads page 0 of watched``, ``handler calls CONTINUE on page 0 of watched``."""

from typing import Any

from uffdsim.grammar import Trait
from uffdsim.scenario import Step
from uffdsim.terms import byte, count, page, pages, place, size

_DEEDS = {
    "file": "makes the file {id}: {pages} of {backing}",
    "mmap": "maps {memory} as {id}",
    "userfaultfd": "opens the userfaultfd {id}",
    "fork": "forks",
    "inspect": "looks at what /proc shows",
    "close": "closes {fd}",
    "api": "asks {fd} for its API",
    "read_event": "reads a message of {fd}",
    "load": "reads {place}",
    "store": "writes {byte} to {place}",
    "kload": "lets the kernel read {place}",
    "kstore": "lets the kernel write {byte} to {place}",
    "pwrite": "writes {byte} to {place} with pwrite",
    "truncate": "makes {file} {pages} long",
    "read_events": "reads messages of {fd}",
    "poll": "polls {fd}",
    "pagemap_scan": "scans the entries of {place}",
}
"""What a step does, where "calls CONTINUE on …" would not say it."""
_SAID = {"id", "fd", "vma", "file", "page", "thread", "note", "offset", "from_page", "over_page", "backing", "bytes"}
"""Keys that say where, and who is at work."""
_LISTS = {"mask", "inverted", "anyof", "returns", "enable", "disable"}
"""Keys whose lists say little without the key."""


def call(op: str, traits: Trait) -> str:
    """What a program calls: ``CONTINUE``, ``madvise``."""
    return op.upper() if Trait.IOCTL in traits else op.replace("_", " ")


def where(step: Step) -> str:
    """What a step is about: ``page 0 of watched``, ``watched``, or ``""``."""
    name = step.get("vma") or step.get("file") or step.get("fd") or step.get("id") or ""
    if "page" not in step:
        return name
    if "pages" not in step:
        return place({"vma": name, "page": step["page"], "offset": step.get("offset")})
    if step.get("bytes") is not None:
        return f"{size(step['bytes'])} of {name} from page {step['page']:,} on"
    if step["pages"] is not None:
        return pages(name, step["page"], step["pages"])
    return f"{name} from page {step['page']:,} on" if step["page"] else name


def deed(step: Step) -> str:
    """What a step's thread does: ``reads page 0 of watched``, ``calls CONTINUE on page 0 of watched (DONTWAKE)``."""
    template = _DEEDS.get(step.op)
    if template is None:
        on = where(step)
        return f"calls {call(step.op, step.traits)}{f' on {on}' if on else ''}{_how(step)}"
    keys = {key: value for key, value in step.items() if isinstance(value, str)}
    if step.get("pages") is not None:
        keys["pages"] = count(step["pages"], "page")
    if "value" in step:
        keys["byte"] = byte(step["value"])
    return template.format(**keys, place=where(step), memory=_memory(step)) + _how(step)


def short(step: Step) -> str:
    """A step in a label, by the thread that takes it: ``reads page 0 of watched``, ``CONTINUE page 0 of watched``."""
    if step.op in _DEEDS:
        return deed(step)
    return " ".join(filter(None, [call(step.op, step.traits), where(step)])) + _how(step)


def verb(step: Step) -> str:
    """What a step does, without to what: ``reads``, ``writes``, ``kernel reads``, ``POPULATE_READ``."""
    if Trait.TOUCH in step.traits:
        return "kernel reads" if Trait.KERNEL in step.traits else "writes" if Trait.WRITE in step.traits else "reads"
    return step.get("advice") or call(step.op, step.traits)


def step(step: Step) -> str:
    """A step as a sentence without its full stop: ``t1 reads page 0 of watched``."""
    return f"{step.thread} {deed(step)}"


def unmodelled(index: int, step: Step, where: str) -> str:
    """That a step is not available somewhere: ``step 3: the live kernel has no "poke"; `uffdsim limits` says …``."""
    return f'step {index}: {where} has no "{step.op}"; `uffdsim limits` says what is left out'


def _memory(step: Step) -> str:
    names = {"anon": "anonymous memory", "anon-hugetlb-2M": "anonymous huge pages"}
    return step.get("file") or names.get(step.get("backing", ""), "")


def _how(step: Step) -> str:
    """All else that a step says, in parentheses: ``(MINOR, DONTWAKE)``."""
    given, parts = step.given, []
    if step.op == "mmap" and "pages" in given:
        parts.append(count(given["pages"], "page"))
    if step.op == "mmap" and given.get("offset"):
        parts.append(f"from its page {given['offset']:,} on")
    for key, value in given.items():
        if not _is_said(step, key) and (value or key == "value"):
            parts.append(_key(step, key, value))
    return f" ({', '.join(parts)})" if parts else ""


def _is_said(step: Step, key: str) -> bool:
    """Whether a step's deed, or the place in it, has told a key already."""
    if key in ("value", "pages"):
        return step.op in _DEEDS or (key == "pages" and "page" in step)
    return key in _SAID


def _key(step: Step, key: str, value: Any) -> str:
    if isinstance(value, tuple):
        return f"{key} {', '.join(value)}" if key in _LISTS else ", ".join(value)
    if value is True:
        return key.replace("_", " ")
    if key == "value":
        return byte(value)
    if key in ("raw", "api"):
        return f"{key} {value:#x}"
    if key == "skew":
        return f"{count(abs(value), 'byte')} further {'up' if value > 0 else 'down'}"
    if key in ("from", "over"):
        return f"{key} {page(value, step[f'{key}_page'])}"
    return str(value) if key in ("advice", "prot", "sharing") else f"{key.replace('_', ' ')} {value}"
