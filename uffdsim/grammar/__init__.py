"""What a step may say: every op of the scenario format with its keys, what each key takes, and what the op is like.

An op's *traits* are what everybody else goes by: who wants all touches, or all that fill page tables, asks for the
trait, and names no op. ``keys`` says how values are checked, ``op`` what an op is, and ``ops`` which there are.
"""

from uffdsim.grammar.keys import FAR, NAME, Flags, Key, Wrong, hint, meant, text
from uffdsim.grammar.op import Op, Trait
from uffdsim.grammar.ops import ADVICE, APART, BACKINGS, COMMON, OPS, TOUCH, ops

__all__ = [
    "ADVICE", "APART", "BACKINGS", "COMMON", "FAR", "NAME", "OPS", "TOUCH", "Flags", "Key", "Op", "Trait", "Wrong",
    "hint", "meant", "ops", "text",
]  # fmt: skip
