"""Stills: a lab as it is now, as plain HTML that needs neither a kernel nor scripts."""

from base64 import b64encode
from html import escape

from uffdsim.pictures import Picture, stacked, svg

STYLE = "max-width:980px;margin:0"


def still(pictures: list[Picture], text: str, how: str) -> str:
    """A figure with the pictures, one below the other, and their words as alternative text.

    Above them stands ``how`` the lab comes to life, for whoever opens a notebook again and looks for the buttons; and
    what it is.
    """
    whole = stacked(pictures)
    image = b64encode(svg(whole, "still").encode()).decode()
    return (
        f'<figure style="{STYLE}">'
        f'<figcaption style="margin:0 0 4px"><strong>{escape(how)}</strong> {escape(text)}</figcaption>'
        f'<img src="data:image/svg+xml;base64,{image}" alt="{escape(whole.sentence)}" '
        f'width="{whole.width:.0f}" style="width:100%;height:auto"></figure>'
    )
