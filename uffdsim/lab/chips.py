"""Buttons in the words of a lab, as HTML: what each asks of Python, or of the page."""

import json
from html import escape


def chip(text: str, id: str, do: str, pressed: bool | None = None) -> str:
    """A button; it is a switch if it is said whether it is pressed."""
    is_pressed = "" if pressed is None else f' aria-pressed="{str(pressed).lower()}"'
    return f'<button type="button" id="{id}" class="uffdsim-chip"{is_pressed} data-do=\'{do}\'>{escape(text)}</button>'


def do(what: str, *arguments: object) -> str:
    """What a button asks of Python."""
    return escape(json.dumps({"do": what, "with": arguments}), quote=True)


def order(what: str) -> str:
    """What a button asks of the page, as the buttons of time do."""
    return escape(json.dumps({"order": what}), quote=True)
