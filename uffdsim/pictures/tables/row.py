"""What stands in one row of the picture "tables": the number of a page, what it is, who waits, and the flags."""

from typing import Any

from uffdsim.pictures.memory.bits import INSPECTED
from uffdsim.pictures.shapes.measure import fit_name, width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.tables.plan import Span
from uffdsim.pictures.tables.view import Cached, Parts, Seen, Waiter

LOUD = dict.fromkeys(INSPECTED, "uffd flag") | {"lo": "locked flag"}
"""The flags that stand out, and how."""
INK = {"poison": "reversed", "none": "muted", "unmapped": "muted", "hole": "muted"}
ROOMY = 38
"""From this height on, a row has room for a second line."""
PILL, SHORT = 84, 62
"""How wide the words on who waits may be; and how wide their pill is at least, whatever else has no room."""


def ink(role: str) -> str:
    """The role of text on an entry."""
    return INK.get(role, "text")


class Rows:
    """Draws what rows have in them; all are ``h`` high."""

    def __init__(self, sheet: Sheet, h: float) -> None:
        self.sheet, self.h = sheet, h
        self.size = min(max(h * 0.38, SMALLEST), 15)
        self.bar = max(h * 0.2, 3)

    def number(self, x: float, y: float, span: Span, room: float) -> float:
        """The number of a row's page or pages; how much room it takes."""
        size = self.size if span.pages == 1 else SMALLEST
        w = width(span.label, size, mono=True)
        if w > room:
            return 0
        self.sheet.text(x, y + self.h / 2, span.label, "muted", size, mono=True)
        return max(w, 14) + 7

    def words(
        self, x: float, y: float, w: float, seen: Seen | Cached, below: tuple[str, str], key: str, own: str = ""
    ) -> None:
        """What a row is, in its middle; its content; and if there is room, a second line, with its role."""
        content, low = seen.role == "cached", bool(below[0]) and self.h > ROOMY
        said: dict[str, Any] = {"bold": content, "mono": content}
        size = next((size for size in (self.size, 13) if _wide(seen.words, own, size, **said) <= w), SMALLEST)
        middle = y + (self.h - (self.bar + 2) * (len(seen.parts) > 1)) / 2
        taken = width(own, size, True, True) + 8
        if own and taken < w:
            self.sheet.text(x + w - 6, middle, own, "text", size, anchor="end", bold=True, mono=True, key=key)
            w -= taken
        told = seen.words if width(seen.words, size, **said) <= w - 4 else seen.words.partition(" present")[0]
        known: dict[str, Any] = {"anchor": "middle", "key": key, **said}
        if told != seen.words:
            known["tip"] = seen.words
        self.sheet.text(x + w / 2, middle - 7 * low, told, ink(seen.role), size, w - 4, **known)
        if low:
            self.sheet.text(
                x + w / 2, y + self.h - 11, *below, SMALLEST, w - 4, anchor="middle", bold=below[1] == "other"
            )

    def heat(self, x: float, y: float, w: float, parts: Parts) -> None:
        """How much of a row is what, along its lower edge, where a row is many pages that are not alike."""
        total = sum(pages for _, pages in parts)
        for role, pages in sorted(parts, key=lambda part: part[0] in INK) if len(parts) > 1 else ():
            share = w * pages / total
            known = {"tip": f"{pages:,} {role}"}
            self.sheet.rect(x, y, max(share, 2), self.bar, "empty" if role == "none" else role, 1, **known)
            x += share

    def badge(self, right: float, y: float, waits: tuple[Waiter, ...], page: str, room: float) -> float:
        """Who waits for a page, or for one of some: a pill that ends at ``right``; where it begins.

        What each does is said where there is ``room`` for it.
        """
        high = self.h > 31
        least, most = (34 if high else 0) + 16, PILL + 16
        who = ", ".join(waiter.thread for waiter in waits)
        told = str(waits[0]) if len(waits) == 1 else who
        if width(told, SMALLEST, True) + 16 > min(room, most):
            told = fit_name(who, max(min(room, most), SHORT) - 16, SMALLEST, True)
        w = max(width(told, SMALLEST, True) + 16, least)
        h = min(self.h - 6, 32) if high else self.h - 1
        top, middle = y + (self.h - h) / 2, right - w / 2
        key, tip = f"waits for {page}", "; ".join(f"{waiter.step}, and waits" for waiter in waits)
        self.sheet.rect(right - w, top, w, h, "badge", h / 2, key=key, tip=tip)
        known: dict[str, Any] = {"anchor": "middle", "bold": True, "key": key, "tip": tip}
        known |= {"size": SMALLEST}
        if high:
            self.sheet.text(middle, top + h * 0.29, told, "text", **known)
            self.sheet.text(middle, top + h * 0.72, "waits" if len(waits) == 1 else "wait", "waits", **known)
        else:
            self.sheet.text(middle, y + self.h / 2, told, "waits", **known)
        return right - w - 4

    def flags(self, right: float, y: float, flags: tuple[str, ...], changed: bool, of: str) -> float:
        """Flags of a VMA as smaps prints them, ending at ``right``; where they begin."""
        if changed and flags:
            w = flags_width(flags)
            self.sheet.rect(right - w, y - 11, w + 3, 22, "just changed", 5)
        for flag in reversed(flags):
            w, key = width(flag, SMALLEST, mono=True), f"flag {flag} of {of}"
            if flag in LOUD:
                known: dict[str, Any] = {"anchor": "middle", "bold": True, "mono": True, "key": key}
                self.sheet.rect(right - w - 6, y - 8.5, w + 6, 17, LOUD[flag], key=key)
                self.sheet.text(right - w / 2 - 3, y, flag, "reversed", SMALLEST, **known)
                right -= w + 10
            else:
                self.sheet.text(right, y, flag, "muted", SMALLEST, anchor="end", mono=True, key=key)
                right -= w + 5
        return right

    def differs(self, x: float, y: float, w: float, words: str) -> None:
        """A mark around what differs in the other kernel."""
        tip = f"on the other side: {words}"
        self.sheet.rect(x - 2.5, y - 2.5, w + 5, self.h + 5, "differs", 6, tip=tip)


def _wide(words: str, own: str, size: float, **known: Any) -> float:
    """How much room the words and the content of a row take."""
    return width(words, size, **known) + 4 + (width(own, size, True, True) + 8 if own else 0)


def needed(seen: Seen | Cached, second: str = "") -> float:
    """How much room a row's words need at least, and those of its second line, if it has one."""
    content = seen.role == "cached"
    own = seen.own if isinstance(seen, Seen) else ""
    return max(
        _wide(seen.words, own, SMALLEST, bold=content, mono=content), width(second, SMALLEST, True) + 4 if second else 0
    )


def below(other: Seen | Cached | None, was: Seen | Cached | None) -> tuple[str, str]:
    """A second line, with its role: what the other kernel has instead, or else what was there before; or nothing."""
    if other is not None:
        return f"≠ {other.words}", "other"
    return (f"was {was.words}", "muted") if was is not None else ("", "")


def flags_width(flags: tuple[str, ...]) -> float:
    """How much room flags take."""
    return sum(width(flag, SMALLEST, mono=True) + (10 if flag in LOUD else 5) for flag in flags)
