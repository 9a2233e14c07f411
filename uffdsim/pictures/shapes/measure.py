"""How wide text is, without a font at hand: by the widths of DejaVu Sans, the widest of the fonts we name."""

import re
from functools import lru_cache

_REGULAR_WIDTHS = """
    32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 100 68 69
    70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 50 61 63 55 63 62
    35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84
"""
_BOLD_WIDTHS = """
    35 46 52 84 70 100 87 31 46 46 52 84 38 42 38 37 70 70 70 70 70 70 70 70 70 70 40 40 84 84 84 58 100 77 76
    73 83 68 68 82 84 37 37 77 64 100 84 85 73 85 77 72 68 81 77 110 77 72 73 46 37 46 84 50 50 67 72 59 72 68
    44 72 71 34 34 67 34 104 71 69 72 72 49 60 48 71 65 92 65 65 58 71 37 71 84
"""
_FIRST = 32
_MONO = 61
_NUMBER, _IN_NUMBER = re.compile(r"\d[\w,]*$"), re.compile(r"(?<=\w|,)\w|,\d")
"""The beginning of a number at the end of a text; and a place in a word, or between the digits of a number."""
_OTHERS = {"·": 32, "–": 50, "…": 100, "×": 84, "→": 84, "≠": 84, "▸": 50}
_REGULAR, _BOLD = ([int(width) for width in table.split()] for table in (_REGULAR_WIDTHS, _BOLD_WIDTHS))


@lru_cache(4096)
def width(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
    """How wide a line of text of this size is, in units of the picture."""
    if mono:
        return len(text) * _MONO * size / 100
    table = _BOLD if bold else _REGULAR
    last = _FIRST + len(table)
    hundredths = sum(table[ord(c) - _FIRST] if _FIRST <= ord(c) < last else _OTHERS.get(c, 90) for c in text)
    return hundredths * size / 100


@lru_cache(4096)
def fit(text: str, room: float, size: float, bold: bool = False, mono: bool = False) -> str:
    """As much of a text as has room, with … where it was cut; of a number all or nothing."""
    if width(text, size, bold, mono) <= room:
        return text
    left = text
    while left and width(left + "…", size, bold, mono) > room:
        left = left[:-1]
    if not left:
        return ""
    if _IN_NUMBER.match(text, len(left)):
        left = _NUMBER.sub("", left)
    return left.rstrip(" (") + "…"


@lru_cache(1024)
def fit_name(name: str, room: float, size: float, bold: bool = False, mono: bool = False) -> str:
    """A name, without its middle where there is no room for it: names that are alike differ at their ends."""
    left = name
    while len(left) > 2 and width(left, size, bold, mono) > room:
        kept = len(left.replace("…", "")) - 1
        left = f"{name[: kept - kept // 2]}…{name[len(name) - kept // 2 :]}"
    return left


@lru_cache(1024)
def wrap(text: str, room: float, size: float, lines: int = 99, bold: bool = False) -> tuple[str, ...]:
    """A text in lines that have room; what does not fit in so many lines is cut off with …."""
    wrapped, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and width(longer, size, bold) > room:
            wrapped.append(line)
            line = word
        else:
            line = longer
    wrapped.append(line)
    if len(wrapped) > lines:
        wrapped[lines - 1 :] = [" ".join(wrapped[lines - 1 :])]
    return tuple(fit(line, room, size, bold) for line in wrapped)
