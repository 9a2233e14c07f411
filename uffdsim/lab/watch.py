"""Watching: the place in time that is looked at, and saying what comes next before it is seen."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from uffdsim import words
from uffdsim.errors import Mistake
from uffdsim.lab.outcome import Outcome, Place
from uffdsim.lab.questions import Question, Said, question
from uffdsim.scenario import Scenario
from uffdsim.trace import Event, State, Trace

FIRST_SAY = "First say what will happen."


class Watch:
    """Somebody who looks at the outcome of acts. Every change ends in a call of each of ``listeners``.

    ``at`` is how many events of ``trace`` have happened. While ``predict`` is on, nothing after ``horizon`` may be
    seen, and ``question`` is what has to be answered first, if anything is. ``verdict`` and ``reasons`` are what came
    of the last answer. ``notice`` is a sentence about the last thing that was done, or "".
    """

    def __init__(self, outcome: Outcome):
        self.outcome = outcome
        self.listeners: list[Callable[[], None]] = []
        self.predict = False
        self.question: Question | None = None
        self.verdict: tuple[Said, ...] = ()
        self.reasons: tuple[str, ...] = ()
        self.asked = self.right = 0
        self.notice = ""
        self.horizon = self.at = self.end

    # What there is to see

    @property
    def trace(self) -> Trace:
        """Everything that happens."""
        return self.outcome.trace

    @property
    def scenario(self) -> Scenario:
        """All that happens, as steps that any kernel can be given."""
        return self.outcome.scenario

    @property
    def end(self) -> int:
        """How many events there are."""
        return len(self.trace.events)

    @property
    def last(self) -> int:
        """The last place that may be looked at: the end, or what comes before the answer to a question."""
        return min(self.horizon, self.end) if self.predict else self.end

    @property
    def hides(self) -> bool:
        """Whether something comes that may not be seen yet."""
        return self.last < self.end

    @property
    def place(self) -> Place:
        """The place that is looked at."""
        return self.outcome.place(self.at)

    @property
    def event(self) -> Event | None:
        """What happened last."""
        return self.trace.events[self.at - 1] if self.at else None

    @property
    def state(self) -> State:
        """Everything the simulated kernel knows at the place that is looked at; not to be kept, as ``Trace.state``."""
        return self.trace.state(self.at)

    @property
    def state_after(self) -> State:
        """What the simulated kernel knows when an act at the place that is looked at would be done: after the act that
        is under way there, or all that is set up; not to be kept."""
        act = self.place.act
        end = self.outcome.ends[act + 1]
        return self.trace.state(end if act < 0 else max(self.at, min(end, self.last)))

    @property
    def threads_asleep(self) -> list[str]:
        """Who sleeps in the kernel at the place that is looked at, the one who fell asleep first first."""
        return [nap.thread for nap in self.trace.asleep(self.at)]

    # Time

    def go(self, at: int) -> None:
        """Look at the place after event number ``at``.

        :raises Mistake: if there is no such event, or it may not be seen yet.
        """
        if not 0 <= at <= self.end:
            raise Mistake(f"There is no event {at}; there are 0 to {self.end}.")
        if at > self.last:
            if self.question is None:
                self._ask_next()
            raise Mistake(FIRST_SAY)
        self.at, self.notice = at, ""
        self.changed()

    def next(self) -> None:
        """Go one event on; or ask what it will be."""
        if self.at < self.last:
            self.go(self.at + 1)
        elif self.hides:
            self._ask_next()

    def back(self) -> None:
        """Go one event back."""
        if self.at > 0:
            self.go(self.at - 1)

    def next_act(self) -> None:
        """Go to the end of what is being done, or else of the next thing that is."""
        ends = self.outcome.ends
        k = bisect_right(ends, self.at)
        if k < len(ends) and ends[k] <= self.last:
            self.go(ends[k])
        elif self.hides:
            self._ask_next()

    def back_act(self) -> None:
        """Go back to where this, or what came before it, was about to be done."""
        k = bisect_left(self.outcome.ends, self.at)
        self.go(self.outcome.ends[k - 1] if k else 0)

    @contextmanager
    def looking_at(self, at: int) -> Iterator[None]:
        """For a while, as if another place were looked at; nobody is told."""
        kept, self.at = (self.at, self.notice), at
        self.notice = ""
        try:
            yield
        finally:
            self.at, self.notice = kept

    def follow(self, at: int) -> None:
        """Look at a place that is shown already.

        :raises Mistake: if there is no such place, or it may not be seen yet.
        """
        if not 0 <= at <= self.last:
            raise Mistake(f"There is no event {at} to be seen; there are 0 to {self.last}.")
        self.at, self.notice = at, ""

    # Predictions

    def predicting(self, on: bool) -> None:
        """Hide what comes next, from here on, or show everything again."""
        self.predict, self.question, self.verdict = on, None, ()
        self.horizon = self.at if on else self.end
        self.changed()

    def answer(self, said: Mapping[str, str]) -> None:
        """Say what will happen, part by part; what does happen is shown, and why. Parts that nothing is said of count
        neither as right nor as wrong.

        :raises Mistake: if nothing was asked.
        """
        asked = self.question
        if asked is None:
            raise Mistake("Nothing was asked.")
        self.verdict, self.reasons, self.question = asked.verdict(said), asked.reasons, None
        self.asked += sum(bool(one.said) for one in self.verdict)
        self.right += sum(one.right for one in self.verdict)
        self.at = self.horizon = self.outcome.ends[asked.act + 1]
        self.notice = self.noted(asked.act)
        self.changed()

    def ask(self, act: int) -> None:
        """Go to where an act is about to be done, and ask what will come of it; one that is not done is passed by."""
        self.at = self.horizon = self.outcome.ends[act]
        self.question, self.verdict = question(self.outcome, act), ()
        if self.question is None:
            self.at = self.horizon = self.outcome.ends[act + 1]

    def _ask_next(self) -> None:
        k = bisect_right(self.outcome.ends, self.horizon)
        if k:
            self.ask(k - 1)
        else:
            self.horizon = self.outcome.ends[0]
        self.changed()

    def noted(self, act: int) -> str:
        """What there is to say about an act, as a sentence."""
        note = self.outcome.notes.get(act)
        return words.sentence(note) if note else ""

    # Changes

    def look(self, outcome: Outcome, at: int, horizon: int | None = None) -> None:
        """Look at another outcome, at this place of it; whatever was asked is asked no more."""
        self.outcome, self.at = outcome, at
        self.horizon = max(at, self.end if horizon is None else horizon)
        self.question, self.verdict, self.notice = None, (), ""

    def changed(self) -> None:
        """Tell the listeners."""
        for listener in self.listeners:
            listener()
