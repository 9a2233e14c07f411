"""Makes the site: every lesson as a page of plain files, for any host and any folder.

    python tools/pages [NAME…] [--to build/site]

A page has a lesson's prose, code and outputs. Its labs step, and its questions answer, without a kernel and without a
server. ``--lite`` adds JupyterLite, in which the same notebooks run in the reader's browser (``lite.py``).
"""

import argparse
import json
import shutil
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import jinja2  # noqa: E402
import lite  # noqa: E402
import notebooks  # noqa: E402
from lesson import Lesson  # noqa: E402

from uffdsim.course.predict.view import CSS as ASKED  # noqa: E402
from uffdsim.lab.stage import Stage  # noqa: E402
from uffdsim.pictures.painters import style  # noqa: E402

SITE = notebooks.ROOT / "build" / "site"


def template() -> jinja2.Template:
    return jinja2.Environment(autoescape=False, trim_blocks=True).from_string(_read("page.html"))


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
    """Write the pages of these lessons into a folder."""
    to.mkdir(parents=True, exist_ok=True)
    (to / "uffdsim.js").write_text(script(), encoding="utf-8")
    (to / "uffdsim.css").write_text(f"{Stage._css}\n{ASKED}\n{_read('page.css')}", encoding="utf-8")
    titles = [{"name": name, "title": notebooks.title(name)} for name in notebooks.names()]
    page = template()
    for i, one in enumerate(titles):
        if one["name"] not in names:
            continue
        lesson = Lesson(one["name"])
        data = f"{lesson.name}.js" if lesson.labs else ""
        if data:
            (to / data).write_text(f"uffdsimLabs({compact(lesson.labs)});", encoding="utf-8")
        around = {"before": titles[i - 1] if i else None, "after": titles[i + 1] if i + 1 < len(titles) else None}
        run = f"lite/notebooks/index.html?path={lesson.name}.ipynb" if lite else ""
        text = page.render(title=escape(lesson.title), body=lesson.body, data=data, lite=run, **around)
        (to / f"{lesson.name}.html").write_text(text, encoding="utf-8")
        print(f"wrote {lesson.name}.html")


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


if __name__ == "__main__":
    sys.exit(main())
