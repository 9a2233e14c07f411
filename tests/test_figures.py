"""What the README opens with: the first minute in motion, numbers from the data, and doors that are there."""

import importlib.util
import re
from html import unescape
from pathlib import Path

import pytest

from uffdsim import library

ROOT = Path(__file__).parents[1]
SPEC = importlib.util.spec_from_file_location("figures", ROOT / "tools" / "figures.py")
tool = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(tool)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_pictures_and_numbers_are_those_that_would_be_made_today(capsys):
    assert tool.main(["--check"]) == 0, f"run `make figures`: {capsys.readouterr().out}"


def test_the_readme_shows_what_it_is_before_it_says_it():
    title, picture, *_ = README.split("\n\n")
    assert title == "# uffdsim" and picture.startswith("<picture>")
    assert unescape(re.search(r'alt="(.*)"', picture)[1]) == tool.SENTENCE
    shown = re.findall(r'(?:src|srcset)="(.*?)"', picture)
    assert shown == ["docs/first-minute-dark.svg", "docs/first-minute-light.svg"]
    assert all((ROOT / path).exists() for path in shown)


def test_the_numbers_of_the_readme_are_counted_in_the_data():
    told = [int(number.replace(",", "")) for number in re.findall(r"^\| ([\d,]+) \|", README, re.MULTILINE)]
    kernels, scenarios, _, recordings, answers = told
    assert kernels == len(list(library.data().glob("recordings/*/")))
    assert scenarios == len(list(library.data().glob("scenarios/*.json")))
    files = list(library.data().glob("recordings/*/*.jsonl"))
    assert recordings == len(files) and answers == sum(len(file.read_bytes().splitlines()) for file in files)


def test_there_is_a_picture_of_other_numbers_once_there_are_some(monkeypatch):
    monkeypatch.setattr(library, "scenarios", lambda: ["found-1", "01-one"])
    assert "| 2 | scenarios" in tool.numbers() and "| 1 | of them found" in tool.numbers()


@pytest.mark.parametrize("page", ["README.md", "docs/binder.md", "CHANGELOG.md"])
def test_a_page_leads_to_what_is_there(page):
    for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        assert ((ROOT / page).parent / link).exists(), link


def test_every_lesson_has_its_link_on_binder():
    links = re.findall(
        r"HEAD\?urlpath=lab/tree/(\S+\.ipynb)", (ROOT / "docs" / "binder.md").read_text(encoding="utf-8")
    )
    assert links == sorted(f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb"))
