"""The model of a lab: a document, what came of it, and the place in time that is looked at. No widgets here."""

from collections.abc import Callable, Iterator, Mapping

from uffdsim import kernels
from uffdsim.compare import Comparison, Row
from uffdsim.kernel import VERSIONS
from uffdsim.lab import words
from uffdsim.lab.document import Document
from uffdsim.lab.outcome import Outcome
from uffdsim.lab.questions import Question, Said, question
from uffdsim.lab.settings import Settings
from uffdsim.scenario import Scenario, ScenarioError, Step
from uffdsim.trace import Event, KernelError, Kind, State, Trace

FIRST_SAY = "First say what will happen."


class Model:
    """A lab without its looks. Every change ends in a call of each of ``listeners``.

    ``at`` is how many events of ``trace`` have happened. ``before`` is what came of the same acts when the last of
    them was done, if a setting has been changed since, ``other`` what comes of them under the settings beside these;
    either may be None.
    ``notice`` is a sentence about the last thing that was done, or "".
    """

    def __init__(self, document: Document | None = None):
        self.document = document or Document()
        self.listeners: list[Callable[[], None]] = []
        self.other: Outcome | None = None
        self.before: Outcome | None = None
        self.question: Question | None = None
        self.verdict: tuple[Said, ...] = ()
        self.reasons: tuple[str, ...] = ()
        self.asked = self.right = 0
        self.predict = False
        self.notice = ""
        self._past: list[tuple[Step, ...]] = []
        self._future: list[tuple[Step, ...]] = []
        self._beside: dict = {}
        self._state: tuple = (None, None)
        self._real: tuple[object, Comparison | None, str] = (None, None, "")
        self.outcome = self._settled = self._outcome(self.settings)
        self.horizon = self.at = len(self.trace.events)

    # What there is

    @property
    def settings(self) -> Settings:
        return self.document.settings

    @property
    def acts(self) -> tuple[Step, ...]:
        return self.document.acts

    @property
    def trace(self) -> Trace:
        return self.outcome.trace

    @property
    def scenario(self) -> Scenario:
        """All that happens, as steps that any kernel can be given."""
        return self.outcome.scenario

    @property
    def last(self) -> int:
        """The last place that may be looked at: the end, or what comes before the answer to a question."""
        return min(self.horizon, len(self.trace.events)) if self.predict else len(self.trace.events)

    @property
    def hides(self) -> bool:
        """Whether something comes that may not be seen yet."""
        return self.last < len(self.trace.events)

    @property
    def event(self) -> Event | None:
        """What happened last."""
        return self.trace.events[self.at - 1] if self.at else None

    @property
    def refusals(self) -> list[str]:
        """What the kernel refused of what is set up, and why."""
        found = []
        trace, ends = self.trace, self.trace.ends()
        for index in range(self.outcome.set_up):
            errno = trace.observations[index].get("errno")
            if errno:
                reason = trace.events[ends[index] - 2].text
                found.append(f"{words.call(self.scenario[index])} is refused with {errno}: {reason}")
        return found

    @property
    def state(self) -> State:
        """Everything the simulated kernel knows at the place that is looked at."""
        key = (self.trace, self.at)
        if self._state[0] != key:
            self._state = key, self.trace.cursor(self.at).state
        return self._state[1]

    @property
    def threads_asleep(self) -> list[str]:
        return [key[1] for key, thread in self.state.of_kind("thread") if thread.asleep]

    @property
    def undoable(self) -> bool:
        return bool(self._past)

    @property
    def redoable(self) -> bool:
        return bool(self._future)

    # Acts

    def act(self, op: str, /, **keys):
        """Do something, after what is looked at. What came later stays, and comes after it.

        :raises ScenarioError: if there is no such act, or nobody can do it now; then nothing is changed.
        """
        step = Step(op, **keys)
        k = self.outcome.place(self.at)[0] + 1
        acts = (*self.acts[:k], step, *self.acts[k:])
        self._may(k)
        outcome = self.outcome if k == len(self.acts) else None
        if outcome is not None:
            outcome.add(step)
        else:
            outcome = self._outcome(self.settings, acts)
        if outcome.firsts[k] is None:
            why = outcome.notes[k]
            if outcome is self.outcome:
                self.outcome = self._outcome(self.settings)
                self._settled = self.outcome if self.before is None else self._settled
            raise ScenarioError(f"{words.act(step)}: {why}")
        self._past.append(self.acts)
        self._future.clear()
        self._acted(acts, outcome, k)

    def _may(self, k: int):
        """Whoever is to say what an act does may not do the next one meanwhile."""
        if self.question is not None:
            raise ScenarioError(FIRST_SAY)

    def _acted(self, acts: tuple[Step, ...], outcome: Outcome, k: int):
        start = outcome.ends[k]
        self._take(acts, outcome)
        if self.predict:
            self.at = self.horizon = start
            self._ask(k)
        else:
            self.at = outcome.ends[k + 1]
        self.notice = self._noted(k)
        self._changed()

    def _noted(self, act: int) -> str:
        note = self.outcome.notes.get(act)
        return f"{note}." if note else ""

    def undo(self):
        """Take the last act back, where there is one."""
        self._swap(self._past, self._future)

    def redo(self):
        """Do again what was taken back last."""
        self._swap(self._future, self._past)

    def _swap(self, source: list, target: list):
        if not source:
            self.notice = f"There is nothing to {'undo' if source is self._past else 'redo'}."
            return self._changed()
        target.append(self.acts)
        acts = source.pop()
        k = next((i for i, (a, b) in enumerate(zip(acts, self.acts, strict=False)) if a != b), None)
        k = min(len(acts), len(self.acts)) if k is None else k
        was_at_end = self.at == len(self.trace.events)
        place = self.outcome.place(self.at)
        self._take(acts, self._outcome(self.settings, acts))
        redone = len(acts) > len(target[-1])
        self.at = self.outcome.ends[k + 1] if redone else self.outcome.at(place if place[0] < k else (k - 1, None))
        if was_at_end and not redone:
            self.at = len(self.trace.events)
        self.question, self.verdict = None, ()
        end = len(self.trace.events)
        self.horizon = max(self.at, min(self.horizon, end)) if self.predict else end
        self.notice = ""
        self._changed()

    def reset(self):
        """Take all acts back, and keep what was chosen."""
        if self.acts:
            self._past.append(self.acts)
            self._future.clear()
        self._take((), self._outcome(self.settings, ()))
        self.at = self.horizon = len(self.trace.events)
        self.question, self.verdict, self.notice = None, (), ""
        self._changed()

    def _take(self, acts: tuple[Step, ...], outcome: Outcome):
        self.document = Document(self.document.base, self.settings, acts)
        self.outcome = self._settled = outcome
        self.before = None
        self._again_beside()

    def _again_beside(self):
        if self._beside:
            self.other = self._outcome(self.settings.changed(**self._beside))

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
        place, horizon = self.outcome.place(self.at), self.outcome.place(min(self.horizon, len(self.trace.events)))
        self.before = None if settings == self._settled.settings else self._settled
        self.outcome = outcome
        self.document = Document(self.document.base, settings, self.acts)
        self._again_beside()
        self.at = outcome.at(place)
        self.horizon = max(self.at, outcome.at(horizon))
        self.verdict = ()
        self.question = question(outcome, self.question.act) if self.question else None
        self.notice = self._skipped()
        self._changed()

    def _skipped(self) -> str:
        """Which acts or steps could not be done, and why; "" if all could."""
        left_out = [
            f"{words.act(self.acts[k])} ({note})" if k >= 0 else f"a step of the beginning ({note})"
            for k, note in self.outcome.notes.items()
            if k < 0 or self.outcome.firsts[k] is None
        ]
        return f"Left out, and kept for later: {'; '.join(left_out)}." if left_out else ""

    def beside(self, **choices):
        """Show what comes of the same acts under other settings beside these; nothing chosen takes it away.

        :raises ValueError: for a choice that is none.
        :raises KernelError: for a kernel that is none.
        """
        settings = self.settings.changed(**choices)
        self._beside, self.other = choices, self._outcome(settings) if choices else None
        self._changed()

    @property
    def against(self) -> tuple[Outcome, int] | None:
        """What the picture is compared with, and the same place in it; None if nothing is."""
        outcome = self.other or self.before
        return (outcome, outcome.at(self.outcome.place(self.at))) if outcome else None

    def differences(self) -> list[str]:
        """In words, which acts up to here come out otherwise than in what they are compared with."""
        if self.against is None:
            return []
        other = self.against[0]
        k = self.outcome.place(self.at)[0]
        found = []
        for index, act in enumerate(self.acts[: k + 1]):
            mine, theirs = (words.answer(act, self.answered(index, outcome)) for outcome in (None, other))
            if mine != theirs:
                found.append(f"{words.act(act)}: {mine}{', not ' if self.other is None else '; there, '}{theirs}")
        return found

    def answered(self, act: int, outcome: Outcome | None = None) -> dict | None:
        """What an act has answered by now, there or here; None if it was left out.

        :raises IndexError: if there is no such act.
        """
        here = outcome is None
        outcome = outcome or self.outcome
        index = outcome.firsts[act]
        if index is None:
            return None
        first, *later = outcome.trace.observations[index:]
        if first["status"] != "blocked":
            return first
        now = self.at if here else outcome.at(self.outcome.place(self.at))
        for event, entry in _completions(outcome.trace, later):
            if entry["step"] == index and event <= now:
                return {"status": "done"} | entry
        return first

    # Time

    def go(self, at: int):
        """Look at the place after event number ``at``.

        :raises ValueError: if there is no such event, or it may not be seen yet.
        """
        end = len(self.trace.events)
        if not 0 <= at <= end:
            raise ValueError(f"There is no event {at}; there are 0 to {end}.")
        if at > self.last:
            if self.question is None:
                self._ask_next()
            raise ValueError(FIRST_SAY)
        self.at, self.notice = at, ""
        self._changed()

    def next(self):
        """Go one event on; or ask what it will be."""
        if self.at < self.last:
            self.go(self.at + 1)
        elif self.hides:
            self._ask_next()

    def back(self):
        """Go one event back."""
        if self.at > 0:
            self.go(self.at - 1)

    def next_act(self):
        """Go to the end of what is being done, or else of the next thing that is."""
        ends = [end for end in self.outcome.ends if end > self.at]
        if ends and ends[0] <= self.last:
            self.go(ends[0])
        elif self.hides:
            self._ask_next()

    def back_act(self):
        """Go back to where this, or what came before it, was about to be done."""
        self.go(max((end for end in self.outcome.ends if end < self.at), default=0))

    # Predictions

    def predicting(self, on: bool):
        """Hide what comes next, from here on, or show everything again."""
        self.predict, self.question, self.verdict = on, None, ()
        self.horizon = self.at if on else len(self.trace.events)
        self._changed()

    def _ask_next(self):
        k = next((k for k, end in enumerate(self.outcome.ends) if end > self.horizon), None)
        if k:
            self.at = self.horizon = max(self.horizon, self.outcome.ends[k - 1])
            self._ask(k - 1)
        else:
            self.horizon = len(self.trace.events) if k is None else self.outcome.ends[0]
        self._changed()

    def _ask(self, act: int):
        self.question, self.verdict = question(self.outcome, act), ()
        if self.question is None:
            self.horizon = self.at = self.outcome.ends[act + 1]

    def answer(self, said: Mapping[str, str]):
        """Say what will happen, part by part; what does happen is shown, and why.

        :raises ValueError: if nothing was asked.
        """
        if self.question is None:
            raise ValueError("Nothing was asked.")
        asked = self.question
        self.verdict = asked.verdict(said)
        self.asked += len(self.verdict)
        self.right += sum(one.right for one in self.verdict)
        self.question = None
        self.at = self.horizon = self.outcome.ends[asked.act + 1]
        self.reasons = asked.reasons
        self.notice = self._noted(asked.act)
        self._changed()

    # Other kernels

    @property
    def real(self) -> tuple[Comparison | None, str]:
        """What a kernel that is not simulated answers, beside the simulated one that stands for it; or why not."""
        name = self.settings.kernel
        if name in VERSIONS:
            return None, ""
        if self._real[0] != (name, self.scenario):
            try:
                answers = kernels.kernel(name).run(self.scenario).observations
                mine = self.trace.observations
                rows = [
                    Row(step, *(found[i] if i < len(found) else None for found in (mine, answers)))
                    for i, step in enumerate(self.scenario)
                ]
                self._real = (name, self.scenario), Comparison((self.outcome.kernel, name), rows), ""
            except (KernelError, ScenarioError) as error:
                self._real = (name, self.scenario), None, str(error)
        return self._real[1:]

    # Whole documents

    def load(self, document: Document):
        """Take another document, in place of everything here."""
        outcome = Outcome(document.settings, document.base, document.acts)
        self._past.append(self.acts) if document.base == self.document.base else self._past.clear()
        self._future.clear()
        self.document, self.before, self.other, self._beside = document, None, None, {}
        self.outcome = self._settled = outcome
        self.at = self.horizon = len(self.trace.events)
        self.question, self.verdict, self.notice = None, (), self._skipped()
        self._changed()

    def _outcome(self, settings: Settings, acts: tuple[Step, ...] | None = None) -> Outcome:
        return Outcome(settings, self.document.base, self.acts if acts is None else acts)

    def _changed(self):
        for listener in self.listeners:
            listener()


def _completions(trace: Trace, observations: list[dict]) -> Iterator[tuple[int, dict]]:
    """The steps that other steps completed, each with the number of the event at which it was."""
    for found in observations:
        for entry in found.get("completed", ()):
            back = (
                e.step == found["step"] and e.thread == entry["thread"] and e.kind is Kind.ANSWER for e in trace.events
            )
            yield next((number for number, is_it in enumerate(back, 1) if is_it), len(trace.events)), entry
