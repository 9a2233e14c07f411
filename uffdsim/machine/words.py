"""What came of a call, in words and tables."""

from uffdsim.trace import Kind
from uffdsim.uapi import Feature, Ioctl, PagefaultFlag

COLUMNS = ("present", "file", "exclusive", "uffd_wp", "swap", "vm_flags")


def outcome(call) -> str:
    """What came of a call: what to write behind its step."""
    answer = call.answer
    if call.status == "oops":
        return f" → BUG in {answer['at']}, the kernel is dead{_because(call)}"
    if call.blocked:
        asleep = [event.function for event in call.events if event.kind == Kind.SLEEP]
        return f" … blocked{f' in {asleep[-1]}' if asleep else ''}{_because(call)}"
    if not call.status:
        return " was not carried out: the kernel was dead"
    return (f" … woken in step {call.woken_in}" if call.woken_in else "") + result(call)


def result(call) -> str:
    """What a call that is done ended in."""
    answer = call.answer
    if call.errno:
        after = f" after {size(answer['done'])}" if answer.get("done", 0) > 0 else ""
        return f" → {call.errno}{after}{_because(call)}"
    if call.signal:
        return f" → {call.signal}, code {answer['code']}{_because(call)}"
    if "vmas" in answer:
        return "\n" + "\n".join(f"  {line}" for line in table(answer["vmas"], answer["files"]))
    return f" → {_good(answer)}"


def _because(call) -> str:
    return f": {call.why}" if call.why else ""


def _good(answer: dict) -> str:
    if "value" in answer:
        return str(answer["value"])
    if "event" in answer:
        return _event(answer)
    if "done" in answer:
        return f"{size(answer['done'])} done"
    if "features" in answer:
        return f"the kernel knows {sum(bool(answer['features'] & feature) for feature in Feature)} features"
    if "ioctls" in answer:
        return f"offers {', '.join(ioctl.name for ioctl in Ioctl if answer['ioctls'] >> ioctl & 1)}"
    return "ok"


def _event(answer: dict) -> str:
    event = answer["event"]
    if event == "PAGEFAULT":
        flags = [flag.name for flag in PagefaultFlag if flag & answer["flags"]]
        thread = f", by {answer['ptid']}" if answer["ptid"] else ""
        return f"{' '.join([event, *flags])} at {_place(answer)}{thread}"
    if event == "REMAP":
        return f"REMAP of {size(answer['bytes'])} from {_place(answer['from'])} to {_place(answer['to'])}"
    if event in ("REMOVE", "UNMAP"):
        return f"{event} of {size(answer['bytes'])} from {_place(answer['start'])} on"
    return event


def _place(where: dict) -> str:
    offset = f", byte {where['offset']}" if where["offset"] else ""
    return f"page {where['page']} of {where['vma']}{offset}"


def size(count: int) -> str:
    """So many bytes, in the largest unit that divides them."""
    units = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "bytes"))
    unit, name = next((unit for unit in units if count and count % unit[0] == 0), units[-1])
    return f"{count // unit} {name}"


def table(vmas: dict[str, list], files: dict[str, int]) -> list[str]:
    """What ``inspect`` reports: a row for each run of pages that are alike."""
    rows = [("mapping", "page", *COLUMNS)]
    for name, pages in vmas.items():
        for first, last in _alike(pages):
            cells = [str(pages[first][column] or "·") for column in COLUMNS]
            rows.append((name, f"{first}" if first == last else f"{first}–{last}", *cells))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return lines + [f"{name} has {n} page{'s' * (n != 1)} in the page cache" for name, n in files.items()]


def _alike(pages: list):
    """The first and last page of each run of equal ones."""
    first = 0
    for page in range(1, len(pages) + 1):
        if page == len(pages) or pages[page] != pages[first]:
            yield first, page - 1
            first = page
