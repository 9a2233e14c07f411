"""What teachers are given: a guide that fits the lessons, and answers that are right."""

import re
from pathlib import Path

import pytest
from executed import notebooks

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```python(?: hidden)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def source(name):
    return (notebooks.SOURCES / f"{name}.md").read_text(encoding="utf-8")


def test_the_guide_is_what_the_sources_say_to_teachers():
    guide = (ROOT / "docs" / "teachers-guide.md").read_text(encoding="utf-8")
    assert guide == notebooks.guide(), "renew it: python tools/notebooks.py, with the name of any lesson"


@pytest.mark.parametrize("name", notebooks.names())
def test_every_lesson_tells_teachers_how_many_minutes_it_takes(name):
    assert re.search(r"\*\*Minutes\.\*\*", "".join(notebooks.TEACHER.findall(source(name))))


@pytest.mark.parametrize("name", notebooks.names())
def test_answers_for_teachers_are_right(name, tmp_path, monkeypatch):
    """Every block of Python that teachers are given runs, asserts included, after the cells that stand before it."""
    monkeypatch.chdir(tmp_path)
    names, text = {}, source(name)
    for match in BLOCK.finditer(text):
        line = text[: match.start()].count("\n") + 1
        exec(compile("\n" * line + match.group(1), f"{name}.md", "exec"), names)
    assert names


def test_links_of_the_guide_lead_somewhere():
    guide = (ROOT / "docs" / "teachers-guide.md").read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", guide)
    missing = [link for link in links if "://" not in link and not (ROOT / "docs" / link).exists()]
    assert links and not missing


@pytest.mark.parametrize("name", notebooks.names())
def test_links_of_a_lesson_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", notebooks.TEACHER.sub("", source(name)))
    folders = (ROOT / "notebooks", notebooks.SOURCES)  # a picture is looked for from the source
    missing = [link for link in links if "://" not in link and not any((one / link).exists() for one in folders)]
    assert not missing
