"""Plain widgets: those that look as all of their kind do share one layout and one style.

ipywidgets would give each widget two more for its looks, and each of those is made, sent and made again in the page: of
the 266 models that a lab was, two thirds.
"""

from typing import Any, TypeVar

from ipywidgets import DOMWidget, Widget

T = TypeVar("T", bound=DOMWidget)

_SHARED: dict[type[Widget], Widget] = {}


def plain(kind: type[T], *arguments: Any, **keys: Any) -> T:
    """A widget of that kind whose looks nobody will change: what it looks like is in the stylesheet."""
    looks = {name: _shared(getattr(kind, name).klass) for name in ("layout", "style") if hasattr(kind, name)}
    return kind(*arguments, **looks, **keys)


def _shared(kind: type[Widget]) -> Widget:
    found = _SHARED.get(kind)
    if found is None or found.comm is None:  # somebody has closed all widgets
        found = _SHARED[kind] = kind()
    return found
