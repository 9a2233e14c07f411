"""A lesson as a page: its prose, code and outputs, with labs that step and questions that answer where no kernel is."""

import json
import re
from html import escape
from pathlib import Path

import slides
from asked import predictions, question

import notebooks

HERE = Path(__file__).parent
STARTUP = HERE / "shown.py"
LAB = "application/vnd.uffdsim.lab+json"
QUESTION = "application/vnd.uffdsim.question+json"
RESULT = "application/vnd.uffdsim.result+html"
MOVING = re.compile(r"!\[(.*?)\]\(attachment:first-minute\.webp\)")
TRY = re.compile(r"<!-- try\n(.*?)-->\s*```python(?: hidden)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def tries(source: str) -> dict[str, list[dict]]:
    """What a lesson asks to try in a lab: the code of the cell that shows it, to a list of settings."""
    return {
        code.strip(): [json.loads(line) for line in lines.splitlines() if line.strip()]
        for lines, code in TRY.findall(source)
    }


def executed(name: str):
    """The lesson's notebook, run, its labs and questions as data."""
    source = (notebooks.SOURCES / f"{name}.md").read_text(encoding="utf-8")
    return notebooks.build(name, STARTUP, json.dumps(tries(source)))


class Lesson:
    """One lesson: its name and title, the ``body`` of its page, and the ``labs`` on it, as ``lab.stored`` made them."""

    def __init__(self, name: str, notebook=None):
        self.name, self.title = name, notebooks.title(name)
        self.labs: list[dict] = []
        self.asked = 0
        cells = (notebook or executed(name)).cells
        self.body = "\n".join(piece for cell in cells for piece in self._pieces(cell))

    def _pieces(self, cell) -> list[str]:
        if cell.cell_type == "markdown":
            cell.source = MOVING.sub(lambda found: moving(found[1]), cell.source)
            return [f'<div class="site-prose">{reachable(slides.linked(slides.prose(cell)))}</div>']
        code = f"<pre tabindex=0>{slides.highlighted(cell.source)}</pre>"
        if "hide-input" in cell.metadata.get("tags", ()):
            title = escape(cell.source.splitlines()[0].removeprefix("# "))
            code = f"<details><summary>{title}</summary>{code}</details>"
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
        if RESULT in data:
            return data[RESULT]
        return reachable(slides.linked(slides.shown(output)))

    def _lab(self, lab: dict, still: str) -> str:
        """A still, which the page's script makes a lab; after what the lab asks, if it is to be predicted."""
        number = len(self.labs) - 1
        stands = f'<div class="uffdsim-lab site-lab" data-lab="{number}">{still}</div>'
        asked = lab["questions"]
        if not asked:
            return stands
        seen = f"<details><summary>What happens, step by step</summary>{stands}</details>"
        return predictions(asked, f"lab{number}") + seen


def moving(sentence: str) -> str:
    """The first minute in motion, on the paper that a page has."""
    image = f'<img class="site-{{0}}" src="first-minute-{{0}}.svg" alt="{escape(sentence)}" width="760">'
    return image.format("light") + image.format("dark")


def reachable(html: str) -> str:
    """What may scroll can be reached by keys, and an empty header is not a header."""
    return html.replace("<pre>", '<pre tabindex="0">').replace("<th></th>", "<td></td>")
