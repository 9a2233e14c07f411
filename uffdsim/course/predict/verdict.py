"""Verdicts: how an answer to a question is judged."""

from typing import NamedTuple

from uffdsim.course.render import card, paragraphs

OPEN = "Not answered yet."
"""What is shown instead of a verdict before there is one."""


class Verdict(NamedTuple):
    """Whether an answer is right, what was said ("": nothing, the answer was asked for), what is true, and why.

    ``events`` are the numbers of the reasons.
    """

    right: bool
    said: str
    truth: str
    why: str
    events: tuple[int, ...] = ()
    mistake: str = ""
    """Where the wrong answer would be right; "" if we know of no such place."""
    unkept: str = ""
    """What went wrong with keeping it, or ""."""

    def __bool__(self):
        return self.right

    def __repr__(self):
        if not self.said:
            return f"The answer is “{self.truth}”. {self.why}"
        wrong = f"Not so. {self.mistake}The right answer is “{self.truth}”. "
        told = f"Right: “{self.truth}”. " if self.right else wrong
        return f"{told}{self.why} {self.unkept}".rstrip()

    def __str__(self):
        return repr(self)

    def _repr_html_(self):
        if not self.said:
            return card("plain", "The answer", paragraphs(f"“{self.truth}”.", self.why))
        head, mistake = ("Right", "") if self.right else ("Not so", self.mistake)
        truth = f"“{self.truth}”." if self.right else f"The right answer is “{self.truth}”."
        return card("right" if self.right else "wrong", head, paragraphs(mistake, truth, self.why, self.unkept))
