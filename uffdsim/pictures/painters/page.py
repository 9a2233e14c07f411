"""The painter for pages: JavaScript that draws the shapes of frames, and changes only what differs."""

from pathlib import Path

SOURCE = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
"""Functions for a script of a page: ``unfolded(frames)``, and ``new Painter(host).paint(picture)``."""
