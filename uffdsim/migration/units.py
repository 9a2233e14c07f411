"""Amounts as people write them: ``64 GiB``, ``10 Gbit/s``, ``100 us``; and back again.

Sizes are in bytes, rates in bytes per second, times in seconds. Inside the simulation time is a whole number of
picoseconds: sums of whole numbers come out the same in whatever order they are made.
"""

import math
import re
from collections.abc import Callable
from numbers import Real
from typing import Any, Generic, TypeVar

from uffdsim.errors import Mistake

PICO = 10**12
"""Picoseconds in a second."""
_SIZES = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_TIMES = {"s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
_RATES = {"": 1, "k": 1e3, "m": 1e6, "g": 1e9}
_NUMBER = r"\s*(\d+(?:\.\d*)?|\.\d+)\s*"


Value = TypeVar("Value")
Given = str | float


class MigrationError(Mistake):
    """Something about a migration that is impossible; the message says what would be possible."""


class Amount(Generic[Value]):
    """A field of a dataclass that holds a number, and may be given as text.

    :param read: makes the number of what is given, as ``size`` does.
    :param what: what to call it in an error.
    :param default: the number if nothing is given.
    """

    def __init__(self, read: Callable[[Any, str], Value], what: str, default: Value):
        self.read, self.what, self.default = read, what, default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_{name}"

    def __get__(self, owner: object, kind: type) -> Value:
        return self.default if owner is None else getattr(owner, self.name)

    def __set__(self, owner: object, value: Given | None) -> None:
        object.__setattr__(owner, self.name, self.read(value, self.what))


def size(value: Given, what: str = "a size") -> int:
    """A size in bytes: ``"64G"``, ``"64 GiB"`` and ``2 << 20`` are sizes; K, M, G and T are powers of 1024.

    :raises MigrationError: if it is none.
    """
    found = re.fullmatch(_NUMBER + r"([kmgt]?)i?b?(?:ytes?)?\s*", str(value), re.IGNORECASE)
    if not found:
        raise MigrationError(f"{what} is {value!r}, and should be a number of bytes or read like 4K, 2M or 64 GiB")
    number = float(found[1]) * _SIZES[found[2].lower()]
    if number != int(number):
        raise MigrationError(f"{what} is {value!r}, which is not a whole number of bytes")
    return int(number)


def rate(value: Given, what: str = "a rate") -> float:
    """A rate in bytes per second: ``"10Gbit/s"``, ``"1.25 GB/s"``; a plain number is in bytes per second.

    :raises MigrationError: if it is none.
    """
    found = re.fullmatch(_NUMBER + r"(?:([kmg]?)(bit|b|bytes?)(?:/s|ps))?\s*", str(value), re.IGNORECASE)
    if not found:
        raise MigrationError(f"{what} is {value!r}, and should read like 10Gbit/s or 1.25GB/s")
    number = float(found[1]) * _RATES[(found[2] or "").lower()]
    return number / 8 if (found[3] or "").lower() == "bit" else number


def seconds(value: Given, what: str = "a time") -> float:
    """A time in seconds: ``"100us"``, ``"1.5 ms"``; a plain number is in seconds.

    :raises MigrationError: if it is none.
    """
    found = re.fullmatch(_NUMBER + r"(|s|ms|us|µs|μs|ns)\s*", _plain(value))
    if not found:
        raise MigrationError(f"{what} is {value!r}, and should read like 100us, 1.5ms or 2s")
    return float(found[1]) * _TIMES[found[2] or "s"]


def pico(value: float) -> int:
    """Seconds as picoseconds."""
    return round(value * PICO)


def said_size(number: float) -> str:
    """A number of bytes, in short: ``4K``, ``1.5G``."""
    for factor, name in ((1 << 40, "T"), (1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")):
        if number >= factor:
            return f"{_short(number / factor)}{name}"
    return f"{number:.0f}"


def said_rate(number: float) -> str:
    """A number of bytes per second, as networks are named: ``10 Gbit/s``."""
    for factor, name in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if number * 8 >= factor:
            return f"{_short(number * 8 / factor)} {name}"
    return f"{_short(number * 8)} bit/s"


def said_time(number: float) -> str:
    """A number of seconds: ``1.5 s``, ``13.5 µs``, ``0 s``."""
    if math.isnan(number):
        return "–"
    for factor, name in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if abs(number) >= factor * 0.9995:
            return f"{_short(number / factor)} {name}"
    return f"{_short(number * 1e9)} ns" if number else "0 s"


def _plain(value: Given) -> str:
    """A number without an exponent, which ``str`` gives to small ones."""
    return f"{value:.15f}" if isinstance(value, Real) and not isinstance(value, bool) else str(value)


def _short(number: float) -> str:
    """Three digits that count: ``1.25``, ``13.5``, ``128``, ``2046``."""
    digits = 0 if abs(number) >= 99.95 else 1 if abs(number) >= 9.995 else 2
    text = f"{number:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
