"""What goes with a release, beside the package: its version, its changes, how to cite it."""

import importlib
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import yaml

from uffdsim.__main__ import main
from uffdsim.library import data

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_newest_change_is_of_this_version():
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] == PROJECT["version"] == version("uffdsim")


def test_how_to_cite_it_says_what_the_package_says():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert cited["cff-version"] == "1.2.0" and cited["message"] and cited["type"] == "software"
    assert cited["title"].casefold() == f"{PROJECT['name']}: {PROJECT['description']}".casefold()
    assert cited["license"] == PROJECT["license"]
    assert [author["name"] for author in cited["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert set(cited["keywords"]) <= set(PROJECT["keywords"])
    assert "version" not in cited  # which stands in pyproject.toml alone


def test_an_installed_one_is_compared_with_all_that_was_recorded(monkeypatch, capsys):
    monkeypatch.syspath_prepend(ROOT / "tools")
    command = importlib.import_module("installed").comparison(data())
    assert main(command) == 0
    assert "is no recording" not in capsys.readouterr().out
