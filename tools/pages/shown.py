"""Runs first in the kernel of a lesson that becomes a page: labs and questions show themselves as data.

What a lab is to be tried with stands in the file that UFFDSIM_TRIES names: a cell's code to a list of settings.
"""

import copy
import json
import os
from pathlib import Path

from IPython import get_ipython

from uffdsim.course import Progress, Question
from uffdsim.course.build.exercise import NOTHING, Result
from uffdsim.lab import Lab
from uffdsim.lab.stored import stored
from uffdsim.pictures import draw, log_html
from uffdsim.pictures.painters.svg import themed

LAB = "application/vnd.uffdsim.lab+json"
QUESTION = "application/vnd.uffdsim.question+json"
RESULT = "application/vnd.uffdsim.result+html"
SIZE = (680, 262)
UNBUILT = "<p>Here you are told how far you are, as soon as you run it.</p>"
TRIES = json.loads(Path(os.environ["UFFDSIM_TRIES"]).read_text(encoding="utf-8"))


def lab(lab: Lab, **_) -> dict:
    tries = TRIES.get(get_ipython().user_ns["In"][-1].strip(), ())
    return {"text/plain": str(lab), "text/html": lab.still(), LAB: stored(lab, tries)}


def question(question: Question, **_) -> dict:
    trace, before = question.trace, question.before
    end = len(trace.events)
    words = {"text/plain": repr(question), "text/html": question._repr_html_()}
    question = copy.copy(question)  # whoever reads the lesson has not answered it
    question.keep = Progress(os.environ["IPYTHONDIR"])
    asked = {
        "told": question.told(),
        "prompt": question.prompt,
        "before": themed(draw("tables", trace, before, size=SIZE), f"{question.name}-before"),
        "choices": [[text, question.answer(text)._repr_html_()] for text in question.choices],
        "after": themed(draw("tables", trace, end, size=SIZE), f"{question.name}-after"),
        "log": log_html(trace, max(question.verdict.events, default=before), around=end - before),
    }
    return words | {QUESTION: asked}


def result(result: Result, **_) -> dict:
    """Whoever reads the page has not built anything, and is not told that it is not there yet."""
    words = {"text/plain": repr(result), "text/html": result._repr_html_()}
    return words | {RESULT: UNBUILT if result is NOTHING else words["text/html"]}


formatter = get_ipython().display_formatter.mimebundle_formatter
formatter.for_type(Lab, lab)
formatter.for_type(Question, question)
formatter.for_type(Result, result)
