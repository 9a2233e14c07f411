from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["machines", "pages"]

# The same examples on every run; `make fuzz` looks for new ones.
settings.register_profile("test", deadline=None, derandomize=True, database=None)
settings.register_profile("fuzz", deadline=None, max_examples=10_000)
settings.load_profile("test")

ROOT = Path(__file__).parents[1]
TURNS = ("browser", "linux")
"""Tests that take turns: those that drive a JupyterLab, and those on the real kernel, which share its huge pages."""


class Shared(LoadScopeScheduling):
    """Workers share the tests file by file; those that take turns are one file."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(ROOT / nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Shared(config, log)


def pytest_collection_modifyitems(items):
    """Those that take turns come first, as they take longest. Those with a browser are tried once more, and told of."""
    for item in items:
        if "chromium" in item.fixturenames:
            item.add_marker(pytest.mark.flaky(reruns=1))  # it may be starved by what else runs on few processors
    order = {name: place for place, name in enumerate(TURNS)}
    items.sort(key=lambda item: order.get(_group(item.path), len(TURNS)))


@cache
def _group(path: Path) -> str:
    if path.stem.startswith("test_browser"):
        return "browser"
    return "linux" if "need.userfaultfd" in path.read_text(encoding="utf-8") else path.stem
