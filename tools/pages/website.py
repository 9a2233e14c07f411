"""Makes the site: every lesson as a page of plain files, for any host and any folder.

    python tools/pages [NAME…] [--to build/site]

A page has a lesson's prose, code and outputs. Its labs step, and its questions answer, without a kernel and without a
server. ``--lite`` adds JupyterLite, in which the same notebooks run in the reader's browser (``lite.py``).
"""

import argparse
import json
import shutil
from html import escape
from pathlib import Path

import jinja2
import lite
import slides
from figures import SENTENCE
from lesson import Lesson, moving

import notebooks
from uffdsim.course.predict.view import CSS as ASKED
from uffdsim.lab.stage import Stage
from uffdsim.pictures.painters import style

HERE = Path(__file__).parent
SITE = notebooks.ROOT / "build" / "site"
LITE = "lite/notebooks/index.html?path={}.ipynb"
"""Where a notebook runs in the reader's browser."""


def template(name: str) -> jinja2.Template:
    return jinja2.Environment(autoescape=False, trim_blocks=True, lstrip_blocks=True).from_string(_read(name))


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def script() -> str:
    """All scripts of a page: the lab's own, in a box of their own, and those that stand in for Python."""
    lab = Stage._esm.replace("export default", "return")
    shared = json.dumps({"css": style.css(), "defs": style.defs()})
    return f"const stage = (() => {{\n{lab}\n}})();\nconst SHARED = {shared};\n{_read('stored.js')}\n{_read('page.js')}"


def compact(data: object) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def build(names: list[str], to: Path, lite: bool) -> None:
    """Write the pages of these lessons into a folder, and the first page, which leads to all."""
    to.mkdir(parents=True, exist_ok=True)
    (to / "uffdsim.js").write_text(script(), encoding="utf-8")
    (to / "uffdsim.css").write_text(
        f"{Stage._css}\n{style.variables()}\n{ASKED}\n{_read('page.css')}", encoding="utf-8"
    )
    lessons = [{"name": name, "number": int(name[:2]), "title": notebooks.title(name)} for name in notebooks.names()]
    _first_page(lessons, to, lite)
    for i, one in enumerate(lessons):
        if one["name"] in names:
            before, after = lessons[max(0, i - 1) : i], lessons[i + 1 : i + 2]
            write(Lesson(one["name"]), to, lite, {"before": (before or [None])[0], "after": (after or [None])[0]})


def write(lesson: Lesson, to: Path, lite: bool, around: dict) -> None:
    data = f"{lesson.name}.js" if lesson.labs else ""
    if data:
        (to / data).write_text(f"uffdsimLabs({compact(lesson.labs)});", encoding="utf-8")
    run = LITE.format(lesson.name) if lite else ""
    text = template("page.html").render(title=escape(lesson.title), body=lesson.body, data=data, lite=run, **around)
    (to / f"{lesson.name}.html").write_text(text, encoding="utf-8")
    print(f"wrote {lesson.name}.html")


def _first_page(lessons: list[dict], to: Path, lite: bool) -> None:
    """What it is, in motion; the doors; and the lessons. What can be printed or shown to a room comes along."""
    for path in notebooks.ROOT.glob("docs/*"):
        if path.suffix == ".html":
            (to / path.name).write_text(slides.linked(path.read_text(encoding="utf-8")), encoding="utf-8")
        elif path.suffix in (".svg", ".c", ".md"):
            shutil.copy(path, to)
    (to / "slides").mkdir(exist_ok=True)
    for one in lessons:
        shown = slides.slides(notebooks.ROOT / "notebooks" / f"{one['name']}.ipynb", docs="../")
        (to / "slides" / f"{one['name']}.html").write_text(shown, encoding="utf-8")
    titles = {f"{one['name']}.html": f"{one['number']}. {one['title']}" for one in lessons}
    (to / "slides" / "index.html").write_text(slides.index(titles), encoding="utf-8")
    body = template("first.html").render(lessons=lessons, moving=moving(SENTENCE), lite=LITE if lite else "")
    text = template("page.html").render(title="A page fault, answered by a program", body=body, first=True)
    (to / "index.html").write_text(text, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/pages", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="which lessons; all if none is named")
    parser.add_argument("--to", type=Path, default=SITE, help="the folder to write (build/site)")
    parser.add_argument("--lite", action="store_true", help="with JupyterLite beside the pages")
    parser.add_argument("--offline", action="store_true", help="a JupyterLite that never asks for numpy and matplotlib")
    arguments = parser.parse_args(argv)
    if unknown := set(arguments.names) - set(notebooks.names()):
        parser.error(f"there is no lesson {', '.join(sorted(unknown))}; there are {', '.join(notebooks.names())}")
    if not arguments.names:
        shutil.rmtree(arguments.to, ignore_errors=True)
    build(arguments.names or notebooks.names(), arguments.to, arguments.lite)
    if arguments.lite:
        lite.build(arguments.to / "lite", arguments.offline)
        print("wrote lite")
    return 0
