"""Runs first in the kernel of a lesson that becomes a page: labs and questions show themselves as data.

What a lab is to be tried with stands in the file that UFFDSIM_TRIES names: a cell's code to a list of settings.
"""

import json
import os
from pathlib import Path

from uffdsim.course import Question
from uffdsim.lab import Lab
from uffdsim.lab.stored import stored
from uffdsim.pictures import draw, log_html, svg

LAB = "application/vnd.uffdsim.lab+json"
QUESTION = "application/vnd.uffdsim.question+json"
SIZE = (680, 262)
TRIES = json.loads(Path(os.environ["UFFDSIM_TRIES"]).read_text(encoding="utf-8"))


def lab(lab: Lab, **_) -> dict:
    tries = TRIES.get(get_ipython().user_ns["In"][-1].strip(), ())  # noqa: F821  IPython's own name
    return {"text/plain": str(lab), "text/html": lab.still(), LAB: stored(lab, tries)}


def question(question: Question, **_) -> dict:
    trace, before = question.trace, question.before
    end = len(trace.events)
    asked = {
        "told": question.told(),
        "prompt": question.prompt,
        "before": svg(draw("tables", trace, before, size=SIZE), f"{question.name}-before"),
        "choices": [[text, question.answer(text)._repr_html_()] for text in question.choices],
        "after": svg(draw("tables", trace, end, size=SIZE), f"{question.name}-after"),
        "log": log_html(trace, max(question.verdict.events, default=before), around=end - before),
    }
    return {"text/plain": repr(question), QUESTION: asked}


formatter = get_ipython().display_formatter.mimebundle_formatter  # noqa: F821
formatter.for_type(Lab, lab)
formatter.for_type(Question, question)
