"""Guides: what to do in a lab, line by line, each ticked when it was done and came out as it should.

What was done is compared with what was meant by running it: a guide knows whether its lines that are left can still
come out as they should, and if they cannot, how far back they could.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from uffdsim import words
from uffdsim.errors import Mistake, quoted
from uffdsim.lab import astray
from uffdsim.lab.document import step_of
from uffdsim.lab.model import Acts, Model
from uffdsim.lab.outcome import Outcome
from uffdsim.lab.settings import Settings
from uffdsim.scenario import Step

FAR = 12
"""How many changes are tried for a way back; beyond that, Reset is nearer."""
DONE: Mapping[str, Any] = {"status": "done", "errno": None, "signal": None}
"""The answer of what goes through."""


@dataclass(frozen=True)
class Line:
    """One line of a guide: what to do, which act is meant, and what must come of it.

    ``act`` is a step; what it says matters, and what it leaves out does not. Without one, any act will do. ``comes``
    are fields of its answer as a trace has them, and ``then`` those of what other threads were at, by thread.

    :raises ScenarioError: for what is not an act.
    """

    says: str
    act: Mapping[str, Any] | None = None
    comes: Mapping[str, Any] = field(default_factory=lambda: DONE)
    then: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.step  # noqa: B018  what is not an act is refused at once

    @cached_property
    def step(self) -> Step | None:
        """The act, as a step."""
        return None if self.act is None else step_of(0, dict(self.act))

    def unlike(self, done: Step) -> list[str]:
        """The keys in which an act is not what is meant: ``op`` alone, or those that are given."""
        if self.step is None:
            return []
        if self.step.op != done.op:
            return ["op"]
        keys = (key for key in ("thread", *self.step) if key in self.step.given)
        return [key for key in keys if astray.said(self.step, key) != astray.said(done, key)]

    def missed(self, outcome: Outcome, act: int) -> str:
        """The result of an act where it is not what it must be; "" if it is."""
        at, first = outcome.ends[act + 1], outcome.firsts[act]
        if first is None:
            return outcome.notes[act]
        wanted = {outcome.scenario[first].thread: self.comes, **self.then} if self.step else {}
        for thread, fields in wanted.items():
            mine = [n for n in range(outcome.set_up, first + 1) if outcome.scenario[n].thread == thread]
            found = outcome.trace.answer(mine[-1], at) or {} if mine else {}
            if any(found.get(key) != value for key, value in fields.items()):
                return astray.missed(outcome.scenario[mine[-1] if mine else first], found, fields)
        return ""


class Progress(NamedTuple):
    """How far somebody has come: ``ticked`` is the act that did each line that is done; and ``astray`` what went
    otherwise and how to get back, as a sentence. The ``way`` is ``undo``, so many ``times``, or ``reset``; "" where no
    way back is needed."""

    ticked: tuple[int, ...] = ()
    astray: str = ""
    way: str = ""
    times: int = 0

    @property
    def done(self) -> int:
        """How many lines are done."""
        return len(self.ticked)


class Guide:
    """Lines to follow. ``end`` is what has been reached then, and ``next`` what to try next; a line may be mere text,
    which is ticked when anything has been done."""

    def __init__(self, lines: Iterable[Line | str] | Line | str = (), end: str = "", next: str = "") -> None:
        found = (lines,) if isinstance(lines, Line | str) or not isinstance(lines, Iterable) else tuple(lines)
        for line in found:
            if not isinstance(line, Line | str):
                raise Mistake(f"guide: {quoted(line)} must be a line that says what to do, as a text")
        self.lines = tuple(Line(line) if isinstance(line, str) else line for line in found)
        self.end, self.next = end, next
        self._seen: tuple[object, Progress] = (None, Progress())

    def progress(self, model: Model, start: Settings) -> Progress:
        """How far a model is, as far as it may be seen; ``start`` are the settings that the guide assumes."""
        seen = model.document, model.last, start, model.earlier[-FAR:]
        if self._seen[0] != seen:
            self._seen = seen, self._progress(model, start)
        return self._seen[1]

    def _progress(self, model: Model, start: Settings) -> Progress:
        outcome = model.outcome
        acts = bisect_right(outcome.ends, model.last) - 1
        ticked, stray = self._followed(outcome, acts)
        done = len(ticked)
        if done == len(self.lines) or (done == acts and model.settings == start):
            return Progress(ticked)
        went, meant = ("", "") if stray is None else self._went(outcome, stray, done)
        if self._can_end(model, model.settings, model.acts[:acts]):
            went += f", not {meant}" if meant else ""
            return Progress(ticked, f"{went}. No harm is done: go on with step {done + 1}." if went else "")
        went = went or f"From here, step {done + 1} cannot come out as it should"
        way, times = self._way(model, start)
        then = f"choose {meant}" if meant and times == 1 else f"go on with step {self._back(model, times) + 1}"
        told = {"undo": f": {astray.undo(times)}, and {then}.", "reset": ": Reset, and begin again."}.get(way, ".")
        return Progress(ticked, went + told, way, times)

    def _followed(self, outcome: Outcome, acts: int) -> tuple[tuple[int, ...], int | None]:
        """The acts that did the lines, one after the other; and the last act since then that did something else."""
        ticked: tuple[int, ...] = ()
        stray = None
        for act in range(acts):
            if len(ticked) == len(self.lines):
                break
            line = self.lines[len(ticked)]
            if line.unlike(outcome.acts[act]) or line.missed(outcome, act):
                stray = act
            else:
                ticked, stray = (*ticked, act), None
        return ticked, stray

    def _went(self, outcome: Outcome, act: int, done: int) -> tuple[str, str]:
        """How an act differs from what was meant, and what that was, or ""."""
        line, step = self.lines[done], outcome.acts[act]
        wrong = line.unlike(step)
        if not wrong:
            return line.missed(outcome, act), ""
        other = next((n for n, one in enumerate(self.lines) if one.step and not one.unlike(step)), None)
        if other is not None:
            late = other < done
            return f"That was step {other + 1}{' once more' if late else f', and step {done + 1} comes first'}", ""
        went, meant = zip(*astray.differences(step, line.step or step, wrong), strict=True)
        return f"That {words.listed(went)}", words.listed(meant)

    # The way back

    def _can_end(self, model: Model, settings: Settings, acts: Acts) -> bool:
        """Whether all lines that are left come out as they should after these acts, if they are followed."""
        outcome = Outcome(settings, model.document.base, acts)
        ticked, _ = self._followed(outcome, len(acts))
        for line in self.lines[len(ticked) :]:
            if line.step is None:
                continue
            outcome.add(line.step)
            if line.missed(outcome, len(outcome.acts) - 1):
                return False
        return True

    def _way(self, model: Model, start: Settings) -> tuple[str, int]:
        """What brings back to where the guide can be followed, and how many times to undo for it."""
        for times, acts in enumerate(reversed(model.earlier[-FAR:]), 1):
            if self._can_end(model, model.settings, acts):
                return "undo", times
        return ("reset", 0) if self._can_end(model, start, ()) else ("", 0)

    def _back(self, model: Model, times: int) -> int:
        """How many lines are followed when so many changes are undone."""
        acts = model.earlier[-times] if times else ()
        return len(self._followed(Outcome(model.settings, model.document.base, acts), len(acts))[0])
