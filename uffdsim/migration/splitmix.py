"""Numbers that look drawn, and follow from where they stand alone: SplitMix64, and its words in any order."""

import numpy as np

_MASK = (1 << 64) - 1
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mixed(*numbers: int) -> int:
    """Some numbers as one of 64 bits that looks like none of them."""
    word = 0
    for number in numbers:
        word = _finished((word + number + _GOLDEN) & _MASK)
    return word


def _finished(word: int) -> int:
    """The last steps of SplitMix64 (Steele, Lea, Flood 2014; constants of Stafford's Mix13)."""
    word = (word ^ word >> 30) * _FIRST & _MASK
    word = (word ^ word >> 27) * _SECOND & _MASK
    return word ^ word >> 31


def words(key: int, first: int, count: int) -> np.ndarray:
    """The 64-bit words number ``first`` and following of SplitMix64 that starts from ``key``."""
    word = np.arange(first, first + count, dtype=np.uint64)
    word *= np.uint64(_GOLDEN)
    word += np.uint64(key)
    for shift, factor in ((30, _FIRST), (27, _SECOND)):
        word ^= word >> np.uint64(shift)
        word *= np.uint64(factor)
    word ^= word >> np.uint64(31)
    return word
