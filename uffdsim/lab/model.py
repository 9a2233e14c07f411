"""The model of a lab: a document that people change, and its outcome. No widgets here."""

from typing import Any, NamedTuple

from uffdsim import kernels, words
from uffdsim.lab.document import Document
from uffdsim.lab.outcome import Acts, Outcome, parting, simulated
from uffdsim.lab.questions import question
from uffdsim.lab.reality import Reality, Said
from uffdsim.lab.settings import Settings
from uffdsim.lab.watch import FIRST_SAY, Watch
from uffdsim.scenario import ScenarioError, Step


class Came(NamedTuple):
    """The result of an act, in words: its answer; why, if it was refused; and its answer in what it is compared
    with, if that is another. Of two answers that are not both known yet, nobody can say that they differ."""

    told: str
    why: str
    otherwise: str


class Model(Watch):
    """A lab without its looks.

    ``before`` is the outcome of the same acts when the last of them was done, if a setting has been changed since,
    ``other`` their outcome under the settings beside these; either may be None.
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
        self.offers = ""
        """Whether what was brought here was done on a real Linux, and can be asked of this one's."""
        self._reality.ask(self.outcome)

    @property
    def settings(self) -> Settings:
        """What is chosen."""
        return self.document.settings

    @property
    def acts(self) -> Acts:
        """What is done."""
        return self.document.acts

    @property
    def undoable(self) -> bool:
        """Whether a change of the acts can be taken back."""
        return bool(self._past)

    @property
    def redoable(self) -> bool:
        """Whether one that was taken back can be made again."""
        return bool(self._future)

    @property
    def earlier(self) -> list[Acts]:
        """What was done before each change of the acts, the last change at the end: what undo brings back. Not to be
        changed."""
        return self._past

    @property
    def real(self) -> Said:
        """What the real kernel that was chosen has answered, beside the simulated one that stands for it; or why it
        has not. It is asked again whenever what happens has changed."""
        return self._reality.said

    # Acts

    def act(self, op: str, /, **keys: object) -> None:
        """Do something, after what is looked at. What came later stays, and comes after it.

        :raises ScenarioError: if there is no such act, or nobody can do it now; then nothing is changed.
        """
        if self.question is not None:
            raise ScenarioError(FIRST_SAY)
        step, k = Step(op, **keys), self.place.act + 1
        acts = (*self.acts[:k], step, *self.acts[k:])
        outcome = self._done(acts, k)
        self._past.append(self.acts)
        self._future.clear()
        self._take(acts, outcome, outcome.ends[k + 1])
        if self.predict:
            self.ask(k)
        else:
            self.notice = self.noted(k)
        self.changed()

    def _done(self, acts: Acts, k: int) -> Outcome:
        """The outcome of these acts, of which number ``k`` is new."""
        outcome = self.outcome
        outcome.go_on(k, acts[k:])
        if outcome.firsts[k] is None:
            why = outcome.notes[k]
            outcome.go_on(k, self.acts[k:])
            raise ScenarioError(f"nothing is done: {why}")
        return outcome

    def undo(self) -> None:
        """Take the last change of acts back, where there is one."""
        self._swap(self._past, self._future, "undo")

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._swap(self._future, self._past, "redo")

    def _swap(self, source: list[Acts], target: list[Acts], what: str) -> None:
        if not source:
            self.notice = f"There is nothing to {what}."
            return self.changed()
        old, new = self.acts, source.pop()
        target.append(old)
        k = parting(old, new)
        place, at_end = self.place, self.at == self.end
        outcome = self.outcome
        outcome.go_on(k, new[k:])
        if len(new) > len(old):
            at = outcome.ends[k + 1]  # it is done again: look at the outcome
        elif at_end:
            at = outcome.ends[-1]
        elif place.act >= k:
            at = outcome.ends[k]  # what was looked at is gone, or changed: look at where it was about to be done
        else:
            at = outcome.at(place)
        self._take(new, outcome, at, self.horizon if self.predict else None)
        self.changed()

    def reset(self, settings: Settings | None = None) -> None:
        """Take all acts back, and keep what was chosen; or choose these settings again."""
        if self.acts:
            self._past.append(self.acts)
            self._future.clear()
        self.document = Document(self.document.base, settings or self.settings, self.acts)
        outcome = self._outcome(self.settings, ())
        self._take((), outcome, outcome.ends[0])
        self.changed()

    def load(self, document: Document) -> None:
        """Take another document, in place of everything here.

        One from a real kernel is taken up on the simulated one that stands for it, and ``offers`` is the real one's
        name: what somebody else did runs nothing on this machine, nor in a box, unless it is asked for.
        """
        settings = document.settings
        offers = settings.kernel if kernels.is_real(settings.kernel) else ""
        if offers:
            settings = settings.changed(kernel=simulated(settings.kernel))
            document = Document(document.base, settings, document.acts)
        outcome = Outcome(settings, document.base, document.acts)
        if document.base == self.document.base:
            self._past.append(self.acts)
        else:
            self._past.clear()
        self._future.clear()
        self._beside, self.other, self.document = {}, None, document
        self.offers = offers
        self._take(document.acts, outcome, outcome.ends[-1])
        self.notice = self._left_out()
        self.changed()

    def _take(self, acts: Acts, outcome: Outcome, at: int, horizon: int | None = None) -> None:
        """Have these acts, which came out so, and look at a place."""
        self.document = Document(self.document.base, self.settings, acts)
        self._settled, self.before = outcome, None
        self._see(outcome, at, horizon)

    def _see(self, outcome: Outcome, at: int, horizon: int | None) -> None:
        """Look at what happens now, and at what would happen elsewhere."""
        self.look(outcome, at, horizon)
        self._reality.ask(outcome)
        self._again_beside()

    # What if

    def choose(self, **choices: Any) -> None:
        """Change settings: the same acts happen again under the new ones, and the same place is looked at.

        :raises ValueError: for an unknown choice.
        :raises KernelError: for an unknown kernel.
        """
        settings = self.settings.changed(**choices)
        if settings == self.settings:
            return
        outcome = self._outcome(settings)
        if settings.kernel == self.offers:
            self.offers = ""
        place, horizon = self.place, self.outcome.place(min(self.horizon, self.end))
        asked = self.question.act if self.question else None
        self.document = Document(self.document.base, settings, self.acts)
        self.before = None if settings == self._settled.settings else self._settled
        self._see(outcome, outcome.at(place), outcome.at(horizon))
        if asked is not None:
            self.question = question(outcome, asked)
        self.notice = self._left_out()
        self.changed()

    def beside(self, **choices: Any) -> None:
        """Show the outcome of the same acts under other settings beside these; nothing chosen takes it away.

        :raises ValueError: for an unknown choice.
        :raises KernelError: for an unknown kernel.
        """
        other = self._outcome(self.settings.changed(**choices)) if choices else None
        self._beside, self.other = choices, other
        self.changed()

    def _again_beside(self) -> None:
        if not self._beside:
            return
        settings = self.settings.changed(**self._beside)
        if self.other and self.other.settings == settings:
            k = parting(tuple(self.other.acts), self.acts)
            self.other.go_on(k, self.acts[k:])
        else:
            self.other = self._outcome(settings)

    @property
    def against(self) -> tuple[Outcome, int] | None:
        """What is compared with this, and the same place in it; None if nothing is."""
        outcome = self.other or self.before
        return (outcome, outcome.at(self.place)) if outcome else None

    def differences(self) -> list[str]:
        """In words, which acts up to here turn out differently from what they are compared with."""
        link = "there" if self.other else "before"
        acts = range(self.place.act + 1) if self.against else ()
        found = [(words.step(self.acts[act]), self.came_of(act)) for act in acts]
        return [f"{act} → {came.told}; {link}, {came.otherwise}" for act, came in found if came.otherwise]

    def came_of(self, act: int) -> Came:
        """The result of an act so far."""
        step, mine, first = self.acts[act], self.outcome.answer(act, self.at), self.outcome.firsts[act]
        told, why = words.result(step, mine, self.scenario.names), ""
        if first is not None and mine and (mine.get("errno") or mine.get("signal")):
            why = words.why(self.trace, first, self.at)
        if self.against is None:
            return Came(told, why, "")
        other, there = self.against
        theirs = other.answer(act, there)
        known = not any(found and found["status"] == "running" for found in (mine, theirs))
        otherwise = words.result(step, theirs, self.scenario.names)
        return Came(told, why, otherwise if known and otherwise != told else "")

    @property
    def refusals(self) -> list[str]:
        """What the kernel refused of what is set up, and why."""
        return [words.explained(self.trace, index)[0] for index in self.outcome.refused()]

    def _left_out(self) -> str:
        found = [
            f"{words.step(step) if step else 'a step of the beginning'} ({why})"
            for step, why in self.outcome.left_out()
        ]
        return f"Left out, and kept for later: {'; '.join(found)}." if found else ""

    def _outcome(self, settings: Settings, acts: Acts | None = None) -> Outcome:
        return Outcome(settings, self.document.base, self.acts if acts is None else acts)
