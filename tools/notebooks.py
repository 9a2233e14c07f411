"""Makes the notebooks from their sources, and the teacher's guide with them.

    python tools/notebooks.py [NAME…]           write notebooks/NAME.ipynb, executed, and docs/teachers-guide.md
    python tools/notebooks.py --check [NAME…]   say what would change, and change nothing
    python tools/notebooks.py --slides [NAME…]  write build/slides/NAME.html of the notebooks as they are, see slides.py

A source is ``notebooks/src/NAME.md``: Markdown, in which each fence of ``python`` is a cell. A fence of
``python hidden`` is a cell whose code is folded away. What stands between ``<!-- teacher`` and ``-->`` is for the
teacher's guide alone; between ``<!-- try`` and ``-->``, before a lab's cell, are settings to try on its page, a line of
JSON each (``tools/pages``). A line ``---`` begins a new slide, and is not seen otherwise. In the guide,
``<!-- marks -->`` stands for what ``marks.py`` prints.

Notebooks are kept with what they print and with stills of their labs, but without widget state: they read
well where nothing runs. The ids of cells are made from what is in them, so they stay.
"""

import argparse
import base64
import difflib
import hashlib
import mimetypes
import os
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "notebooks" / "src"
GUIDE = ROOT / "docs" / "teachers-guide.md"
SLIDES = ROOT / "build" / "slides"
TRY = re.compile(r"<!-- try\n.*?-->\n?", re.DOTALL)
TEACHER = re.compile(r"<!-- teacher\n(.*?)-->\n?", re.DOTALL)
IMAGE = re.compile(r"(?<=\]\()\.\./\.\./([\w/.-]+)(?=\))")
CODE = re.compile(r"^```python( hidden)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SLIDE = re.compile(r"^---$", re.MULTILINE)
WIDGET = "application/vnd.jupyter.widget-view+json"
SECONDS = 100
"""What a cell may take, which is less than a test may, so that it is the cell that is named."""
WARNINGS = "error,ignore::PendingDeprecationWarning:ipykernel.kernelbase"
"""Every warning is an error, but for one that the kernel gives at its own end."""


def names() -> list[str]:
    """The names of all notebooks, in order."""
    return sorted(path.stem for path in SOURCES.glob("[0-9]*.md"))


def cells(source: str) -> list:
    """The cells that a source stands for, in order."""
    found = []
    for slide in SLIDE.split(TRY.sub("", TEACHER.sub("", source))):
        pieces = CODE.split(slide)
        made = []
        for prose, hidden, code in zip(pieces[::3], [*pieces[1::3], None], [*pieces[2::3], None], strict=True):
            if prose.strip():
                made.append(markdown(prose.strip()))
            if code is not None:
                made.append(new_code_cell(code.rstrip()))
                if hidden:
                    made[-1].metadata = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
        for cell in made:
            cell.metadata["slideshow"] = {"slide_type": "slide" if cell is made[0] else "-"}
        found += made
    seen: dict[str, int] = {}
    for cell in found:
        id = hashlib.sha256(cell.source.encode()).hexdigest()[:10]
        seen[id] = seen.get(id, 0) + 1
        cell.id = id if seen[id] == 1 else f"{id}-{seen[id]}"
    return found


def markdown(text: str):
    """A cell of Markdown, with the images it shows attached to it."""
    cell = new_markdown_cell(IMAGE.sub(lambda found: f"attachment:{Path(found[1]).name}", text))
    for place in IMAGE.findall(text):
        data = base64.b64encode((ROOT / place).read_bytes()).decode()
        cell.setdefault("attachments", {})[Path(place).name] = {mimetypes.guess_type(place)[0]: data}
    return cell


def build(name: str, startup: Path | None = None, tries: str = "{}"):
    """The notebook of that name, executed from a clean kernel in an empty folder.

    :param startup: Python that the kernel runs first; it finds ``tries`` in the file that UFFDSIM_TRIES names.
    :raises nbclient.exceptions.CellExecutionError: if a cell fails; a warning is a failure.
    """
    notebook = new_notebook(cells=cells((SOURCES / f"{name}.md").read_text(encoding="utf-8")))
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            timeout=SECONDS,
            store_widget_state=False,
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
        )
        own = {"PYTHONWARNINGS": WARNINGS, "IPYTHONDIR": folder, "MPLCONFIGDIR": folder}
        if startup:
            own["UFFDSIM_TRIES"] = _start(Path(folder), startup, tries)
        client.execute(env={**os.environ, **own})
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            cell.outputs = [_kept(cell, output) for output in cell.outputs]
    return notebook


def _start(folder: Path, startup: Path, tries: str) -> str:
    """Have a kernel whose IPython lives in a folder run this first; the file with what is to be tried."""
    place = folder / "profile_default" / "startup"
    place.mkdir(parents=True)
    (place / "first.py").write_text(f"__import__('runpy').run_path({str(startup)!r})", encoding="utf-8")
    (place / "tries.json").write_text(tries, encoding="utf-8")
    return str(place / "tries.json")


def _kept(cell, output):
    """An output without what is of this run alone."""
    if output.output_type == "stream" and output.name == "stderr":
        raise RuntimeError(f"a cell wrote to stderr:\n{cell.source}\n{output.text}")
    if "data" in output:
        output.data.pop(WIDGET, None)
    return output


def written(notebook) -> str:
    """A notebook as its file holds it."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"


def guide() -> str:
    """The teacher's guide: what the sources say to teachers, lesson by lesson."""
    import marks

    said = TEACHER.sub("", (SOURCES / "teachers.md").read_text(encoding="utf-8")).strip()
    parts = [said.replace("<!-- marks -->", marks.said().rstrip())]
    for name in names():
        source = (SOURCES / f"{name}.md").read_text(encoding="utf-8")
        notes = [note.strip() for note in TEACHER.findall(source)]
        if notes:
            parts += [f"## `{name}`: {title(name)}", *notes]
    return "\n\n".join(parts) + "\n"


def write_slides(names: list[str]):
    """Write the slides of notebooks, and a page that leads to those there are."""
    import slides

    SLIDES.mkdir(parents=True, exist_ok=True)
    for name in names:
        path = SLIDES / f"{name}.html"
        path.write_text(slides.slides(ROOT / "notebooks" / f"{name}.ipynb"), encoding="utf-8")
    (SLIDES / "index.html").write_text(slides.index({f"{name}.html": title(name) for name in names}), encoding="utf-8")
    print(f"open {(SLIDES / 'index.html').relative_to(ROOT)}")


def title(name: str) -> str:
    """The title of a notebook: its first heading."""
    return re.search(r"^# (.*)$", (SOURCES / f"{name}.md").read_text(encoding="utf-8"), re.MULTILINE).group(1)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="which notebooks; all if none is named")
    parser.add_argument("--check", action="store_true", help="say what would change, and change nothing")
    parser.add_argument("--slides", action="store_true", help="write slides of the notebooks as they are")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.names) - set(names()):
        parser.error(f"there is no source for {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    if arguments.slides:
        write_slides(arguments.names or names())
        return 0
    made = {ROOT / "notebooks" / f"{name}.ipynb": written(build(name)) for name in arguments.names or names()}
    stale = renew(made, arguments.check)
    stale |= renew({GUIDE: guide()}, arguments.check)  # which asks the notebooks what they ask
    return int(arguments.check and stale)


def renew(made: dict[Path, str], check: bool) -> bool:
    """Write what is not as it was made, or only show it; and say whether there is any."""
    stale = {path: text for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        if check:
            old = path.read_text(encoding="utf-8") if path.exists() else ""
            sys.stdout.writelines(
                difflib.unified_diff(old.splitlines(True), text.splitlines(True), str(path.relative_to(ROOT)), "remade")
            )
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
