"""The model of a lab: a document that people change, and what comes of it. No widgets here."""

from uffdsim.compare import Comparison
from uffdsim.lab import words
from uffdsim.lab.document import Document
from uffdsim.lab.outcome import Outcome
from uffdsim.lab.questions import question
from uffdsim.lab.reality import Reality
from uffdsim.lab.settings import Settings
from uffdsim.lab.watch import FIRST_SAY, Watch
from uffdsim.scenario import ScenarioError, Step

Acts = tuple[Step, ...]


class Model(Watch):
    """A lab without its looks.

    ``before`` is what came of the same acts when the last of them was done, if a setting has been changed since,
    ``other`` what comes of them under the settings beside these; either may be None.
    """

    def __init__(self, document: Document | None = None):
        self.document = document or Document()
        super().__init__(self._outcome(self.settings))
        self.before: Outcome | None = None
        self.other: Outcome | None = None
        self._settled = self.outcome
        self._beside: dict = {}
        self._past: list[Acts] = []
        self._future: list[Acts] = []
        self._reality = Reality()

    @property
    def settings(self) -> Settings:
        return self.document.settings

    @property
    def acts(self) -> Acts:
        return self.document.acts

    @property
    def undoable(self) -> bool:
        return bool(self._past)

    @property
    def redoable(self) -> bool:
        return bool(self._future)

    @property
    def real(self) -> tuple[Comparison | None, str]:
        """What a real kernel answers, beside the simulated one that stands for it; or why it does not."""
        return self._reality.of(self.outcome)

    # Acts

    def act(self, op: str, /, **keys):
        """Do something, after what is looked at. What came later stays, and comes after it.

        :raises ScenarioError: if there is no such act, or nobody can do it now; then nothing is changed.
        """
        if self.question is not None:
            raise ScenarioError(FIRST_SAY)
        step, k = Step(op, **keys), self.place.act + 1
        acts = (*self.acts[:k], step, *self.acts[k:])
        if k < len(self.acts):
            outcome = self._outcome(self.settings, acts)
        else:
            outcome = self.outcome
            outcome.add(step)
        if outcome.firsts[k] is None:
            why = outcome.notes[k]
            if outcome is self.outcome:
                outcome.forget()
            raise ScenarioError(f"{words.act(step)}: {why}")
        self._past.append(self.acts)
        self._future.clear()
        self._take(acts, outcome, outcome.ends[k + 1])
        if self.predict:
            self.ask(k)
        else:
            self.notice = self.noted(k)
        self.changed()

    def undo(self):
        """Take the last change of acts back, where there is one."""
        self._swap(self._past, self._future, "undo")

    def redo(self):
        """Do again what was taken back last."""
        self._swap(self._future, self._past, "redo")

    def _swap(self, source: list[Acts], target: list[Acts], what: str):
        if not source:
            self.notice = f"There is nothing to {what}."
            return self.changed()
        old, new = self.acts, source.pop()
        target.append(old)
        pairs = enumerate(zip(old, new, strict=False))
        k = next((k for k, (a, b) in pairs if a != b), min(len(old), len(new)))
        place, at_end = self.place, self.at == self.end
        outcome = self._outcome(self.settings, new)
        if len(new) > len(old):
            at = outcome.ends[k + 1]
        else:
            at = outcome.ends[-1] if at_end else outcome.ends[k] if place.act >= k else outcome.at(place)
        self._take(new, outcome, at, self.horizon if self.predict else None)
        self.changed()

    def reset(self):
        """Take all acts back, and keep what was chosen."""
        if self.acts:
            self._past.append(self.acts)
            self._future.clear()
        outcome = self._outcome(self.settings, ())
        self._take((), outcome, outcome.ends[0])
        self.changed()

    def load(self, document: Document):
        """Take another document, in place of everything here."""
        if document.base == self.document.base:
            self._past.append(self.acts)
        else:
            self._past.clear()
        self._future.clear()
        self._beside, self.other, self.document = {}, None, document
        outcome = self._outcome(document.settings)
        self._take(document.acts, outcome, outcome.ends[-1])
        self.notice = self._left_out()
        self.changed()

    def _take(self, acts: Acts, outcome: Outcome, at: int, horizon: int | None = None):
        """Have these acts, which came out so, and look at a place."""
        self.document = Document(self.document.base, self.settings, acts)
        self._settled, self.before = outcome, None
        self.look(outcome, at, horizon)
        self._again_beside()

    # What if

    def choose(self, **choices):
        """Change settings: the same acts happen again under the new ones, and the same place is looked at.

        :raises ValueError: for a choice that is none.
        :raises KernelError: for a kernel that is none.
        """
        settings = self.settings.changed(**choices)
        if settings == self.settings:
            return
        outcome = self._outcome(settings)
        place, horizon = self.place, self.outcome.place(min(self.horizon, self.end))
        asked = self.question.act if self.question else None
        self.document = Document(self.document.base, settings, self.acts)
        self.before = None if settings == self._settled.settings else self._settled
        self.look(outcome, outcome.at(place), outcome.at(horizon))
        self._again_beside()
        if asked is not None:
            self.question = question(outcome, asked)
        self.notice = self._left_out()
        self.changed()

    def beside(self, **choices):
        """Show what comes of the same acts under other settings beside these; nothing chosen takes it away.

        :raises ValueError: for a choice that is none.
        :raises KernelError: for a kernel that is none.
        """
        other = self._outcome(self.settings.changed(**choices)) if choices else None
        self._beside, self.other = choices, other
        self.changed()

    def _again_beside(self):
        if self._beside:
            self.other = self._outcome(self.settings.changed(**self._beside))

    @property
    def against(self) -> tuple[Outcome, int] | None:
        """What is compared with this, and the same place in it; None if nothing is."""
        outcome = self.other or self.before
        return (outcome, outcome.at(self.place)) if outcome else None

    def differences(self) -> list[str]:
        """In words, which acts up to here come out otherwise than in what they are compared with."""
        if self.against is None:
            return []
        link = "; there, " if self.other else ", not "
        found = []
        for k, act in enumerate(self.acts[: self.place.act + 1]):
            mine, theirs = self.answers(k)
            if mine != theirs:
                found.append(f"{words.act(act)}: {mine}{link}{theirs}")
        return found

    def answers(self, act: int) -> tuple[str, str]:
        """What an act has answered by now in words, here and in what is compared with this (or here again)."""
        both = ((self.outcome, self.at), self.against or (self.outcome, self.at))
        mine, theirs = (words.answer(self.acts[act], outcome.answered(act, now)) for outcome, now in both)
        return mine, theirs

    @property
    def refusals(self) -> list[str]:
        """What the kernel refused of what is set up, and why."""
        found = self.outcome.refusals()
        return [f"{words.call(step)} is refused: {why}" for step, why in found]

    def _left_out(self) -> str:
        found = [
            f"{words.act(step) if step else 'a step of the beginning'} ({why})" for step, why in self.outcome.left_out()
        ]
        return f"Left out, and kept for later: {'; '.join(found)}." if found else ""

    def _outcome(self, settings: Settings, acts: Acts | None = None) -> Outcome:
        return Outcome(settings, self.document.base, self.acts if acts is None else acts)
