"""What stands in one row of the picture "tables": the number of a page, what it is, who waits, and the flags."""

from typing import Any

from uffdsim.pictures.memory.bits import INSPECTED
from uffdsim.pictures.shapes.measure import width
from uffdsim.pictures.shapes.sheet import SMALLEST, Sheet
from uffdsim.pictures.tables.plan import Span
from uffdsim.pictures.tables.view import Cached, Parts, Seen, Waiter

LOUD = dict.fromkeys(INSPECTED, "uffd flag") | {"lo": "locked flag"}
"""The flags that stand out, and how."""
INK = {"poison": "reversed", "none": "muted", "unmapped": "muted", "hole": "muted"}
ROOMY = 38
"""From this height on, a row has room for a second line."""


class Rows:
    """Draws what rows have in them; all are ``h`` high."""

    def __init__(self, sheet: Sheet, h: float) -> None:
        self.sheet, self.h = sheet, h
        self.size = min(max(h * 0.38, SMALLEST), 15)

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
        middle = y + self.h / 2
        taken = width(own, self.size, True, True) + 8
        if own and taken < w:
            self.sheet.text(x + w - 6, middle, own, "text", self.size, anchor="end", bold=True, mono=True, key=key)
            w -= taken
        content = seen.role == "cached"
        low = bool(below[0]) and self.h > ROOMY
        known: dict[str, Any] = {"anchor": "middle", "bold": content, "mono": content, "key": key}
        ink = INK.get(seen.role, "text")
        self.sheet.text(x + w / 2, middle - 6 * low, seen.words, ink, self.size, w - 4, **known)
        if low:
            self.sheet.text(
                x + w / 2, y + self.h - 10, *below, SMALLEST, w - 4, anchor="middle", bold=below[1] == "other"
            )

    def heat(self, x: float, y: float, w: float, h: float, parts: Parts) -> None:
        """How much of a row is what, where a row is many pages that are not alike."""
        total = sum(pages for _, pages in parts)
        for role, pages in sorted(parts, key=lambda part: part[0] in INK) if len(parts) > 1 else ():
            share = w * pages / total
            self.sheet.rect(x, y, max(share, 2), h, "empty" if role == "none" else role, 1, tip=f"{pages:,} {role}")
            x += share

    def badge(self, right: float, y: float, waits: tuple[Waiter, ...], page: str) -> float:
        """Who waits for a page, or for one of some: a pill that ends at ``right``; where it begins."""
        who = str(waits[0]) if len(waits) == 1 else ", ".join(waiter.thread for waiter in waits)
        w = min(max(width(who, SMALLEST, True), 34) + 16, 100)
        h = min(self.h - 6, 32) if self.h > 31 else self.h - 1
        top, middle = y + (self.h - h) / 2, right - w / 2
        key, tip = f"waits for {page}", "; ".join(f"{waiter.step}, and waits" for waiter in waits)
        self.sheet.rect(right - w, top, w, h, "badge", h / 2, key=key, tip=tip)
        known: dict[str, Any] = {"anchor": "middle", "bold": True, "key": key, "tip": tip}
        known |= {"size": SMALLEST, "room": w - 10}
        if h > 25:
            self.sheet.text(middle, top + h * 0.29, who, "text", **known)
            self.sheet.text(middle, top + h * 0.72, "waits" if len(waits) == 1 else "wait", "waits", **known)
        else:
            self.sheet.text(middle, y + self.h / 2, who, "waits", **known)
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
        """A mark around what the other kernel has otherwise."""
        tip = f"on the other side: {words}"
        self.sheet.rect(x - 2.5, y - 2.5, w + 5, self.h + 5, "differs", 6, tip=tip)


def below(other: Seen | Cached | None, was: Seen | Cached | None) -> tuple[str, str]:
    """A second line, with its role: what the other kernel has instead, or else what was there before; or nothing."""
    if other is not None:
        return f"≠ {other.words}", "other"
    return (f"was {was.words}", "muted") if was is not None else ("", "")


def flags_width(flags: tuple[str, ...]) -> float:
    """How much room flags take."""
    return sum(width(flag, SMALLEST, mono=True) + (10 if flag in LOUD else 5) for flag in flags)
