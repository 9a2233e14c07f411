"""The view of a question: what happened, a choice, and the verdict; by mouse, by keyboard and by ear."""

from html import escape
from typing import TYPE_CHECKING

import anywidget
from ipywidgets import HTML, RadioButtons, VBox
from traitlets import Dict, Unicode

from uffdsim.course.predict.offer import offer_of
from uffdsim.course.predict.verdict import OPEN
from uffdsim.course.progress import Progress, beside
from uffdsim.course.render import folded, headline, paragraphs
from uffdsim.errors import Mistake
from uffdsim.lab import shelf
from uffdsim.lab.guard import Guard
from uffdsim.pictures import draw, log_html
from uffdsim.pictures.painters import palette, style
from uffdsim.pictures.painters.svg import themed

if TYPE_CHECKING:
    from uffdsim.course.predict.question import Question

SIZE = (680, 262)
ALL = "What happened, event by event"
OFFER = (
    "<p>This browser has kept results of another session that are not here. "
    '<button type="button" class="uffdsim-plain" data-bring>Take them up</button></p>'
)
FIRST_CHOOSE = "Choose an answer first."
CSS = """
.uffdsim-ask {
  box-sizing: border-box; max-width: 880px; padding: 10px 14px; gap: 4px; overflow: hidden; color: var(--uffdsim-ink);
  color-scheme: var(--uffdsim-scheme); accent-color: var(--uffdsim-blue); background: var(--uffdsim-paper);
  border: 1px solid var(--uffdsim-line); border-left: 6px solid var(--uffdsim-blue); border-radius: 8px;
  font: 14px/1.5 "DejaVu Sans", Verdana, Helvetica, Arial, sans-serif;
}
.uffdsim-ask :is(.jupyter-widgets, .widget-html-content, label, ol, li, p, strong, code) {
  font-size: inherit; color: inherit;
}
.uffdsim-ask .widget-html-content { line-height: 1.5; }
.uffdsim-ask .jupyter-widgets { height: auto; overflow: visible; }
.uffdsim-ask .widget-radio, .uffdsim-ask .widget-radio-box { width: auto; max-width: none; margin: 0; }
.uffdsim-ask .widget-radio-box label {
  display: flex; align-items: center; gap: 8px; width: auto; height: auto; min-height: 30px; margin: 0;
  line-height: 1.4; white-space: normal; cursor: pointer;
}
.uffdsim-ask .widget-radio-box input { flex: none; width: 18px; height: 18px; margin: 0; float: none; order: -1; }
.uffdsim-ask button {
  height: 30px; margin: 4px 0 8px; padding: 0 14px; color: var(--uffdsim-on-blue);
  background: var(--uffdsim-blue); border: 1px solid var(--uffdsim-blue);
  border-radius: 15px; font: inherit; font-weight: 700; cursor: pointer;
}
.uffdsim-ask button:hover { background: var(--uffdsim-link); }
.uffdsim-ask button.uffdsim-plain { margin-left: 8px; color: var(--uffdsim-blue); background: var(--uffdsim-paper); }
.uffdsim-ask :is(button, input, summary, .uffdsim-box):focus-visible {
  outline: 3px solid var(--uffdsim-focus); outline-offset: 1px;
}
.uffdsim-ask .uffdsim-box { max-height: 220px; overflow: auto; margin: 4px 0; }
.uffdsim-ask .uffdsim-log li.now { font-weight: 700; }
.uffdsim-ask svg { max-width: 100%; height: auto; }
"""


class Live(anywidget.AnyWidget):
    """Two buttons, and a piece of HTML that is read out when it changes.

    One shows the answer. The other tells which of the choices beside it is checked (-1: none), as the page has it:
    their own widget may tell Python later than the button does. Enter on a choice presses it. The notebook does not
    take these keys for its own.
    """

    _esm = shelf.SOURCE + """
    function initialize({ model }) {
      shelve(model);
    }
    function render({ model, el }) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = model.get("says");
      const status = document.createElement("div");
      status.setAttribute("role", "status");
      status.setAttribute("aria-live", "polite");
      const show = document.createElement("button");
      show.type = "button";
      show.className = "uffdsim-plain";
      show.textContent = "Show me";
      show.title = "What is the answer? Looking it up does not count as answering.";
      el.append(button, show, status);
      const tell = () => { status.innerHTML = model.get("html"); };
      const choices = () => [...(el.closest(".uffdsim-ask")?.querySelectorAll("input[type=radio]") ?? [])];
      const adopt = () => {
        const root = el.closest(".uffdsim-ask");
        if (!root) return;
        // Notebook looks for the mark first on what has the focus, and hears keys before the page does.
        root.addEventListener("focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
        root.addEventListener("keydown", (event) => event.stopPropagation());
        const group = root.querySelector(".widget-radio-box");
        group.setAttribute("role", "radiogroup");
        group.setAttribute("aria-label", model.get("label"));
        const name = "uffdsim-" + Math.random().toString(36).slice(2);
        for (const choice of choices()) choice.name = name;
        group.addEventListener("keydown", (event) => {
          if (event.key === "Enter") button.click();
        });
      };
      button.addEventListener("click", () => model.send({ say: choices().findIndex((choice) => choice.checked) }));
      show.addEventListener("click", () => model.send({ show: true }));
      status.addEventListener("click", ({ target }) => target.matches("[data-bring]") && model.send({ do: "bring" }));
      model.on("change:html", tell);
      tell();
      requestAnimationFrame(adopt);
    }
    export default { initialize, render };
    """
    _css = f"{palette.css()}\n{style.variables()}\n{CSS}"
    html = Unicode().tag(sync=True)
    says = Unicode("That is my answer").tag(sync=True)
    label = Unicode().tag(sync=True)
    kept = Dict().tag(sync=True)
    """What the reader's browser is to keep of all results, as ``shelf.Place`` tells it."""


class Ask(VBox):
    """A question to be answered. What comes after it is not shown before it has been.

    :param keep: where answers are kept; beside the notebook if left out.
    """

    def __init__(self, question: "Question", keep: Progress | None = None, title: str = "Predict"):
        self.question = question
        self.kept = question.keep = question.keep or keep or beside()
        self.do = Guard(self.refresh, self._tell)
        self.about = HTML(self._about(title))
        self.choice = RadioButtons(options=question.choices, value=None)
        self.offer = offer_of(self.kept)
        self.live = Live(label=question.prompt, kept=self.offer.place.kept)
        self.live.on_msg(lambda _, message, buffers: self._pressed(message))
        super().__init__([self.about, self.choice, self.live])
        self.add_class("uffdsim-ask")
        self.refresh()

    def _about(self, title: str) -> str:
        q = self.question
        before = folded("What it looks like now", self._picture(q.before, "before"))
        return headline(escape(title)) + q.told() + before + paragraphs(q.prompt)

    def _picture(self, at: int, when: str) -> str:
        return themed(draw("tables", self.question.trace, at, size=SIZE), f"{self.question.name}-{when}")

    def _pressed(self, message: dict):
        if "show" in message:
            self.do(self.question.give_up)
        elif message.get("do") == "shelved":
            self.do.aside(self._shelved, message["others"])
        elif message.get("do") == "bring":
            self.do(self.offer.take)
        else:
            self.do(self.say, message["say"])

    def say(self, choice: int):
        """Answer with the choice of that number.

        :raises Mistake: if none was chosen (-1).
        """
        if choice < 0:
            raise Mistake(FIRST_CHOOSE)
        self.question.answer(choice)
        self.offer.keep()
        self.live.kept = self.offer.place.kept

    def _shelved(self, others: list[dict]):
        self.offer.hear(self.question.name, others)
        self.refresh()

    def refresh(self):
        """Show the verdict on the last answer, or that there was none."""
        offer = OFFER if self.offer.made_by(self.question.name) else ""
        self.live.html = offer + self._said()

    def _tell(self, mistake: str):
        """Show a mistake of the page's own, as HTML, above what there is."""
        self.live.html = mistake + self.live.html

    def _said(self) -> str:
        q = self.question
        if self.do.notice:
            return paragraphs(self.do.notice)
        if q.verdict is None:
            return paragraphs(OPEN, self._earlier(), self.kept.notice)
        after = folded("What it looks like after that", self._picture(len(q.trace.events), "after"))
        log = folded(ALL, f'<div class="uffdsim-box" tabindex="0" role="region" aria-label="{ALL}">{self._log()}</div>')
        return q.verdict._repr_html_() + after + log

    def _log(self) -> str:
        q = self.question
        events = q.verdict.events if q.verdict else ()
        return log_html(q.trace, max(events, default=q.before), around=len(q.trace.events) - q.before)

    def _earlier(self) -> str:
        entry = self.kept.entries.get((self.question.kept_as, self.question.name))
        if entry is None:
            return ""
        return "You have answered this before, and you were right." if entry.done else "You have tried this before."

    def __repr__(self):
        return repr(self.question)

    __str__ = __repr__

    def _repr_keys(self):
        return ()
