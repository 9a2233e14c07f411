"""An answer that is folded away: what a cell shows, once somebody has said what they expect.

>>> Answer(1 + 1, "two")
2
two
"""

from collections.abc import Sequence
from html import escape

from uffdsim.course.render import folded

TITLE = "Say it first, then open: what happened"


class Answer:
    """What some calls or pictures show, folded away until it is opened: live, and in a notebook that nobody runs.

    :param shown: anything that a cell may end in, in this order; what is None is left out.
    """

    def __init__(self, *shown: object):
        self.shown = tuple(one for one in shown if one is not None)

    def __repr__(self):
        return "\n".join(str(one) for one in self.shown)

    def _repr_html_(self):
        return folded(TITLE, "".join(map(_html, self.shown)))


def _html(one: object) -> str:
    """A thing as its own HTML, or else its words, line by line."""
    own = getattr(one, "_repr_html_", None)
    found = own() if own else None
    if found is not None:
        return found
    text = "\n".join(map(str, one)) if isinstance(one, Sequence) and not isinstance(one, str) else str(one)
    return f'<pre style="margin:4px 0;white-space:pre-wrap">{escape(text)}</pre>'
