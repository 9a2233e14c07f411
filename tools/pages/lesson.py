"""A lesson as a page: its prose, code and outputs, with labs that step and questions that answer where no kernel is."""

import json
import re
from html import escape
from pathlib import Path

import notebooks
import slides
from asked import predictions, question
from nbconvert.filters import markdown2html

HERE = Path(__file__).parent
STARTUP = HERE / "shown.py"
LAB = "application/vnd.uffdsim.lab+json"
QUESTION = "application/vnd.uffdsim.question+json"
TRY = re.compile(r"<!-- try\n(.*?)-->\s*```python(?: hidden)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def tries(source: str) -> dict[str, list[dict]]:
    """What a lesson asks to try in a lab: the code of the cell that shows it, and settings, one a line in the source."""
    return {
        code.strip(): [json.loads(line) for line in lines.splitlines() if line.strip()]
        for lines, code in TRY.findall(source)
    }


def executed(name: str):
    """The lesson's notebook, run, its labs and questions as data."""
    source = (notebooks.SOURCES / f"{name}.md").read_text(encoding="utf-8")
    return notebooks.build(name, STARTUP, json.dumps(tries(source)))


class Lesson:
    """One lesson: its name, its title, the ``body`` of its page, and the ``labs`` on it, as ``lab.stored`` made them."""

    def __init__(self, name: str):
        self.name, self.title = name, notebooks.title(name)
        self.labs: list[dict] = []
        self.asked = 0
        self.body = "\n".join(piece for cell in executed(name).cells for piece in self._pieces(cell))

    def _pieces(self, cell) -> list[str]:
        if cell.cell_type == "markdown":
            return [f'<div class="site-prose">{linked(markdown2html(cell.source))}</div>']
        code = f"<pre tabindex=0>{slides.highlighted(cell.source)}</pre>"
        if "hide-input" in cell.metadata.get("tags", ()):
            code = f"<details><summary>{escape(cell.source.splitlines()[0].removeprefix('# '))}</summary>{code}</details>"
        outputs = [f'<div class="site-output">{self._output(output)}</div>' for output in cell.outputs]
        return [f'<div class="site-code">{code}</div>', *outputs]

    def _output(self, output) -> str:
        data = output.get("data", {})
        if QUESTION in data:
            self.asked += 1
            return question(data[QUESTION], f"q{self.asked}")
        if LAB in data:
            self.labs.append(data[LAB])
            return self._lab(data[LAB], data["text/html"])
        return linked(slides.shown(output))

    def _lab(self, lab: dict, still: str) -> str:
        """A still, which the page's script makes a lab; after what the lab asks, if it is to be predicted."""
        number = len(self.labs) - 1
        stands = f'<div class="uffdsim-lab site-lab" data-lab="{number}">{still}</div>'
        asked = lab.pop("questions")
        if not asked:
            return stands
        seen = f"<details><summary>What happens, step by step</summary>{stands}</details>"
        return predictions(asked, f"lab{number}") + seen


def linked(html: str) -> str:
    """A page's links lead to pages, where a notebook's lead to notebooks."""
    return re.sub(r'href="((?:\d\d-)[\w-]+)\.ipynb', r'href="\1.html', html)
