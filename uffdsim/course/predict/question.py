"""Questions on what comes next: predict, then see. The simulator knows the answer, and the kernel says why.

>>> from uffdsim.library import scenario
>>> q = Question("message", scenario("01-hugetlb-minor-continue"), at=8)
>>> q.prompt
't1 reads page 0 of watched. Which message is left for the handler?'
>>> q.choices
('no message', 'PAGEFAULT, flags 0', 'PAGEFAULT, flags MINOR', 'PAGEFAULT, flags WRITE | MINOR')
>>> q.answer("a")
Not so. “no message” would be right if watched were registered MISSING. The right answer is …
"""

import json
from hashlib import sha256
from html import escape

from uffdsim import kernels, library, words
from uffdsim.course.predict.distractors import distractors
from uffdsim.course.predict.verdict import OPEN, Verdict
from uffdsim.course.progress import Progress, keep_in
from uffdsim.course.render import card, folded, listed, paragraphs, shown
from uffdsim.errors import Mistake, quoted
from uffdsim.questions import Subject, aspect
from uffdsim.scenario import Scenario
from uffdsim.trace import KernelError, Trace

CHOICES = 4
"""How many answers a question offers, by default."""
LETTERS = "abcdefghij"
RUN = f"{OPEN} Run the notebook to say what you think; or choose in your head, and open the answer."
ANSWER = "The answer, and why"


class Question:
    """What a step will do: a choice of answers, one of which a run of the scenario finds true.

    :param what: what is asked, one of ``questions.ASPECTS``: ``"message"``, ``"errno"``, ``"woken"``, ``"value"``, …
    :param scenario: what happens, up to the step that is asked about or further; or the name of a scenario.
    :param at: the index of that step; the last if left out.
    :param of: the mapping, and ``page`` the page of it, for "smaps" and "entry"; those of the step if left out.
    :param text: what is asked, in other words than the usual ones.
    :param wrong: more wrong answers, each with the reason why it is wrong.
    :param name: under which the answer is kept; made from the question if left out.
    :raises Mistake: if the aspect does not fit the step, a wrong answer is right, or there is no wrong one.
    :raises KernelError: if there is no such kernel, or it cannot run the scenario.
    """

    def __init__(
        self,
        what: str,
        scenario: Scenario | str,
        at: int = -1,
        *,
        kernel: str = kernels.DEFAULT,
        of: str = "",
        page: int | None = None,
        text: str = "",
        wrong: dict[str, str] | None = None,
        choices: int = CHOICES,
        name: str = "",
    ):
        one = aspect(what)
        story = library.scenario_of(scenario)
        if not (page is None or type(page) is int) or type(choices) is not int:
            raise Mistake(f"page and choices must be numbers, and are {quoted(page)} and {quoted(choices)}")
        if not isinstance(wrong or {}, dict):
            raise Mistake(f'wrong must be answers with their reasons, {{"0x41": "why not"}}, and is {quoted(wrong)}')
        index = _index(story, at)
        self.scenario = story.first(index + 1)
        self.kernel = kernel
        step = self.scenario[index]
        if not one.fits(step):
            raise Mistake(f'"{what}" cannot be asked about step {index}, {step.op}')
        self.trace: Trace = _simulated(kernel).run(self.scenario)
        if len(self.trace.observations) <= index:
            raise Mistake(f"step {index} is never carried out: the kernel dies before it")
        page = page if page is not None else step.get("page") or 0
        subject = Subject(self.trace, index, of or step.get("vma") or "", page)
        if lack := one.lacks(subject):
            raise Mistake(f'"{what}" cannot be asked about step {index}, {step.op}: {lack}')
        self._asked = one.ask(subject)
        self.prompt = f"{words.stopped(words.step(step))} {text or self._asked.asks}"
        self.mistakes = distractors(one, subject, self.truth, wrong or {}, choices - 1)
        """The wrong answers, each with a sentence on where it would be right; "" if we know of no such place."""
        self.choices: tuple[str, ...] = _in_order({self.truth, *self.mistakes}, self._asked.usual)
        """The answers to choose from."""
        if len(self.choices) < 2:
            only = f"the only answer is {self.truth}"
            raise Mistake(f'"{what}" cannot be asked about step {index}, {step.op}: {only}')
        self.verdict: Verdict | None = None
        """The verdict on the last answer; None before there was one."""
        self.keep: Progress | None = None
        """Where answers are kept (``progress.Progress``); None: beside the notebook."""
        self.kept_as = "question"
        self.name = name or f"{what}-{_digest(self.scenario, kernel, subject.vma, page)}"
        steps = [step.to_json() for step in self.scenario]
        self._handed_in = {"what": what, "steps": steps, "kernel": kernel, "of": subject.vma, "page": page}

    # Answers

    def answer(self, choice: str | int) -> Verdict:
        """Whether a choice is right, and the kernel's reason.

        :param choice: the answer itself, its letter, or its number from 0.
        :raises Mistake: if it is not one of the choices.
        """
        said, asked = self._chosen(choice), self._asked
        mistake, why = self.mistakes.get(said, ""), " ".join(asked.reasons)
        verdict = Verdict(said == asked.truth, said, asked.truth, why, asked.events, mistake)
        unkept = keep_in(self.keep, self.kept_as, self.name, verdict.right, {**self._handed_in, "said": said})
        self.verdict = verdict._replace(unkept=unkept)
        return self.verdict

    def give_up(self) -> Verdict:
        """The right answer and the kernel's reason, for whoever asks for them; nothing is kept of it."""
        self.verdict = self._told_truth
        return self.verdict

    @property
    def _told_truth(self) -> Verdict:
        return Verdict(False, "", self.truth, " ".join(self._asked.reasons), self._asked.events)

    @property
    def truth(self) -> str:
        """The right answer. No form of the question shows it openly before there was an answer."""
        return self._asked.truth

    def _chosen(self, choice: str | int) -> str:
        letters = LETTERS[: len(self.choices)]
        if choice in self.choices:
            return choice
        if isinstance(choice, str) and len(choice) == 1 and choice in letters:
            return self.choices[letters.index(choice)]
        if isinstance(choice, int) and not isinstance(choice, bool) and 0 <= choice < len(self.choices):
            return self.choices[choice]
        raise Mistake(f"{choice!r} is not one of the answers; they are {', '.join(map(repr, self.choices))}")

    # What it looks like

    @property
    def before(self) -> int:
        """How many events have happened when the question is asked."""
        return self.trace.begin(len(self.scenario) - 1)

    @property
    def story(self) -> list[str]:
        """What has happened, step by step; the asked one is not among them. Who was woken has a line of its own."""
        return ["\n".join(self._told(index)) for index in range(len(self.scenario) - 1)]

    def _told(self, index: int) -> list[str]:
        step, end = self.scenario[index], self.trace.end(index)
        answer = words.answer(step, self.trace.answer(index, end))
        return [f"{words.step(step)} → {answer}", *words.woken(self.trace, index, end, reasons=False)]

    @property
    def where(self) -> str:
        """A headline for what has happened, which names the kernel."""
        return f"What happened before, on {self.kernel}"

    def __repr__(self):
        story = [text.replace("\n", "\n     ") for text in self.story]
        lines = [f"{self.where}:", *(f"  {i}. {text}" for i, text in enumerate(story)), self.prompt]
        lines += [f"  {LETTERS[i]}) {text}" for i, text in enumerate(self.choices)]
        return "\n".join([*lines, str(OPEN if self.verdict is None else self.verdict)])

    def told(self) -> str:
        """What has happened, as HTML that can be folded."""
        return folded(self.where, listed(self.story, ordered=True, start=0), is_open=True)

    def _repr_html_(self):
        choices = "".join(f"<li>{escape(text)}</li>" for text in self.choices)
        answer = folded(ANSWER, self._told_truth._repr_html_())
        said = paragraphs(RUN) + answer if self.verdict is None else self.verdict._repr_html_()
        return card(
            "open", "Predict", self.told(), paragraphs(self.prompt),
            f'<ol type="a" style="margin:0 0 6px">{choices}</ol>', said, work=[(self.kept_as, self.name)],
        )  # fmt: skip

    def _repr_mimebundle_(self, **_):
        return shown(self, self._widget)

    def _widget(self):
        from uffdsim.course.predict.view import Ask

        return Ask(self)


def _index(scenario: Scenario, at: int) -> int:
    if type(at) is not int:
        raise Mistake(f"at must be the number of a step, and is {quoted(at)}")
    if not len(scenario):
        raise Mistake("there is nothing to ask about: the scenario has no steps")
    if not -len(scenario) <= at < len(scenario):
        raise Mistake(f"there is no step {at}; the scenario has steps 0 to {len(scenario) - 1}")
    return range(len(scenario))[at]


def _in_order(texts: set[str], usual: tuple[str, ...]) -> tuple[str, ...]:
    """The usual ones first, in their usual order, so that its place tells nothing about an answer."""
    return tuple(sorted(texts, key=lambda text: (usual.index(text) if text in usual else len(usual), len(text), text)))


def _simulated(name: str):
    found = kernels.kernel(name)
    if not hasattr(found, "session"):
        raise KernelError(f"only a simulated kernel says why, and {name} is not one: leave kernel out, or name another")
    return found


def _digest(scenario: Scenario, *more) -> str:
    steps = json.dumps([step.to_json() for step in scenario] + [str(part) for part in more])
    return sha256(steps.encode()).hexdigest()[:10]
