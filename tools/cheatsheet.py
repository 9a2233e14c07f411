"""Makes docs/cheat-sheet.html, a page to print: what can be asked of a simulated kernel is asked here, not remembered.

    python tools/cheatsheet.py           write it
    python tools/cheatsheet.py --check   say whether it is as it should be
"""

import sys
from html import escape
from pathlib import Path

from uffdsim import Machine
from uffdsim.kernel.versions import VERSIONS
from uffdsim.kernels import DEFAULT
from uffdsim.lab.settings import MODES
from uffdsim.lab.timing import BUTTONS
from uffdsim.uapi import Feature

ROOT = Path(__file__).parents[1]
SHEET = ROOT / "docs" / "cheat-sheet.html"
TEMPLATE = Path(__file__).with_name("cheatsheet.html")
MEMORY = {"hugetlb": "hugetlb-2M", "shmem": "shmem", "anonymous": "anon"}
NEWEST = "linux-7.3"
KERNELS = ("linux-5.11", "linux-6.1", "linux-6.12", DEFAULT)
FILLS = {
    "CONTINUE": lambda u, vma: u.continue_(vma, 0),
    "COPY": lambda u, vma: u.copy(vma, 0, value=2),
    "ZEROPAGE": lambda u, vma: u.zeropage(vma, 0),
    "POISON": lambda u, vma: u.poison(vma, 0),
    "WAKE": lambda u, vma: u.wake(vma, 0),
}


class Stage:
    """Memory of a kind, and a descriptor to watch it. A file is mapped a second time, as ``plain``."""

    def __init__(self, memory: str, *modes: str, cached: bool = False, kernel: str = DEFAULT):
        self.m = Machine(kernel)
        anonymous = memory == "anon"
        file = None if anonymous else self.m.file(memory, pages=2)
        self.plain = None if anonymous else self.m.mmap(file, "plain")
        self.watched = self.m.mmap("anon", "watched", pages=2) if anonymous else self.m.mmap(file, "watched")
        self.u = self.m.userfaultfd()
        self.u.api(*(mode for mode in modes if mode in Feature.__members__))
        self.registered = self.u.register(self.watched, *modes) if modes else None
        if cached:
            self.plain[0] = 1

    def message(self, write: bool = False) -> str:
        """Which message a touch of page 0 leaves."""
        touch = self.watched.store(0, 3, thread="t1") if write else self.watched.load(0, thread="t1")
        if not touch.blocked:
            return "—"
        flags = int(self.u.read_event().flags)
        return f"{'minor' if flags & 4 else 'missing'} ({flags})"


def messages() -> str:
    """Which message a read of a page of a file leaves, and a write: by mode, and by whether the file has the page."""
    rows = []
    for cached, where in ((False, "not in the cache"), (True, "in the cache")):
        cells = []
        for modes in (("MISSING",), ("MINOR",), ("MISSING", "MINOR")):
            found = {tuple(Stage(memory, *modes, cached=cached).message(w) for w in (False, True)) for memory in FILES}
            (both,) = found
            cells.append(" · ".join(dict.fromkeys(both)))
        rows.append((where, *cells))
    return table(("a page that is…", "MISSING", "MINOR", "both"), rows)


FILES = ("hugetlb-2M", "shmem")


def answers() -> str:
    """What each call answers to a thread that waits, by what it waits for; and to a page that is mapped already."""
    cases = (("missing", False, False), ("minor", True, False), ("there already", True, True))
    rows = []
    for name, fill in FILLS.items():
        cells = []
        for _, cached, mapped in cases:
            found = [_answered(memory, fill, cached, mapped) for memory in FILES]
            same = found[0] == found[1]
            cells.append(found[0] if same else f"{found[1]} (hugetlb: {found[0]})")
        rows.append((name, *cells))
    return table(("the page is…", *(case[0] for case in cases)), rows)


def _answered(memory: str, fill, cached: bool, mapped: bool) -> str:
    stage = Stage(memory, "MISSING", "MINOR", cached=cached)
    if mapped:
        stage.u.continue_(stage.watched, 0)
        call = fill(stage.u, stage.watched)
        return call.errno or "0"
    touch = stage.watched.load(0, thread="t1")
    call = fill(stage.u, stage.watched)
    if call.errno:
        return call.errno
    again = stage.u.read_event().event if touch.blocked else None
    end = "asked again" if again else touch.signal or f"wakes, reads {touch.value}"
    return end


def registers() -> str:
    """Which modes each kind of memory may be registered in, and what REGISTER then offers."""
    rows = []
    for name, memory in MEMORY.items():
        cells = []
        for mode in MODES:
            call = Stage(memory, mode, kernel=NEWEST).registered
            cells.append("yes" if call.ok else call.errno)
        rows.append((name, *cells))
    return table(("registered", *MODES[:-1], f"{MODES[-1]} (7.3)"), rows)


def features() -> str:
    """Which of these kernels know which feature."""
    rows = []
    for feature in Feature:
        known = [bool(VERSIONS[name].features & feature) for name in KERNELS]
        if any(known) and not all(known):
            rows.append((feature.name, *("✓" if one else "·" for one in known)))
    everywhere = ", ".join(f.name for f in Feature if all(VERSIONS[name].features & f for name in KERNELS))
    heads = ("feature", *(name.removeprefix("linux-") for name in KERNELS))
    return table(heads, rows) + f"<p>In all four: {escape(everywhere)}.</p>"


def keys() -> str:
    """The keys of a lab."""
    controls = BUTTONS.values()
    return table(("key", "asks"), [(control.key, control.asks) for control in controls if control.key])


def table(header, rows) -> str:
    """A table whose first column heads its rows."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


PARTS = {"MESSAGES": messages, "ANSWERS": answers, "REGISTERS": registers, "FEATURES": features, "KEYS": keys}


def sheet() -> str:
    """The page."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        text = text.replace(f"<!-- {name} -->", part())
    return text


def main(argv: list[str]) -> int:
    text = sheet()
    if argv == ["--check"]:
        return int(not SHEET.exists() or SHEET.read_text(encoding="utf-8") != text)
    SHEET.write_text(text, encoding="utf-8")
    print(f"wrote {SHEET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
