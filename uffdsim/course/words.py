"""Steps, answers and events as sentences of a question or of a reason."""

from uffdsim.grammar import Trait
from uffdsim.scenario import Step
from uffdsim.trace import Event, Trace
from uffdsim.uapi import PagefaultFlag

TOUCHES = ("load", "store", "kload")
VERBS = {"load": "reads", "store": "writes to", "kload": "lets the kernel read"}
_MAKES = {
    "file": "makes the file {id}: {pages} of {backing}",
    "mmap": "maps {file} as {id}",
    "userfaultfd": "opens the userfaultfd {id}",
    "fork": "forks",
    "inspect": "looks at what /proc shows",
    "close": "closes {fd}",
    "api": "asks {fd} for its API",
}
NO_MESSAGE = "no message"


def act(step: Step) -> str:
    """A step as a sentence without its full stop: ``t1 reads page 0 of watched``."""
    where = place(step)
    if step.op in _MAKES:
        return f"{step.thread} {_MAKES[step.op].format(**_keys(step))}{_how(step)}"
    if step.op in VERBS:
        byte_ = f" ({byte(step['value'])})" if step.op == "store" else ""
        return f"{step.thread} {VERBS[step.op]} {where}{byte_}"
    if step.op == "read_event":
        return f"{step.thread} reads a message of {step['fd']}"
    return f"{step.thread} calls {call(step)}{' on ' + where if where else ''}{_how(step)}"


def call(step: Step) -> str:
    """What a program calls: ``CONTINUE``, ``madvise``."""
    return step.op.upper() if Trait.IOCTL in step.traits else step.op


def place(step: Step) -> str:
    """What a step is about: ``page 0 of watched``, ``watched``, or ``""``."""
    where = step.get("vma") or step.get("file") or step.get("fd") or step.get("id") or ""
    if "page" not in step or ("page" not in step.given and "pages" not in step.given and step.op not in TOUCHES):
        return where
    if step.op in TOUCHES or step.given.get("pages", 1) == 1:
        return f"page {step['page']} of {where}"
    return f"{count(step['pages'], 'page')} of {where}, from page {step['page']} on"


def _how(step: Step) -> str:
    given = step.given
    keys = ("advice", "prot", "sharing")
    parts = [given[key] for key in keys if key in given]
    parts += [_pages(step)] if step.op == "mmap" and "pages" in given else []
    parts += [f"from its page {given['offset']} on"] if step.op == "mmap" and given.get("offset") else []
    parts += ["locked"] if given.get("locked") else []
    parts += [", ".join(given[key]) for key in ("modes", "mode", "features") if given.get(key)]
    parts += [f"raw {given['raw']:#x}"] if "raw" in given else []
    parts += [f"{given['skew']} bytes further up"] if "skew" in given else []
    parts += [byte(given["value"])] if "value" in given else []
    parts += [f"{key} {given[key]}" for key in ("from", "to", "child") if key in given]
    return f" ({', '.join(parts)})" if parts else ""


def _keys(step: Step) -> dict:
    memory = {"anon": "4 KiB pages without a file", "anon-hugetlb-2M": "huge pages without a file"}
    file = step.get("file") or memory.get(step.get("backing"))
    return {**step, "pages": _pages(step), "file": file}


def _pages(step: Step) -> str:
    return count(step["pages"], "page") if step.get("pages") is not None else ""


def byte(value: int) -> str:
    """A byte as pictures show it."""
    return f"0x{value:02x}"


def count(number: int, thing: str) -> str:
    """So many things."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


def flags(bits: int) -> str:
    """The flags of a PAGEFAULT message by their names; ``0`` for none."""
    return " | ".join(flag.name for flag in PagefaultFlag if flag & bits) or "0"


def message(found: dict) -> str:
    """A message: ``PAGEFAULT, flags MINOR``."""
    return f"PAGEFAULT, flags {flags(found['flags'])}" if found["event"] == "PAGEFAULT" else found["event"]


def event(trace: Trace, number: int) -> str:
    """An event with its number, as who saw it in a picture may find it again."""
    one = trace.events[number - 1]
    where = ", ".join(filter(None, (one.thread, one.function)))
    return f"event {number} ({where}): {one.text}" if where else f"event {number}: {one.text}"


def refused(event: Event) -> bool:
    """Whether an event says with which errno something was refused."""
    return event.text.rpartition(": ")[2].isupper()


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return stopped(text[:1].upper() + text[1:])


def stopped(text: str) -> str:
    """With a full stop at its end. Names of threads, with which acts begin, keep their small letter."""
    return text + ("" if text[-1:] in ".?!:" else ".")


def told(trace: Trace, numbers: list[int]) -> str:
    """Some events, as the reason for something."""
    return " ".join(sentence(event(trace, number)) for number in numbers)
