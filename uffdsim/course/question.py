"""Questions on what comes next: predict, then see. The simulator knows the answer, and the kernel says why.

>>> from uffdsim.library import scenario
>>> q = Question("message", scenario("01-hugetlb-minor-continue"), at=8)
>>> q.prompt
't1 reads page 0 of watched. Which message is left for the handler?'
>>> q.choices
('no message', 'PAGEFAULT, flags 0', 'PAGEFAULT, flags MINOR', 'PAGEFAULT, flags WRITE | MINOR')
>>> q.answer("a")
Not so. “no message” would be right if watched were registered MISSING. Right is “PAGEFAULT, flags MINOR”. Event …
"""

import json
from hashlib import sha256
from html import escape

from uffdsim import kernels
from uffdsim.course import render, words
from uffdsim.course.asked import Asked
from uffdsim.course.aspects import aspect, lacks
from uffdsim.course.mistakes import mistakes
from uffdsim.course.progress import keep_in
from uffdsim.course.render import card, folded, listed, paragraphs
from uffdsim.course.verdict import Verdict
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError, Trace

KERNEL = kernels.DEFAULT
CHOICES = 4
"""How many answers a question offers, unless it is told otherwise."""
LETTERS = "abcdefghij"
OPEN = "Not answered yet."
RUN = "Run the notebook to say what you think."


class Question:
    """What comes of a step: a choice of answers, of which a run of the scenario finds one true.

    :param what: what is asked, one of ``aspects.ASPECTS``: ``"message"``, ``"errno"``, ``"woken"``, ``"value"``, …
    :param scenario: what happens, up to the step that is asked about or further.
    :param at: the index of that step; the last if left out.
    :param of: the mapping, and ``page`` the page of it, for "smaps" and "entry"; those of the step if left out.
    :param text: what is asked, in other words than the usual ones.
    :param wrong: more wrong answers, each with the reason why it is none.
    :param name: under which the answer is kept; made from the question if left out.
    :raises ValueError: if the aspect does not fit the step, a wrong answer is right, or there is no wrong one.
    :raises KernelError: if there is no such kernel, or it cannot run the scenario.
    """

    def __init__(
        self,
        what: str,
        scenario: Scenario,
        at: int = -1,
        *,
        kernel: str = KERNEL,
        of: str = "",
        page: int | None = None,
        text: str = "",
        wrong: dict[str, str] | None = None,
        choices: int = CHOICES,
        name: str = "",
    ):
        asked_of = aspect(what)
        index = _index(scenario, at)
        self.scenario = Scenario(scenario.steps[: index + 1], scenario.name, scenario.about)
        self.kernel = kernel
        step = self.scenario[index]
        if not asked_of.fits(step):
            raise ValueError(f'"{what}" is nothing to ask about step {index}, {step.op}')
        self.trace: Trace = _simulated(kernel).run(self.scenario)
        if len(self.trace.observations) <= index:
            raise ValueError(f"step {index} is never carried out: the kernel dies before it")
        page = page if page is not None else step.get("page") or 0
        asked = Asked(self.trace, index, of or step.get("vma") or "", page)
        if lack := lacks(asked_of, asked):
            raise ValueError(f'"{what}" cannot be asked about step {index}, {step.op}: {lack}')
        self.prompt = f"{words.stopped(words.act(step))} {text or asked_of.asks(asked)}"
        self._truth = asked_of.truth(asked)
        self._events = tuple(asked_of.reasons(asked))
        self._mistakes = mistakes(asked_of, asked, self._truth, wrong or {}, choices - 1)
        self.choices: tuple[str, ...] = _in_order({self._truth, *self._mistakes}, asked_of.usual(asked))
        """The answers to choose from."""
        if len(self.choices) < 2:
            only = f"the only answer is {self._truth}"
            raise ValueError(f'"{what}" cannot be asked about step {index}, {step.op}: {only}')
        self.verdict: Verdict | None = None
        """What came of the last answer; None before there was one."""
        self.keep = None
        """Where answers are kept (``progress.Progress``); None: beside the notebook."""
        self.kept_as = "question"
        self.name = name or f"{what}-{_digest(self.scenario, kernel, asked.vma, page)}"

    # Answers

    def answer(self, choice: str | int) -> Verdict:
        """Whether a choice is right, and the kernel's reason.

        :param choice: the answer itself, its letter, or its number from 0.
        :raises ValueError: if it is none of the choices.
        """
        said = self._chosen(choice)
        mistake = self._mistakes.get(said, "")
        self.verdict = Verdict(said == self._truth, said, self._truth, self._why(), self._events, mistake)
        keep_in(self.keep, self.kept_as, self.name, self.verdict.right)
        return self.verdict

    def _why(self) -> str:
        step = len(self.scenario) - 1
        mine = any(event.function for event in self.trace.events if event.step == step)
        silent = "" if mine else "No fault: the page table allows it, and the kernel is not asked. "
        return silent + words.told(self.trace, list(self._events))

    def _chosen(self, choice: str | int) -> str:
        letters = LETTERS[: len(self.choices)]
        if choice in self.choices:
            return choice
        if isinstance(choice, str) and len(choice) == 1 and choice in letters:
            return self.choices[letters.index(choice)]
        if isinstance(choice, int) and not isinstance(choice, bool) and 0 <= choice < len(self.choices):
            return self.choices[choice]
        raise ValueError(f"{choice!r} is none of the answers; they are {', '.join(map(repr, self.choices))}")

    # What it looks like

    @property
    def before(self) -> int:
        """How many events have happened when the question is asked."""
        ends = self.trace.ends()
        return ends[-2] if len(ends) > 1 else 0

    @property
    def story(self) -> list[str]:
        """What has happened, step by step; the asked one is not among them."""
        return [words.act(step) + self._outcome(index) for index, step in enumerate(self.scenario.steps[:-1])]

    def _outcome(self, index: int) -> str:
        before = self.trace.observations[:-1]
        found = before[index]
        if found["status"] == "blocked":
            woken = any(entry["step"] == index for later in before for entry in later.get("completed", ()))
            return ": it waited" if woken else ": it waits"
        if "event" in found:
            return f": {words.message(found)}"
        if found.get("errno") or found.get("signal"):
            return f": {found.get('errno') or found['signal']}"
        return f": {words.byte(found['value'])}" if self.scenario[index].op in ("load", "kload") else ""

    @property
    def where(self) -> str:
        """A headline for what has happened, which names the kernel."""
        return f"What happened before, on {self.kernel}"

    def __repr__(self):
        lines = [f"{self.where}:", *(f"  {i}. {text}" for i, text in enumerate(self.story)), self.prompt]
        lines += [f"  {LETTERS[i]}) {text}" for i, text in enumerate(self.choices)]
        return "\n".join([*lines, str(self.verdict or OPEN)])

    def told(self) -> str:
        """What has happened, as HTML that can be folded."""
        return folded(self.where, listed(self.story, ordered=True, start=0), is_open=True)

    def _repr_html_(self):
        choices = "".join(f"<li>{escape(text)}</li>" for text in self.choices)
        said = self.verdict._repr_html_() if self.verdict else paragraphs(f"{OPEN} {RUN}")
        return card(
            "open", "Predict", self.told(), paragraphs(self.prompt),
            f'<ol type="a" style="margin:0 0 6px">{choices}</ol>', said,
        )  # fmt: skip

    def _repr_mimebundle_(self, **_):
        return render.shown(self)


def _index(scenario: Scenario, at: int) -> int:
    if not -len(scenario) <= at < len(scenario):
        raise ValueError(f"there is no step {at}; the scenario has steps 0 to {len(scenario) - 1}")
    return range(len(scenario))[at]


def _in_order(texts: set[str], usual: tuple[str, ...]) -> tuple[str, ...]:
    """The usual ones first, in their usual order, so that its place tells nothing about an answer."""
    return tuple(sorted(texts, key=lambda text: (usual.index(text) if text in usual else len(usual), len(text), text)))


def _simulated(name: str):
    found = kernels.kernel(name)
    if not hasattr(found, "session"):
        raise KernelError(f"only a simulated kernel says why, and {name} is none: leave kernel out, or name another")
    return found


def _digest(scenario: Scenario, *more) -> str:
    steps = json.dumps([step.to_json() for step in scenario] + [str(part) for part in more])
    return sha256(steps.encode()).hexdigest()[:10]
