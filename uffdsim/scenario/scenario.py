"""A checked, immutable list of steps."""

import json
from collections import abc
from collections.abc import Iterable
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import overload

from uffdsim import brought
from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import Trait, Wrong, text
from uffdsim.names import NONE, File, Mapping, Names
from uffdsim.scenario.step import ScenarioError, Step

FORMAT = "uffdsim-scenario/1"
REPORTED = 1 << 18
"""How many pages may be mapped where an ``inspect`` reports each of them."""


class Scenario:
    """A checked, immutable list of steps, with a name and a text about it.

    :raises ScenarioError: if the steps don't go together: a name used before it is given, or given twice.
    """

    def __init__(self, steps: Iterable[Step | abc.Mapping] = (), name: str = "", about: str = ""):
        self.name = _text("name", name)
        self.about = _text("about", about)
        # A scenario and those that go on from it share two lists, of which each has so many at the beginning.
        self._count = 0
        self._steps: list[Step] = []
        self._names: list[Names] = []  # after each step, so that a part or a longer one costs no second check
        self._extend(steps)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> abc.Iterator[Step]:
        return islice(self._steps, self._count)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All of its steps."""
        return tuple(self)

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...

    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        return self.steps[index] if isinstance(index, slice) else self._steps[range(self._count)[index]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.steps)

    def __repr__(self) -> str:
        return f"<Scenario {self.name!r}, {len(self)} steps>"

    def _extend(self, steps: Iterable[Step | abc.Mapping]) -> None:
        if isinstance(steps, str | abc.Mapping) or not isinstance(steps, abc.Iterable):
            raise ScenarioError(f"{quoted(steps)} is not a list of steps")
        more: list[Step] = []
        names = [self.names]
        for index, step in enumerate(steps, len(self)):
            more.append(_step(index, step))
            names.append(_named(names[-1], index, more[-1]))
        if self._count < len(self._steps):  # another one went on from here
            self._steps, self._names = self._steps[: self._count], self._names[: self._count]
        self._steps += more
        self._names += names[1:]
        self._count = len(self._steps)

    def then(self, *steps: Step | abc.Mapping) -> "Scenario":
        """This scenario with more steps at its end."""
        longer = self.first(len(self))
        longer._extend(steps)
        return longer

    def first(self, count: int) -> "Scenario":
        """Its first steps, as a scenario of their own."""
        part = object.__new__(Scenario)  # all of it has been checked
        part.name, part.about = self.name, self.about
        part._steps, part._names, part._count = self._steps, self._names, len(range(self._count)[:count])
        return part

    @property
    def names(self) -> Names:
        """What its steps give names to."""
        return self._names[self._count - 1] if self._count else NONE

    @property
    def files(self) -> abc.Mapping[str, File]:
        """The files that its steps make, by id."""
        return self.names.files

    @property
    def mappings(self) -> abc.Mapping[str, Mapping]:
        """The mappings that its steps make, by id, with the kind of memory that each is of."""
        return self.names.mappings

    @property
    def threads(self) -> tuple[str, ...]:
        """The threads in the order in which they are first named."""
        return tuple(self.names.threads)

    @classmethod
    def from_json(cls, data: object) -> "Scenario":
        """The scenario that a parsed JSON object holds.

        :raises ScenarioError: naming what is wrong in it.
        """
        if not isinstance(data, dict):
            raise ScenarioError("a scenario is a JSON object")
        if data.get("format") != FORMAT:
            raise ScenarioError(f'"format" must be "{FORMAT}", not {quoted(data.get("format"))}')
        for key in data:
            if key not in ("format", "name", "about", "steps"):
                raise ScenarioError(f'"{key}" is not a key of a scenario; its keys are format, name, about, steps')
        if not isinstance(data.get("steps"), list):
            raise ScenarioError('"steps" must be a list of steps')
        return cls(data["steps"], data.get("name", ""), data.get("about", ""))

    @classmethod
    def loads(cls, text: str) -> "Scenario":
        """The scenario written in a JSON text.

        :raises ScenarioError: if it is not JSON, or naming what is wrong in it.
        """
        try:
            data = brought.loads(text)
        except Mistake as mistake:
            raise ScenarioError(str(mistake)) from None
        return cls.from_json(data)

    @classmethod
    def load(cls, path: str | Path) -> "Scenario":
        """The scenario in a file.

        :raises OSError: if the file cannot be read.
        :raises ScenarioError: naming what is wrong in it.
        """
        try:
            return cls.loads(Path(path).read_text(encoding="utf-8"))
        except UnicodeDecodeError as error:
            raise ScenarioError(f"not UTF-8: {error}") from None
        except TypeError:
            raise ScenarioError(f"{quoted(path)} is not the path of a file") from None

    def to_json(self) -> dict:
        """The scenario as a JSON object; ``from_json`` gives the same one back."""
        head = {"format": FORMAT} | {key: value for key in ("name", "about") if (value := getattr(self, key))}
        return head | {"steps": [step.to_json() for step in self.steps]}

    def dumps(self, one_line: bool = False) -> str:
        """The scenario as JSON text: a line a step, or all in one line to paste elsewhere."""
        data = self.to_json()
        if one_line:
            return json.dumps(data, ensure_ascii=False)
        del data["steps"]
        head = json.dumps(data, ensure_ascii=False)[:-1]
        body = ",\n".join("  " + step.line for step in self)
        return f'{head},\n "steps": [\n{body}\n]}}\n'


def _text(key: str, value: object) -> str:
    try:
        return text(value)
    except Wrong as wrong:
        raise ScenarioError(f'"{key}" {wrong}, not {quoted(value)}') from None


def _step(index: int, step: Step | abc.Mapping) -> Step:
    if isinstance(step, Step):
        return step
    if not isinstance(step, abc.Mapping):
        raise ScenarioError(f'{quoted(step)} must be an object with an "op"', index)
    if "op" not in step:
        raise ScenarioError('"op" is missing', index)
    try:
        return Step(step["op"], **{key: value for key, value in step.items() if key != "op"})
    except ScenarioError as error:
        raise ScenarioError(error.why, index) from None


def _named(names: Names, index: int, step: Step) -> Names:
    if Trait.LOOK in step.traits and names.pages > REPORTED:
        why = f"{names.pages:,} pages are mapped by then, and at most {REPORTED:,} can be reported page by page"
        raise ScenarioError(f"{step.op}: {why}", index)
    try:
        return names.after(index, step)
    except Wrong as wrong:
        raise ScenarioError(f"{step.op}: {wrong}", index) from None
