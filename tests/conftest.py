from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["machines", "pages"]

# The same examples on every run; `make fuzz` looks for new ones.
settings.register_profile("test", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("test")

TURNS = ("browser", "linux")
"""Tests that take turns: those that drive a JupyterLab, and those on the real kernel, which share its huge pages."""


def pytest_collection_modifyitems(items):
    """Have workers share the tests file by file, those that take turns first, as they are the longest."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item.path)))
    order = {name: place for place, name in enumerate(TURNS)}
    items.sort(key=lambda item: order.get(_group(item.path), len(TURNS)))


@cache
def _group(path: Path) -> str:
    if path.stem.startswith("test_browser"):
        return "browser"
    return "linux" if "need.userfaultfd" in path.read_text(encoding="utf-8") else path.stem
