"""The painter for screens: a picture as one SVG element, sharp at every size, with no need of fonts or scripts."""

import re
from base64 import b64encode
from collections.abc import Callable
from functools import lru_cache
from html import escape

from uffdsim.pictures.painters.style import variable
from uffdsim.pictures.painters.theme import DARK, HATCHED, INKS, LOOKS, MONO, PAPER, SANS
from uffdsim.pictures.shapes import Line, Picture, Rect, Shape, Text

_UNSAFE = re.compile(r"[^\w-]|^(?=[\d-])")
"""What no class in a style sheet has, and where one must not begin."""
_COLOUR = re.compile(f'(?:(fill|stroke)=")?({"|".join(DARK)})(?(1)")')
"""A colour in SVG, as a whole attribute or within a style: variables are for styles only."""
_HATCH = {
    "rising": '<path d="M-1 7L7-1M-1 1L1-1M5 7L7 5" {}/>',
    "falling": '<path d="M-1-1L7 7M-1 5L1 7M5-1L7 1" {}/>',
    "crossed": '<path d="M0 0L6 6M0 6L6 0" {}/>',
}


def svg(picture: Picture, prefix: str) -> str:
    """The picture as SVG text, always the same for the same picture.

    It takes all the width it is given, and never more height than its shape asks for. ``prefix`` begins the names
    that must be unique in the page around it, so give every picture of a page its own.
    """
    prefix = _UNSAFE.sub("_", prefix)
    roles = dict.fromkeys(shape.role for shape in picture.shapes if not isinstance(shape, Text))
    inks = dict.fromkeys(shape.role for shape in picture.shapes if isinstance(shape, Text))
    heads = dict.fromkeys(shape.role for shape in picture.shapes if isinstance(shape, Line) and shape.arrow)
    names = {role: f"{prefix}-{role.replace(' ', '-')}" for role in (*roles, *inks)}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{prefix}" viewBox="0 0 {_n(picture.width)} '
        f'{_n(picture.height)}" width="100%" role="img" aria-label="{escape(picture.sentence)}" '
        f'style="display:block;background:{PAPER};border-radius:8px" font-family="{", ".join(SANS)}">',
        "<style>",
        f".{prefix} text{{white-space:pre}}.{prefix} [data-event]{{cursor:pointer}}",
        f".{prefix} text:not([data-event],:has(title)){{pointer-events:none}}",
        f".{prefix} .{prefix}-mono{{font-family:{', '.join(MONO)}}}.{prefix} .{prefix}-bold{{font-weight:700}}",
        f".{prefix} .{prefix}-halo{{paint-order:stroke;stroke:{PAPER};stroke-width:3px;stroke-linejoin:round}}",
        *(_look(names[role], role, prefix) for role in roles),
        *(f".{names[role]}-t{{fill:{INKS[role]}}}" for role in inks),
        "</style><defs>",
        *(_pattern(names[role], role) for role in roles if LOOKS[role].hatch),
        *(_head(names[role], role) for role in heads),
        "</defs>",
    ]
    for shape in picture.shapes:
        parts.append(_PAINT[type(shape)](shape, names[shape.role], prefix))
    parts.append("</svg>")
    return "\n".join(parts)


def themed(picture: Picture, prefix: str) -> str:
    """The same for a page that has ``style.variables()``: its colours are the theme's."""
    return _COLOUR.sub(lambda found: _follow(*found.groups()), svg(picture, prefix))


def _follow(attribute: str | None, colour: str) -> str:
    value = f"var({variable(colour)},{colour})"
    return f'style="{attribute}:{value}"' if attribute else value


def image(picture: Picture) -> str:
    """The picture as an HTML image with its sentence as alternative text: nothing around it can change its looks."""
    data = b64encode(svg(picture, "u").encode()).decode()
    return (
        f'<img alt="{escape(picture.sentence)}" width="{_n(picture.width)}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _look(name: str, role: str, prefix: str) -> str:
    look = LOOKS[role]
    fill = f"url(#{name}-h)" if look.hatch else look.fill or "none"
    css = f"fill:{fill};stroke:{look.stroke or 'none'};stroke-width:{_n(look.width)}"
    if look.dash:
        css += f";stroke-dasharray:{' '.join(map(_n, look.dash))}"
    return f".{name}{{{css}}}"


def _pattern(name: str, role: str) -> str:
    look = LOOKS[role]
    lines = _HATCH[look.hatch].format(
        f'stroke="{look.stroke}" stroke-width="1.3" stroke-opacity="{HATCHED:g}" fill="none"'
    )
    return (
        f'<pattern id="{name}-h" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" fill="{look.fill or PAPER}"/>{lines}</pattern>'
    )


def _head(name: str, role: str) -> str:
    return (
        f'<marker id="{name}-a" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z" fill="{LOOKS[role].stroke}"/></marker>'
    )


def _rect(shape: Rect, name: str, prefix: str) -> str:
    return _element(
        "rect",
        f'class="{name}" x="{_n(shape.x)}" y="{_n(shape.y)}" width="{_n(shape.w)}" height="{_n(shape.h)}" '
        f'rx="{_n(shape.round)}"',
        shape,
    )


def _line(shape: Line, name: str, prefix: str) -> str:
    points = [f"{_n(x)} {_n(y)}" for x, y in shape.points]
    d = f"M{points[0]}C{' '.join(points[1:])}" if shape.curve else "M" + "L".join(points)
    head = f' marker-end="url(#{name}-a)"' if shape.arrow else ""
    return _element("path", f'class="{name}" style="fill:none" d="{d}"{head}', shape)


def _text(shape: Text, name: str, prefix: str) -> str:
    classes = (
        f"{name}-t" + f" {prefix}-mono" * shape.mono + f" {prefix}-bold" * shape.bold + f" {prefix}-halo" * shape.halo
    )
    x, y = _n(shape.x), _n(shape.y + 0.36 * shape.size)
    turn = f' transform="rotate({_n(shape.angle)} {_n(shape.x)} {_n(shape.y)})"' if shape.angle else ""
    anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
    attributes = f'class="{classes}" x="{x}" y="{y}" font-size="{_n(shape.size)}"{anchor}{turn}'
    return _element("text", attributes, shape, escape(shape.text, quote=False))


def _element(tag: str, attributes: str, shape: Shape, inside: str = "") -> str:
    if shape.event is not None:
        attributes += f' data-event="{shape.event}"'
    if shape.key:
        attributes += f' data-key="{escape(shape.key)}"'
    if shape.tip:
        inside += f"<title>{escape(shape.tip, quote=False)}</title>"
    return f"<{tag} {attributes}>{inside}</{tag}>" if inside else f"<{tag} {attributes}/>"


@lru_cache(4096)
def _n(number: float) -> str:
    """A number as short as it can be written, to a tenth."""
    return f"{number + 0:.1f}".removesuffix(".0")  # -0.0 equals 0.0, and must read alike


_PAINT: dict[type, Callable[..., str]] = {Rect: _rect, Line: _line, Text: _text}
