"""The stylesheet of pictures on a page: each role's look as CSS, on white paper and in a dark theme.

A page's painter (``page.js``) draws shapes with the classes named here. Every colour is a variable, so that a change
of the theme changes all pictures at once.
"""

from uffdsim.pictures.painters.palette import themed
from uffdsim.pictures.painters.theme import DARK, HATCHED, INKS, LOOKS, MONO, PAPER, SANS, Look

HATCH = {
    "rising": "M-1 7L7-1M-1 1L1-1M5 7L7 5",
    "falling": "M-1-1L7 7M-1 5L1 7M5-1L7 1",
    "crossed": "M0 0L6 6M0 6L6 0",
}
"""The lines of each hatch, in a square of 6 by 6."""
GLIDE = 260
"""Milliseconds that a change takes to be seen; ``page.js`` says the same."""


def css(scope: str = ".uffdsim-picture") -> str:
    """The whole stylesheet, for pictures below ``scope``; dark where the page's theme is, or the reader's."""
    lines = [
        variables(),
        f"{scope}{{display:block;width:100%;font-family:{','.join(SANS)};border-radius:8px}}",
        f"{scope} text{{white-space:pre}}{scope} [data-event],{scope} [data-key]{{cursor:pointer}}",
        f"{scope} .uffdsim-mono{{font-family:{','.join(MONO)}}}{scope} .uffdsim-bold{{font-weight:700}}",
        f"{scope} .uffdsim-halo{{paint-order:stroke;stroke:{_colour(PAPER)};stroke-width:3px;stroke-linejoin:round}}",
        *(f"{scope} {_look(role, look)}" for role, look in LOOKS.items()),
        *(f"{scope} .uffdsim-{_slug(role)}-ink{{fill:var({variable(ink)})}}" for role, ink in INKS.items()),
        "@media (prefers-reduced-motion: no-preference){",
        f"{scope} :is(rect,path,text){{transition:all {GLIDE}ms ease-out}}}}",
    ]
    return "\n".join(lines)


def variables() -> str:
    """Every colour of pictures, on white paper and in a dark theme."""
    return themed(_variables(False), _variables(True))


def defs() -> str:
    """Hatches and arrowheads, as an SVG element to put once into a page."""
    patterns = (_pattern(role, look) for role, look in LOOKS.items() if look.hatch)
    heads = (_head(role, look) for role, look in LOOKS.items() if not look.fill)
    return (
        '<svg class="uffdsim-defs" width="0" height="0" aria-hidden="true" style="position:absolute"><defs>'
        f"{''.join(patterns)}{''.join(heads)}</defs></svg>"
    )


def _look(role: str, look: Look) -> str:
    fill = f"url(#uffdsim-{_slug(role)}-hatch)" if look.hatch else _colour(look.fill)
    rules = f"fill:{fill};stroke:{_colour(look.stroke)};stroke-width:{look.width:g}"
    if look.dash:
        rules += f";stroke-dasharray:{' '.join(f'{length:g}' for length in look.dash)}"
    name = _slug(role)
    return f".uffdsim-{name}{{{rules}}}path.uffdsim-{name}{{fill:none}}"


def _pattern(role: str, look: Look) -> str:
    return (
        f'<pattern id="uffdsim-{_slug(role)}-hatch" width="6" height="6" patternUnits="userSpaceOnUse">'
        f'<rect width="6" height="6" style="fill:{_colour(look.fill or PAPER)}"/>'
        f'<path d="{HATCH[look.hatch]}" style="stroke:{_colour(look.stroke)};fill:none" stroke-width="1.3" '
        f'stroke-opacity="{HATCHED:g}"/></pattern>'
    )


def _head(role: str, look: Look) -> str:
    return (
        f'<marker id="uffdsim-{_slug(role)}-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" '
        f'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0L10 5L0 10z" style="fill:{_colour(look.stroke)}"/></marker>'
    )


def _colour(colour: str) -> str:
    return f"var({variable(colour)})" if colour else "none"


def variable(colour: str) -> str:
    """What a colour is called on a page."""
    return f"--uffdsim-{colour.removeprefix('#').lower()}"


def _slug(role: str) -> str:
    return role.replace(" ", "-")


def _variables(dark: bool) -> str:
    fills = (colour for look in LOOKS.values() for colour in (look.fill, look.stroke) if colour)
    used = dict.fromkeys([PAPER, *INKS.values(), *fills])
    return ";".join(f"{variable(colour)}:{DARK[colour] if dark else colour}" for colour in used)
