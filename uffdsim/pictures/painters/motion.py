"""The painter for pages that run no script, as a README: pictures in a row, in an SVG that plays by itself."""

import re
from collections.abc import Sequence
from html import escape

from uffdsim.pictures.painters.svg import svg
from uffdsim.pictures.painters.theme import DARK
from uffdsim.pictures.shapes import Picture, Shape

FADE = 0.3
"""Seconds in which a picture comes."""


def motion(frames: Sequence[tuple[Picture, float]], prefix: str, sentence: str, dark: bool = False) -> str:
    """An animated SVG of pictures and the seconds that each is seen, over and over; all are as large as the largest.

    Whoever asked for less motion sees the last one. ``sentence`` is what all of them together show.
    """
    width = max(picture.width for picture, _ in frames)
    height = max(picture.height for picture, _ in frames)
    shapes: tuple[Shape, ...] = tuple(shape for picture, _ in frames for shape in picture.shapes)
    opening, rest = svg(Picture("motion", width, height, "", shapes, sentence), prefix).split("</style>", 1)
    defs, drawn = rest.split("</defs>", 1)
    painted = drawn.removesuffix("</svg>").strip().split("\n")
    groups, done = [], 0
    for n, (picture, _) in enumerate(frames):
        inside = "".join(painted[done : done + len(picture.shapes)])
        groups.append(f'<g class="{prefix}-{n}">{inside}</g>')
        done += len(picture.shapes)
    style = "".join(_shown([seconds for _, seconds in frames], prefix))
    head = f"{opening}{style}</style>{defs}</defs><title>{escape(sentence)}</title>"
    text = "\n".join([head, *groups, "</svg>"])
    return recoloured(text) if dark else text


def _shown(seconds: Sequence[float], prefix: str) -> list[str]:
    """When each picture is seen: it comes over the one before, which stays until then, and the last goes at the end."""
    whole = sum(seconds)
    rules, begin = [], 0.0
    for n, long in enumerate(seconds):
        come, full, end = (100 * at / whole for at in (begin, begin + FADE, min(begin + long + FADE, whole)))
        first = "" if n else "0%{opacity:1}"
        before = f"0%,{come:.2f}%{{opacity:0}}{full:.2f}%" if n else first + "0%"
        after = f"{end:.2f}%,100%{{opacity:0}}" if end < 100 else ""
        hold = f",{end - 0.01:.2f}%" if end < 100 else ",100%"
        rules.append(f"@keyframes {prefix}-{n}{{{before}{hold}{{opacity:1}}{after}}}")
        rules.append(f".{prefix}-{n}{{animation:{prefix}-{n} {whole:g}s infinite}}")
        begin += long
    still = ",".join(f".{prefix}-{n}" for n in range(len(seconds) - 1))
    last = f".{prefix}-{len(seconds) - 1}{{animation:none}}"
    rules.append(f"@media (prefers-reduced-motion:reduce){{{still}{{display:none}}{last}}}")
    return rules


def recoloured(text: str) -> str:
    """The same for a dark page."""
    dark = {colour.lower(): other for colour, other in DARK.items()}
    return re.sub(r"#[0-9a-fA-F]{6}\b", lambda found: dark.get(found[0].lower(), found[0]), text)
