"""The notebooks: each is what its source makes, and says the same when it is run again."""

import re
from pathlib import Path

import nbformat
import pytest
from executed import notebook, notebooks

ROOT = Path(__file__).parents[1]
NAMES = notebooks.names()


def kept(name):
    """A notebook as it is in the repository."""
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def said(notebook):
    """All that the cells of a notebook say in letters; pictures depend on fonts and are left out."""
    return [[_words(output) for output in cell.get("outputs", ())] for cell in notebook.cells]


def _words(output):
    if output.output_type == "stream":
        return output.text
    data = output.get("data", {})
    return data.get("text/plain", ""), re.sub(r"base64,[\w+/=]+", "base64", data.get("text/html", ""))


def test_every_source_has_its_notebook():
    assert NAMES and {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_the_same_when_it_is_run_again(name):
    again, before = notebook(name), kept(name)
    assert [cell.source for cell in before.cells] == [cell.source for cell in again.cells], "run tools/notebooks.py"
    assert said(before) == said(again)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_keeps_nothing_that_changes(name):
    notebook = kept(name)
    assert "widgets" not in notebook.metadata
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
            assert output.output_type != "error"


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_of_a_notebook_has_words(name):
    for cell in kept(name).cells:
        for output in cell.get("outputs", ()):
            for image in re.findall(r"<img[^>]*>", output.get("data", {}).get("text/html", "")):
                assert re.search(r'alt="[^"]{20,}"', image), image


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_short(name):
    """What is longer belongs in the package."""
    for cell in kept(name).cells:
        if cell.cell_type == "code":
            lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
            assert len(lines) <= 6, cell.source


def predictions(name):
    """Each prediction of a lesson, from its first word to the next one or the next heading, as its source has it."""
    text = notebooks.TEACHER.sub("", (notebooks.SOURCES / f"{name}.md").read_text(encoding="utf-8"))
    return [part.partition("\n##")[0] for part in text.split("**Predict")[1:]]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_predicted_is_answered_and_the_answer_is_folded_away(name):
    for asked in predictions(name):
        assert re.search(r"Question\(|Answer\(|<details>", asked), asked
        told = re.search(r"(?:Question|Answer)\([^`]*```\n+(.*)", asked)
        assert not told or not told[1].startswith(("- ", "No.", "It ", "Neither", "Nothing", "None")), asked


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_ends_with_what_one_can_do_now_and_leads_on(name):
    end = kept(name).cells[-1].source if name != "00-start-here" else "".join(c.source for c in kept(name).cells[-2:])
    assert "## What you can do now" in end and re.search(r"\*\*Next:\*\*.*\]\([\w-]+\.ipynb\)", end, re.DOTALL)
