"""The colours of what stands around pictures: cards, tables, controls and words, on white paper and in a dark theme.

On a page that has ``css()``, each is a variable, ``--uffdsim-ink``. HTML that is kept, and read where nothing runs,
says ``colour("ink")``: that variable, or else what JupyterLab has for it, or else the colour on white paper.
"""

from uffdsim.pictures.painters.theme import BLUE, DARK, FAINT, GREEN, INK, MUTED, PAPER, VERMILLION, YELLOW

COLOURS: dict[str, tuple[str, str]] = {
    **{
        name: (colour, DARK[colour])
        for name, colour in {
            "ink": INK, "muted": MUTED, "line": FAINT, "quiet": "#f5f6f8", "paper": PAPER, "now": YELLOW, "blue": BLUE,
            "bad-line": VERMILLION, "good-line": GREEN, "left": "#a84a00",
        }.items()
    },
    "edge": ("#8a929c", "#7d8794"),
    "hover": ("#e6eef5", "#2d3a47"),
    "focus": ("#e69f00", "#f0b542"),
    "idle": ("#6b7480", "#98a2ae"),
    "note": ("#fffdf2", "#24231c"),
    "note-line": ("#e5d9a3", "#57502b"),
    "bad": ("#fdeee2", "#3d2415"),
    "good": ("#e3f4ee", "#12362b"),
    "differs": ("#e8f1f8", "#1a2f40"),
    "link": ("#005a8e", "#6fbdf0"),
    "on-blue": ("#ffffff", "#111111"),
    "console": ("#1b1e23", "#0c0e11"),
    "on-console": ("#eceef1", "#eceef1"),
}  # fmt: skip
"""Name to colour, on white paper and in a dark theme."""

JUPYTER = {
    "ink": "content-font-color1",
    "muted": "content-font-color2",
    "paper": "layout-color0",
    "quiet": "layout-color1",
    "line": "border-color1",
    "edge": "border-color0",
    "link": "content-link-color",
}
"""What JupyterLab calls those that change with its theme, but for its ``--jp-``."""


def colour(name: str) -> str:
    """A colour as the style of an element says it, also where there is none of our stylesheets."""
    light, jupyter = COLOURS[name][0], JUPYTER.get(name)
    return f"var(--uffdsim-{name},{f'var(--jp-{jupyter},{light})' if jupyter else light})"


def css() -> str:
    """All of them as variables, and which scheme it is, for a browser's own controls."""
    light, dark = ([f"--uffdsim-{name}:{both[i]}" for name, both in COLOURS.items()] for i in (0, 1))
    return themed(";".join([*light, "--uffdsim-scheme:light"]), ";".join([*dark, "--uffdsim-scheme:dark"]))


def themed(light: str, dark: str) -> str:
    """Variables that are these on white paper, and those where the page's theme is dark, or else the reader's."""
    reader = ":root:not([data-theme]):not(:has([data-jp-theme-light]))"
    page = ':is(:root[data-theme="dark"],[data-jp-theme-light="false"])'
    return f":root{{{light}}}\n@media (prefers-color-scheme: dark){{{reader}{{{dark}}}}}\n{page}{{{dark}}}"
