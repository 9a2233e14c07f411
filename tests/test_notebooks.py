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
    """Code that is not folded away has few lines; what is longer belongs into the package."""
    for cell in kept(name).cells:
        if cell.cell_type == "code" and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
            assert len(lines) <= 12, cell.source
