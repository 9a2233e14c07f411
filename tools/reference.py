"""Makes docs/reference.html, to print and to keep open beside a lesson: words, flags, features, calls and versions.

    python tools/reference.py           write it
    python tools/reference.py --check   say whether it is as it should be

What a kernel can be asked is asked, and what a table of the package knows is taken from there. The rest is in
reference.toml; the handler in C is docs/handler.c, which a test compiles and runs.
"""

import ast
import inspect
import re
import sys
import tomllib
from html import escape
from pathlib import Path

from cheatsheet import answers, messages, registers, table

from uffdsim.kernel import versions
from uffdsim.kernel.changes import CHANGES, since
from uffdsim.pictures.memory.bits import bits, smaps, traced
from uffdsim.uapi import Errno, Feature, Ioctl

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference.html"
TEMPLATE = Path(__file__).with_name("reference.html")
TEXTS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
MUST_ASK = (
    *(Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP, Feature.SIGBUS),
    *(Feature.THREAD_ID, Feature.EXACT_ADDRESS, Feature.WP_UNPOPULATED, Feature.WP_ASYNC),
    *(Feature.RWP, Feature.RWP_ASYNC),
)
"""The features that change what the kernel does; all others work without having been asked for."""


def lesson(name: str) -> str:
    """A link to a lesson, by its number and title."""
    title = re.search(r"^# (.*)$", (ROOT / "notebooks" / "src" / f"{name}.md").read_text(encoding="utf-8"), re.M)[1]
    return f'<a href="../notebooks/{name}.ipynb">{int(name[:2])}. {escape(title)}</a>'


def words() -> str:
    """The glossary."""
    return "".join(
        f'<dt id="{escape(word.replace(" ", "-"))}">{escape(word)}</dt>'
        f"<dd>{escape(entry['says'])} {lesson(entry['lesson'])}</dd>"
        for word, entry in sorted(TEXTS["words"].items(), key=lambda item: item[0].lower())
    )


def flags() -> str:
    """The three names of each flag, and its bit in each kernel; where kernels show a bit by another name, that."""
    those = list(versions.VERSIONS.values())
    names = dict.fromkeys(bit.name for version in those for bit in bits(version))
    rows = []
    for name in names:
        found = {v.name: next((bit for bit in bits(v) if bit.name == name), None) for v in those}
        one = next(bit for bit in found.values() if bit)
        cells = []
        for version in those:
            bit = found[version.name]
            shown = (one.letters,), (one.traced,)
            real = bit and (smaps(version, 1 << bit.number), traced(version, 1 << bit.number))
            differs = f", shown as {real[0][0]}, {real[1][0]}" if real and real != shown else ""
            cells.append("none" if bit is None else f"{bit.number}{differs}")
        rows.append((f"VM_{name}", one.letters, one.traced, *cells))
    return table(("macro", "smaps", "in traces, %pGv", *(v.name.removeprefix("linux-") for v in those)), rows)


def minor_bits() -> str:
    """Where MINOR was, release by release."""
    found = [f"{change.since}: bit {change.after}" for change in CHANGES if change.what == "minor_bit"]
    return f"<p>VM_UFFD_MINOR since {'; since '.join(found)}.</p>"


def features() -> str:
    """All features, since when, and whether they must be asked for."""
    rows = []
    for feature in Feature:
        old, says = TEXTS["features"][feature.name]
        ask = "yes" if feature in MUST_ASK else "no"
        rows.append((feature.name, f"{feature.value:#x}", since(f"features.{feature.name}") or old, ask, says))
    return table(("feature", "number", "since", "must be asked for", "what it is about"), rows)


def calls() -> str:
    """The calls on a descriptor."""
    rows = []
    for ioctl in sorted(Ioctl):
        old, says = TEXTS["calls"][ioctl.name]
        rows.append((f"UFFDIO_{ioctl.name}", since(f"ioctls.{ioctl.name}") or old, says))
    return table(("call", "since", "what it does"), rows)


def errnos() -> str:
    """What each errno means here."""
    rows = [(name, str(Errno[name].value), says) for name, says in TEXTS["errnos"].items()]
    return table(("errno", "number", "what it means"), rows)


def changes() -> str:
    """What changed from release to release, as far as a program can tell."""
    about = _about()
    rows = [
        (change.since, _what(change.what, about), _value(change.before), _value(change.after), change.source)
        for change in CHANGES
        if not change.what.startswith("functions.") and change.what not in _INSIDE
    ]
    rows.sort(key=lambda row: [int(part) for part in row[0].split(".")])
    return table(("since", "what", "before", "after", "source"), rows)


_INSIDE = ("must_wait_locks", "has_vma_lock", "copy_looks_in_cache", "copy_user_tries")
"""Facts that only a tracer sees."""


def _about() -> dict[str, str]:
    """The fields of a Version, each with what stands below it in the source."""
    body = ast.parse(inspect.getsource(versions.Version)).body[0].body
    pairs = zip(body, body[1:], strict=False)
    return {
        field.target.id: " ".join(text.value.value.split())
        for field, text in pairs
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr)
    }


KINDS = {"features": "feature {}", "ioctls": "UFFDIO_{}", "scans": "PAGEMAP_SCAN: category {}"}
VALUES: dict[object, str] = {True: "yes", False: "no", None: "none"}


def _what(what: str, about: dict[str, str]) -> str:
    kind, dot, name = what.partition(".")
    return KINDS[kind].format(name) if dot else about[what].rstrip(".")


def _value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {getattr(one, 'name', one)}" for key, one in value.items())
    return VALUES[value] if isinstance(value, bool | None) else str(value)


def handler() -> str:
    """The handler's loop, out of the program around it."""
    text = (ROOT / "docs" / "handler.c").read_text(encoding="utf-8")
    loop = re.search(r"/\* The handler's loop\. \*/\n(.*?)/\* The end of the loop\. \*/", text, re.DOTALL)
    return escape(loop[1].strip())


PARTS = {
    "WORDS": words,
    "FLAGS": flags,
    "MINOR": minor_bits,
    "FEATURES": features,
    "CALLS": calls,
    "MESSAGES": messages,
    "ANSWERS": answers,
    "REGISTERS": registers,
    "ERRNOS": errnos,
    "CHANGES": changes,
    "HANDLER": handler,
}


def page() -> str:
    """The reference."""
    text = TEMPLATE.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        text = text.replace(f"<!-- {name} -->", part())
    return text


def main(argv: list[str]) -> int:
    text = page()
    if argv == ["--check"]:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
