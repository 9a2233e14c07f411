"""One step of a scenario, checked."""

import json
from collections import abc
from functools import cached_property
from types import MappingProxyType
from typing import Any, cast

from uffdsim.errors import Mistake, quoted
from uffdsim.grammar import APART, COMMON, OPS, Flags, Trait, Wrong, hint


class ScenarioError(Mistake):
    """A scenario that cannot be run. The message names the step, the key, what is wrong and what would be right.

    ``step`` is the number of the step that is wrong, if it is one, and ``why`` the message without that. ``trace``
    has the answers of the steps before it, where they were carried out.
    """

    def __init__(self, why: str, step: int | None = None, trace: Any = None):
        super().__init__(why if step is None else f"step {step}: {why}", trace=trace)
        self.step = step
        self.why = why


class Step(abc.Mapping[str, Any]):
    """One step: its op, and its keys with their defaults filled in.

    ``step["page"]`` gives what the step says or the key's default; ``dict(step.given)`` only what it says.

    :raises ScenarioError: for an unknown op, an unknown or missing key, or a value its key does not take.
    """

    def __init__(self, op: str, /, **keys: object):
        spec = OPS.get(op) if isinstance(op, str) else None
        if spec is None:
            raise ScenarioError(f'"op": {quoted(op)} is not an op; the ops are {", ".join(OPS)}{hint(op, OPS)}')
        self.op = op
        self._spec = spec.keys
        self.given: abc.Mapping[str, Any] = MappingProxyType(
            {key: self._check(key, value) for key, value in keys.items()}
        )
        for key, rule in spec.keys.items():
            if rule.required and key not in keys:
                raise ScenarioError(f'{op}: "{key}" is missing')
        for one, other in APART:
            if one in self.given and other in self.given:
                raise ScenarioError(f'{op}: give either "{one}" or "{other}", and not both')
        if op == "mmap":
            self._check_mmap()

    def _check(self, key: str, value: object) -> object:
        rule = self._spec.get(key) or COMMON.get(key)
        if rule is None:
            keys = [*self._spec, *COMMON]
            raise ScenarioError(
                f'{self.op}: "{key}" is not a key of {self.op}; its keys are {", ".join(keys)}{hint(key, keys)}'
            )
        try:
            return rule.check(value)
        except Wrong as wrong:
            raise ScenarioError(f'{self.op}: "{key}": {quoted(value)} {wrong}') from None

    def _check_mmap(self) -> None:
        if ("file" in self.given) == ("backing" in self.given):
            raise ScenarioError('mmap: give either "file" or "backing", and not both')
        if "backing" in self.given and "pages" not in self.given:
            raise ScenarioError('mmap: "pages" is missing; only a mapping of a file knows its length without')
        if "over_page" in self.given and "over" not in self.given:
            raise ScenarioError('mmap: "over" is missing, the mapping of which "over_page" is a page')

    def __getitem__(self, key: str) -> Any:
        if key in self.given:
            return self.given[key]
        return self._spec[key].default

    def __iter__(self) -> abc.Iterator[str]:
        return iter(self._spec)

    def __len__(self) -> int:
        return len(self._spec)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Step) and self.op == other.op and self.given == other.given

    def __hash__(self) -> int:
        return hash((self.op, tuple(self.given.items())))

    def __repr__(self) -> str:
        return f"Step({json.dumps(self.to_json())})"

    @property
    def traits(self) -> Trait:
        """What its op is like: ``Trait.TOUCH in step.traits``."""
        return OPS[self.op].traits

    @property
    def thread(self) -> str:
        """The thread that runs it: ``main`` unless said, ``handler`` for what works on a descriptor."""
        if "thread" in self.given:
            return self.given["thread"]
        return "handler" if OPS[self.op].is_on_descriptor else "main"

    @property
    def bits(self) -> int:
        """The modes or features asked for as the kernel gets them: the named ones and the ``raw`` ones.

        :raises KeyError: for an op without any.
        """
        key = next((key for key in ("modes", "mode", "features") if key in self._spec), "modes")
        return self.mask(key) | self["raw"]

    def mask(self, key: str) -> int:
        """The names that a key lists, as the bits that the kernel gets.

        :raises KeyError: for a key that the op has not.
        """
        kind, bits = cast(Flags, self._spec[key].check).kind, 0
        for member in self[key]:
            bits |= kind[member].value
        return bits

    def to_json(self) -> dict:
        """The step as a JSON object, op first and keys in the format's order."""
        order = [*self._spec, *COMMON]
        return {"op": self.op} | {key: _plain(self.given[key]) for key in sorted(self.given, key=order.index)}

    @cached_property
    def line(self) -> str:
        """The same as one line of JSON text: long work is written anew with each act, and most of it is as it was."""
        return json.dumps(self.to_json(), ensure_ascii=False)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
