"""The one voice: places, bytes, counts, steps, answers, messages and events as words.

Everything that shows something says it with these, so that one thing has one name wherever it is met: a byte is 0x41,
a page is ``page 0 of watched``, a step is ``t1 reads page 0 of watched``.
"""

from collections.abc import Iterable

from uffdsim.grammar import Trait
from uffdsim.scenario import Step
from uffdsim.trace import Event, Kind, Trace, Wake
from uffdsim.uapi import Feature, Ioctl, PagefaultFlag

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
}
"""What a step does, where "calls CONTINUE on …" would not say it."""
_SAID = {"id", "fd", "vma", "file", "page", "pages", "thread", "note", "offset", "from_page", "backing"}
"""Keys that a step's deed has told already, or that stand for a place."""
_COLUMNS = ("present", "file", "exclusive", "uffd_wp", "swap", "vm_flags")


# Numbers and places


def byte(value: int) -> str:
    """A byte: ``0x41``."""
    return f"0x{value:02x}"


def count(number: int, thing: str) -> str:
    """So many things: ``1 page``, ``2,048 pages``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def size(number: int) -> str:
    """So many bytes, in the largest unit that divides them: ``2 MiB``."""
    units = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
    for unit, name in units:
        if number and number % unit == 0:
            return f"{number // unit:,} {name}"
    return count(number, "byte")


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row: ``t1, t2 and t3``."""
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


def page(mapping: str, number: int) -> str:
    """A page of a mapping: ``page 0 of watched``."""
    return f"page {number:,} of {mapping}"


def pages(mapping: str, first: int, number: int) -> str:
    """Some pages of a mapping: ``pages 0 to 3 of watched``."""
    if number == 1:
        return page(mapping, first)
    return f"pages {first:,} to {first + number - 1:,} of {mapping}" if number else f"no page of {mapping}"


def place(found: dict) -> str:
    """An address as an observation names it: ``page 0 of watched, byte 5``."""
    inside = f", byte {found['offset']:,}" if found.get("offset") else ""
    return page(found["vma"], found["page"]) + inside


# Steps


def call(op: str, traits: Trait) -> str:
    """What a program calls: ``CONTINUE``, ``madvise``."""
    return op.upper() if Trait.IOCTL in traits else op


def where(step: Step) -> str:
    """What a step is about: ``page 0 of watched``, ``watched``, or ``""``."""
    name = step.get("vma") or step.get("file") or step.get("fd") or step.get("id") or ""
    if "page" not in step:
        return name
    if Trait.TOUCH in step.traits:
        return place({"vma": name, "page": step["page"], "offset": step["offset"]})
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


def step(step: Step) -> str:
    """A step as a sentence without its full stop: ``t1 reads page 0 of watched``."""
    return f"{step.thread} {deed(step)}"


def _memory(step: Step) -> str:
    names = {"anon": "anonymous memory", "anon-hugetlb-2M": "anonymous huge pages"}
    return step.get("file") or names.get(step.get("backing"), "")


def _how(step: Step) -> str:
    """All else that a step says, in parentheses: ``(MINOR, DONTWAKE)``."""
    given, parts = step.given, []
    if step.op == "mmap" and "pages" in given:
        parts.append(count(given["pages"], "page"))
    if step.op == "mmap" and given.get("offset"):
        parts.append(f"from its page {given['offset']:,} on")
    for key, value in given.items():
        if key in _SAID or (key == "value" and Trait.WRITE in step.traits) or value in ((), False):
            continue
        parts.append(_key(step, key, value))
    return f" ({', '.join(parts)})" if parts else ""


def _key(step: Step, key: str, value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is True:
        return key.replace("_", " ")
    if key == "value":
        return byte(value)
    if key in ("raw", "api"):
        return f"{key} {value:#x}"
    if key == "skew":
        return f"{count(abs(value), 'byte')} further {'up' if value > 0 else 'down'}"
    if key == "from":
        return f"from {page(value, step['from_page'])}"
    return str(value) if key in ("advice", "prot", "sharing") else f"{key} {value}"


# Answers and messages


def flags(bits: int) -> str:
    """The flags of a PAGEFAULT message: ``WRITE | MINOR``; ``0`` for none."""
    return " | ".join(flag.name for flag in PagefaultFlag if flag & bits) or "0"


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
    if found["status"] in ("blocked", "running"):
        return {"blocked": "waits", "running": "still under way"}[found["status"]]
    if found.get("errno"):
        done = found.get("done", 0)
        return found["errno"] + (f" after {size(done)}" if done > 0 else "")
    if "signal" in found:
        return found["signal"]
    if "event" in found:
        return message(found)
    if "value" in found and Trait.WRITE not in step.traits:
        return byte(found["value"])
    return "reports" if "vmas" in found else "done" if "value" in found else "success"


def result(step: Step, found: dict | None) -> str:
    """What a step has answered, with all that it wrote back: ``2 MiB done``, ``offers WAKE, CONTINUE``."""
    told = answer(step, found)
    if told == "success" and "done" in found:
        return f"{size(found['done'])} done"
    if told == "success" and "features" in found:
        known = [feature.name for feature in Feature if feature & found["features"]]
        return f"the kernel knows {count(len(known), 'feature')}: {', '.join(known)}"
    if told == "success" and "ioctls" in found:
        return f"offers {', '.join(ioctl.name for ioctl in Ioctl if found['ioctls'] >> ioctl & 1)}"
    return f"{told}, code {found['code']}" if found and "code" in found else told


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
    if not one.thread:
        return what
    if one.kind is Kind.TOUCH:
        return f"{one.thread} {what}"
    return f"{one.thread}{f' in {one.function}' if one.function else ''}: {what}"


def why(trace: Trace, index: int, at: int | None = None) -> str:
    """Why a step answered as it did, as a simulated kernel tells it; "" if there is nothing to tell."""
    return "; ".join(dict.fromkeys(trace.events[number - 1].text for number in trace.reasons(index, at)))


def woken(trace: Trace, index: int, at: int | None = None) -> list[str]:
    """Who was woken while a step was carried out, and what became of each; and who was not, though an answer was about
    the page that they wait for: a sentence each without its full stop."""
    at = trace.end(index) if at is None else min(at, trace.end(index))
    return [_woken(trace, wake, at) for wake in trace.wakes(index, at)] + _not_woken(trace, index, at)


def _not_woken(trace: Trace, index: int, at: int) -> list[str]:
    """``t1 still waits for page 0 of watched``. A kernel that tells says so itself, and why."""
    step, begin = trace.scenario[index], trace.begin(index)
    if trace.narrated or Trait.ANSWER not in step.traits:
        return []
    first, length = step["page"], step["pages"]
    asleep = [nap for nap in trace.asleep(at) if nap.place and nap.lasts(begin) and nap.place[0] == step["vma"]]
    return [
        f"{nap.thread} still waits for {page(*nap.place)}"
        for nap in asleep
        if first <= nap.place[1] and (length is None or nap.place[1] < first + length)
    ]


def _woken(trace: Trace, wake: Wake, at: int) -> str:
    if wake.again is not None:
        again = why(trace, wake.again.step, at)
        with_flags = "" if wake.again.flags is None else f" with flags {flags(wake.again.flags)}"
        faulted = f"faulted again{with_flags}, and waits" if wake.again.place else "and waits again"
        return f"{wake.thread} was woken, {faulted}{f': {again}' if again else ''}"
    nap = next(nap for nap in trace.naps() if nap.thread == wake.thread and nap.end == wake.number)
    over = trace.answer(nap.step, at)
    return f"{wake.thread} was woken: {deed(trace.scenario[nap.step])} → {answer(trace.scenario[nap.step], over)}"


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
    rows = [("mapping", "page", *_COLUMNS)]
    for name, found in vmas.items():
        for first, last in _alike(found):
            cells = [str(found[first][column] or "·") for column in _COLUMNS]
            rows.append((name, f"{first}" if first == last else f"{first}–{last}", *cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines + [f"{name} has {count(number, 'page')} in the page cache" for name, number in files.items()]


def _alike(found: list):
    """The first and last page of each run of equal ones."""
    first = 0
    for number in range(1, len(found) + 1):
        if number == len(found) or found[number] != found[first]:
            yield first, number - 1
            first = number


# Sentences


def sentence(text: str) -> str:
    """With a capital at its beginning and a full stop at its end."""
    return stopped(text[:1].upper() + text[1:])


def stopped(text: str) -> str:
    """With a full stop at its end. Names of threads, with which steps begin, keep their small letter."""
    return text + ("" if text[-1:] in ".?!:" else ".")
