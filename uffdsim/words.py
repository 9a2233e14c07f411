"""The one voice: places, bytes, counts, steps, answers, messages and events as words.

One thing has one name wherever it is met: a byte is 0x41, a page ``page 0 of watched``, and a thread ``t1``.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from uffdsim.grammar import FAR, Trait
from uffdsim.library import derived
from uffdsim.scenario import Step
from uffdsim.terms import byte, count, listed, page, pages, place, size
from uffdsim.trace import Event, Kind, Trace, Wake
from uffdsim.uapi import Feature, Ioctl, PagefaultFlag

__all__ = [
    "NO_MESSAGE", "answer", "byte", "call", "count", "deed", "event", "explained", "fault", "features", "flags",
    "ioctls", "kernel", "kind", "listed", "message", "numbered", "outcome", "page", "pages", "place", "report",
    "result", "sentence", "short", "size", "step", "stopped", "told", "unmodelled", "verb", "where", "why", "woken",
]  # fmt: skip
NO_MESSAGE = "no message"
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
    "pagemap_scan": "scans the page table of {place}",
}
"""What a step does, where "calls CONTINUE on …" would not say it."""
_SAID = {"id", "fd", "vma", "file", "page", "thread", "note", "offset", "from_page", "over_page", "backing", "bytes"}
"""Keys that tell of a place, and of who is at work."""
_TOLD = {
    "step", "status", "thread", "woken_in", "completed",
    "errno", "done", "signal", "code", "value", "at", "features", "ioctls", "vmas", "files",
    "event", "flags", "vma", "page", "offset", "ptid", "from", "to", "start", "bytes",
    "events", "revents", "walked", "regions",
}  # fmt: skip
"""Fields of an observation that have words of their own."""
_LISTS = {"mask", "inverted", "anyof", "returns", "enable", "disable"}
"""Keys whose lists say little without the key."""
_COLUMNS = ("present", "file", "exclusive", "uffd_wp", "swap", "vm_flags")


def kernel(name: str) -> str:
    """A kernel by its name, and what is to be known of it: ``linux-6.8 (derived, not held against a real one)``."""
    return f"{name} (derived, not held against a real one)" if derived(name) else name


# Steps


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
    """That a step cannot be had somewhere: ``step 3: the live kernel has no "poke"; `uffdsim limits` says …``."""
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


# Answers and messages


def flags(bits: int) -> str:
    """The flags of a PAGEFAULT message: ``WRITE | MINOR``; ``0`` for none."""
    return " | ".join(str(flag.name) for flag in PagefaultFlag if flag & bits) or "0"


def fault(bits: int) -> str:
    """The kind of fault that the flags of a PAGEFAULT message tell of, as the mode is called that asks for it."""
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


def answer(step: Step, found: dict | None) -> str:
    """What a step has answered, in a few words: ``waits``, ``0x41``, ``EEXIST``, ``success``."""
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
        return _regions(found)
    if "value" in found and Trait.WRITE not in step.traits:
        return byte(found["value"])
    return "reports" if "vmas" in found else "done" if "value" in found else "success"


def _regions(found: dict) -> str:
    """What PAGEMAP_SCAN found: ``4 KiB from page 1 of a on (WRITTEN, PRESENT)``."""
    told = [
        f"{size(region['bytes'])} from {place(region['start'])} on ({', '.join(region['categories']) or 'none'})"
        for region in found["regions"]
    ]
    return f"in {size(found['walked'])} {'; '.join(told) or 'nothing'}"


def result(step: Step, found: dict | None) -> str:
    """What a step has answered, with all that it wrote back: ``2 MiB done``, ``offers WAKE, CONTINUE``."""
    told = answer(step, found)
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


# Events, and what came of a step


def event(trace: Trace, event: Event) -> str:
    """What happened, without who did it: ``reads page 0 of watched``, ``page 0 is in the page cache``."""
    if event.text:
        return f"{event.text}: {event.errno}" if event.errno else event.text
    if event.kind is Kind.TOUCH:
        return deed(trace.scenario[event.of])
    if event.kind is Kind.ANSWER:
        return answer(trace.scenario[event.of], trace.answer(event.of, trace.end(event.step)))
    return {Kind.SLEEP: "waits in the kernel", Kind.WAKE: f"{event.target} goes on", Kind.OOPS: "the kernel dies"}.get(
        event.kind, ""
    )


def told(trace: Trace, one: Event) -> str:
    """An event with who and where: ``t1 in hugetlb_fault: the VMA is hugetlb``, ``t1 reads page 0 of watched``."""
    what = event(trace, one)
    if one.kind is Kind.ANSWER:
        what = result(trace.scenario[one.of], trace.answer(one.of, trace.end(one.step)))
    if not one.thread:
        return what
    if one.kind is Kind.TOUCH:
        return f"{one.thread} {what}"
    return f"{one.thread}{f' in {one.function}' if one.function else ''}: {what}"


def numbered(trace: Trace, number: int) -> str:
    """An event as a sentence that a reader may look up by its number: ``Event 48, t1 in hugetlb_no_page: …``."""
    return stopped(f"Event {number}, {told(trace, trace.events[number - 1])}")


def why(trace: Trace, index: int, at: int | None = None) -> str:
    """Why a step answered as it did, as a simulated kernel tells it; "" if there is nothing to tell."""
    return "; ".join(dict.fromkeys(trace.events[number - 1].text for number in trace.reasons(index, at)))


def woken(trace: Trace, index: int, at: int | None = None, reasons: bool = True) -> list[str]:
    """Who was woken while a step was carried out, and what became of each: a sentence each without its full stop. A
    kernel that does not tell leaves it to us to say who was not, though the step was about the page they wait for.

    :param reasons: whether to say why somebody waits again.
    """
    at = trace.end(index) if at is None else min(at, trace.end(index))
    told = [_woken(trace, wake, at, reasons) for wake in trace.wakes(index, at)]
    return told if trace.narrated else told + _waiting(trace, index, at, nobody=not told)


def _woken(trace: Trace, wake: Wake, at: int, reasons: bool) -> str:
    if wake.again is not None:
        again = why(trace, wake.again.step, at) if reasons else ""
        with_flags = "" if wake.again.flags is None else f" with flags {flags(wake.again.flags)}"
        faulted = f"faulted again{with_flags}, and waits" if wake.again.place else "and waits again"
        return f"{wake.thread} was woken, {faulted}{f': {again}' if again else ''}"
    nap = next(nap for nap in trace.naps() if nap.thread == wake.thread and nap.end == wake.number)
    over = trace.answer(nap.step, at)
    if over is None or over["status"] == "running":
        return f"{wake.thread} was woken, and may run"
    return f"{wake.thread} was woken: {deed(trace.scenario[nap.step])} → {answer(trace.scenario[nap.step], over)}"


def _waiting(trace: Trace, index: int, at: int, nobody: bool) -> list[str]:
    """``t1 still waits for page 0 of watched``, of an answer that is over: who waits there, or else, if it woke nobody,
    who waits elsewhere."""
    step = trace.scenario[index]
    if Trait.ANSWER not in step.traits or at < trace.end(index):
        return []
    asleep = [(nap, nap.place) for nap in trace.asleep(at) if nap.place and nap.lasts(trace.begin(index))]
    meant = [(nap, place) for nap, place in asleep if _holds(trace, step, place)]
    still = "still waits" if meant else "waits"
    told = [f"{nap.thread} {still} for {page(*place)}" for nap, place in meant or (asleep if nobody else ())]
    only_wakes = not (Trait.FILL | Trait.WATCH) & step.traits
    return ["; ".join(["nobody was woken", *told])] if nobody and (told or only_wakes) else told


def _holds(trace: Trace, step: Step, place: tuple[str, int]) -> bool:
    """Whether a page is in a step's range."""
    (mapping, number), first = place, trace.scenario.names.first_name
    last = FAR if step["pages"] is None else step["page"] + step["pages"]
    return first(mapping) == first(step["vma"]) and step["page"] <= number < last


def outcome(trace: Trace, index: int, at: int | None = None) -> str:
    """What came of a step, and why: ``EEXIST: page 0 of watched is mapped already``."""
    found = trace.answer(index, at)
    because = why(trace, index, at)
    return result(trace.scenario[index], found) + (f": {because}" if because else "")


def explained(trace: Trace, index: int) -> list[str]:
    """A step, what had come of it when it was observed and why, and who was woken by it: a line each."""
    at = trace.end(index)
    found = trace.answer(index, at) or {}
    table = report(found["vmas"], found["files"]) if "vmas" in found else []
    return [f"{step(trace.scenario[index])} → {outcome(trace, index, at)}", *table, *woken(trace, index, at)]


# What /proc shows


def report(vmas: dict[str, list], files: dict[str, int]) -> list[str]:
    """What ``inspect`` reports, as the lines of a table: a row for each run of pages that are alike."""
    rows: list[tuple[str, ...]] = [("mapping", "page", *_COLUMNS)]
    for name, found in vmas.items():
        for first, last in _alike(found):
            cells = [str(found[first][column] or "·") for column in _COLUMNS]
            rows.append((name, f"{first}" if first == last else f"{first}–{last}", *cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines + [f"{name} has {count(number, 'page')} in the page cache" for name, number in files.items()]


def _alike(found: list) -> Iterator[tuple[int, int]]:
    """The first and last page of each run of equal ones."""
    first = 0
    for number in range(1, len(found) + 1):
        if number == len(found) or found[number] != found[first]:
            yield first, number - 1
            first = number


# Sentences


def sentence(text: str, names: Iterable[str] = ()) -> str:
    """With a capital at its beginning, unless it begins with one of these names, and a full stop at its end."""
    return stopped(text if text.split(" ")[0] in names else text[:1].upper() + text[1:])


def stopped(text: str) -> str:
    """With a full stop at its end. Names of threads, with which steps begin, keep their small letter."""
    return text + ("" if text[-1:] in ".?!:" else ".")
